"""The words in which a statement is written, and the contracts of methods and hypotheses."""

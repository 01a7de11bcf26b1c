"""One folder a paper, one statement (or a few with one proof) a file."""

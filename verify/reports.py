"""Several reports as one: what `check(theorem)` on its own cases and `sweep` return."""

from typing import Any

from broximal.verify.report import Report
from broximal.verify.verdict import Verdict, joined


class Reports(list[Report]):
    """A list of reports that prints as one table and has one verdict."""

    @property
    def verdict(self) -> Verdict:
        """Violated if any report is; else inconclusive if any is; not applicable only if none applies.

        Among those that pass the strongest counts: one instance on which it holds with power is enough.
        """
        return joined({report.verdict for report in self})

    @property
    def as_expected(self) -> bool:
        """Did every report end as the catalogue expects?"""
        return all(report.as_expected for report in self)

    def __str__(self) -> str:
        from broximal.verify.show import text

        return text(self)

    def _repr_html_(self) -> str:
        from broximal.verify.show import html_table

        return html_table(self)

    def to_latex(self) -> str:
        r"""A table for a paper, one row a claim: a tabular with the rules of booktabs; its formulas need amsmath.

        >>> from broximal.verify import check
        >>> check("bpm.star_rate").to_latex().splitlines()[1]
        '\\toprule'
        """
        from broximal.verify.latex_table import to_latex

        return to_latex(self)

    def plot(self, path: Any = None) -> Any:
        """Measured against bound with a band over the seeds; the matplotlib figure, saved if a path is given."""
        from broximal.verify.plot import figure

        return figure(self, path)

"""Several reports as one: what `check(theorem)` on its own cases and `sweep` return."""

from typing import Any

from broximal.verify.report import Report
from broximal.verify.verdict import Verdict


class Reports(list[Report]):
    """A list of reports that prints as one table and has one verdict."""

    @property
    def verdict(self) -> Verdict:
        """Violated if any report is; else inconclusive, else consistent; not applicable only if none applies; else holds."""
        found = {report.verdict for report in self}
        for verdict in (Verdict.VIOLATED, Verdict.INCONCLUSIVE, Verdict.CONSISTENT):
            if verdict in found:
                return verdict
        return Verdict.HOLDS if Verdict.HOLDS in found else Verdict.NOT_APPLICABLE

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

    def plot(self, path: Any = None) -> Any:
        """Measured against bound with a band over the seeds; the matplotlib figure, saved if a path is given."""
        from broximal.verify.plot import figure

        return figure(self, path)

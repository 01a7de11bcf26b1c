"""Reports as text (rich) and as HTML."""

import dataclasses
import html as markup
import io
from collections.abc import Iterable
from typing import Any

from broximal.verify.coverage import Coverage, coverage
from broximal.verify.report import ClaimReport, Report
from broximal.verify.verdict import Verdict
from broximal.verify.words import percent

_STYLE = {
    Verdict.HOLDS: "green",
    Verdict.LOOSE: "yellow",
    Verdict.VACUOUS: "yellow",
    Verdict.CONSISTENT: "blue",
    Verdict.VIOLATED: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}
_COLUMNS = (
    *("theorem", "claim", "problem", "norm", "steps", "verdict", "worst ratio", "at", "catches", "seen", "gap", "path"),
)


def number(value: Any, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}g}"


def catches(claim: ClaimReport) -> str:
    """The smallest planted error of the bound that the check refutes, as a percentage."""
    smallest = claim.power.smallest
    if smallest is None:
        caught = [error for error in claim.power.twins.values() if error is not None]
        return f"twin {percent(min(caught))}" if caught else "nothing"
    return percent(smallest)


def parts(claim: ClaimReport) -> Coverage:
    """Of every constant, column and term of the bound: the least error of it that this check refutes."""
    return coverage([{"power": dataclasses.asdict(claim.power), "unseen": claim.unseen}])


def _parts_seen(claim: ClaimReport) -> str:
    found = parts(claim)
    return f"{found.seen}/{len(found.caught)}" if found.caught else "–"


def _rows(report: Report) -> Iterable[tuple[str, ...]]:
    gap = number(report.max_certificate_gap, 2)
    verdict = {True: "", False: " (unexpected)"}[report.as_expected]
    if not report.claims:
        yield (
            (report.theorem, "–", report.problem, report.norm, "–", report.verdict.value + verdict)
            + ("–",) * 4
            + (
                gap,
                report.oracle_path,
            )
        )
        return
    for position, claim in enumerate(report.claims):
        yield (
            report.theorem if position == 0 else "",
            claim.label,
            report.problem if position == 0 else "",
            report.norm if position == 0 else "",
            str(report.steps) if position == 0 else "",
            claim.verdict.value + (verdict if position == 0 else ""),
            number(claim.worst_ratio),
            number(claim.worst_step),
            catches(claim),
            _parts_seen(claim),
            gap if position == 0 else "",
            report.oracle_path if position == 0 else "",
        )


def table(reports: Iterable[Report]) -> Any:
    """A rich table, one row per claim."""
    from rich.markup import escape
    from rich.table import Table

    out = Table(header_style="bold", show_edge=False, pad_edge=False)
    for name in _COLUMNS:
        out.add_column(
            name,
            overflow="fold",
            justify="right" if name in ("steps", "worst ratio", "at", "catches", "seen", "gap") else "left",
        )
    for report in reports:
        for row in _rows(report):
            cells = [escape(str(cell)) for cell in row]
            style = _STYLE[report.verdict] if report.as_expected else "bold red"
            cells[5] = f"[{style}]{cells[5]}[/]"
            out.add_row(*cells)
    return out


def text(reports: Iterable[Report], width: int = 160) -> str:
    """The table as plain text, with the reasons below it."""
    from rich.console import Console

    reports = list(reports)
    stream = io.StringIO()
    console = Console(file=stream, width=width, color_system=None)
    console.print(table(reports))
    for report in reports:
        if report.why:
            console.print(
                f"{report.theorem} on {report.problem} in {report.norm}: {report.why}", soft_wrap=True, markup=False
            )
        if report.rests_on:
            console.print(
                f"{report.theorem} on {report.problem} rests on {'; '.join(report.rests_on)}",
                soft_wrap=True,
                markup=False,
                highlight=False,
            )
        if report.exact:
            console.print(f"{report.theorem}: in exact arithmetic {report.exact}", soft_wrap=True, markup=False)
    return stream.getvalue().rstrip()


def html_table(reports: Iterable[Report]) -> str:
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    body = []
    for report in reports:
        for row in _rows(report):
            cells = "".join(f"<td>{markup.escape(str(cell))}</td>" for cell in row)
            body.append(f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def html(report: Report) -> str:
    """A report for a notebook: verdict, table, hypotheses, the statements."""
    findings = "".join(
        f"<li>{'✓' if f.holds else '✗'} {markup.escape(f.hypothesis)}: {markup.escape(f.why)}</li>"
        for f in report.hypotheses
    )
    claims = "".join(
        f"<li>${claim.latex}$ — {claim.verdict.value}. {markup.escape(claim.why)}</li>" for claim in report.claims
    )
    seen = "".join(
        f"<tr><td>{markup.escape(claim.label)}</td><td><code>{markup.escape(part)}</code></td>"
        f"<td>{'nothing' if error is None else 'its absence' if error == 1 else percent(error)}</td></tr>"
        for claim in report.claims
        for part, error in parts(claim).caught.items()
    )
    why = f"<p>{markup.escape(report.why)}</p>" if report.why else ""
    if report.rests_on:
        why += f"<p>rests on {markup.escape('; '.join(report.rests_on))}</p>"
    return (
        f"<b>{markup.escape(report.theorem)}</b> on {markup.escape(report.problem)} in {markup.escape(report.norm)}: "
        f"<b>{report.verdict.value}</b>{why}<ul>{claims}</ul>{html_table([report])}"
        f"<details><summary>what an error of each part of the bounds must be to be caught here</summary>"
        f"<table><tr><th>claim</th><th>part</th><th>catches</th></tr>{seen}</table></details>"
        f"<details><summary>hypotheses</summary><ul>{findings}</ul></details>"
    )

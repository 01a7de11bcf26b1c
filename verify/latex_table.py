"""Reports as a table that a paper can print."""

import re
from collections.abc import Iterable

from broximal.verify.report import Report
from broximal.verify.show import catches, number

_SPECIAL = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": r"$|$",
    "–": "--",
}
_HEAD = ("statement", "claim", "instance", "verdict", "measured / bound", "least error caught")


def escaped(text: str) -> str:
    """Text as LaTeX prints it.

    >>> escaped("lmo_calls: 50% of {x}")
    'lmo\\\\_calls: 50\\\\% of \\\\{x\\\\}'
    """
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def to_latex(reports: Iterable[Report]) -> str:
    """A tabular, one row a claim, with the rules of the package booktabs; its formulas need amsmath."""
    lines = [r"\begin{tabular}{lllllrr}", r"\toprule"]
    heads = ("theorem", *_HEAD)
    lines += [" & ".join(heads) + r" \\", r"\midrule"]
    for report in reports:
        where = escaped(f"{report.problem}, {report.norm}, K = {report.steps}")
        for place, claim in enumerate(report.claims):
            cells = (
                escaped(report.theorem) if place == 0 else "",
                f"${claim.latex}$",
                escaped(claim.label),
                where if place == 0 else "",
                escaped(claim.verdict.value),
                _powers(escaped(number(claim.worst_ratio))),
                _powers(escaped(catches(claim))),
            )
            lines.append(" & ".join(cells) + r" \\")
        if not report.claims:
            cells = (escaped(report.theorem), "", "", where, escaped(report.verdict.value), "--", "--")
            lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _powers(cell: str) -> str:
    """1.2e-10 as 1.2 times a power of ten."""

    def written(found: re.Match[str]) -> str:
        digits, power = found.group(1), int(found.group(2))
        return f"$10^{{{power}}}$" if digits == "1" else f"${digits} \\cdot 10^{{{power}}}$"

    return re.sub(r"(-?\d+(?:\.\d+)?)e([+-]?\d+)", written, cell)

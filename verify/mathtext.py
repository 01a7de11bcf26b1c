"""LaTeX of claims for pictures: in the part of LaTeX that matplotlib draws, as large as it fits."""

import functools
import re

from matplotlib.mathtext import MathTextParser

_SAME = (
    (r"\\[td]?frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
    (r"\\[td]frac", r"\\frac"),
    (r"\\[bB]igg?[lr]?(?![A-Za-z])", ""),
    (r"\\text(?=\{)", r"\\mathrm"),
    (r"\\le(?![A-Za-z])", r"\\leq"),
    (r"\\ge(?![A-Za-z])", r"\\geq"),
    (r"\\bmod(?![A-Za-z])", r"\\ \\mathrm{mod}\\ "),
    (r"\\;", r"\\ "),
)
LARGEST, SMALLEST = 8.0, 5.0  # points


def drawn(latex: str) -> str | None:
    """What matplotlib draws as this formula, None where it cannot."""
    for found, made in _SAME:
        latex = re.sub(found, made, latex)
    text = f"${latex}$"
    return text if _width(text) is not None else None


def size_for(text: str, width: float) -> float | None:
    """The size in points, None below the smallest that can be read, at which the text is at most `width` points wide."""
    wide = _width(text)
    if wide is None:
        return None
    size = min(LARGEST, 10 * width / max(wide, 1e-9))
    return size if size >= SMALLEST else None


@functools.lru_cache(maxsize=1024)
def _width(text: str) -> float | None:
    """At 10 points, in points."""
    try:
        return float(MathTextParser("path").parse(text, dpi=72)[0])
    except (ValueError, RuntimeError):
        return None

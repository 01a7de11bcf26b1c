"""Measured against bound, on a log scale, with a band over the seeds."""

import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from broximal.oracles.numerals import number_of
from broximal.verify.report import Report


class Picture(Figure):
    """A matplotlib figure that a notebook shows without pyplot, which would keep it open."""

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=90)
        return stream.getvalue()


def figure(reports: Sequence[Report], path: str | Path | None = None) -> Any:
    """One panel per (instance, claim) with a curve; saved as PNG or SVG if a path is given."""
    records = [record for report in reports for record in report.records() if record["claim"] is not None]
    names = {report.theorem for report in reports}
    return panels_figure(names.pop() if len(names) == 1 else "measured against bound", records, path)


def panels_figure(
    title: str, records: Sequence[dict[str, Any]], path: str | Path | None = None, most: int | None = None
) -> Any:
    """The same from records (see `Report.records`): one panel per (instance, claim), a band where there are seeds.

    most  how many panels at most; the title says how many there would be
    """
    panels: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    curves = [record for record in records if len(record["curve"]["index"]) > 1]
    cases = defaultdict(set)  # a theorem may have two on one problem, with other parameters
    for record in curves:
        cases[_instance(record), record["claim"]].add(record.get("case"))
    for record in curves:
        several = len(cases[_instance(record), record["claim"]]) > 1 and record.get("case") is not None
        head = _instance(record) + (f", case {record['case']}" if several else "")
        panels[head, record["claim"]].append(record)
    if most is not None and len(panels) > most:
        title = f"{title} ({most} of {len(panels)} panels)"
        panels = defaultdict(list, list(panels.items())[:most])
    count = max(len(panels), 1)
    across = min(count, 3)
    down = -(-count // across)
    wide, high = 4.6 * across, 3.6 * down
    out = Picture(figsize=(wide, high + 0.4))
    axes = out.subplots(down, across, squeeze=False)
    # Margins in inches: a layout that looks at every label takes as long as the drawing.
    out.subplots_adjust(
        left=0.7 / wide,
        right=1 - 0.15 / wide,
        bottom=0.5 / (high + 0.4),
        top=1 - 1.05 / (high + 0.4),
        wspace=0.85 / (wide / across - 0.85),
        hspace=1.2 / (high / down - 1.2),
    )
    for place in axes.flat[len(panels) :]:
        place.set_axis_off()
    if not panels:
        axes.flat[0].text(0.5, 0.5, "no claim of these reports is a curve", ha="center")
    for place, ((instance, label), group) in zip(axes.flat, panels.items(), strict=False):
        _panel(place, instance, label, group)
    out.suptitle(title, y=1 - 0.1 / (high + 0.4), va="top")
    if path is not None:
        out.savefig(path, dpi=120)
    return out


def _instance(record: dict[str, Any]) -> str:
    return f"{record['problem']}\nin {record['norm']}"


def _panel(place: Any, instance: str, label: str, group: list[dict[str, Any]]) -> None:
    curves = [record["curve"] for record in group]
    for key, colour, name in (("bound", "black", "bound"), ("measured", "tab:blue", "measured")):
        index, low, middle, high = _stack(curves, key)
        place.plot(index, middle, color=colour, label=name, lw=1.5, marker="." if len(index) < 30 else None)
        if len(curves) > 1:
            place.fill_between(index, low, high, color=colour, alpha=0.15, lw=0)
    index, _, budget, _ = _stack(curves, "budget")
    largest = f" ≤ {max(budget):.0e}" if len(budget) else ""  # often far below the picture
    place.plot(index, budget, color="grey", ls=":", lw=1, label=f"error budget{largest}")
    verdicts = sorted({str(record["verdict"]) for record in group})
    place.set_yscale("log")
    place.yaxis.set_major_locator(LogLocator(numticks=7))
    place.yaxis.set_minor_locator(NullLocator())
    lows = [low for key in ("bound", "measured") for low in _stack(curves, key)[1]]
    floor = min([*(b for b in budget if b > 0), *lows], default=None)
    if floor is not None:  # far below both curves there is nothing to see
        place.set_ylim(bottom=max(floor, min(lows, default=floor) / 100) / 3)
    place.xaxis.set_major_locator(MaxNLocator(integer=True))
    place.set_title(f"{instance}\n{label}: {', '.join(verdicts)}", fontsize=9)
    place.set_xlabel("k" if len(curves) == 1 else f"k ({number_of(len(curves), 'seed')})")
    place.legend(fontsize=7)


def _stack(curves: list[dict[str, Any]], key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(index, min, median, max) over the curves, on the indices that any of them has; non-positive values are gaps."""
    longest = max(curves, key=lambda curve: len(curve["index"]))["index"]
    table = np.full((len(curves), len(longest)), np.nan)
    for row, curve in enumerate(curves):
        values = np.array(curve[key], dtype=float)
        table[row, : len(values)] = np.where(values > 0, values, np.nan)
    keep = np.any(np.isfinite(table), axis=0)
    table = table[:, keep]
    if not table.size:
        empty = np.array([])
        return empty, empty, empty, empty
    index = np.array(longest)[keep]
    return index, np.nanmin(table, axis=0), np.nanmedian(table, axis=0), np.nanmax(table, axis=0)

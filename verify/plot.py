"""Measured against bound: one figure for a report, a panel for every claim on every instance."""

import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from broximal.verify.panel import draw, has_picture
from broximal.verify.report import Report

ACROSS, WIDE, HIGH = 3, 4.6, 4.5  # panels in a row, and their size in inches


class Picture(Figure):
    """A matplotlib figure that a notebook shows without pyplot, which would keep it open."""

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=90)
        return stream.getvalue()


def figure(reports: Sequence[Report], path: str | Path | None = None) -> Any:
    """One panel per (instance, claim); saved as PNG or SVG, as the path says, if one is given."""
    records = [record for report in reports for record in report.records() if record["claim"] is not None]
    names = {report.theorem for report in reports}
    return panels_figure(names.pop() if len(names) == 1 else "measured against bound", records, path)


def panels_figure(
    title: str, records: Sequence[dict[str, Any]], path: str | Path | None = None, most: int | None = None
) -> Any:
    """The same from records (see `Report.records`): one panel per (instance, claim), a band where there are seeds.

    most  how many panels at most; the title says how many there would be
    """
    panels = _panels(records)
    if most is not None and len(panels) > most:
        title = f"{title} ({most} of {len(panels)} panels)"
        panels = dict(list(panels.items())[:most])
    count = max(len(panels), 1)
    across = min(count, ACROSS)
    down = -(-count // across)
    wide, high = WIDE * across, HIGH * down + 0.4
    out = Picture(figsize=(wide, high))
    axes = out.subplots(down, across, squeeze=False)
    # Margins in inches: a layout that looks at every label takes as long as the drawing.
    out.subplots_adjust(
        left=0.85 / wide,
        right=1 - 0.2 / wide,
        bottom=1.45 / high,
        top=1 - 1.1 / high,
        wspace=1.05 / (WIDE - 1.05),
        hspace=2.2 / (HIGH - 2.2),
    )
    for place in axes.flat[len(panels) :]:
        place.set_axis_off()
    if not panels:
        axes.flat[0].text(0.5, 0.5, "no claim of these reports was compared", ha="center")
    for place, ((instance, label), group) in zip(axes.flat, panels.items(), strict=False):
        draw(place, instance, label, group)
    out.suptitle(title, y=1 - 0.1 / high, va="top")
    if path is not None:
        out.savefig(path, dpi=120)
    return out


def _panels(records: Sequence[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The records of every panel, by instance and claim; a theorem may have two cases on one problem."""
    shown = [record for record in records if has_picture(record)]
    cases = defaultdict(set)
    for record in shown:
        cases[_instance(record), record["claim"]].add(record.get("case"))
    panels: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in shown:
        several = len(cases[_instance(record), record["claim"]]) > 1 and record.get("case") is not None
        head = _instance(record) + (f", case {record['case']}" if several else "")
        panels[head, record["claim"]].append(record)
    return dict(panels)


def _instance(record: dict[str, Any]) -> str:
    return f"{record['problem']}\nin {record['norm']}"

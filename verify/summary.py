"""What a sweep leaves behind: the table of verdicts, the JSON report, the pictures."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from broximal.oracles.errors import InvalidArgument


def grouped(records: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Records by (theorem, claim), over problems, norms and seeds."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record["theorem"], record["claim"] or "–"].append(record)
    return dict(groups)


def print_summary(records: list[dict[str, Any]], width: int | None = None) -> None:
    """One row per theorem and claim: verdicts, worst ratio, what error would have been caught."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(width=width)
    if width is None and not console.is_terminal:
        console = Console(width=160)  # a log has room
    out = Table(header_style="bold", show_edge=False, pad_edge=False)
    for name in ("theorem", "claim", "checks", "verdict", "expected", "worst ratio", "catches", "gap", "s"):
        out.add_column(name, justify="right" if name in ("checks", "worst ratio", "catches", "gap", "s") else "left")
    previous = ""
    for (theorem, claim), group in grouped(records).items():
        odd = not all(record["as_expected"] for record in group)
        verdicts = defaultdict(int)
        for record in group:
            verdicts[record["verdict"]] += 1
        words = ", ".join(v if len(verdicts) == 1 else f"{n} {v}" for v, n in sorted(verdicts.items()))
        ratios = [r for record in group if isinstance(r := record["worst_ratio"], float)]
        caught = [record["power"]["smallest"] for record in group if record["power"] and record["power"]["smallest"]]
        style = "bold red" if odd else {"holds": "green", "consistent": "blue", "violated": "cyan"}.get(words, "dim")
        out.add_row(
            theorem if theorem != previous else "",
            claim,
            str(len(group)),
            f"[{style}]{words}[/]",
            group[0]["expected"],
            f"{max(ratios):.4g}" if ratios else "–",
            f"{100 * min(caught):.2g}%" if caught else "–",
            f"{max(float(record['max_certificate_gap']) for record in group):.1g}",
            f"{sum(record['wall_s'] for record in group) / max(len(group), 1):.2f}",
        )
        previous = theorem
    console.print(out)
    reasons = {
        (r["theorem"], r["problem"], r["norm"], r["why"])
        for r in records
        if not r["as_expected"] and r["verdict"] != r["expected"]
    }
    for theorem, problem, norm, why in sorted(reasons):
        if why:
            console.print(f"[red]{theorem}[/] " + escape(f"on {problem} in {norm}: {why}"), highlight=False)
    for theorem, problem, given in sorted({(r["theorem"], r["problem"], "; ".join(r["given"])) for r in records}):
        if given:
            console.print(f"{theorem} " + escape(f"on {problem} rests on {given}"), highlight=False)
    checks = {record["job"]: record["as_expected"] for record in records}
    good = sum(checks.values())
    console.print(f"{len(checks)} checks, {good} as expected, {len(checks) - good} not.", highlight=False)


def save_json(records: list[dict[str, Any]], path: Path) -> None:
    """The records as one JSON list. Raises InvalidArgument if the file cannot be written."""
    writable(path)
    path.write_text(json.dumps(records, indent=1, allow_nan=False) + "\n")


PANELS = 6  # in a picture; the report has the rest


def save_plots(records: list[dict[str, Any]], folder: Path) -> None:
    """One picture per theorem with a curve, band over the seeds, of its first instances and claims."""
    from broximal.verify.plot import panels_figure

    make_folder(folder)
    theorems: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if len((record.get("curve") or {}).get("index", ())) > 1:
            theorems[record["theorem"]].append(record)
    for theorem, group in theorems.items():
        panels_figure(theorem, group, folder / f"{theorem}.png", PANELS)


def writable(path: Path) -> None:
    """Raise InvalidArgument if a file cannot be written there; said before a long run, not after it."""
    make_folder(path.parent)
    try:
        path.open("a").close()
    except OSError as error:
        raise InvalidArgument(f"file {path} cannot be written ({error.strerror}).") from None


def make_folder(folder: Path) -> None:
    """Make it and its parents. Raises InvalidArgument."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidArgument(f"folder {folder} cannot be made ({error.strerror}).") from None

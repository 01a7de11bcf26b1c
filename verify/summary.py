"""What a sweep leaves behind: the table of verdicts and the pictures."""

import concurrent.futures
import io
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.verify.coverage import coverage, of_own_cases
from broximal.verify.lanes import Lanes
from broximal.verify.saving import file_name, make_folder
from broximal.verify.verdict import PASSED
from broximal.verify.words import percent


def grouped(records: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Records by (theorem, claim), over problems, norms and seeds."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record["theorem"], record["claim"] or "–"].append(record)
    return dict(groups)


def summary(records: list[dict[str, Any]], width: int = 160) -> str:
    """`print_summary` as plain text."""
    stream = io.StringIO()
    _print(records, Console(file=stream, width=width, color_system=None))
    return stream.getvalue().rstrip()


def print_summary(records: list[dict[str, Any]], width: int | None = None) -> None:
    """One row per theorem and claim: verdicts, worst ratio, what error would have been caught."""
    console = Console(width=width)
    if width is None and not console.is_terminal:
        console = Console(width=160)  # a log has room
    _print(records, console)


def _print(records: list[dict[str, Any]], console: Console) -> None:
    out = Table(header_style="bold", show_edge=False, pad_edge=False)
    numbers = ("checks", "worst ratio", "catches", "seen", "gap", "s")
    for name in ("theorem", "claim", "checks", "verdict", "expected", "worst ratio", "catches", "seen", "gap", "s"):
        out.add_column(name, justify="right" if name in numbers else "left")
    previous = ""
    for (theorem, claim), group in grouped(records).items():
        odd = not all(record["as_expected"] for record in group)
        verdicts = defaultdict(int)
        for record in group:
            verdicts[record["verdict"]] += 1
        words = ", ".join(v if len(verdicts) == 1 else f"{n} {v}" for v, n in sorted(verdicts.items()))
        ratios = [float(r) for record in group if (r := record["worst_ratio"]) is not None]
        caught = [
            record["power"]["smallest"] for record in group if record["power"] and record["power"].get("smallest")
        ]
        style = (
            "bold red"
            if odd
            else {
                "holds": "green",
                "consistent": "blue",
                "violated": "cyan",
                "loose": "yellow",
                "vacuous": "yellow",
            }.get(words, "dim")
        )
        out.add_row(
            escape(theorem) if theorem != previous else "",
            escape(claim),
            str(len(group)),
            f"[{style}]{escape(words)}[/]",
            escape(group[0]["expected"]),
            f"{max(ratios):.4g}" if ratios else "–",
            percent(min(caught)) if caught else "–",
            _seen(group),
            f"{max(float(record['max_certificate_gap']) for record in group):.1g}",
            f"{sum(record['wall_s'] for record in group) / max(len(group), 1):.2f}",
        )
        previous = theorem
    console.print(out)
    reasons = {
        (r["theorem"], r["problem"], r["norm"], _not_refuted(r) + r["why"])
        for r in records
        if not r["as_expected"] and r["verdict"] != r["expected"]
    }
    for theorem, problem, norm, why in sorted(reasons):
        if why:
            console.print(f"[red]{escape(theorem)}[/] " + escape(f"on {problem} in {norm}: {why}"), highlight=False)
    for theorem, problem, given in sorted({(r["theorem"], r["problem"], "; ".join(r["given"])) for r in records}):
        if given:
            console.print(escape(f"{theorem} ") + escape(f"on {problem} rests on {given}"), highlight=False)
    for line in (*_where(records), *counted(records)):
        console.print(escape(line), highlight=False)
    checks = {record["job"]: record["as_expected"] for record in records}
    good = sum(checks.values())
    console.print(f"{number_of(len(checks), 'check')}, {good} as expected, {len(checks) - good} not.", highlight=False)


SHOWN = 8  # instances that are named below the table


def _where(records: list[dict[str, Any]]) -> list[str]:
    """On which problems, with their sizes, and in which norms, where it was not on cases of the theorems' own."""
    found = list(dict.fromkeys(f"{r['problem']} in {r['norm']}" for r in records if r.get("case") is None))
    more = f", and {number_of(len(found) - SHOWN, 'other')}" if len(found) > SHOWN else ""
    return [f"on {', '.join(found[:SHOWN])}{more}"] if found else []


def _not_refuted(record: dict[str, Any]) -> str:
    """What is amiss where a false statement holds: the reason of the verdict alone says only why it does."""
    if record["expected"] != "violated" or record["verdict"] not in PASSED:
        return ""
    return "said to be false, and not refuted on this case of its own: "


def _seen(group: list[dict[str, Any]]) -> str:
    found = coverage(group)
    return f"{found.seen}/{len(found.caught)}" if found.caught else "–"


def standing(records: list[dict[str, Any]]) -> dict[str, str]:
    """The word for every theorem, over all its checks: what is seen of it at all.

    unexpected  a check did not end as expected;  refuted  it is false and was refuted
    not applicable  in every check: nothing was compared
    holds       every claim was seen to hold, somewhere, in a check that would have caught an error of its bound
    vacuous     every check of some claim is vacuous;  loose  otherwise
    """
    found = {}
    for theorem in dict.fromkeys(record["theorem"] for record in records):
        own = [record for record in records if record["theorem"] == theorem]
        claims = {record["claim"]: {r["verdict"] for r in own if r["claim"] == record["claim"]} for record in own}
        if not all(record["as_expected"] for record in own):
            found[theorem] = "unexpected"
        elif all(record["verdict"] == "not applicable" for record in own):
            found[theorem] = "not applicable"
        elif own[0]["expected"] == "violated":
            found[theorem] = "refuted"
        elif all("holds" in verdicts for verdicts in claims.values()):
            found[theorem] = "holds"
        else:
            found[theorem] = "vacuous" if any(verdicts == {"vacuous"} for verdicts in claims.values()) else "loose"
    return found


def counted(records: list[dict[str, Any]]) -> list[str]:
    """How many statements hold with power, are loose (with the best catch of the claim that is), vacuous, refuted."""
    words = standing(records)
    count = {
        word: sum(w == word for w in words.values())
        for word in ("holds", "loose", "vacuous", "refuted", "not applicable", "unexpected")
    }
    apart = f"{count['not applicable']} not applicable, " if count["not applicable"] else ""
    lines = [
        f"{number_of(len(words), 'statement')}: {number_of(count['holds'], 'holds', 'hold')} with power, "
        f"{number_of(count['loose'], 'is', 'are')} loose, {count['vacuous']} vacuous, "
        f"{number_of(count['refuted'], 'false one')} refuted, {apart}{count['unexpected']} not as expected."
    ]
    for word in ("loose", "vacuous"):
        weak = [f"{name} ({_best_catches(records, name)})" for name, own in words.items() if own == word]
        if weak:
            lines.append(f"{word}: {', '.join(weak)}")
    every = {key: coverage(group) for key, group in grouped(of_own_cases(records)).items()}
    if all_ := sum(len(found.caught) for found in every.values()):
        seen, silent = sum(found.seen for found in every.values()), unexplained(records)
        lines.append(
            f"{seen} of {number_of(all_, 'part')} of bounds (constants, columns, terms) seen: altered or left out, a claim is refuted; "
            f"{number_of(all_ - seen - len(silent), 'is', 'are')} not, for reasons on the card of their theorem, and {len(silent)} without one."
        )
        lines += [f"not seen, no reason: {theorem} {claim}: {label}" for theorem, claim, label in silent]
    return lines


def unexplained(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(theorem, claim, ingredient) of what none of a theorem's own cases shows, and no remark explains."""
    groups = grouped(of_own_cases(records)).items()
    return [(theorem, claim, label) for (theorem, claim), group in groups for label in coverage(group).unexplained]


def _best_catches(records: list[dict[str, Any]], theorem: str) -> str:
    """The claims that nowhere hold with power, each with the least error of its bound that some check catches."""
    shown = []
    for (name, claim), group in grouped(records).items():
        if name == theorem and not any(record["verdict"] == "holds" for record in group):
            caught = [r["power"]["smallest"] for r in group if r["power"] and r["power"].get("smallest") is not None]
            shown.append(f"{claim}: {f'{100 * min(caught):.0f}%' if caught else 'nothing'}")
    return ", ".join(shown)


PANELS = 6  # in a picture; the report has the rest
FEW = 16  # pictures, which are drawn before another process has begun


def save_plots(records: list[dict[str, Any]], folder: Path, ending: str = "png", workers: int = 1) -> list[str]:
    """One picture per theorem (ending "png" or "svg"), band over the seeds, of its first instances and claims.

    Returns the theorems without a picture: nothing of theirs was compared. Raises InvalidArgument for a picture that cannot
    be written.
    """
    from broximal.verify.panel import has_picture

    make_folder(folder)
    theorems: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if has_picture(record):
            theorems[record["theorem"]].append(record)
    pictures = [(name, group, folder / f"{file_name(name)}.{ending}") for name, group in theorems.items()]
    if workers > 1 and len(pictures) > FEW:
        try:
            list(Lanes(_save_picture, pictures, workers, kind=lambda picture: picture[2]).results())
        except concurrent.futures.BrokenExecutor:
            raise InvalidArgument("a process that draws pictures died, perhaps for want of memory.") from None
    else:
        for picture in pictures:
            _save_picture(picture)
    return [name for name in dict.fromkeys(record["theorem"] for record in records) if name not in theorems]


def _save_picture(picture: tuple[str, list[dict[str, Any]], Path]) -> None:
    from broximal.verify.plot import panels_figure

    theorem, records, path = picture
    try:
        panels_figure(theorem.replace("$", r"\$"), records, path, PANELS)
    except OSError as error:
        raise InvalidArgument(f"picture {path} cannot be written ({error.strerror}).") from None

"""How stepsizes are printed: every line as a number, in plain text and in LaTeX, layers together, and what is still needed."""

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from broximal.oracles.numerals import number_of
from broximal.theory.language.declaration import named, range_of
from broximal.theory.prescriptions.outline import Outline
from broximal.theory.prescriptions.stepsize import HORIZON, Prescription
from broximal.verify.comparison import reasons
from broximal.verify.given import COMPRESSORS, Constants

WIDTH = 40  # of the column of names
DIGITS = 60  # of a whole number that is printed in full


def number_text(value: float | int) -> str:
    """A number of steps in full, unless it is very long; any other to ten digits."""
    if isinstance(value, int):
        text = str(value)
        return text if len(text) <= DIGITS else f"{text[0]}.{text[1:10]}e+{len(text) - 1}"
    return f"{value:.10g}"


def method_lines(outline: Outline) -> list[str]:
    """The method, its step, and its radius where that depends on what is met along the run."""
    own = outline.method
    lines = [f"{own.name}: ${own.update}$"]
    if own.adaptive:
        lines.append(f"{'radius of step k':{WIDTH}s} = {own.adaptive}")
    return lines


def derived_lines(constants: Constants, wanted: set[str] | None = None) -> list[str]:
    """What was computed from norms, shapes and compressors, of these names; layers that are alike together."""
    layers = {name: place for place, name in enumerate(constants.layers or ())}
    rows = []
    for name, why in constants.derived.items():
        base, _, layer = name.rstrip("]").partition("[")
        value = constants.values[base][layers[layer]] if layer else constants.values[base]
        if wanted is None or base in wanted:
            rows.append((base, layer, value, why))
    rows.sort(key=lambda row: row[0])
    found = []
    for (base, value, why), group in itertools.groupby(rows, key=lambda row: (row[0], *row[2:])):
        name = _together(base, [layer for _, layer, _, _ in group])
        found.append(f"{name:{WIDTH}s} = {number_text(value)}  ({why})")
    return found


def _together(base: str, layers: Sequence[str]) -> str:
    if not any(layers):
        return base
    return f"{base}[{layers[0]}]" if len(layers) == 1 else f"{base}[{layers[0]}] to [{layers[-1]}]"


def lines_of(found: Sequence[Prescription]) -> list[str]:
    """The lines of an answer; those of several layers share their formula."""
    shown: list[str] = []
    for _, group in itertools.groupby(found, key=_formula_of):
        lines = list(group)
        for _, alike in itertools.groupby(lines, key=lambda line: (line.value, line.missing)):
            same = list(alike)
            name = _together(same[0].name.partition("[")[0], [line.layer for line in same])
            count = f"  ({number_of(len(same), 'layer')})" if len(same) > 1 else ""
            shown.append(f"{name:{WIDTH}s} = {_value_text(same[0])}{count}")
        shown.append(f"{'':{WIDTH}s}   {lines[0].text}")
        shown.append(f"{'':{WIDTH}s}   ${lines[0].latex}$" + (f"  ({lines[0].why})" if lines[0].why else ""))
    return shown


def _formula_of(line: Prescription) -> tuple[Any, ...]:
    return (line.kind, line.name.partition("[")[0] if line.layer else line.name, line.formula, line.why)


def _value_text(line: Prescription) -> str:
    if line.value is not None:
        reached = line.kind == "bound" and line.why.startswith("reached")
        return number_text(line.value) + (" (reached)" if reached else "")
    if line.missing:
        return f"needs {', '.join(line.missing)}"
    return line.why.partition(" steps")[0] if line.kind in ("steps", "count") else "formula"


def glossary(found: Iterable[Prescription], outline: Outline) -> list[str]:
    """What the names of missing constants mean in a theorem, and which values they take."""
    missing = sorted({name for line in found for name in line.missing})
    return [f"  {name:{WIDTH - 2}s}   {meaning(name, outline.keys)}" for name in missing]


def meaning(name: str, keys: set[str]) -> str:
    """What a name that a user may give stands for, where these keys are spoken of."""
    if name == HORIZON:
        return "number of steps, a positive integer"
    if name == "eps":
        return "the accuracy to reach, > 0"
    meant = [each for each in named(name) if each.key in keys] or named(name)
    said = "; ".join(dict.fromkeys(each.meaning for each in meant))
    units = ", ".join(dict.fromkeys(each.units for each in meant if each.units != "1"))
    by = [f"--{side} NAME with --norm and --shape gives it" for side, alpha in COMPRESSORS.items() if alpha == name]
    by += ["--norm and --shape give it"] if name == "rho" else []
    return f"{said}, {range_of(name)}" + (f" [{units}]" if units else "") + "".join(f"; {each}" for each in by)


def comparison_lines(found: Any, eps: float, own: Constants, outlines: Iterable[Outline]) -> list[str]:
    """A comparison: every question with its ranking, what L0 and L1 were taken for, and what was left out."""
    shown = derived_lines(own)
    if not found.promises:
        shown.append("no statement of the catalogue has a K(eps) in these constants alone.")
    for asked, group in itertools.groupby(found.promises, key=lambda each: each.question):
        ranked = list(group)
        shown.append(f"{asked} <= {eps:g}    ${ranked[0].latex} \\le {eps:g}$")
        for each in ranked:
            taken = f"; L0 and L1 of {_kinds(each.meanings)}" if each.meanings else ""
            name = f"{each.theorem} ({each.claim})"
            shown.append(f"  {number_text(each.steps):>14s} steps  {name:48s} assumes {', '.join(each.assumes)}{taken}")
            if each.bounded.removeprefix("bounds ") not in (asked, asked.replace("the expected gap", "the gap")):
                shown.append(f"  {'':14s}        {each.bounded}")
        shown.append("  tightest: " + ", ".join(_runs(found.tightest.get(asked, []))))
    shown += [f"taken where it was not given: {why}" for why in found.follows]
    meanings = sorted({meaning for each in found.promises for meaning in each.meanings})
    if meanings:
        shown.append("what L0 and L1 may be the constants of:")
        shown += [f"  {_kinds((each,)):6s} {each.rpartition(' (')[0]}" for each in meanings]
    return [*shown, *_left_out(found.left_out, outlines)]


def _kinds(meanings: Sequence[str]) -> str:
    return " or ".join(each.rpartition("(")[2].rstrip(")") for each in meanings)


def _runs(rows: Sequence[tuple[float, str, float]]) -> list[str]:
    """What is tightest at which accuracies, neighbours of one name as one."""
    found = []
    for name, run in itertools.groupby(rows, key=lambda row: row[1]):
        at = [row[0] for row in run]
        found.append(f"{name} at eps = {at[0]:g}" + (f" to {at[-1]:g}" if len(at) > 1 else ""))
    return found


def _left_out(pairs: Sequence[tuple[str, str]], outlines: Iterable[Outline]) -> list[str]:
    if not pairs:
        return []
    grouped = reasons(pairs)
    shown = [f"left out ({len({name for name, _ in pairs})} theorems):"]
    for reason, names in grouped.items():
        shown.append(f"  {reason}:")
        shown += textwrap.wrap(
            ", ".join(names), 116, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
        )
    keys = set().union(*(outline.keys for outline in outlines))
    needed = sorted({name for reason in grouped if reason.startswith("needs ") for name in reason[6:].split(", ")})
    shown += ["needed:"] if needed else []
    return [*shown, *(f"  {name:{WIDTH - 2}s}   {meaning(name, keys)}" for name in needed)]

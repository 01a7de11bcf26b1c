"""How stepsizes are printed: every line as a number, in plain text and in LaTeX, layers together, and what is still needed."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from broximal.theory.language.declaration import named, range_of
from broximal.theory.prescriptions.outline import Outline
from broximal.theory.prescriptions.stepsize import HORIZON, Prescription
from broximal.verify.given import COMPRESSORS, Constants

WIDTH = 40  # of the column of names
DIGITS = 30  # of a whole number that is printed in full


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


def derived_lines(constants: Constants) -> list[str]:
    """What was computed from norms, shapes and compressors; layers that are alike together."""
    found = []
    for key, group in itertools.groupby(
        constants.derived.items(), key=lambda item: (item[0].partition("[")[0], item[1])
    ):
        names = [name for name, _ in group]
        base, why = key
        value = constants.values[base]
        if constants.layers is not None:
            value = value[[each.name for each in constants.layers].index(names[0].partition("[")[2][:-1])]
        found.append(
            f"{_together(base, [name.partition('[')[2][:-1] for name in names]):{WIDTH}s} = {number_text(value)}  ({why})"
        )
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
            count = f"  ({len(same)} layers)" if len(same) > 1 else ""
            shown.append(f"{name:{WIDTH}s} = {_value_text(same[0])}{count}")
        shown.append(f"{'':{WIDTH}s}   {lines[0].text}")
        shown.append(f"{'':{WIDTH}s}   ${lines[0].latex}$" + (f"  ({lines[0].why})" if lines[0].why else ""))
    return shown


def _formula_of(line: Prescription) -> tuple[Any, ...]:
    return (line.kind, line.name.partition("[")[0] if line.layer else line.name, line.formula, line.why)


def _value_text(line: Prescription) -> str:
    if line.value is not None:
        return number_text(line.value)
    if line.missing:
        return f"needs {', '.join(line.missing)}"
    return line.why.partition(" steps")[0] if line.kind == "steps" else "formula"


def glossary(found: Iterable[Prescription]) -> list[str]:
    """What the names of missing constants mean, and which values they take."""
    missing = sorted({name for line in found for name in line.missing})
    return [f"  {name:{WIDTH - 2}s}   {meaning(name)}" for name in missing]


def meaning(name: str) -> str:
    """What a name that a user may give stands for."""
    if name == HORIZON:
        return "number of steps, a positive integer"
    if name == "eps":
        return "the accuracy to reach, > 0"
    meant = named(name)
    said = "; ".join(dict.fromkeys(each.meaning for each in meant))
    units = ", ".join(dict.fromkeys(each.units for each in meant if each.units != "1"))
    by = [f"--{side} NAME with --norm and --shape gives it" for side, alpha in COMPRESSORS.items() if alpha == name]
    by += ["--norm and --shape give it"] if name == "rho" else []
    return f"{said}, {range_of(name)}" + (f" [{units}]" if units else "") + "".join(f"; {each}" for each in by)

"""The formula for K(eps) is the number that the search finds."""

import pytest
import sympy as sp

from broximal.theory import catalogue, parameters
from broximal.theory.language.declaration import named
from broximal.theory.prescriptions.outline import outline_of

VALUES = {
    "L": 4.0,
    "mu": 0.5,
    "D0": 3.0,
    "d0": 10.0,
    "R0": 5.0,
    "t": 0.25,
    "L0": 1.0,
    "L1": 2.0,
    "sigma": 0.5,
    "rho": 1.5,
}
VALUES |= {"PL": 0.3, "R": 2.0, "alpha_P": 0.5, "alpha_D": 0.25, "L_w": 1.0, "L_rms": 2.0, "P": 0.5, "D0sq": 9.0}
BOUNDED = [name for name, theorem in catalogue().items() if theorem.truth and outline_of(theorem).bounds]


def test_formulas_are_the_numbers():
    looked = set()
    for name in BOUNDED:
        flat = any(constant == "L1" and needed.high == 0 for _, constant, needed in outline_of(catalogue()[name]).needs)
        lines = parameters(catalogue()[name], VALUES | ({"L1": 0.0} if flat else {}), 0.01)
        numbers = {sp.Symbol(line.name, positive=True): line.value for line in lines if line.value is not None}
        for key, value in VALUES.items():
            for each in named(key):
                numbers[sp.Symbol(each.key)] = numbers[sp.Symbol(each.name)] = value
        by_name = {symbol.name: value for symbol, value in numbers.items()}
        for line in lines:
            if line.kind != "steps" or line.value is None or line.formula.is_Relational:
                continue
            known = {symbol: by_name.get(symbol.name) for symbol in line.formula.free_symbols} | {
                symbol: 0.01 for symbol in line.formula.free_symbols if symbol.name == "eps"
            }
            if None in known.values():
                continue
            assert float(line.formula.args[0].subs(known)) == pytest.approx(line.value, abs=1.01, rel=1e-9), name
            looked.add(name)
    assert len(looked) >= 12

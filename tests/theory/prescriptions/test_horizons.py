"""K(eps) of every theorem against its bound, written out and evaluated by other means in 50 digits and more."""

import mpmath
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory import catalogue, parameters
from broximal.theory.language.claims import EachExpected, EachHorizon, Expected, Terminates
from broximal.theory.language.declaration import declared, is_known, named
from broximal.theory.language.quantity import K, OverLayers, key_of, layer, layers
from broximal.theory.prescriptions.outline import outline_of

VALUES = {
    **{"L": 4.0, "mu": 0.5, "D0": 3.0, "d0": 10.0, "R0": 5.0, "G0": 6.0, "kappa": 0.2, "q": 2.0, "t": 0.25, "R": 2.0},
    **{"L0": 1.0, "L1": 2.0, "sigma": 0.5, "rho": 1.5, "P": 0.5, "PL": 0.3, "size": 2.0, "size_0": 1.5, "L_two": 3.0},
    **{"lo": 0.7, "hi": 1.2, "lo_sure": 0.7, "hi_sure": 1.2, "alpha_P": 0.5, "alpha_D": 0.25, "D0sq": 9.0, "C_d": 2.0},
    **{"L_w": 1.0, "L_mean": 1.5, "L_rms": 2.0, "L1_w": 0.5, "L1_top": 0.7, "spread": 0.1, "s_w": 0.3, "n_w": 4.0},
    **{"ratio": 2.5, "t_0": 0.1, "d": 3.0, "coupled_t": 0.01, "sure": 1.0},
}
BOUNDED = [name for name, theorem in catalogue().items() if theorem.truth and outline_of(theorem).bounds]


def values_for(theorem, count):
    """Numbers that suit it, different ones for every layer."""
    flat = any("L1" in hypothesis.needs and hypothesis.needs["L1"].high == 0 for hypothesis in theorem.assumes)
    given = VALUES | ({"L1": 0.0} if flat else {})
    if count == 1:
        return given
    several = {name for name in given if any(each.kind == "layer" for each in named(name))}
    return {
        name: [value * share for share in (1.0, 0.75)[:count]] if name in several else value
        for name, value in given.items()
    }


def plain(expr, count):
    """An expression with one symbol for the constant of every layer, and a constant radius."""

    def walk(node):
        if isinstance(node, OverLayers):
            return walk(node.spelled_out(count))
        if isinstance(node, sp.Indexed):
            if key_of(node) == "t":
                return sp.Symbol("t_const")
            if not declared(key_of(node)).along:
                return sp.Symbol(f"{key_of(node)}_{node.indices[0]}")
            return node
        if node == layers:
            return sp.Integer(count)
        if type(node) is sp.Symbol and is_known(node.name):
            return sp.Symbol(node.name)
        return node.func(*map(walk, node.args)) if node.args else node

    return walk(sp.sympify(expr))


class ByHand:
    """The bound of a claim at a horizon: its rules one after the other, then the bound over the least weight."""

    def __init__(self, theorem, claim, values, count, eps):
        self.count = count
        self.given = {"target": sp.Rational(repr(eps))}
        for name, value in values.items():
            for each in named(name):
                if each.kind == "layer":
                    every = value if isinstance(value, list) else [value] * count
                    self.given |= {f"{each.key}_{place}": sp.Rational(repr(one)) for place, one in enumerate(every)}
                elif not isinstance(value, list):
                    self.given[each.key] = sp.Rational(repr(value))
        self.rules = []
        if count > 1:  # of all layers together
            for key in ("rho", "sigma"):
                parts = [sp.Symbol(f"{key}_{place}") ** 2 for place in range(count)]
                self.rules.append((f"{key}_n", sp.sqrt(sp.Add(*parts))))
        for rule in theorem.parameters:
            if isinstance(rule.symbol, sp.Indexed):
                pairs = [(f"{key_of(rule.symbol)}_{place}", rule.formula.subs(layer, place)) for place in range(count)]
            else:
                pairs = [(rule.symbol.name, rule.formula)]
            self.rules += [(name, plain(formula, count)) for name, formula in pairs if name not in self.given]
        small, large = (plain(side, count) for side in claim.sides)
        self.large = large
        weights = {name for name, _ in self.rules} | {name for name in self.given if name.startswith("Pl_")}
        self.shares = self._weights(small, {sp.Symbol(name) for name in weights})

    def _weights(self, small, weights):
        """How the measured side weights every layer by what the method chooses."""
        columns = sorted((node for node in small.atoms(sp.Indexed) if declared(key_of(node)).along), key=str)
        if any(key_of(node) == "gx" for node in columns):
            return [sp.S.One]  # it may be negative, so that the whole is bounded
        found = []
        for place in range(self.count):
            ones = {node: int(len(node.indices) == 1 or node.indices[1] == place) for node in columns}
            body = small.replace(
                lambda node: isinstance(node, sp.Sum) and len(node.args) == 2, lambda node: node.args[0] * K
            )
            body = body.replace(lambda node: type(node).__name__ == "Best", lambda node: node.args[0])
            share = body.subs(ones)
            if share != 0:
                found.append(sp.simplify(share / share.subs(dict.fromkeys(weights, 1))))
        return found or [sp.S.One]

    def at(self, horizon):
        with mpmath.workdps(50 + 4 * len(str(horizon))):
            numbers = {name: mpmath.mpf(int(each.p)) / int(each.q) for name, each in self.given.items()}
            for name, formula in self.rules:
                numbers[name] = evaluated(formula, numbers, horizon)
            least = min(evaluated(share, numbers, horizon) for share in self.shares)
            return evaluated(self.large, numbers, horizon) / least


def evaluated(expr, numbers, horizon):
    if expr.has(sp.Sum, sp.Product):
        expr = expr.doit() if not expr.has(sp.Product) else expr.subs(K, horizon).doit()
    names = sorted(str(each) for each in expr.free_symbols if each != K)
    function = sp.lambdify([K, *map(sp.Symbol, names)], expr, "mpmath")
    found = function(mpmath.mpf(horizon), *(numbers[name] for name in names))
    return mpmath.mpf(found) if not isinstance(found, mpmath.mpc) else found.real


@pytest.mark.parametrize("count, eps", [(1, 0.01), (1, 1e-12), (2, 1e-7)])
@pytest.mark.parametrize("name", BOUNDED)
def test_k_works_and_one_less_does_not(name, count, eps):
    theorem = catalogue()[name]
    values = values_for(theorem, count)
    try:
        lines = {line.name: line for line in parameters(theorem, values, eps)}
    except InvalidArgument as refused:
        assert count > 1 and any(words in str(refused) for words in ("about one layer", "does not speak of layers"))
        return
    for claim in theorem.claims:
        if f"N ({claim.label})" in lines and isinstance(claim, Terminates):
            hand = ByHand(theorem, EachHorizon(declared("gap").symbol[K] <= declared("d_0").symbol), values, count, eps)
            with mpmath.workdps(80):
                numbers = {key: mpmath.mpf(int(each.p)) / int(each.q) for key, each in hand.given.items()}
                exact = evaluated(plain(claim.within, count), numbers, 1)
                assert lines[f"N ({claim.label})"].value == int(mpmath.ceil(exact - mpmath.mpf(10) ** -70))
        line = lines.get(f"K(eps) ({claim.label})")
        if line is None or line.missing or not isinstance(claim, (EachHorizon, Expected)):
            continue
        assert not isinstance(claim, EachExpected)
        hand, target = ByHand(theorem, claim, values, count, eps), sp.Rational(repr(eps))
        if line.value is None:
            assert "more than 10^300" in line.why
            assert hand.at(10**20) > target
            continue
        assert isinstance(line.value, int) and line.value >= 1
        with mpmath.workdps(50 + 4 * len(str(line.value))):
            goal, slack = mpmath.mpf(int(target.p)) / int(target.q), mpmath.mpf(10) ** -40
            assert hand.at(line.value) <= goal * (1 + slack)
            if line.value > 1:
                assert hand.at(line.value - 1) > goal * (1 - slack)


def test_every_theorem_with_a_horizon_is_among_them():
    answered = set()
    for name in BOUNDED:
        theorem = catalogue()[name]
        for line in parameters(theorem, values_for(theorem, 1), 0.01):
            assert not (line.kind in ("steps", "count") and line.missing), (name, line)
            if line.kind in ("steps", "count") and line.value is not None:
                answered.add(name)
    assert len(answered) >= 60

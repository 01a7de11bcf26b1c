"""Prescriptions against the formula by hand, and K(eps) against the bound itself."""

import math
import time

import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory import catalogue, find, parameters
from broximal.theory.columns.points import D0, R0, K, L, d0, t
from broximal.theory.language.claims import EachHorizon
from broximal.theory.prescriptions.levels import explicit
from broximal.verify.comparison import promises
from broximal.verify.mathtext import drawn

VALUES = {"L": 4.0, "mu": 0.5, "D0": 3.0, "d0": 10.0, "R0": 5.0, "G0": 6.0, "kappa": 0.2, "q": 2.0, "t": 0.25}


def lines(name, values=VALUES, target=None):
    return {line.name: line for line in parameters(find(name), values, target)}


def test_k_of_eps_is_the_first_horizon_whose_bound_is_below_eps():
    found = lines("bpm.sublevel_rate", target=1e-3)
    K_eps = found["K(eps) (last iterate)"].value

    def bound(horizon):
        return 10 * (1 - 0.25 / 5) ** horizon

    assert bound(K_eps) <= 1e-3 < bound(K_eps - 1)
    assert found["K(eps) (exponential)"].value == math.ceil(20 * math.log(1e4))


def test_k_of_eps_by_bisection_agrees_with_the_bound():
    found = lines("bpm.unconditional_constant", target=0.01)
    K_eps = found["K(eps) (last iterate)"].value
    assert (3 - 0.25) * 10 / (3 + (K_eps - 1) * 0.25) <= 0.01 < (3 - 0.25) * 10 / (3 + (K_eps - 2) * 0.25)


@pytest.mark.parametrize(
    "name, label, by_hand",
    [
        ("bpm.termination", "N (finite)", math.ceil(9 / 0.0625)),
        ("bpm.strong_convexity_termination", "N (from the gap)", math.ceil(math.sqrt(40) / 0.25)),
        ("bpm.strong_convexity_termination", "N (from the gradient)", math.ceil(6 / 0.125)),
        ("bpm.condition_number_termination", "N (from the distance)", math.ceil(math.sqrt(8) * 12)),
        ("bpm.growth_termination", "N (finite)", math.ceil(2 * math.sqrt(50) / 0.25)),
    ],
)
def test_counts(name, label, by_hand):
    assert lines(name)[label].value == by_hand


def test_a_rule_that_minimises_the_bound_really_does():
    claim = next(claim for claim in find("bpm.smooth_nonconvex").claims if isinstance(claim, EachHorizon))
    bound = explicit(claim.sides[1])
    best = sp.sqrt(2 * d0 / (L * K))
    assert sp.simplify(sp.diff(bound, t).subs(t, best)) == 0
    assert sp.simplify(sp.diff(bound, t, 2).subs(t, best)).is_positive
    rule = find("bpm.smooth_nonconvex").parameters[0]
    assert sp.simplify(rule.formula - best) == 0


def test_what_is_missing_is_named():
    found = lines("bpm.sublevel_rate", {"t": 0.1})
    assert found["bound after K (last iterate)"].value is None
    assert found["bound after K (last iterate)"].missing == ("K", "R0", "d0")


@pytest.mark.parametrize(
    "values, message",
    [
        ({"mu": 2.0, "L": 1.0}, "mu = 2 is larger than L = 1"),
        ({"L": -1.0}, "L must be positive, but is -1"),
        ({"t": 0.0}, "t must be positive, but is 0"),
        ({"t": math.nan}, "t is NaN"),
        ({"L0": math.inf}, "L0 is infinite"),
    ],
)
def test_bad_constants(values, message):
    with pytest.raises(InvalidArgument, match=message):
        parameters(find("bpm.smooth_nonconvex"), values)


@pytest.mark.parametrize("name", [name for name, theorem in catalogue().items() if theorem.truth])
def test_every_true_statement_answers(name):
    for line in parameters(find(name), VALUES | {"K": 50.0}, 1e-2):
        assert drawn(line.latex), line.latex
        assert line.value is None or math.isfinite(line.value)


def test_the_domain_is_checked():
    with pytest.raises(InvalidArgument, match="outside the theorem's domain"):
        parameters(find("bpm.unconditional_constant"), {"t": 4.0, "D0": 3.0})
    assert find("bpm.unconditional_constant").parameters[0].domain == (t < D0)
    assert find("bpm.sublevel_rate").parameters[0].formula == R0


def test_a_domain_that_needs_l1_to_be_zero():
    """It is met by L1 = 0, refused for L1 > 0, and open where L1 is not given."""
    values = {"L0": [1.0, 2.0], "K": 50.0, "R": [1.0, 1.0]}
    assert parameters(find("gluon.star_stochastic"), values | {"L1": 0.0})
    for name in ("gluon.star_stochastic", "gluon.sharp_momentum"):
        with pytest.raises(InvalidArgument, match="it needs L1 = 0"):
            parameters(find(name), values | {"L1": 1.0})


def test_layers_have_their_own_stepsizes():
    values = {"L0": [1.0, 2.0], "L1": [3.0, 0.0], "rho": [2.0, 1.0], "sigma": 0.1, "d0": 10.0}
    found = lines("gluon.stochastic_horizon", values, 0.1)
    taus = [1 / (4 * b + math.sqrt(5 * 2 * a / 20)) for a, b in ((1, 3), (2, 0))]
    assert [found[f"tau[{j}]"].value for j in range(2)] == pytest.approx(taus)
    noise = sum(8 * tau * r * 0.1 + 5 * tau**2 * a for tau, r, a in zip(taus, (2, 1), (1, 2), strict=True))
    count = found["K(eps) (average)"].value
    level = (20 + noise) / min(taus)  # of the gradients, not of their sum weighted by tau
    assert level * count**-0.25 <= 0.1 * (1 + 1e-9)
    assert count == pytest.approx((level / 0.1) ** 4, rel=1e-9)


def test_the_complexity_of_adaptive_radii_is_the_published_one():
    values = {"L0": [1.0, 2.0], "L1": [3.0, 4.0], "d0": 10.0}
    eps = 0.1
    plain = lines("gluon.adaptive_radius", values, eps)["K(eps) (plain)"].value
    assert plain == math.ceil(2 * 10 * 3 / eps**2 + 2 * 10 * 4 / eps)
    weighted = lines("gluon.adaptive_weighted", values, eps)["K(eps) (weighted)"].value
    assert weighted == math.ceil(2 * 10 * (1 / 9 + 2 / 16) / eps**2 + 2 * 10 / eps)


def test_layers_of_different_numbers_are_refused():
    with pytest.raises(InvalidArgument, match="L0 has 2, L1 has 3"):
        parameters(find("gluon.adaptive_radius"), {"L0": [1.0, 2.0], "L1": [1.0, 2.0, 3.0]})
    with pytest.raises(InvalidArgument, match="does not speak of layers"):
        parameters(find("bpm.smooth"), {"L0": [1.0, 2.0]})
    for name in ("L", "d0", "K"):
        with pytest.raises(InvalidArgument, match=f"^{name} is one number, not one a layer"):
            parameters(find("gluon.adaptive_radius"), {name: [1.0, 2.0], "L0": [1.0, 2.0]})


@pytest.mark.parametrize(
    "values, message",
    [
        ({"LO": 1.0}, "'LO' is no constant or parameter. Did you mean 'L'"),
        ({"alpha_p": 1.0}, "Did you mean 'alpha_P'"),
        ({"gap": 1.0}, "'gap' is no constant or parameter"),
        ({"i": 1.0}, "i is an index of claims"),
        ({"D0": 1.0, "D_0": 1.0}, "D0 is given twice, as D0 and as D_0"),
        ({"K": 1.5}, "K must be a positive integer, but is 1.5"),
        ({"sigma": "x"}, "sigma must be a real number, not 'x'"),
        ({"n_w": 0.5}, "n_w must lie in"),
    ],
)
def test_what_is_no_constant_is_refused_by_name(values, message):
    with pytest.raises(InvalidArgument, match=message):
        parameters(find("gluon.adaptive_radius"), values)


def test_a_recipe_without_numbers_answers_at_once():
    """Its rules speak of each other through the horizon, which stays a symbol."""
    began = time.perf_counter()
    found = {line.name: line for line in parameters(find("trust_region.recipe"), {})}
    assert found["K"].missing == ("L", "d0", "eps", "rho", "sigma")
    assert time.perf_counter() - began < 10


def test_a_recipe_for_an_accuracy():
    values = {"L": 2.0, "d0": 5.0, "rho": 2.0, "sigma": 0.3}
    found = {line.name: line for line in parameters(find("trust_region.recipe"), values, 0.5)}
    s, eps = 0.6, 0.5
    assert found["a"].value == pytest.approx(min(1, eps**2 / (16 * s**2)))
    assert found["eta"].value == pytest.approx(min(eps / 32, eps**3 / (256 * s**2 * 2)))
    assert found["K"].value == math.ceil(
        max(2048 * 10 * s**2 / eps**4, 256 * s**3 / eps**3, 128 * 10 / eps**2, 16 * s / eps) * (1 - 1e-12)
    )
    with pytest.raises(InvalidArgument, match="outside the theorem's domain"):
        parameters(find("trust_region.recipe"), values | {"K": 100.0}, 0.5)


def test_bounds_that_are_weighted_by_radii_are_ranked_by_the_gradients_themselves():
    """Radii shrink with the horizon, and a small weighted gradient would say nothing; and it is quick."""
    values = {"L0": [1.0, 2.0, 3.0], "L1": [2.0, 0.5, 1.0], "d0": 3.0, "sigma": [0.1] * 3, "rho": [1.0] * 3}
    began = time.perf_counter()
    found = {promise.theorem: promise for promise in promises(values, 0.1)}
    assert "tau" not in found["gluon.stochastic"].question
    assert found["gluon.stochastic"].question == found["gluon.stochastic_horizon"].question
    assert time.perf_counter() - began < 30


def test_k_of_eps_of_shrinking_radii_by_hand():
    """K(eps) of gluon.stochastic: the least K whose bound on the gradient itself, not on t times it, is at most eps."""
    L0, L1, gap, noise, eps = 1.0, 2.0, 5.0, 0.1, 0.5
    found = lines("gluon.stochastic", {"L0": L0, "L1": L1, "d0": gap, "sigma": noise, "rho": 1.0}, eps)

    def bound(K):
        a = K**-0.5
        t = a / (4 * L1 + math.sqrt(2 * a * K * L0 / gap))
        average = 2 * gap / K + 4 * t * noise * (1 / (a * K) + math.sqrt(a)) + (4 * (1 - a) / a + 1) * t**2 * L0
        return average / t

    count = found["K(eps) (average)"].value
    assert bound(count) <= eps * (1 + 1e-9) and bound(count - 1) > eps * (1 - 1e-9)


def test_promises_say_what_they_take_the_constants_for():
    values = {"L0": 1.0, "L1": 2.0, "d0": 5.0, "sigma": 0.1, "rho": 1.0}
    found = promises(values, 0.1)
    by_theorem = {promise.theorem: promise for promise in found}
    kinds = [meaning.rpartition(" ")[2] for meaning in by_theorem["gluon.hessian_raw_rate"].meanings]
    assert set(kinds) == {"(A1H)", "(A1)"}
    assert not any("A1H" in meaning for meaning in by_theorem["gluon.adaptive_radius"].meanings)
    assert not any("A2" in meaning for promise in found for meaning in promise.meanings)  # L1 = 0 there
    assert "gluon.sharp_momentum" not in by_theorem  # needs L1 = 0
    assert "exact gradients" in by_theorem["gluon.adaptive_radius"].assumes


def test_a_rule_that_divides_by_zero_is_refused_in_one_sentence():
    for sigma, words in ((0.0, "a divides by zero for these constants"), (1.0, "a must lie in .* for these constants")):
        with pytest.raises(InvalidArgument, match=words):
            parameters(find("momentum.average"), {"L": 1.0, "d0": 0.0, "sigma": sigma, "rho": 1.0, "K": 10.0})


def test_statements_about_one_norm_refuse_several_layers():
    values = {"L0": [1.0, 2.0], "L1": [1.0, 2.0], "d0": 5.0}
    with pytest.raises(InvalidArgument, match="is about one layer"):
        parameters(find("clipping.clipping"), values)
    assert "clipping.clipping" not in {promise.theorem for promise in promises(values, 0.1)}

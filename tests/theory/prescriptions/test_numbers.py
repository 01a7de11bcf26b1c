"""What constants contradict, what follows from them, and constants that are 0 where a theorem allows it."""

import dataclasses
import math

import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import catalogue, find, parameters
from broximal.theory.columns.arms import arm_gap
from broximal.theory.columns.points import K, d0, gap
from broximal.theory.language.claims import EachHorizon
from broximal.theory.language.declaration import Range, declared, named
from broximal.theory.language.quantity import SumOver, arm
from broximal.theory.prescriptions.consistency import RELATIONS
from broximal.theory.prescriptions.formula import keys_in
from broximal.theory.prescriptions.outline import outline_of


def lines(name, values, target=None, layers=None):
    return {line.name: line for line in parameters(find(name), values, target, layers)}


@pytest.mark.parametrize(
    "name, values, words",
    [
        ("gluon.pl", {"PL": 3.0, "L0": 1.0, "L1": 0.0}, "PL = 3 is larger than L0 = 1"),
        ("gluon.pl", {"PL": 3.0, "L0": [1.0, 2.0], "L1": 0.0}, r"PL = 3 is larger than max_l\(L0\[l\]\) = 2"),
        ("bpm.level_count", {"R0": 2.0, "D0": 3.0}, "D0 = 3 is larger than R0 = 2.*bounded sublevel set"),
        (
            "bpm.smooth",
            {"L": 1.0, "D0": 1.0, "d0": 5.0},
            r"d0 = 5 is larger than D0\*\*2\*L/2 = 0.5.*smooth and minimiser",
        ),
        ("bpm.euclid_condition", {"mu": 1.0, "D0": 2.0, "d0": 1.0}, "= 2 is larger than d0 = 1.*strongly convex"),
        ("bpm.growth_termination", {"kappa": 1.0, "q": 2.0, "D0": 2.0, "d0": 1.0}, "= 4 is larger than d0 = 1.*growth"),
        ("bpm.euclid_lipschitz", {"G0": 1.0, "D0": 2.0, "d0": 3.0}, r"d0 = 3 is larger than D0\*G0 = 2.*convex"),
        ("bpm.smooth", {"G0": 3.0, "L": 2.0, "d0": 1.0}, r"G0\*\*2 = 9 is larger than 2\*L\*d0 = 4"),
        (
            "bpm.strong_convexity_termination",
            {"G0": 1.0, "mu": 2.0, "d0": 1.0},
            r"2\*d0\*mu = 4 is larger than G0\*\*2",
        ),
        ("ef21_muon.sharp", {"L_w": 2.0, "L_mean": 1.0}, "L_w = 2 is larger than L_mean = 1"),
        ("ef21_muon.sharp", {"L_mean": 2.0, "L_rms": 1.0}, "L_mean = 2 is larger than L_rms = 1"),
        ("ef21_muon.layerwise", {"L_w": [1.0, 2.0], "L_rms": [2.0, 1.0]}, "is larger than 1, but a mean"),
        ("clipping.short_step", {"size_0": 2.0, "size": 1.0}, "size_0 = 2 is larger than size = 1"),
        ("momentum.inexact_lmo_stochastic", {"lo_sure": 2.0, "hi_sure": 1.0}, "lo_sure = 2 is larger than hi_sure = 1"),
    ],
)
def test_constants_that_no_function_has_are_refused(name, values, words):
    with pytest.raises(InvalidArgument, match=rf"^{name} does not hold for these constants: .*{words}"):
        parameters(find(name), values)


def test_constants_on_the_edge_are_not_refused():
    assert parameters(find("bpm.smooth"), {"L": 0.1, "D0": 0.3, "d0": 0.0045, "t": 1.0, "K": 2})
    assert parameters(find("gluon.pl"), {"PL": 1.0, "L0": 1.0, "L1": 0.0, "d0": 1.0}, 0.1)


def test_every_relation_is_that_of_a_quadratic():
    """f = x'Ax / 2 from x0 has all of these constants, and none of them is contradicted."""
    f, norm = Quadratic.example(3, seed=1), L2()
    own = {name: f.constant(name, norm, f.x0).value for name in ("L", "mu", "R0")}
    own["D0"], own["d0"] = f.distance(f.x0, norm).value, float(f.value(f.x0)) - f.f_star.value
    own["G0"] = float(norm.dual(f.gradient(f.x0)))
    known = {each.key for name in own for each in named(name)}
    assert sum(keys_in(tie.relation) <= known for tie in RELATIONS) >= 8
    for name in (
        "bpm.condition_number_termination",
        "bpm.level_count",
        "bpm.smooth",
        "bpm.strong_convexity_termination",
    ):
        assert parameters(find(name), own | {"t": own["D0"] / 10})


def test_hypotheses_of_relations_are_those_of_theorems():
    names = {hypothesis.name for theorem in catalogue().values() for hypothesis in theorem.assumes}
    assert {name for tie in RELATIONS for name in tie.hypotheses} <= names
    used = {tie.why for theorem in catalogue().values() for tie in outline_of(theorem).ties}
    assert used == {tie.why for tie in RELATIONS}


def test_smoothness_is_taken_for_both_constants_of_one_layer():
    found = lines("clipping.clipping", {"L": 2.0, "d0": 1.0}, 0.01)
    assert (found["L0"].value, found["L1"].value) == (2.0, 0.0) and found["L0"].kind == "derived"
    assert found["K(eps) (best)"].value == 40000  # 2 L d0 / eps^2
    assert (
        found["K(eps) (best)"] == lines("clipping.clipping", {"L0": 2.0, "L1": 0.0, "d0": 1.0}, 0.01)["K(eps) (best)"]
    )
    flat = lines("clipping.conditional_gradient", {"L0": 2.0, "L1": 0.0, "d0": 1.0}, 0.01)
    assert flat["L"].value == 2.0 and flat["K(eps) (average)"].value == 40000
    bent = lines("clipping.conditional_gradient", {"L0": 2.0, "L1": 0.5, "d0": 1.0}, 0.01)
    assert "L" not in bent and "L" in bent["K(eps) (average)"].missing
    assert "L1" in lines("gluon.adaptive_weighted", {"L": 2.0, "d0": 1.0}, 0.1)["K(eps) (weighted)"].missing  # not 0


def test_other_constants_that_follow():
    found = lines("momentum.average", {"L": 1.0, "d0": 1.0, "sigma": [0.3, 0.4], "rho": [3.0, 4.0]}, 0.5)
    assert (found["rho"].value, found["sigma"].value) == (5.0, 0.5)
    found = lines("ef21_muon.radius", {"rho": 2.0, "sigma": 0.25})
    assert "s_w" not in found["K(eps) (average)"].missing and found["s_w"].value == 0.5
    assert lines("bpm.stochastic_mean", {"D0": 3.0}, 0.01)["K(eps) (best)"].value == 900


ZEROS = [
    ("gluon.stochastic", {"L0": 0.0, "L1": 1.0, "sigma": 0.1, "rho": 1.0, "d0": 1.0}),
    ("gluon.stochastic", {"L0": 1.0, "L1": 0.0, "sigma": 0.0, "rho": 1.0, "d0": 1.0}),
    ("gluon.adaptive_radius", {"L0": 1.0, "L1": 0.0, "d0": 1.0}),
    ("gluon.adaptive_radius", {"L0": 0.0, "L1": 1.0, "d0": 1.0}),
    ("bpm.generalised_stationarity", {"L0": 1.0, "L1": 0.0, "d0": 1.0}),
    ("bpm.generalised_stationarity", {"L0": 0.0, "L1": 1.0, "d0": 1.0}),
    ("momentum.average", {"L": 1.0, "sigma": 0.0, "rho": 1.0, "d0": 1.0}),
    ("trust_region.trust_region", {"L": 1.0, "sigma": 0.0, "rho": 1.0, "d0": 1.0}),
    ("clipping.stochastic", {"L0": 1.0, "L1": 0.0, "sigma": 0.0, "rho": 1.0, "d0": 1.0}),
]


@pytest.mark.parametrize("name, values", ZEROS)
def test_constants_may_be_zero(name, values):
    found = [line for line in parameters(find(name), values, 0.1) if line.kind == "steps"]
    assert found and all(isinstance(line.value, int) for line in found)
    tiny = {key: value or 1e-25 for key, value in values.items()}
    near = [line for line in parameters(find(name), tiny, 0.1) if line.kind == "steps"]
    assert [line.value for line in found] == pytest.approx([line.value for line in near], rel=1e-6, abs=1)


def test_by_hand_without_l1():
    """The least K with 2 sqrt((e - 2) d0 L0 / K) <= eps."""
    found = lines("bpm.generalised_stationarity", {"L0": 1.0, "L1": 0.0, "d0": 1.0}, 0.1)
    assert found["K(eps) (best gradient)"].value == math.ceil(4 * (math.e - 2) / 0.01)
    with pytest.raises(InvalidArgument, match="for these constants"):
        parameters(find("gluon.stochastic_horizon"), {"L0": 0.0, "L1": 0.0, "d0": 1.0, "K": 4})


def test_k_of_a_horizon_takes_parameters_in_their_domain():
    """The radius R / (2 K) is at most 1 / L1 from K = 50 on, though the bound is small before."""
    values = {"L0": 1e-9, "L1": 100.0, "R": 1.0, "d0": 1e-9}
    found = lines("gluon.star_constant", values, 1.0)
    assert found["K(eps) (last)"].value == 50
    with pytest.raises(InvalidArgument, match="outside the theorem's domain"):
        parameters(find("gluon.star_constant"), values | {"K": 49})
    assert lines("gluon.star_constant", values | {"K": 50})["radius"].value == pytest.approx(0.01)


def test_a_sum_is_not_divided_where_a_term_may_be_negative():
    """The mean of b |grad f| + <grad f, x> is at most eps after K(eps) steps, whatever b is."""
    values = {"L": 1.0, "L_two": 1.0, "d0": 1.0, "sigma": 0.0, "rho": 1.0, "size_0": 0.1}
    for size in (0.5, 2.0):
        bound = 8 * size**2 * 5 + 2 * size**2 + 1  # over sqrt(K), for a = 1/5
        found = lines("scion.constrained", values | {"size": size}, 0.25)
        assert found["K(eps) (average)"].value == math.ceil((bound / 0.25) ** 2)
        assert "rad" in found["K(eps) (average)"].why


def test_names_of_layers_and_whole_numbers():
    found = lines("gluon.stochastic", {"L0": [1.0, 2.0], "L1": 0.0, "d0": 1.0, "K": 16}, layers=["q", "k"])
    assert {"tau[q]", "tau[k]", "radius[q]"} <= found.keys() and found["tau[q]"].layer == "q"
    assert Range(1.0, whole=True).check(3, "n") == 3.0 and str(Range(1.0, whole=True)) == ">= 1, whole"
    with pytest.raises(InvalidArgument, match=r"n_w must be a whole number, but is 2\.5"):
        parameters(find("ef21_muon.radius"), {"n_w": 2.5})
    assert declared("d").range.whole and declared("gap").nonnegative and not declared("gx").nonnegative


def test_horizons_are_exact_however_large():
    horizon = 10**40 + 7
    assert lines("bpm.gradient_rate", {"d0": 1.0, "t": 1.0, "K": horizon})[
        "bound after K (last iterate)"
    ].value == pytest.approx(1e-40)
    assert lines("bpm.gradient_rate", {"d0": 1.0, "t": 1.0}, 1e-40)["K(eps) (last iterate)"].value == 10**40


def test_what_is_not_computed_is_left_out():
    """Sums over arms have no numbers here, and functions that no bound of the catalogue has."""
    theorem = find("bpm.unconditional")
    claims = (
        EachHorizon(gap[K] <= SumOver(arm_gap[arm], arm) / K, "arms"),
        EachHorizon(gap[K] <= d0 * sp.cos(K) / K, "angle"),
        EachHorizon(gap[K] <= d0 / K, "rate", where=K >= 30),
        EachHorizon(gap[K] <= d0 / K, "measured", where=gap[0] >= d0 / 2),
    )
    found = {line.name: line for line in parameters(dataclasses.replace(theorem, claims=claims), {"d0": 1.0}, 0.1)}
    assert set(found) == {"bound after K (rate)", "K(eps) (rate)"}
    assert found["K(eps) (rate)"].value == 30  # 10 where the claim is made


def test_counts_beyond_all_bounds():
    found = lines("bpm.packing", {"R": 2.0, "t": 0.25, "d": 1e12})["N (finite)"]
    assert found.value is None and found.why.startswith("more than 10^300 steps")
    assert lines("bpm.packing", {"R": 2.0, "t": 0.25, "d": 100})["N (finite)"].value == 17**100
    with pytest.raises(InvalidArgument, match="for these constants"):
        parameters(find("bpm.growth_termination"), {"kappa": 0.0, "q": 2.0, "d0": 1.0, "t": 0.1})

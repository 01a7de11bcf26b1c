"""What a claim may be made of, and that everything else is refused when it is made, by name."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory import EachHorizon, EachStep, Holds, Reaches, Terminates, find
from broximal.theory.columns.layers import L0, a, g, rho
from broximal.theory.columns.points import D0, Best, K, L, d0, gap, i, k, mu, radius, t, unit_f, value
from broximal.theory.language.claims import BestExpected, EachExpected, Expected, WithProbability
from broximal.theory.language.grammar import Affine, Possibly, affine
from broximal.theory.language.quantity import Largest, LayerSum, SumOver, layer, layers
from broximal.verify.evaluate import evaluate
from tests.verify.fake import FakeRun

n = sp.Symbol("n", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True, nonnegative=True)


@pytest.mark.parametrize(
    "index, expected",
    [
        (sp.Integer(3), Affine(None, 0, 3)),
        (k, Affine(k, 1, 0)),
        (2 * k - 5, Affine(k, 2, -5)),
        (3 * (K + 1), Affine(K, 3, 3)),
        (k**2, None),
        (-k, None),
        (k / 2, None),
        (sp.floor(k / 3), None),
        (sp.Mod(k, 2), None),
        (k + n, None),
        (sp.Float(2.0) * k, None),
        (sp.Rational(3, 2), None),
        (2**k, None),
        (sp.Max(k - 1, 0), None),
    ],
)
def test_an_index_is_read_exactly_or_not_at_all(index, expected):
    assert affine(index) == expected


REFUSED = {
    "power": (lambda: EachStep(gap[2**k] <= d0), r"gap\[2\*\*k\], and an index must be"),
    "product": (lambda: EachStep(gap[k * (k + 1)] <= d0), "an index must be"),
    "ceiling": (lambda: EachHorizon(gap[sp.ceiling(K / 3)] <= d0), "an index must be"),
    "clipped": (lambda: EachStep(gap[sp.Max(k - 1, 0)] <= d0), "an index must be"),
    "falling": (lambda: EachHorizon(sp.Sum(gap[K - i], (i, 0, K)) <= d0), "an index must be"),
    "negative": (lambda: EachStep(gap[k] <= gap[-3]), "no entry before the start"),
    "half": (lambda: EachStep(gap[k] <= gap[sp.Rational(5, 2)]), "an index must be"),
    "foreign index": (lambda: EachHorizon(gap[k] <= gap[K]), r"k is no index of it \(it has K\)"),
    "unknown index": (lambda: EachStep(radius[n] <= D0), "n is no index"),
    "no index": (lambda: EachStep(gap + 1 <= d0), "column gap without an index"),
    "three indices": (lambda: EachStep(gap[k, 0, 0] <= d0), "3 indices"),
    "layer first": (lambda: EachStep(LayerSum(g[layer, k]) <= d0), "l is no index"),
    "layer moves": (lambda: EachStep(g[k, k] <= d0), "a layer is `layer` or a non-negative integer"),
    "negative layer": (lambda: EachStep(g[k, -1] <= d0), "a layer is `layer`"),
    "free layer": (lambda: EachStep(rho[layer] * gap[k] <= d0), "outside of LayerSum"),
    "layer as a number": (lambda: EachStep(layer * gap[k] <= d0), "outside of LayerSum"),
    "some layers": (lambda: EachStep(SumOver(g[k, layer], (layer, 1, 2)) <= d0), "always over all layers"),
    "layers nested": (lambda: EachStep(LayerSum(Largest(g[k, layer])) <= d0), "inside of another"),
    "sum over layers": (lambda: EachStep(sp.Sum(rho[layer], (layer, 0, layers - 1)) <= gap[k]), "there are LayerSum"),
    "limit squared": (lambda: EachHorizon(gap[K] <= sp.Sum(radius[i], (i, 0, K**2))), r"the limit K\*\*2"),
    "no limits": (lambda: EachHorizon(gap[K] <= Best(radius[i], (i, K))), "two limits"),
    "endless": (lambda: EachHorizon(gap[K] <= sp.Sum(radius[i], (i, 0, sp.oo))), "the limit oo"),
    "foreign limit": (lambda: EachStep(gap[k] <= Best(gap[i], (i, 0, K))), "K is no index"),
    "before the start": (lambda: EachStep(gap[k] <= Best(gap[2 * i - 3], (i, 1, k))), "no entry before the start"),
    "double sum": (lambda: EachHorizon(gap[K] <= sp.Sum(radius[i], (i, 0, j), (j, 0, K / 2))), "the limit K/2"),
    "shadow": (lambda: EachHorizon(gap[K] <= sp.Sum(radius[K], (K, 0, 3))), "not used otherwise"),
    "unknown": (lambda: EachStep(gap[k] <= sp.Symbol("omega", positive=True)), "symbol omega, which no vocabulary"),
    "unknown column": (lambda: EachStep(sp.IndexedBase("omega")[k] <= d0), "column omega, which no vocabulary"),
    "other assumptions": (lambda: EachStep(gap[k] <= sp.Symbol("L", real=True)), "other assumptions"),
    "other column": (lambda: EachStep(sp.IndexedBase("gap")[k] <= d0), "import it"),
    "reserved": (lambda: EachStep(gap[k] <= sp.Symbol("l", positive=True)), "kept for an index"),
    "stray index": (lambda: EachStep(i * gap[k] <= d0), "index i, which means nothing"),
    "K in a step": (lambda: EachStep(gap[k] <= d0 / K), "index K, which means nothing"),
    "gamma": (lambda: EachStep(sp.gamma(k + 1) >= gap[k]), "has gamma"),
    "binomial": (lambda: EachStep(sp.binomial(k, 2) >= gap[k]), "has binomial"),
    "bessel": (lambda: EachStep(sp.besselj(0, gap[k]) <= 1), "has besselj"),
    "derivative": (lambda: EachStep(sp.Derivative(L**2, L, evaluate=False) >= gap[k]), "has Derivative"),
    "own function": (lambda: EachStep(sp.Function("phi")(k) >= gap[k]), "has phi"),
    "piecewise": (lambda: EachStep(sp.Piecewise((1, k > 2), (2, True)) >= gap[k]), "has Piecewise"),
    "huge": (lambda: EachStep(gap[k] <= sp.Integer(10) ** 400), "not representable"),
    "infinite": (lambda: EachStep(gap[k] <= d0, trivial=sp.oo), "has the number oo"),
    "complex": (lambda: EachStep(gap[k] <= d0, trivial=sp.I * mu), "imaginary unit"),
    "not equal": (lambda: EachStep(sp.Ne(value[k], d0)), "too little to be checked"),
    "decided": (lambda: EachStep(sp.Le(3, 4)), "nothing is left to check"),
    "no relation": (lambda: EachStep(gap[k] - d0), "must be a sympy relation"),
    "where text": (lambda: EachStep(gap[k] <= d0, where="k >= 1"), "where of a claim must be"),
    "where a number": (lambda: EachStep(gap[k] <= d0, where=gap[k]), "made of relations"),
    "where implies": (lambda: EachStep(gap[k] <= d0, where=sp.Implies(k > 1, k > gap[k])), "where of a claim"),
    "where unknown": (lambda: EachStep(gap[k] <= d0, where=sp.Or(k > 3, sp.Symbol("omega") > 1)), "symbol omega"),
    "where index": (lambda: EachStep(gap[k] <= d0, where=sp.Not(sp.Eq(gap[k**2], 0))), "where of a claim has gap"),
    "trivial": (lambda: EachStep(gap[k] <= d0, trivial=sp.factorial(k)), "trivial of a claim has factorial"),
    "trivial text": (lambda: EachStep(gap[k] <= d0, trivial="gap"), "trivial of a claim must be"),
    "within measured": (lambda: Terminates(gap[k] / t), "k is no index"),
    "within k": (lambda: Terminates(K * D0 / t), "index K"),
    "within text": (lambda: Terminates("D_0"), "within of Terminates must be"),
    "terminates where": (lambda: Terminates(D0 / t, where=gap[k] > 0), "k is no index"),
    "holds on a run": (lambda: Holds(gap[k] <= d0), "k is no index"),
    "reaches without k": (lambda: Reaches(d0 <= L, within=3), "must be in k"),
    "reaches within": (lambda: Reaches(gap[k] <= d0 / 2, within=gap[k]), "within of Reaches"),
    "reaches clock": (lambda: Reaches(gap[k] <= d0 / 2, within=3, clock=L), "clock of Reaches must be"),
    "both random": (lambda: Expected(gap[K] <= 2 * Best(value[i], (i, 0, K))), "move everything to one side"),
    "final value": (lambda: BestExpected(gap[k] <= d0 + value[k + 1]), "move everything to one side"),
    "nothing random": (lambda: EachExpected(d0 <= 2 * gap[0]), "nothing in it is random"),
    "chance of both": (lambda: WithProbability(gap[K] <= value[K]), "move everything to one side"),
    "random ceiling": (lambda: Expected(gap[K] <= d0, ceiling=2 * value[K]), "ceiling of Expected has f"),
    "unknown second": (lambda: Expected(gap[K] <= d0, second=sp.Symbol("omega") ** 2), "second of Expected has the"),
    "random where": (lambda: EachExpected(gap[k] <= d0, where=gap[k] > d0), "where of EachExpected has gap"),
    "no chance": (lambda: WithProbability(gap[K] <= d0, chance=1.5), "between 0 and 1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_computed_as_it_is_written_is_refused(name):
    make, words = REFUSED[name]
    with pytest.raises(InvalidArgument, match=words):
        make()


def test_what_is_computed_is_accepted():
    EachStep(
        sp.sqrt(gap[2 * k + 1])
        <= sp.Max(gap[k], sp.exp(-mu / L * k) * gap[0]) ** sp.Rational(1, 2) + sp.Mod(gap[k], d0) / sp.sqrt(d0),
        where=sp.Or(k < 3, k > 4),
    )
    EachStep(LayerSum(rho[layer] * g[k, layer]) <= layers * L0[0] * D0 + Largest(g[0, layer]))
    EachHorizon(gap[K] <= sp.Sum((1 - mu / L) ** (K - 1 - i) * Best(gap[j], (j, 0, i)), (i, 0, K - 1)))
    BestExpected(gap[k] <= d0 / sp.sqrt(K), ceiling=2 * d0, second=4 * d0**2)
    EachExpected(a * d0 >= gap[k + 1], where=k >= 2)
    Terminates(np.float64(3.5))
    Holds(gap[k + 1] <= mu * D0**2, sequence=True)


def test_parts_become_expressions():
    assert EachStep(gap[k] <= d0, trivial=0).trivial is sp.S.Zero
    assert Terminates(3).within == sp.Integer(3)
    assert Reaches(gap[k] <= d0 / 2, 3 * D0, clock=radius).clock == radius[k]


FACTOR = 0.9


@pytest.mark.parametrize("bound", [3.0, -3.0])
@pytest.mark.parametrize("less", [sp.Le, sp.Lt, sp.Ge, sp.Gt])
def test_an_altered_claim_is_stronger_for_bounds_of_either_sign(less, bound):
    """Room = large - small on a run where both sides are known."""
    run = FakeRun(1, f=[1.0, 1.0], d_0=abs(bound))
    claim = EachStep(less(value[k], sp.sign(bound) * d0))
    before, after = (evaluate(each, run) for each in (claim, claim.strengthened(FACTOR)))
    assert np.all(after.large - after.small < before.large - before.small)
    assert claim.strengthened(FACTOR).strict == claim.strict
    weaker = evaluate(claim.strengthened(1 / FACTOR), run)
    assert np.all(weaker.large - weaker.small > before.large - before.small)


@pytest.mark.parametrize(
    "claim, twin",
    [
        (EachStep(value[k + 1] - value[k] <= 0), value[k + 1] <= value[k] - 0.25 * sp.Abs(value[k])),
        (EachStep(value[k] - value[k + 1] >= 0), value[k + 1] <= value[k] - 0.25 * sp.Abs(value[k])),
        (EachStep(value[k] <= 0), value[k] + 0.25 <= 0),
        (EachStep(value[k] >= 0), sp.Le(0, value[k] - 0.25)),
        (EachStep(sp.Eq(value[k], d0)), sp.Eq(value[k], 0.75 * d0)),
        (EachStep(sp.Eq(value[k] - value[k + 1], 0)), sp.Eq(value[k], 0.75 * value[k + 1])),
        (EachStep(value[k] <= unit_f), value[k] <= 0.75 * unit_f),
        (Holds(-L <= -mu), sp.Le(-L, -1.25 * mu)),
        (Expected(value[K] <= d0), value[K] <= 0.75 * d0),
        (Expected(value[K] >= d0), sp.Le(1.25 * d0, value[K])),
        (Expected(d0 <= value[K]), sp.Le(1.25 * d0, value[K])),
        (Expected(sp.Eq(value[K], d0)), sp.Eq(value[K], 0.75 * d0)),
        (Expected(value[K] <= 0), sp.Le(value[K], -0.25)),
    ],
)
def test_twins(claim, twin):
    assert claim.strengthened(0.75).relation == twin


def test_bounds_on_a_first_index_are_altered():
    assert Terminates(D0 / t).strengthened(0.5).within == 0.5 * D0 / t
    assert Reaches(gap[k] <= d0 / 2, D0 / t).strengthened(0.5).within == 0.5 * D0 / t


@pytest.mark.parametrize("factor", [0.9999999, 1 - 2**-52, 1 / 3, 1e-300])
def test_the_name_of_a_twin_keeps_every_digit(factor):
    twin = find("bpm.star_rate").altered(factor, "per step")
    again = find(twin.name)
    assert again == twin
    assert float(twin.name.partition("*")[2].partition("@")[0]) == factor
    assert twin != find("bpm.star_rate").altered(np.nextafter(factor, 2), "per step")


@pytest.mark.parametrize("name", ["bpm.star_rate*nan", "bpm.star_rate*inf", "bpm.star_rate*"])
def test_a_factor_is_a_finite_number(name):
    with pytest.raises(InvalidArgument):
        find(name)


def test_derived_claims_are_not_checked_again():
    claim = EachStep(gap[k] <= d0)
    twin = claim.restated(relation=gap[k] <= sp.Symbol("written_out"))
    assert twin.label == claim.label and twin.relation != claim.relation
    with pytest.raises(InvalidArgument, match="written_out"):
        dataclasses.replace(claim, relation=twin.relation)


def test_cards_print_the_sign_and_what_a_claim_rests_on():
    assert r"\Bigr] \ge d" not in Expected(gap[K] <= d0).latex()
    assert r"\Bigr] \ge" in Expected(gap[K] >= d0).latex() and r"\Bigr] \ge" in Expected(d0 <= gap[K]).latex()
    assert r"\Bigr] =" in Expected(sp.Eq(gap[K], d0)).latex()
    assert Expected(gap[K] <= d0).rests_on == "" and EachStep(gap[k] <= d0).rests_on == ""
    both = Expected(gap[K] <= d0, ceiling=2 * d0, second=4 * d0**2).rests_on
    assert "on every path" in both and r"\mathbb{E}" in both and r"\le 4 \left(" in both
    assert r"\min\{k :" in Reaches(gap[k] <= d0 / 2, D0, radius).latex()
    assert r"t_{N} \le" in Reaches(gap[k] <= d0 / 2, D0, radius).latex()
    assert "for the constants" in Holds(mu <= L).latex()
    assert "error budget" in EachStep(gap[k] <= d0, where=Possibly(gap[k] <= 0)).latex()

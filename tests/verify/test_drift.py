"""One step in conditional expectation: exact against a brute-force twin, tight, refuted when wrong, refused when unknown."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import CoshSum, CoupledQuadratic, Noisy, Quadratic, QuadraticSum, noise
from broximal.problems.distributed.workers import Workers
from broximal.theory import Drift, EachStep, Experiment
from broximal.theory.columns.points import L, gap, k, moved, unit_f, unit_x
from broximal.theory.columns.whole import gam, sigma
from broximal.verify import check
from broximal.verify.branches import forked
from broximal.verify.looks.noise import check_outcomes
from broximal.verify.running import on_host
from tests.verify.stepping import HostSgd, Point, Sgd, about

BOWL = Quadratic(np.eye(2), about=np.zeros(2), x0=np.array([1.0, -2.0]))
NOISES = [noise.Signs(0.5), noise.Rare(0.7, 0.3), noise.OneEntry(0.4)]
TIGHT = (1 - L * gam) ** 2 * gap[k] + L * gam**2 * sigma**2 / 2  # an equality for the identity


def verdict(bound, own=NOISES[0], problem=BOWL, method=None, steps=6, **kw):
    report = check(
        about(Drift(gap[k + 1] <= bound, "one step", **kw), method=method), Noisy(problem, own), L2(), steps=steps
    )
    (claim,) = report.claims
    return claim


@pytest.mark.parametrize("own", NOISES, ids=lambda own: own.name)
def test_an_equality_holds_to_rounding_and_every_part_of_it_is_seen(own):
    found = verdict(TIGHT, own)
    assert found.verdict == "holds"
    assert found.power.smallest < 1e-9 and found.worst_ratio == pytest.approx(1, abs=1e-12)
    assert (
        all(error is not None and error <= 0.002 for error in found.power.twins.values())
        and len(found.power.twins) >= 5
    )
    stronger = {term: seen for term, seen in found.power.terms.items() if seen is not None}
    assert len(stronger) == 2 and all(stronger.values())


@pytest.mark.parametrize("own", NOISES, ids=lambda own: own.name)
@pytest.mark.parametrize(
    "wrong",
    [
        0.999 * TIGHT,
        (1 - L * gam) ** 2 * gap[k],
        L * gam**2 * sigma**2 / 2,
        (1 - L * gam) ** 2 * gap[k] + L * gam**2 * sigma**2 / 2.01,
    ],
)
def test_wrong_twins_are_refuted(own, wrong):
    assert verdict(wrong, own).verdict == "violated"


def test_a_true_bound_of_a_single_outcome_is_not_taken_for_the_expectation():
    best = (1 - L * gam) ** 2 * gap[k] - L * gam**2 * sigma**2 / 2  # attained by no outcome, below the mean
    assert verdict(best).verdict == "violated"


def test_lower_bounds_are_averaged_too():
    claims = (Drift(gap[k + 1] >= TIGHT, "below"), Drift(gap[k + 1] >= 1.001 * TIGHT, "above"))
    report = check(about(*claims), Noisy(BOWL, NOISES[1]), L2(), steps=4)
    assert [claim.verdict for claim in report.claims] == ["holds", "violated"]


def test_what_belongs_to_the_step_is_averaged_and_nonlinear_sides_are_too():
    by_hand = gam**2 * (2 * L * gap[k] + sigma**2)  # E |gam g|^2 for the identity
    report = check(
        about(Drift(moved[k] ** 2 <= by_hand, "square"), Drift(moved[k] ** 2 <= 0.99 * by_hand, "less")),
        Noisy(BOWL, NOISES[0]),
        L2(),
        steps=4,
    )
    assert [claim.verdict for claim in report.claims] == ["holds", "violated"]


def test_without_noise_it_is_the_step_itself():
    report = check(about(Drift(gap[k + 1] <= (1 - L * gam) ** 2 * gap[k], "one step")), BOWL, L2(), steps=5)
    assert report.verdict == "holds" and report.claims[0].power.smallest < 1e-9


# ---- the brute-force twin --------------------------------------------------------------------------------------------


def of_run(way, own, length, scale, steps=3, in_numpy=True):
    problem = Noisy(Quadratic(np.diag([1.0, 3.0]), about=np.zeros(2), x0=np.array([length, -1.0])), own)
    experiment = Experiment.make(problem, L2(), steps=steps, parameters={"gam": scale})
    return problem, forked(on_host(Sgd(way), experiment, 5, in_numpy=in_numpy))


def expected_gap(problem, way, x, step):
    """By a sum over the noise that is written out here."""
    single = problem.noise.outcomes((2,))
    pairs = list(itertools.product(single, repeat=2))
    coins = [(0.25, 0.0), (0.75, 2.0)]
    g = problem.gradient(x)
    gaps = {
        "sample": [(p, g + v) for p, v in single],
        "same": [(p, g + v) for p, v in single],
        "batch": [(p * q, g + (v + w) / 2) for (p, v), (q, w) in pairs],
        "twice": [(p * q, g + (v + w) / 2) for (p, v), (q, w) in pairs],
        "coin": [(p * c, s * (g + v)) for p, v in single for c, s in coins],
    }[way]
    return sum(p * problem.gap(x - step * d) for p, d in gaps)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["sample", "same", "batch", "twice", "coin"]),
    st.sampled_from(["Signs", "Rare", "OneEntry"]),
    st.floats(0.05, 2.0, allow_subnormal=False),
    st.floats(-3.0, 3.0, allow_subnormal=False),
    st.floats(0.01, 0.5, allow_subnormal=False),
)
def test_expectations_are_those_of_a_brute_force_twin(way, kind, size, length, step):
    own = noise.Rare(size, 0.25) if kind == "Rare" else getattr(noise, kind)(size)
    problem, path = of_run(way, own, length, step)
    sides = path.evaluator(None).sides(gap[k + 1], sp.S.One * unit_f, {k: np.arange(3)}, np.arange(3))
    for at in range(3):
        assert sum(branch.chance for branch in path.branches[at]) == pytest.approx(1, abs=1e-12)
        wanted = expected_gap(problem, way, path.views[at].x, step)
        assert abs(sides.small[at] - wanted) <= sides.budget[at] + 1e-12 * abs(wanted)
        assert sides.budget[at] <= 1e-9 * (1 + abs(wanted))


def test_a_run_of_jax_arrays_has_the_same_outcomes():
    own = noise.Rare(1.8812779513517732, 0.25)
    both = [of_run("coin", own, 0.7, 0.3, 2, in_numpy)[1] for in_numpy in (True, False)]
    for at in range(2):
        ends = [[(branch.chance, *branch.end) for branch in path.branches[at]] for path in both]
        assert len(ends[0]) == 10 and np.allclose(*ends, rtol=1e-14, atol=1e-15)


def test_workers_are_drawn_independently():
    parts = [CoupledQuadratic.example(2, seed) for seed in range(2)]
    problem = Workers.of_quadratics(parts, noise.OneEntry(0.3))
    listed = problem.outcomes()
    assert sum(p for p, _ in listed) == pytest.approx(1) and len(listed) == len(noise.OneEntry(0.3).outcomes((2,))) ** 2
    x, drawn = problem.x0, problem.draw(jax.random.key(0)).worker_gradients(problem.x0)
    assert any(
        all(
            np.allclose(a, b)
            for a, b in zip(jax.tree.leaves(drawn), jax.tree.leaves(s.worker_gradients(x)), strict=True)
        )
        for _, s in listed
    )
    mean = sum(p * np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(s.gradient(x))]) for p, s in listed)
    exact = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(problem.gradient(x))])
    assert np.allclose(mean, exact)


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "own, way, words",
    [
        (noise.Gaussian(0.1), "sample", "has no list of at most 4096 outcomes"),
        (noise.Signs(0.1), "own", "draws from its key by itself"),
        (noise.Signs(0.1), "numpy", "draws from its key by itself"),
        (noise.Signs(0.1), "bits", "depends on its key besides samples"),
    ],
)
def test_what_cannot_be_listed_is_not_applicable_in_one_sentence(own, way, words):
    found = verdict(2 * TIGHT, own, method=(HostSgd if way in ("numpy", "bits") else Sgd)(way))
    assert found.verdict == "not applicable" and words in found.why and "cannot be listed" in found.why
    assert "paths" not in found.why  # none was compared
    assert not found.power.any


class Unlikely(noise.Signs):
    """Probabilities that do not add up to 1."""

    def _support(self, size):
        chances, values = super()._support(size)
        return 0.9 * chances, values


class Elsewhere(noise.Signs):
    """Outcomes that are never drawn."""

    def _support(self, size):
        chances, values = super()._support(size)
        return chances, 0.5 * values


@pytest.mark.parametrize(
    "own, words", [(Unlikely(0.5), "add up to 0.9"), (Elsewhere(0.5), "none of its 4 listed outcomes")]
)
def test_lists_that_contradict_themselves_or_the_draws_are_refused(own, words):
    with pytest.raises(InvalidArgument, match=words):
        check(about(Drift(gap[k + 1] <= 2 * TIGHT, "one step")), Noisy(BOWL, own), L2(), steps=3)


def test_a_finite_law_elsewhere_leaves_other_claims_alone():
    claims = (Drift(gap[k + 1] <= TIGHT, "one step"), EachStep(moved[k] <= 1e9 * unit_x, "every path"))
    report = check(about(*claims), Noisy(BOWL, noise.Gaussian(0.1)), L2(), steps=3)
    assert [claim.verdict for claim in report.claims] != ["not applicable"] * 2
    assert report.verdict == "not applicable"


class Mixed(Sgd):
    """Its start is a numpy array, and what follows are JAX arrays."""

    def step(self, world, state, k, key):
        return Point(jnp.asarray(super().step(world, state, k, key).x))


def test_columns_keep_double_precision_when_a_step_leaves_numpy():
    bound = (1 - L * gam) ** 2 * gap[k]
    report = check(
        about(EachStep(gap[k + 1] <= bound, "plain"), Drift(gap[k + 1] <= bound, "step"), method=Mixed()),
        BOWL,
        L2(),
        steps=5,
    )
    assert [claim.verdict for claim in report.claims] == ["holds", "holds"]
    assert all(abs(claim.worst_ratio - 1) < 1e-13 for claim in report.claims)


def test_a_condition_that_no_step_meets_leaves_nothing_to_compare():
    found = verdict(TIGHT, where=k > 100)
    assert found.verdict == "inconclusive" and "no index of the run" in found.why


class WrongList(Noisy):
    """What it lists is not what it draws: other probabilities, with the same mean if `even`."""

    even: bool = False

    def __init__(self, problem, noise, even=False):
        super().__init__(problem, noise)
        self.even = even

    def _outcomes(self):
        listed = super()._outcomes()
        wrong = np.array([0.45, 0.05, 0.05, 0.45]) if self.even else np.array([0.4, 0.3, 0.2, 0.1])
        return [(float(chance), sample) for chance, (_, sample) in zip(wrong, listed, strict=True)]


@pytest.mark.parametrize("even, words", [(False, "whose mean gradient"), (True, "with the probability 0.45")])
def test_outcomes_that_are_not_those_of_the_draws_are_refused(even, words):
    claim = Drift(gap[k + 1] <= TIGHT, "one step")
    with pytest.raises(InvalidArgument, match=words):
        check(about(claim), WrongList(BOWL, noise.Signs(0.5), even), L2(), steps=2)


@pytest.mark.parametrize(
    "problem", [Noisy(Quadratic.example(9), noise.Signs(0.3)), QuadraticSum.example(3), CoshSum.example(3)]
)
def test_outcomes_as_they_are_drawn_pass(problem):
    for seed in range(20):
        check_outcomes(problem, problem.x0, seed)

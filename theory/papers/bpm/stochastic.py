"""One term of a finite sum at a time: f = sum p_i f_i, every f_i convex and minimised at a common x*; Euclidean norm.

Sample i, project onto X_i = argmin f_i if the ball reaches it, else take the broximal step of f_i.

Statements.
  pathwise   D_{k+1}^2 <= D_k^2 - min(t, dist(x_k, X_i))^2; hence sum_k min(t, dist(x_k, X_{i_k}))^2 <= D_0^2 surely
  one step   E_k D_{k+1}^2 <= D_k^2 - sum_i p_i min(t, dist(x_k, X_i))^2, E_k over the draw of i from x_k
  misses     the number of steps whose ball misses X_i is at most D_0^2 / t^2, surely
  mean       min_{k<K} E sum_i p_i min(t, dist(x_k, X_i))^2 <= D_0^2 / K
  linear     sum_i p_i dist(x, X_i)^2 >= dist(x, X*)^2 / chi implies
             E_k dist(x_{k+1}, X*)^2 <= (1 - min(1, t / D_0)^2 / chi) dist(x_k, X*)^2, and so for the whole expectations
  averaged   x_{k+1} = sum_i p_i u_i: D_{k+1}^2 <= D_k^2 - sum_i p_i min(t, dist(x_k, X_i))^2

Proof. A miss: the Euclidean distance decrease for f_i. A hit: projections are firmly nonexpansive. One step: i is drawn with p_i,
whatever x_k is. Mean: take expectations and sum. Linear: dist(x, X_i) <= D_0, so min(t, dist) >= min(1, t / D_0) dist, put into
one step; X* is one point, or x_k - x* is orthogonal to it. Averaged: convexity of the squared norm. QED

Expectations are computed exactly: those of one step over all draws, those of the whole run over all paths of draws, on systems with
few rows. Without a common minimiser a constant
radius does not converge: for f_{1,2} = (z -+ 1)^2 the point cycles.
"""

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems.stochastic.kaczmarz import Kaczmarz
from broximal.theory import Case, Drift, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import D0, EPS, K, distance, i, k, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, Euclidean, HasMinimiser
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import Best, Entry, Measured, column, constant
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import AllPaths, AveragedBroximal, StochasticBroximal
from broximal.theory.papers.bpm._cases import of_distance


class Interpolation(Hypothesis):
    name = "terms share a minimiser"
    latex = r"x^\star \in \bigcap_i \operatorname{argmin} f_i"

    def look(self, experiment):
        holds = hasattr(experiment.problem, "term_step")
        return holds, f"{experiment.problem.name} {'is consistent by construction' if holds else 'is not a finite sum'}"


def _reaches(now, x, radius):
    """sum_i p_i min(t, dist(x, X_i))^2."""
    return float(np.sum(now.problem.p * np.minimum(radius, now.problem.distances(x)) ** 2))


@column(
    "hit",
    r"\min(t_{#}, \operatorname{dist}(x_{#}, X_{i_{#}}))",
    "how far the drawn step can move",
    "x",
    host=True,
    nonnegative=True,
)
def reach(now, after):
    found = min(after.state.radius, after.state.reach)
    return Entry(found, 16 * EPS * (found + 1))


@column(
    "miss",
    r"[\operatorname{dist}(x_{#}, X_{i_{#}}) > t_{#}]",
    "1 where the ball misses the drawn term's minimisers",
    "1",
    host=True,
    nonnegative=True,
)
def miss(now, after):
    return Entry(float(after.state.reach > after.state.radius), 0.0)


@column(
    "mean_reach",
    r"\sum_i p_i \min(t_{#}, \operatorname{dist}(x_{#}, X_i))^2",
    "mean squared reach at x_k",
    "x^2",
    host=True,
)
def mean_reach(now, after):
    found = _reaches(now, now.x, after.state.radius)
    return Entry(found, 32 * EPS * found)


@column(
    "reach_of_all",
    r"\sum_i p_i \min(t, \operatorname{dist}(x_{#}, X_i))^2",
    "mean squared reach of the terms from x_k, for the constant radius",
    "x^2",
    host=True,
)
def reach_of_all(now):
    found = _reaches(now, now.x, float(now.radius(0)))
    return Entry(found, 32 * EPS * found)


@column(
    "E_reach",
    r"\mathbb{E} \sum_i p_i \min(t, \operatorname{dist}(x_{#}, X_i))^2",
    "expected mean squared reach, over all paths",
    "x^2",
    host=True,
    nonnegative=True,
)
def expected_reach(now, after):
    each = np.array([_reaches(now, x, after.state.radius) for x in now.state.points])
    found = float(now.state.weights @ each)
    return Entry(found, 64 * EPS * found)


@column("E_D2", r"\mathbb{E} D_{#}^2", "expected squared distance, over all paths", "x^2", host=True)
def expected_distance(now):
    squares = np.sum((now.state.points - now.problem.minimiser) ** 2, axis=1)
    found = float(now.state.weights @ squares)
    return Entry(found, 64 * EPS * found)


@constant("chi", r"\chi", "regularity: dist^2 <= chi sum p_i dist_i^2", "1")
def chi(run):
    return Measured.of(run.problem.regularity.value)


@constant("D0sq", "D_0^2", "squared initial distance", "x^2")
def start_squared(run):
    return Measured.of(run.problem.distance(run.experiment.x0, run.norm).value ** 2)


_ASSUMES = (Convex(), Interpolation(), HasMinimiser(), Euclidean())


def _orthogonal(seed):
    """Orthonormal rows: every step is orthogonal to the rest of the way."""
    rng = np.random.default_rng(seed)
    rows = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    return Kaczmarz(rows, rng.standard_normal(3))


_SHARP = Case(_orthogonal, L2(), steps=30, sharp=0.999, note="orthogonal rows attain the pathwise inequality")


def _line(seed):
    """One equation in one unknown."""
    return Kaczmarz([[1.0]], [2.0 + seed])


_JUST_MISSED = Case(
    _line,
    L2(),
    of_distance(over=1.005),
    steps=3,
    sharp=0.98,
    note="the only miss is a step that is nearly the whole way",
)
_CASES = (_SHARP, _JUST_MISSED, Case(lambda seed: Kaczmarz.example(4, seed), L2(), steps=60))

_FAR = Case(
    _orthogonal,
    L2(),
    of_distance(1.01),
    steps=7,
    sharp=0.999,
    note="linear attained: orthogonal rows, large radius",
)

stochastic = Theorem(
    name="bpm.stochastic",
    title="Stochastic steps: what holds on every path",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(*_ASSUMES, ConstantRadius()),
    method=StochasticBroximal(),
    claims=(
        EachStep(distance[k + 1] ** 2 <= distance[k] ** 2 - reach[k] ** 2, "pathwise", trivial=distance[k] ** 2),
        EachHorizon(sp.Sum(reach[i] ** 2, (i, 0, K - 1)) <= D0**2, "total"),
        EachHorizon(sp.Sum(miss[i], (i, 0, K - 1)) <= D0**2 / t**2, "misses"),
    ),
    cases=_CASES,
)

stochastic_step = Theorem(
    name="bpm.stochastic_step",
    title="Stochastic steps: one step in expectation over its draw",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(*_ASSUMES, ConstantRadius()),
    method=StochasticBroximal(),
    claims=(
        Drift(distance[k + 1] ** 2 <= distance[k] ** 2 - reach_of_all[k], "one step", trivial=distance[k] ** 2),
        Drift(
            distance[k + 1] ** 2 <= (1 - sp.Min(1, t / D0) ** 2 / chi) * distance[k] ** 2,
            "linear, one step",
            trivial=distance[k] ** 2,
        ),
    ),
    cases=(_FAR, _SHARP, Case(lambda seed: Kaczmarz.example(4, seed), L2(), steps=20)),
)

stochastic_mean = Theorem(
    name="bpm.stochastic_mean",
    title="Stochastic steps in expectation",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(*_ASSUMES, ConstantRadius()),
    method=AllPaths(),
    claims=(
        EachHorizon(Best(expected_reach[i], (i, 0, K - 1)) <= start_squared / K, "best"),
        EachStep(
            expected_distance[k + 1] <= (1 - sp.Min(1, t / sp.sqrt(start_squared)) ** 2 / chi) * expected_distance[k],
            "linear",
            trivial=expected_distance[k],
        ),
    ),
    cases=(
        _FAR,
        Case(
            _line,
            L2(),
            of_distance(0.995),
            steps=1,
            sharp=0.98,
            note="best attained: one term, and the ball nearly reaches it",
        ),
        Case(lambda seed: Kaczmarz.example(3, seed), L2(), steps=7),
    ),
)

averaged = Theorem(
    name="bpm.averaged",
    title="Averaged steps",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=_ASSUMES,
    method=AveragedBroximal(),
    claims=(EachStep(distance[k + 1] ** 2 <= distance[k] ** 2 - mean_reach[k], "per step", trivial=distance[k] ** 2),),
    cases=(
        Case(
            lambda seed: Kaczmarz([[1.0, 0.0]], [2.0 + seed, 1.0]),
            L2(),
            radius=9.0,
            steps=2,
            sharp=0.999,
            note="one hyperplane: a projection attains it",
        ),
        Case(lambda seed: Kaczmarz.example(4, seed), L2()),
    ),
)

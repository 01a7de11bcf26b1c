"""Ball-convexity: how far convexity can be given up.

Definition. f is ball-convex at x for radius t if some u in brox_t f(x) has an aligned global subgradient: g with
f(y) >= f(u) + <g, y - u> for ALL y and <g, x - u> = t |g|_*.

Statements (any norm; f lower semicontinuous with an affine minorant, f** its closed convex hull).
  transfer   f is ball-convex at x if and only if N_t f(x) = N_t f**(x); then u also minimises f** over the ball and
             f(u) = f**(u). So a run whose points are all ball-convex is a run on the convex f**, and every theorem about convex
             f holds for it: the star form, the sandwich, and, in the Euclidean norm, the distance decrease.
  everywhere ball-convexity at all x holds if and only if N_t f is convex.

Proof. Definition => g in df**(u) and f**(u) = f(u), so u is a broximal point of f**. Conversely the optimality condition for
f** gives an aligned g in df**(u), and N_t f(x) = N_t f**(x) makes f touch f** there. Everywhere: N_t f is an infimal
convolution, and (N_t f)** = f** [] ind_{tB} = N_t f**. QED

In the Euclidean norm the second statement only leaves room inside argmin f**: the double well (z^2 - 1)^2 is ball-convex
at every x exactly for t >= 1. In l_inf there are functions with infinitely many local minima: |z_1| + sin^2(pi z_2 / (2t)).

Without alignment the notion is too weak: asking only for f(y) >= f(u) + c <x - u, y - u> with some c >= 0 admits
f(z) = |z| + indicator(w Z), w = 51/100, x = 2w, t = 1, whose step u = w is interior: the square of the distance falls
by 3 w^2 < t^2 (`bpm.false_naive_ball_convexity`).
"""

import dataclasses
from fractions import Fraction

import jax
import numpy as np

from broximal.oracles.arrays import combine, inner, subtract
from broximal.oracles.brox import brox
from broximal.oracles.norms import L2, LInf
from broximal.problems import OneDimensional, Quadratic, profiles
from broximal.problems.worst import Lattice, Ripples
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import EPS, distance, gap, grad, k, radius, value
from broximal.theory.hypotheses.functions import Euclidean, HasMinimiser
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint, Probe
from broximal.theory.papers.bpm._cases import varied


def _nearest_violation(now, after):
    """(f(y), f(u) + <g, y - u>) above f* at the y of least slack, over random y near and far; the inequality is global."""

    def search():
        rng = np.random.default_rng([now.seed, now.k])
        u, g, f_star, found = after.state.answer.point, after.gradient, now.problem.f_star.value, []
        base, reach = float(after.value) - f_star, after.state.radius / 16
        for trial in range(60):
            y = jax.tree.map(lambda leaf, j=trial: leaf + rng.standard_normal(leaf.shape) * reach * 2.0 ** (-j % 8), u)
            found.append((float(now.problem.value(y)) - f_star, base + float(inner(g, subtract(y, u)))))
        return min(found, key=lambda pair: pair[0] - pair[1])

    return after.once("support", search)


def _support(now, after, which):
    found = _nearest_violation(now, after)[which]
    size = float(after.scale) + abs(found) + abs(now.problem.f_star.value)
    return Entry(found, 64 * EPS * size + after.state.charge)


@column(
    "f_y",
    r"(f(y_{#}) - f^\star)",
    "f at the random y where the global subgradient inequality has least slack",
    "f",
    host=True,
)
def at_y(now, after):
    return _support(now, after, 0)


@column(
    "sub_y",
    r"(f(x_{#+1}) + \langle g_{#+1}, y_{#} - x_{#+1} \rangle - f^\star)",
    "its right side there",
    "f",
    host=True,
)
def support_at_y(now, after):
    return _support(now, after, 1)


class BallConvex(Hypothesis):
    name = "ball-convex"
    latex = r"f(y) \ge f(u) + \langle g, y - u\rangle\ \forall y,\ \langle g, x - u\rangle = t\|g\|_\ast"

    def look(self, experiment):
        problem = experiment.problem
        if problem.convex:
            return True, "convex functions are ball-convex for every radius"
        radius_ = experiment.radius_at(0) if experiment.constant_radius else 0.0
        if isinstance(problem, Ripples) and isinstance(experiment.norm, LInf):
            holds = radius_ == float(problem.period) / 2
            return holds, f"{problem.name} is ball-convex in l_inf for t = {float(problem.period) / 2:g}"
        if isinstance(getattr(problem, "profile", None), profiles.DoubleWell):
            return radius_ >= 1, "the double well (z^2 - 1)^2 is ball-convex exactly for t >= 1"
        return False, f"{problem.name} is not known to be ball-convex"


_WELL = Case(lambda seed: OneDimensional(profiles.DoubleWell(), x0=6.0 + 0.37 * seed), L2(), radius=1.1, steps=10)
_RIPPLES = Case(lambda seed: Ripples(1.0, x0=[6.3 + 0.1 * seed, 0.4]), LInf(), radius=1.0, steps=12)

ball_convexity = Theorem(
    name="bpm.ball_convexity",
    title="Ball-convex functions keep the guarantees of convex ones",
    source=Source(EUCLIDEAN_BPM, "proved here", "the notion is the paper's; the equivalences are derived"),
    assumes=(BallConvex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(
        EachStep(support_at_y[k] <= at_y[k], "global subgradient"),
        EachStep(radius[k] * grad[k + 1] <= value[k] - value[k + 1], "sandwich", where=gap[k + 1] > 0),
        EachStep(grad[k + 2] <= grad[k + 1], "subgradients", where=gap[k + 2] > 0),
    ),
    cases=(_WELL, _RIPPLES, *varied(Case(lambda seed: Quadratic.example(1, seed), L2()))[1:]),
)


def _envelope(now, x):
    found = brox(now.problem, now.norm, x, float(now.radius(0)))
    return float(found.value) - now.problem.f_star.value


def _own(now):
    return now.once("envelope", lambda: _envelope(now, now.x))


@column(
    "N_avg",
    r"(\tfrac12 (N_t f(x_{#}) + N_t f(x_{#+1})) - f^\star)",
    "mean of the envelope at two points",
    "f",
    host=True,
)
def mean_of_envelopes(now, after):
    return (_own(now) + _own(after)) / 2


@column(
    "N_half_way", r"(N_t f(\tfrac12 (x_{#} + x_{#+1})) - f^\star)", "envelope half way between them", "f", host=True
)
def envelope_half_way(now, after):
    return _envelope(now, combine(0.5, now.x, 0.5, after.x))


envelope_of_ball_convex = Theorem(
    name="bpm.ball_convex_envelope",
    title="Where f is ball-convex everywhere its envelope is convex",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(BallConvex(), HasMinimiser()),
    method=Probe(),
    claims=(EachStep(envelope_half_way[k] <= mean_of_envelopes[k], "midpoint convex"),),
    cases=(
        Case(lambda seed: OneDimensional(profiles.DoubleWell(), x0=3.0), L2(), radius=1.0, steps=30),
        Case(lambda seed: Ripples(1.0), LInf(), radius=1.0, steps=30),
    ),
)


@dataclasses.dataclass(frozen=True)
class IsDoubleWell(Hypothesis):
    name = "the double well"
    latex = r"f(z) = (z^2 - 1)^2"

    def look(self, experiment):
        problem = experiment.problem
        found = isinstance(problem, OneDimensional) and isinstance(problem.profile, profiles.DoubleWell)
        return found, f"{problem.name} is {'' if found else 'not '}the double well"


@dataclasses.dataclass(frozen=True)
class WeakInequality(Hypothesis):
    """The inequality without alignment: at convex f by the optimality of the step, on the lattice with c w = 1."""

    name = "the inequality with c >= 0 alone"
    latex = r"f(y) \ge f(u) + c \langle x - u, y - u \rangle \text{ for all } y, \; c \ge 0, \; u \in \operatorname{brox}_t f(x)"

    def look(self, experiment):
        problem = experiment.problem
        found = problem.convex or isinstance(problem, Lattice)
        return found, f"{problem.name} {'satisfies' if found else 'is not known to satisfy'} it by construction"


false_small_balls = Theorem(
    name="bpm.false_small_balls",
    title="The envelope of the double well is convex for every radius",
    source=Source(EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(IsDoubleWell(), HasMinimiser()),
    method=Probe(),
    claims=(EachStep(envelope_half_way[k] <= mean_of_envelopes[k], "midpoint convex"),),
    cases=(Case(lambda seed: OneDimensional(profiles.DoubleWell(), x0=0.2), L2(), radius=0.25, steps=40),),
    truth=False,
    repair="bpm.ball_convex_envelope",
    exact=lambda: (
        (1 - Fraction(1, 16)) ** 2,
        Fraction(0),
    ),  # t = 1/4: N_t f(0) against the mean of N_t f(-1), N_t f(1)
)


def _naive_exactly():
    # f = |z| + indicator of the multiples of w = 51/100; x = 2 w, t = 1: u = w is interior, c = 0 is admitted
    w = Fraction(51, 100)
    x, u, t = 2 * w, w, Fraction(1)
    assert abs(u - x) < t and abs(x - 2 * t) > 0
    return u**2, x**2 - t**2


false_naive_ball_convexity = Theorem(
    name="bpm.false_naive_ball_convexity",
    title="The inequality with c >= 0 alone gives the distance decrease",
    source=Source(EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(WeakInequality(), Euclidean(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(
        EachStep(distance[k + 1] ** 2 <= distance[k] ** 2 - radius[k] ** 2, "distance decrease", where=gap[k + 1] > 0),
    ),
    cases=(Case(lambda seed: Lattice(0.51), L2(), radius=1.0, steps=1, note="an interior step"),),
    truth=False,
    repair="bpm.ball_convexity",
    exact=_naive_exactly,
)

"""What characterises an exact step; in any norm.

Statements.
  hit         the ball meets X* if and only if the step ends in X*: until then every ball misses it
  boundary    if every local minimiser is global and the ball misses X*, then |x_{k+1} - x_k| = t_k
  alignment   f convex: u minimises f over the ball if and only if some g in df(u) has <g, x - u> = t |g|_*
  effective   f convex, any z and g in df(z): with tau = <g, x - z> / |g|_* > 0, f(z) <= N_tau f(x); in particular the
              star form holds with tau in place of t, whatever the accuracy of the oracle

Proof. Boundary: an interior minimiser is a local, hence a global one. Alignment, if: for z in the ball
f(z) >= f(u) + <g, z - x> + <g, x - u> >= f(u) - t |g|_* + t |g|_*; only if: 0 in df(u) + N_B(u) and
N_B(u) = { y : <y, u - x> = t |y|_* }. Effective: the same inequality with z in the ball of radius tau. QED
"""

import sympy as sp

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import Linear, NormDistance
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import EPS, distance, gap, k, moved, placing, radius, slope
from broximal.theory.hypotheses.functions import Convex, HasMinimiser, LocalMinimaGlobal, StarConvex, UniqueMinimiser
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import EUCLIDEAN_BPM, NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX, STRONGLY_CONVEX, of_distance, varied


@column("aligned", r"\langle g_{#}, x_{#-1} - x_{#} \rangle", "the aligned subgradient along its step", "f", host=True)
def aligned(now):
    state = now.state
    if now.k == 0:
        return Entry(0.0, 0.0)
    g = state.answer.subgradient
    step = subtract(state.before, state.answer.point)
    noise = float(state.answer.rounding) + float(now.norm.dual(g)) * placing(now.norm, state.before, state.answer.point)
    return Entry(float(inner(g, step)), noise, float(state.answer.gap))


@column("tau_step", r"\tau_{#}", "effective radius of the step", "x", host=True)
def effective_radius(now, after):
    tau = float(after.state.answer.tau)
    return Entry(tau, 64 * EPS * abs(tau) + placing(now.norm, now.x, after.x))


_LINEAR = tuple(
    Case(lambda seed: Linear.example(5, seed), norm, radius=0.7, steps=10, sharp=0.999, note="attained")
    for norm in (L1(), L2(), LInf())
)

alignment = Theorem(
    name="bpm.alignment",
    title="An exact step is aligned with a subgradient",
    source=Source(NON_EUCLIDEAN_BPM, "second hand"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=(EachStep(sp.Eq(aligned[k + 1], radius[k] * slope[k + 1]), "alignment"),),
    cases=varied(*_LINEAR, *CONVEX),
)

hit = Theorem(
    name="bpm.hit",
    title="A step ends in X* only from within its radius",
    source=Source(EUCLIDEAN_BPM, "second hand"),
    assumes=(StarConvex(), HasMinimiser(), UniqueMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(distance[k] <= radius[k], "hit", where=Possibly(gap[k + 1] <= 0)),),
    cases=varied(
        Case(
            lambda seed: NormDistance.example(6, seed),
            LInf(),
            of_distance(over=3.999),
            sharp=0.99,
            note="the last step needs nearly the whole radius",
        ),
        *STRONGLY_CONVEX,
        *STAR_CONVEX,
    ),
)

boundary = Theorem(
    name="bpm.boundary",
    title="A step that misses the solution set ends on the sphere",
    source=Source(EUCLIDEAN_BPM, "second hand"),
    assumes=(LocalMinimaGlobal(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(sp.Eq(moved[k], radius[k]), "on the sphere", where=gap[k + 1] > 0),),
    cases=varied(*CONVEX, *STAR_CONVEX),
)

effective_step = Theorem(
    name="bpm.effective_radius",
    title="The star form with the effective radius of an inexact step",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(
        EachStep(gap[k + 1] <= sp.Max(0, 1 - effective_radius[k] / distance[k]) * gap[k], "per step", trivial=gap[k]),
    ),
    cases=varied(*CONVEX),
)

"""Finite termination in any norm, by packing; and what is true of distances.

Statements (any norm; every local minimiser of f is global).
  separation   x_j not optimal, j > k: |x_j - x_k| >= t_k
  packing      constant radius t, R = max_{k<N} |x_k - x*|: N <= (1 + 2 R / t)^d
  halfspace    convex f: <g_{k+1}, x_k - x_j> >= t_k |g_{k+1}|_* for every j > k: an aligned halfspace of depth t_k
               separates x_k from all later points
  triangle     D_{k+1} <= D_k + t_k
  plane        convex f, l_inf, d = 2: |x_k - x*|_1 does not increase, hence |x_k - x*|_inf <= 2 D_0

Proof. If |x_j - x_k| < t_k then f(x_j) <= f(x_{k+1}) = min over the ball, so x_j is an interior minimiser of f over the ball,
hence a local, hence a global one. Halfspace: f(x_j) <= f(x_{k+1}) gives <g_{k+1}, x_j - x_{k+1}> <= 0, and
<g_{k+1}, x_k - x_{k+1}> = t_k |g_{k+1}|_*. Balls of radius t/2 around x_0 .. x_{N-1} are thus disjoint and lie in a ball of radius
R + t/2. Plane: <g, u - x*> >= 0 with x - u = t v, v_i = sign g_i gives a coordinate with g_i != 0 and v_i (u - x*)_i >= 0, in
which |x - x*|_i = |u - x*|_i + t; the other coordinate changes by at most t. QED

Growth of the distance by t_k at many consecutive steps does happen (`problems.worst.Harmonic`), and the count can be
exponential in d (`bpm.false_dimension_free`), so that neither can be improved to the Euclidean form.
"""

import dataclasses

import numpy as np

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.norms import L1, LInf
from broximal.problems import MaxAffine, NormDistance, Quadratic
from broximal.problems.worst import Doubling, Harmonic
from broximal.theory import Case, EachStep, Source, Terminates, Theorem
from broximal.theory.columns.points import EPS, dim, distance, gap, k, radius, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, LocalMinimaGlobal
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import Entry, Measured, column, constant, of_run
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX, varied


@of_run(
    "separation",
    r"\min_{j<#} \|x_{#} - x_j\| / t_j",
    "how far a point keeps from all earlier ones, in radii",
    "1",
    uses=[radius],
    points=True,
)
def separation(run):
    radii, values, noise = run.column("t").values, [np.inf], [0.0]
    for j, x in enumerate(run.points[1:], start=1):
        pairs = zip(run.points[:j], radii[:j], strict=True)
        values.append(min(float(run.norm(subtract(x, y))) / t_ for y, t_ in pairs))
        noise.append(16 * EPS * (values[-1] + float(run.norm(x)) / radii[j - 1]))
    return Measured.of(np.minimum(values, 1e300), np.array(noise))


@of_run(
    "depth",
    r"\min_{j>#} \langle g_{#+1}, x_{#} - x_j \rangle / \|g_{#+1}\|_\ast",
    "depth of the separating halfspace",
    "x",
    points=True,
)
def separating_depth(run):
    values, noise, points = [], [], run.points
    for step, state in enumerate(run.states[1:]):
        g = state.answer.subgradient
        size = float(run.norm.dual(g))
        depths = [float(inner(g, subtract(points[step], y))) / size for y in points[step + 1 :] if size > 0]
        values.append(min(depths, default=np.inf))
        reach = float(run.norm(points[step])) + state.radius
        noise.append(16 * EPS * reach + (state.charge + float(state.answer.rounding)) / max(size, 1e-300))
    return Measured.of(np.minimum(values, 1e300), np.array(noise))


@column("D1", r"\|x_{#} - x^\star\|_1", "l1 distance to the minimiser", "x")
def l1_distance(now):
    found = L1()._value(subtract(now.x, now.minimiser))
    return Entry(found, 16 * EPS * found)


@constant("R", "R", "the largest distance to the minimiser along the run", "x", uses=[distance])
def largest_distance(run):
    return Measured.of(run.column("D").values.max())


class Plane(Hypothesis):
    name = "two dimensions, l_inf"
    latex = r"d = 2,\ \|\cdot\| = \|\cdot\|_\infty"

    def look(self, experiment):
        holds = isinstance(experiment.norm, LInf) and np.size(experiment.x0) == 2
        return holds, f"{experiment.norm.name} in dimension {np.size(experiment.x0)}"


separated = Theorem(
    name="bpm.separation",
    title="Points keep a radius away from all earlier ones",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(LocalMinimaGlobal(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(separation[k + 1] >= 1, "separation", where=gap[k + 1] > 0),),
    cases=(
        dataclasses.replace(CONVEX[0], sharp=0.999, note="attained by the previous point"),
        *CONVEX[1:],
        *STAR_CONVEX,
    ),
)

packing = Theorem(
    name="bpm.packing",
    title="Finite termination by packing",
    source=Source(NON_EUCLIDEAN_BPM, "proved here", "that the method terminates is in the abstract"),
    assumes=(LocalMinimaGlobal(), HasMinimiser(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        Terminates(
            (1 + 2 * largest_distance / t) ** dim,
            "finite",
            sharpness="a run would have to fill the ball with a perfect packing: for d = 1 the bound is 1 + 2 R / t and "
            "N <= ceil(R / t); for d > 1 only growth exponential in d is known to be attained, not the base",
        ),
    ),
    cases=(
        Case(lambda seed: NormDistance.example(1, seed), LInf(), steps=60, note="d = 1: N = ceil(D_0 / t)"),
        Case(lambda seed: Doubling(3), LInf(), radius=1.0, steps=60, note="exponential in d"),
        *(Case(c.problem, c.norm, c.radius, 400) for c in (*CONVEX[:2], *STAR_CONVEX)),
    ),
)

triangle = Theorem(
    name="bpm.distance_triangle",
    title="The distance grows by at most t_k",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(HasMinimiser(),),
    method=BroximalPoint(),
    claims=(EachStep(distance[k + 1] <= distance[k] + radius[k], "per step"),),
    cases=varied(
        Case(lambda seed: Harmonic(8), LInf(), radius=1.0, steps=7, sharp=0.999, note="attained at every step"),
        *CONVEX,
    ),
)

plane = Theorem(
    name="bpm.plane_distance",
    title="In the plane with l_inf the l1 distance does not increase",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Plane()),
    method=BroximalPoint(),
    claims=(EachStep(l1_distance[k + 1] <= l1_distance[k], "per step", where=gap[k + 1] > 0),),
    cases=(
        Case(lambda seed: Doubling(2), LInf(), radius=1.0, sharp=0.999, note="constant l1 distance for a while"),
        Case(lambda seed: Quadratic.example(2, seed), LInf()),
        Case(lambda seed: MaxAffine.example(2, seed), LInf()),
    ),
)

halfspaces = Theorem(
    name="bpm.separating_halfspace",
    title="A halfspace of depth t_k separates a point from all later ones",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(separating_depth[k] >= radius[k], "depth", where=gap[k + 1] > 0),),
    cases=varied(dataclasses.replace(CONVEX[0], sharp=0.999, note="attained by the next point"), *CONVEX[1:]),
)

"""Inexact steps: x_{k+1} in B(x_k, t_k) with f(x_{k+1}) <= N_t f(x_k) + eps_k, never worse than x_k.

Statements.
  additive     convex or star-convex, any norm: gap_{k+1} <= (1 - t_k / D_k)_+ gap_k + eps_k
  floor        constant radius, R_0 the sublevel radius: gap_K <= (1 - t/R_0)^K d_0 + max eps R_0 / t
  strong       mu-strongly convex in the norm: sqrt(gap_{k+1}) <= (sqrt(gap_k) - t_k sqrt(mu/2))_+ + sqrt(eps_k)
  growth       gap_{k+1} <= gap_k - t_k kappa^{1/q} gap_k^{1 - 1/q} + eps_k while N_t f(x_k) > f*
  gradients    convex, h_{k+1} the multiplier of the exact step: f(x_k) - f(x_{k+1}) >= t_k |h_{k+1}|_* - eps_k, hence
               min_k |h_{k+1}|_* <= (d_0 + sum eps) / S_K. (The dual norms need not decrease any more.)
  distance     convex, Euclidean, h as above, G = |h|_2, eps1 = f(u) - f(uh) - <h, u - uh>, eps2 = t G - <h, x - u>:
               |u - x*|^2 <= D^2 - (t - eps2/G)_+^2 - 2 t (f(u) - f* - eps1) / G + 2 |u - x*| sqrt(2 t eps2 / G)
  effective    convex, any point z, g in df(z): the exact statements hold with tau = <g, x - z> / |g|_* for t
  halfspace    Euclidean, x_{k+1} = x_k - tau g / |g|_2: D_{k+1}^2 <= D_k^2 - tau_k^2 and sum tau_k^2 <= D_0^2
  separation   f(x_j) < f(x_{k+1}) - eps_k for a j > k implies |x_j - x_k| > t_k

Proof. Additive: the star form for the exact point, plus eps; floor: sum the geometric series with D_k <= R_0. Strong: the
exact statement for the exact value and sqrt(a + b) <= sqrt(a) + sqrt(b). Gradients: f(x_k) - N_t f(x_k) >= t |h|_*.
Distance: f(u) = f(uh) + <h, u - uh> + eps1 and <h, x - uh> = t G; with e = h / G, |x - u - t e|^2 <= 2 t eps2 / G and
<h, u - x*> >= f(u) - f* - eps1; expand. Effective: see `bpm.alignment`. Halfspace: x* lies in { z : <g, z - x> <= -tau |g| }
up to <g, z - x*> >= 0, and x_{k+1} is the projection onto it. Separation: x_j in the ball would give
f(x_j) >= N_t f(x_k) >= f(x_{k+1}) - eps_k. QED

The root of eps2 in `distance` is necessary: for a linear f an angle phi off costs eps of order t |c| phi^2 / 2 and moves the
point by t phi, so that the Euclidean step count is not robust to any eps > 0.
"""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.arrays import inner, l2, subtract
from broximal.oracles.norms import L2, LInf
from broximal.problems import NormDistance, OneDimensional, profiles
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import (
    D0,
    EPS,
    R0,
    K,
    d0,
    distance,
    gap,
    i,
    k,
    kappa,
    mu,
    placing,
    q,
    radius,
    t,
    value,
)
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, Euclidean, HasMinimiser, Positive, StarConvex
from broximal.theory.language.quantity import Best, Entry, Measured, column, of_run
from broximal.theory.language.source import EUCLIDEAN_BPM, NON_EUCLIDEAN_BPM
from broximal.theory.methods import HalfspaceProjection, InexactBroximal
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX, STRONGLY_CONVEX, isotropic, of_distance, only, varied

NONE = 1e6  # stands for "no such j" in a column of minima


@column(
    "eps",
    r"\varepsilon_{#}",
    "certified inexactness of the step: f(x_{k+1}) minus a lower bound of the ball's minimum",
    "f",
    host=True,
)
def eps(now, after):
    return Entry(after.state.eps, after.state.rounding)


@column("h", r"\|h_{#}\|_\ast", "dual norm of the exact step's aligned subgradient", "f/x", host=True, nonnegative=True)
def multiplier(now):
    exact = now.state.exact
    if now.k == 0:
        return Entry(0.0, 0.0)
    size = float(now.norm.dual(exact.subgradient))
    return Entry(size, 64 * EPS * size + float(exact.gap) / now.state.radius)


@column("N", r"(N_{t} f(x_{#}) - f^\star)", "the ball's minimum at x_k, above f*", "f", host=True)
def exact_value(now, after):
    exact, f_star = after.state.exact, now.problem.f_star
    return Entry(float(exact.value) - f_star.value, float(exact.gap) + 8 * float(exact.rounding) + f_star.error)


@column(
    "I_d", r"\text{distance bound}_{#}", "right side of the Euclidean inexact distance inequality", "x^2", host=True
)
def distance_bound(now, after):
    problem, x, u, exact, t_ = now.problem, now.x, after.x, after.state.exact, after.state.radius
    h, scale = exact.subgradient, float(now.scale)
    G = float(l2(h))
    if G * t_ <= 1e3 * EPS * scale:
        return Entry(1e300, 0.0)
    eps1 = float(after.value) - float(exact.value) - float(inner(h, subtract(u, exact.point)))
    eps2 = t_ * G - float(inner(h, subtract(x, u)))
    D, left = problem.distance(x, now.norm).value, problem.distance(u, now.norm).value
    above = float(after.value) - problem.f_star.value
    root = 2 * left * np.sqrt(2 * t_ * max(eps2, 0.0) / G)
    bound = D**2 - max(t_ - eps2 / G, 0.0) ** 2 - 2 * t_ * (above - eps1) / G + root
    error = 32 * EPS * scale + float(exact.gap) + problem.f_star.error
    noise = 4 * t_ * error / G + 2 * left * np.sqrt(2 * t_ * error / G) * (eps2 <= error) + 16 * EPS * D**2
    if eps2 > error:
        noise += left * np.sqrt(2 * t_ / (G * eps2)) * error
    return Entry(min(bound, 1e300), noise)


@column("tau_eff", r"\tau_{#}", "effective radius of the inexact step", "x", host=True)
def effective(now, after):
    return Entry(
        max(float(after.state.answer.tau), 0.0), 256 * EPS * after.state.radius + placing(now.norm, now.x, after.x)
    )


@column("tau_h", r"\tau_{#}", "depth of the halfspace that a trial point certifies", "x", host=True)
def depth(now, after):
    return Entry(after.state.tau, 64 * EPS * after.state.radius)


@of_run(
    "sep_better",
    r"\min\{\|x_j - x_{#}\| / t_{#} : j > #,\ f(x_j) < f(x_{#+1}) - \varepsilon_{#}\}",
    "in radii",
    "1",
    uses=[value, eps, radius],
    points=True,
)
def separation_of_better(run):
    values, radii, inexact = (run.column(key) for key in ("f", "t", "eps"))
    found, noise = [], []
    for step in range(run.length):
        level = values.values[step + 1] - inexact.values[step] - inexact.noise[step]
        lengths = [
            float(run.norm(subtract(run.points[j], run.points[step]))) / radii.values[step]
            for j in range(step + 1, run.length + 1)
            if values.values[j] < level
        ]
        found.append(min(lengths, default=NONE))
        noise.append(16 * EPS * found[-1] + placing(run.norm, run.points[step]) / radii.values[step])
    return Measured.of(found, np.array(noise))


_METHOD = InexactBroximal()
_CONVEX = tuple(Case(c.problem, c.norm, c.radius, 20) for c in CONVEX)
_SHARP = Case(
    lambda seed: NormDistance.example(6, seed, norm=L2()), L2(), steps=3, sharp=0.8, note="the exact step attains it"
)

_LONG_LINE = Case(
    lambda seed: NormDistance.example(1, seed),
    L2(),
    of_distance(over=150.3),
    steps=200,
    sharp=0.98,
    note="what eps costs in value it adds to the bound, and nearly all of the way is linear",
)

inexact = Theorem(
    name="bpm.inexact",
    title="Additive error: one step",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser()),
    method=_METHOD,
    claims=(
        EachStep(gap[k + 1] <= sp.Max(0, 1 - radius[k] / distance[k]) * gap[k] + eps[k], "per step", trivial=gap[k]),
    ),
    cases=varied(_SHARP, *_CONVEX, *STAR_CONVEX),
)

inexact_floor = Theorem(
    name="bpm.inexact_floor",
    title="Additive error: linear down to a floor",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("R0"), ConstantRadius()),
    method=InexactBroximal(blend=0.02),
    claims=(
        EachHorizon(
            gap[K] <= sp.Max(0, 1 - t / R0) ** K * d0 - Best(-eps[i], (i, 0, K - 1)) * R0 / t,
            "last iterate",
            trivial=gap[0],
        ),
    ),
    cases=(
        Case(lambda seed: NormDistance.example(6, seed), LInf(), steps=5, sharp=0.97, note="first step, small eps"),
        *(Case(c.problem, c.norm, c.radius, 20) for c in STRONGLY_CONVEX),
    ),
)

inexact_strong = Theorem(
    name="bpm.inexact_strong",
    title="Additive error under strong convexity",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("mu")),
    method=_METHOD,
    claims=(
        EachStep(
            sp.sqrt(gap[k + 1]) <= sp.Max(0, sp.sqrt(gap[k]) - radius[k] * sp.sqrt(mu / 2)) + sp.sqrt(eps[k]),
            "root of the gap",
            trivial=sp.sqrt(gap[k]),
        ),
    ),
    cases=(
        *(Case(c.problem, c.norm, c.radius, 20) for c in STRONGLY_CONVEX),
        *varied(Case(isotropic, L2(), of_distance(over=2.5)))[1:],
    ),
)

inexact_growth = Theorem(
    name="bpm.inexact_growth",
    title="Additive error under growth",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), Positive("kappa")),
    method=_METHOD,
    claims=(
        EachStep(
            gap[k + 1] <= gap[k] - radius[k] * kappa ** (1 / q) * gap[k] ** (1 - 1 / q) + eps[k],
            "per step",
            where=exact_value[k] > 0,
            trivial=gap[k],
        ),
    ),
    cases=varied(_SHARP, *_CONVEX[:4]),
)

inexact_gradient = Theorem(
    name="bpm.inexact_gradient",
    title="Additive error: subgradients",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser()),
    method=_METHOD,
    claims=(
        EachStep(radius[k] * multiplier[k + 1] <= value[k] - value[k + 1] + eps[k], "per step"),
        EachHorizon(
            Best(multiplier[i + 1], (i, 0, K - 1))
            <= (d0 + sp.Sum(eps[i], (i, 0, K - 1))) / sp.Sum(radius[i], (i, 0, K - 1)),
            "best subgradient",
        ),
    ),
    cases=varied(_LONG_LINE, _SHARP, *_CONVEX),
)

inexact_distance = Theorem(
    name="bpm.inexact_distance",
    title="Additive error: Euclidean distance",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean()),
    method=InexactBroximal(blend=0.002),
    claims=(EachStep(distance[k + 1] ** 2 <= distance_bound[k], "per step", where=exact_value[k] > 0),),
    cases=(dataclasses.replace(_SHARP, sharp=0.98), *only(_CONVEX, L2)),
)

inexact_effective = Theorem(
    name="bpm.inexact_effective",
    title="Inexact steps through their effective radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser()),
    method=_METHOD,
    claims=(EachStep(gap[k + 1] <= sp.Max(0, 1 - effective[k] / distance[k]) * gap[k], "star form", trivial=gap[k]),),
    cases=(_SHARP, *_CONVEX),
)

halfspace = Theorem(
    name="bpm.halfspace",
    title="Halfspace-projection variant",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean()),
    method=HalfspaceProjection(),
    claims=(
        EachStep(distance[k + 1] ** 2 <= distance[k] ** 2 - depth[k] ** 2, "per step"),
        EachHorizon(sp.Sum(depth[i] ** 2, (i, 0, K - 1)) <= D0**2, "total"),
    ),
    cases=(
        Case(
            lambda seed: NormDistance.example(6, seed, norm=L2()),
            L2(),
            of_distance(0.995),
            steps=5,
            sharp=0.98,
            note="the first halfspace nearly touches the minimiser",
        ),
        *only(_CONVEX, L2),
    ),
)

inexact_separation = Theorem(
    name="bpm.inexact_separation",
    title="A point that is better by more than eps left the ball",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(HasMinimiser(),),
    method=_METHOD,
    claims=(EachStep(separation_of_better[k] >= 1, "separation", where=separation_of_better[k] < NONE / 2),),
    cases=(
        Case(
            lambda seed: OneDimensional(profiles.Absolute(), x0=3.0 + 0.1 * seed),
            L2(),
            of_distance(over=1.015),
            steps=200,
            sharp=0.97,
            note="the better points are those nearer to the minimiser, which is just outside of the first ball",
        ),
        *_CONVEX[:3],
        *STAR_CONVEX,
    ),
)

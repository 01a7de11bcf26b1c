"""The ball envelope N_t f(x) = min { f(z) : |z - x| <= t } of a proper closed convex f, in any norm.

Statements (u in brox_t f(x), g_u in df(u) aligned, g in df(x)).
  convex       N_t f is convex, jointly in (x, t), and does not increase in t
  semigroup    N_s N_t f = N_{s+t} f
  minimum      inf N_t f = f*, and N_t f(x) = f* if and only if dist(x, X*) <= t: argmin N_t f = X* + t B, not X*
  sandwich     f(x) - t |g|_*  <=  N_t f(x)  <=  f(x) - t |g_u|_*, and if f is L-smooth
               N_t f(x) <= f(x) - t |grad f(x)|_* + L t^2 / 2
  gradient     g_u is a subgradient of N_t f at x, and -|g_u|_* is one in t: for all y, s
               N_s f(y) >= N_t f(x) + <g_u, y - x> - |g_u|_* (s - t)
  smooth       f L-smooth: |grad N_t f(x) - grad N_t f(y)|_* <= L |x - y|
  greedy       f(x_K) >= N_{S_K} f(x_0): K small balls do no better than the one large ball

Proof. N_t f is the infimal convolution of f with the indicator of t B, whose epigraphs add; the balls of radius s and t add
to the ball of radius s + t. conj(N_t f) = conj f + t |.|_*, so d N_t f(x) = { g in df(u) : <g, x - u> = t |g|_* } for every u
(Fenchel's equality splits), and conj f + t |.|_* stays 1/L-strongly convex. The subgradient inequality in (y, s):
f(z) >= f(u) + <g_u, z - u> with |z - y| <= s gives f(z) >= f(u) + <g_u, x - u> + <g_u, y - x> - s |g_u|_*, and
<g_u, x - u> = t |g_u|_*. Greedy: x_K lies in the large ball. QED

The claims speak of differences of values, f(x) - N_t f(x), so that a constant added to f changes neither side.

Sharp: linear f turn sandwich and gradient into equalities, f(z) = |z - x*| the convexity along a ray.
"""

import numpy as np

from broximal.oracles.arrays import combine, inner, subtract
from broximal.oracles.brox import brox
from broximal.oracles.norms import L2, LInf
from broximal.problems import Linear, NormDistance
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import EPS, L, distance, gap, grad, k, radius, size_of_value, value
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, Positive, UniqueMinimiser
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.quantity import Measured, column
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint, Probe
from broximal.theory.papers.bpm._cases import CONVEX, STRONGLY_CONVEX, isotropic


def _at(run, index):
    """brox at point `index` with the radius of the setting, computed once per run."""
    cache = run.__dict__.setdefault("_envelope", {})
    if index not in cache:
        t_ = run.setting.radius_at(0)
        cache[index] = brox(run.problem, run.norm, run.points[index], t_, tol=run.setting.tol)
    return cache[index]


def _solve(run, x, t_):
    return brox(run.problem, run.norm, x, t_, tol=run.setting.tol)


def _noise(run, answer):
    return float(answer.gap) + 2 * float(answer.rounding) + 8 * EPS * size_of_value(run, answer.point)


def _collect(run, evaluate):
    """Measured of (value, noise) pairs at every point but the last."""
    pairs = [evaluate(index) for index in range(len(run.points) - 1)]
    return Measured.of([p[0] for p in pairs], np.array([p[1] for p in pairs]))


@column("N_t", r"N_t f(x_{#})", "ball envelope")
def envelope(run):
    answers = [_at(run, index) for index in range(len(run.points))]
    return Measured.of([float(a.value) for a in answers], np.array([_noise(run, a) for a in answers]))


@column("N_t_gap", r"(N_t f(x_{#}) - f^\star)", "ball envelope above f*")
def envelope_gap(run):
    answers = [_at(run, index) for index in range(len(run.points))]
    f_star = run.problem.f_star
    values = np.array([float(a.value) - f_star.value for a in answers])
    noise = np.array([_noise(run, a) + f_star.error for a in answers])
    return Measured.of(np.maximum(values, 0.0), np.maximum(noise, -values))


@column(
    "towards", r"(f(x_{#} + \min(1, t/D_{#})(x^\star - x_{#})) - f^\star)", "gap after t on the way to the minimiser"
)
def towards(run):
    f_star, values, noise = run.problem.f_star, [], []
    for x in run.points:
        length = run.problem.distance(x, run.norm).value
        part = min(1.0, run.setting.radius_at(0) / length) if length > 0 else 1.0
        point = combine(1 - part, x, part, run.problem.minimiser)
        values.append(max(float(run.problem.value(point)) - f_star.value, 0.0))
        noise.append(8 * EPS * size_of_value(run, point) + f_star.error)
    return Measured.of(values, np.array(noise))


@column("N_mid", r"N_{(t+s)/2} f(\tfrac{x_{#} + x_{#+1}}{2})", "envelope half way to the next point, s = t/2")
def middle(run):
    def at(index):
        t_ = run.setting.radius_at(0)
        half = combine(0.5, run.points[index], 0.5, run.points[index + 1])
        answer = _solve(run, half, 0.75 * t_)
        return float(answer.value), _noise(run, answer)

    return _collect(run, at)


@column("N_half", r"N_{t/2} f(x_{#})", "envelope of half the radius")
def half_radius(run):
    answers = [_solve(run, x, run.setting.radius_at(0) / 2) for x in run.points]
    return Measured.of([float(a.value) for a in answers], np.array([_noise(run, a) for a in answers]))


@column("N_twice", r"N_{t + s} f(x_{#})", "envelope of radius t + s, s = t/2")
def larger(run):
    answers = [_solve(run, x, 1.5 * run.setting.radius_at(0)) for x in run.points]
    return Measured.of([float(a.value) for a in answers], np.array([_noise(run, a) for a in answers]))


@column("N_N", r"N_s N_t f(x_{#})", "N_t f at the point of the s-ball on the way to the large ball's minimiser")
def nested(run):
    pairs = []
    for x in run.points:
        t_ = run.setting.radius_at(0)
        target = _solve(run, x, 1.5 * t_).point
        answer = _solve(run, combine(2 / 3, x, 1 / 3, target), t_)
        pairs.append((float(answer.value), _noise(run, answer)))
    return Measured.of([p[0] for p in pairs], np.array([p[1] for p in pairs]))


NEAR = 0.1  # how far on the way to the next probe the subgradient inequality is tried


def _near(run, index):
    return combine(1 - NEAR, run.points[index], NEAR, run.points[index + 1])


@column("N_sub", r"\|g_u\|_\ast (t - s) + \langle g_u, y_{#} - x_{#}\rangle", "promised by the subgradient at (y, s)")
def promised(run):
    def at(index):
        answer, t_ = _at(run, index), run.setting.radius_at(0)
        g, step = answer.subgradient, subtract(_near(run, index), run.points[index])
        size, along = float(run.norm.dual(g)), float(inner(g, step))
        slack = float(answer.gap) * (1 + float(run.norm(step)) / t_)
        return NEAR * size * t_ + along, slack + 16 * EPS * (abs(along) + size * t_)

    return _collect(run, at)


@column("N_rise", r"(N_s f(y_{#}) - N_t f(x_{#}))", "how much the envelope rises from (x, t) to (y, s)")
def rise(run):
    def at(index):
        here = _at(run, index)
        there = _solve(run, _near(run, index), (1 - NEAR) * run.setting.radius_at(0))
        return float(there.value) - float(here.value), _noise(run, here) + _noise(run, there)

    return _collect(run, at)


@column("g_env", r"\|g_u(x_{#})\|_\ast", "dual norm of the envelope's subgradient")
def envelope_slope(run):
    answers = [_at(run, index) for index in range(len(run.points))]
    sizes = np.array([float(run.norm.dual(a.subgradient)) for a in answers])
    slack = np.array([float(a.gap) / run.setting.radius_at(0) for a in answers])
    return Measured.of(sizes, 64 * EPS * sizes + slack)


@column("g_bend", r"\|\nabla N_t f(x_{#}) - \nabla N_t f(x_{#+1})\|_\ast", "change of the envelope's gradient")
def bend(run):
    def at(index):
        a, b = _at(run, index), _at(run, index + 1)
        size = float(run.norm.dual(subtract(a.subgradient, b.subgradient)))
        # a gap moves u by at most sqrt(2 gap / mu), and the gradient by L times that
        constant = run.problem.constant("L", run.norm).value
        drift = sum(np.sqrt(2 * constant * (float(x.gap) + float(x.rounding))) for x in (a, b))
        return size, drift + 64 * EPS * size

    return _collect(run, at)


@column("far", r"\|x_{#} - x_{#+1}\|", "distance to the next point")
def far(run):
    def at(index):
        size = float(run.norm(subtract(run.points[index], run.points[index + 1])))
        return size, 8 * EPS * size

    return _collect(run, at)


@column("big_ball", r"(N_{S_{#}} f(x_0) - f^\star)", "the minimum over the one large ball around the start")
def big_ball(run):
    lengths = np.cumsum([record.radius for record in run.records])
    answers = [_solve(run, run.points[0], float(length)) for length in lengths]
    start = float(run.problem.value(run.points[0]))
    return Measured.of([start, *(float(a.value) for a in answers)], np.array([0.0, *(_noise(run, a) for a in answers)]))


_PROBES = tuple(Case(c.problem, c.norm, c.radius, 12) for c in CONVEX)
_LINEAR = Case(lambda seed: Linear.example(5, seed), LInf(), radius=0.7, steps=10, sharp=0.999, note="attained")


def reach(problem, norm, x0):
    """A radius that a good part of the probes are nearer to the minimiser than."""
    return 0.6 * problem.distance(x0, norm).value


_CONE = Case(lambda seed: NormDistance.example(5, seed), LInf(), reach, 24, sharp=0.999, note="attained")
_RIM = Case(
    lambda seed: NormDistance.example(5, seed),
    LInf(),
    lambda problem, norm, x0: 1.01 * problem.distance(x0, norm).value,
    12,
    sharp=0.99,
    note="the start is just within reach of the minimiser",
)


def _envelope(name, title, claims, *extra, cases=_PROBES, assumes=(), method=None):
    return Theorem(
        name=f"bpm.{name}",
        title=title,
        source=Source(EUCLIDEAN_BPM, "proved here"),
        assumes=(Convex(), ConstantRadius(), *assumes),
        method=method or Probe(),
        claims=claims,
        cases=(*extra, *cases),
    )


envelope_convex = _envelope(
    "envelope_convex",
    "The ball envelope is convex in point and radius, and falls with the radius",
    (
        EachStep(
            (value[k] - envelope[k]) / 2 + (value[k] - half_radius[k + 1]) / 2 <= value[k] - middle[k], "jointly convex"
        ),
        EachStep(value[k] - half_radius[k] <= value[k] - envelope[k], "falls with the radius"),
    ),
    _LINEAR,
    _CONE,
)

envelope_semigroup = _envelope(
    "envelope_semigroup",
    "Envelopes of radius s and t compose to radius s + t",
    (
        EachStep(value[k] - larger[k] <= value[k] - nested[k], "no less"),
        EachStep(value[k] - larger[k] >= value[k] - nested[k], "no more"),
    ),
    _LINEAR,
)

envelope_minimum = _envelope(
    "envelope_minimum",
    "The envelope has the minimum value of f, exactly on X* + t B",
    (
        EachStep(envelope_gap[k] <= towards[k], "f* within t of the minimiser, and less than on the way to it"),
        EachStep(distance[k] <= radius[k], "f* only within t", where=Possibly(envelope_gap[k] <= 0)),
    ),
    _RIM,
    _CONE,
    cases=tuple(Case(c.problem, c.norm, reach, 24) for c in STRONGLY_CONVEX),
    assumes=(HasMinimiser(), UniqueMinimiser()),
)

envelope_sandwich = _envelope(
    "envelope_sandwich",
    "The envelope between two dual norms",
    (
        EachStep(value[k] - envelope[k] <= radius[k] * grad[k], "from below"),
        EachStep(radius[k] * envelope_slope[k] <= value[k] - envelope[k], "from above"),
    ),
    _LINEAR,
)

envelope_smooth = _envelope(
    "envelope_smooth",
    "The envelope of a smooth f",
    (
        EachStep(radius[k] * grad[k] - L * radius[k] ** 2 / 2 <= value[k] - envelope[k], "descent"),
        EachStep(bend[k] <= L * far[k], "its gradient is L-Lipschitz"),
    ),
    Case(isotropic, L2(), steps=12, sharp=0.9, note="descent attained outside t B"),
    cases=tuple(Case(c.problem, c.norm, c.radius, 12) for c in STRONGLY_CONVEX),
    assumes=(Positive("L"),),
)

envelope_gradient = _envelope(
    "envelope_gradient",
    "The aligned subgradient is a subgradient of the envelope",
    (EachStep(promised[k] <= rise[k], "subgradient inequality in point and radius"),),
    _LINEAR,
)

greedy = _envelope(
    "greedy",
    "Many small balls do no better than one large ball",
    (EachStep(big_ball[k] <= gap[k], "last iterate"),),
    Case(lambda seed: NormDistance.example(5, seed), LInf(), sharp=0.999, note="attained"),
    method=BroximalPoint(),
    cases=CONVEX[:3],
    assumes=(HasMinimiser(),),
)

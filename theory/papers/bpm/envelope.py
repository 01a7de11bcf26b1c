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
from broximal.problems import Linear, NormDistance, Quadratic
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import EPS, L, distance, gap, grad, k, placing, radius, scale_at, value
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, Positive, UniqueMinimiser
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.quantity import Entry, Measured, column, of_run
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint, Probe
from broximal.theory.papers.bpm._cases import CONVEX, STRONGLY_CONVEX, isotropic, of_distance


def _solve(now, x, t_):
    return brox(now.problem, now.norm, x, t_, tol=now.world.tol)


def _radius(now):
    """The constant radius of the experiment."""
    return float(now.radius(0))


def _here(now):
    """The step from x with that radius, computed once."""
    return now.once("envelope", lambda: _solve(now, now.x, _radius(now)))


def _noise(now, answer):
    return float(answer.gap) + 2 * float(answer.rounding) + 8 * EPS * scale_at(now.problem, answer.point)


def _value(now, answer):
    return Entry(float(answer.value), _noise(now, answer))


@column("N_t", r"N_t f(x_{#})", "ball envelope", "f", host=True)
def envelope(now):
    return _value(now, _here(now))


@column("N_t_gap", r"(N_t f(x_{#}) - f^\star)", "ball envelope above f*", "f", host=True)
def envelope_gap(now):
    f_star = now.problem.f_star
    above = float(_here(now).value) - f_star.value
    return Entry(max(above, 0.0), max(_noise(now, _here(now)) + f_star.error, -above))


@column(
    "towards",
    r"(f(x_{#} + \min(1, t/D_{#})(x^\star - x_{#})) - f^\star)",
    "gap after t on the way to the minimiser",
    "f",
    host=True,
)
def towards(now):
    f_star, length = now.problem.f_star, now.problem.distance(now.x, now.norm).value
    part = min(1.0, _radius(now) / length) if length > 0 else 1.0
    point = combine(1 - part, now.x, part, now.problem.minimiser)
    above = float(now.problem.value(point)) - f_star.value
    return Entry(max(above, 0.0), 8 * EPS * (scale_at(now.problem, point) + abs(f_star.value)) + f_star.error)


@column(
    "N_mid",
    r"N_{(t+s)/2} f(\tfrac{x_{#} + x_{#+1}}{2})",
    "envelope half way to the next point, s = t/2",
    "f",
    host=True,
)
def middle(now, after):
    return _value(now, _solve(now, combine(0.5, now.x, 0.5, after.x), 0.75 * _radius(now)))


@column("N_half", r"N_{t/2} f(x_{#})", "envelope of half the radius", "f", host=True)
def half_radius(now):
    return _value(now, _solve(now, now.x, _radius(now) / 2))


def _far(now):
    """The step from x with one and a half times the radius."""
    return now.once("larger", lambda: _solve(now, now.x, 1.5 * _radius(now)))


@column("N_twice", r"N_{t + s} f(x_{#})", "envelope of radius t + s, s = t/2", "f", host=True)
def larger(now):
    return _value(now, _far(now))


@column(
    "N_N",
    r"N_s N_t f(x_{#})",
    "N_t f at the point of the s-ball on the way to the large ball's minimiser",
    "f",
    host=True,
)
def nested(now):
    return _value(now, _solve(now, combine(2 / 3, now.x, 1 / 3, _far(now).point), _radius(now)))


NEAR = 0.1  # how far on the way to the next probe the subgradient inequality is tried


def _near(now, after):
    return combine(1 - NEAR, now.x, NEAR, after.x)


@column(
    "N_sub",
    r"\|g_u\|_\ast (t - s) + \langle g_u, y_{#} - x_{#}\rangle",
    "promised by the subgradient at (y, s)",
    "f",
    host=True,
)
def promised(now, after):
    answer, t_ = _here(now), _radius(now)
    g, step = answer.subgradient, subtract(_near(now, after), now.x)
    size, along = float(now.norm.dual(g)), float(inner(g, step))
    slack = float(answer.gap) * (1 + float(now.norm(step)) / t_)
    rounding = 16 * EPS * (abs(along) + size * t_) + size * placing(now.norm, now.x, after.x)
    return Entry(NEAR * size * t_ + along, slack + rounding)


@column(
    "N_rise",
    r"(N_s f(y_{#}) - N_t f(x_{#}))",
    "how much the envelope rises from (x, t) to (y, s)",
    "f",
    host=True,
)
def rise(now, after):
    here, there = _here(now), _solve(now, _near(now, after), (1 - NEAR) * _radius(now))
    return Entry(float(there.value) - float(here.value), _noise(now, here) + _noise(now, there))


@column("g_env", r"\|g_u(x_{#})\|_\ast", "dual norm of the envelope's subgradient", "f/x", host=True)
def envelope_slope(now):
    size = float(now.norm.dual(_here(now).subgradient))
    return Entry(size, 64 * EPS * size + float(_here(now).gap) / _radius(now))


@column(
    "g_bend",
    r"\|\nabla N_t f(x_{#}) - \nabla N_t f(x_{#+1})\|_\ast",
    "change of the envelope's gradient",
    "f/x",
    host=True,
)
def bend(now, after):
    a, b = _here(now), _here(after)
    size = float(now.norm.dual(subtract(a.subgradient, b.subgradient)))
    # a gap moves u by at most sqrt(2 gap / mu), and the gradient by L times that
    constant = now.problem.constant("L", now.norm).value
    drift = sum(np.sqrt(2 * constant * (float(x.gap) + float(x.rounding))) for x in (a, b))
    return Entry(size, drift + 64 * EPS * size)


@column("far", r"\|x_{#} - x_{#+1}\|", "distance to the next point", "x", host=True)
def far(now, after):
    size = float(now.norm(subtract(now.x, after.x)))
    return Entry(size, 8 * EPS * size)


@of_run(
    "big_ball",
    r"(N_{S_{#}} f(x_0) - f^\star)",
    "the minimum over the one large ball around the start",
    "f",
    uses=[radius],
)
def big_ball(run):
    """Over the balls of radius t_0 + ... + t_{k-1}, above f*."""
    lengths, start, f_star = np.cumsum(run.column("t").values), run.start, run.problem.f_star
    answers = [_solve(start, start.x, float(length)) for length in lengths]
    values = np.array([float(start.value), *(float(a.value) for a in answers)]) - f_star.value
    noise = np.array([8 * EPS * float(start.scale), *(_noise(start, a) for a in answers)])
    return Measured.of(values, noise + f_star.error + 8 * EPS * abs(f_star.value))


_PROBES = tuple(Case(c.problem, c.norm, c.radius, 12) for c in CONVEX)
_LINEAR = Case(lambda seed: Linear.example(5, seed), LInf(), radius=0.7, steps=10, sharp=0.999, note="attained")


def reach(problem, norm, x0):
    """A radius that a good part of the probes are nearer to the minimiser than."""
    return 0.6 * problem.distance(x0, norm).value


_CONE = Case(lambda seed: NormDistance.example(5, seed), LInf(), reach, 24, sharp=0.999, note="attained")
_RIM = Case(
    lambda seed: NormDistance.example(5, seed),
    LInf(),
    of_distance(1.01),
    12,
    sharp=0.99,
    note="the start is just within reach of the minimiser",
)


def _ray(seed):
    """On a line the gradient of the envelope has slope L wherever it is not 0."""
    return Quadratic.with_spectrum(np.full(1, 2.0), seed=seed)


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
    Case(_ray, L2(), steps=12, sharp=0.999, note="both attained on one side of t B"),
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

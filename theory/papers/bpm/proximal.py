"""The link with the proximal point method.

Statement. Convex f. A Euclidean broximal step is a proximal step, brox_t f(x) = prox_{gamma f}(x) with
gamma = t / |g_{k+1}|_2; and in any norm u minimises f + |. - x|^2 / (2 gamma) with gamma = t / |g_{k+1}|_*.

Proof. d(|.|^2 / 2)(v) = { y : <y, v> = |v|^2, |y|_* = |v| }. With v = u - x, |v| = t, -g gamma has dual norm t and
<-g gamma, u - x> = gamma t |g|_* = t^2; so 0 in df(u) + d(|. - x|^2 / 2)(u) / gamma. QED

The check measures, at random points z around u, f(u) + |u - x|^2 / (2 gamma) against f(z) + |z - x|^2 / (2 gamma).
"""

import jax
import numpy as np

from broximal.oracles.arrays import combine, subtract
from broximal.theory import EachStep, Source, Theorem
from broximal.theory.columns.points import EPS, gap, k, value
from broximal.theory.hypotheses.functions import Convex, HasMinimiser
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX

_TRIALS = 12


def _regularised(now, x, z, gamma):
    return float(now.problem.value(z)) + float(now.norm(subtract(z, x))) ** 2 / (2 * gamma)


@column(
    "moreau",
    r"\left(f + \tfrac{\|\cdot - x_{#}\|^2}{2\gamma_{#}}\right)(x_{#+1})",
    "regularised value of the step",
    "f",
    host=True,
)
def at_step(now, after):
    answer = after.state.answer
    gamma = float(answer.multiplier)
    found = _regularised(now, now.x, after.x, gamma) if np.isfinite(gamma) else float(after.value)
    size = after.state.radius**2 / gamma if np.isfinite(gamma) else 0.0
    return Entry(found, float(answer.gap) + 16 * EPS * (float(after.scale) + size))


@column(
    "moreau_min",
    r"\min_z \left(f + \tfrac{\|\cdot - x_{#}\|^2}{2\gamma_{#}}\right)(z)",
    "least value at trial points",
    "f",
    host=True,
)
def at_trials(now, after):
    rng, gamma = np.random.default_rng([now.seed, now.k]), float(after.state.answer.multiplier)
    gamma = gamma if np.isfinite(gamma) else 1e300
    found = []
    for trial in range(_TRIALS):
        move = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), after.x)
        reach = after.state.radius * 10.0 ** -(trial % 6) / float(now.norm(move))
        found.append(_regularised(now, now.x, combine(1.0, after.x, reach, move), gamma))
    return Entry(min(found), 16 * EPS * float(after.scale))


proximal = Theorem(
    name="bpm.proximal",
    title="A broximal step is a proximal step with stepsize t / |g|",
    source=Source(EUCLIDEAN_BPM, "second hand"),
    assumes=(Convex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(
        EachStep(value[k] - at_trials[k] <= value[k] - at_step[k], "minimises the regularised f", where=gap[k + 1] > 0),
    ),
    cases=CONVEX,
)

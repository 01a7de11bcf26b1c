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
from broximal.theory.columns.points import EPS, gap, k, size_of_value, value
from broximal.theory.hypotheses.functions import Convex, HasMinimiser
from broximal.theory.language.quantity import Measured, column
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX

_TRIALS = 12


def _regularised(run, x, z, gamma):
    return float(run.problem.value(z)) + float(run.norm(subtract(z, x))) ** 2 / (2 * gamma)


@column(
    "moreau", r"\left(f + \tfrac{\|\cdot - x_{#}\|^2}{2\gamma_{#}}\right)(x_{#+1})", "regularised value of the step"
)
def at_step(run):
    values, noise = [], []
    for x, u, record in zip(run.points[:-1], run.points[1:], run.records, strict=True):
        gamma = float(record.answer.multiplier)
        values.append(_regularised(run, x, u, gamma) if np.isfinite(gamma) else float(run.problem.value(u)))
        size = record.radius**2 / gamma if np.isfinite(gamma) else 0.0
        noise.append(float(record.answer.gap) + 16 * EPS * (size_of_value(run, u) + size))
    return Measured.of(values, np.array(noise))


@column(
    "moreau_min", r"\min_z \left(f + \tfrac{\|\cdot - x_{#}\|^2}{2\gamma_{#}}\right)(z)", "least value at trial points"
)
def at_trials(run):
    rng = np.random.default_rng(run.setting.seed)
    values = []
    for x, u, record in zip(run.points[:-1], run.points[1:], run.records, strict=True):
        gamma = float(record.answer.multiplier)
        gamma = gamma if np.isfinite(gamma) else 1e300
        found = []
        for trial in range(_TRIALS):
            move = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), u)
            reach = record.radius * 10.0 ** -(trial % 6) / float(run.norm(move))
            found.append(_regularised(run, x, combine(1.0, u, reach, move), gamma))
        values.append(min(found))
    return Measured.of(values, 16 * EPS * np.array([size_of_value(run, u) for u in run.points[1:]]))


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

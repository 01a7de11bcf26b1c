"""Are samples as large as stated, and unbiased? A few hundred draws at two points, at one level for everything together.

Size. |noise|_2^2 of every layer is nonnegative, so betting (`confidence.refutes_at_most`) tests E |noise|_2^2 <= sigma^2, and
likewise p-th moments. What is never exceeded is compared draw by draw.

Bias. Two bounds of the mean of n draws in a Hilbert space, of which the one with the smaller radius is used:
Pinelis (1994, Theorem 3.5): |noise|_2 <= b surely gives P(|mean|_2 >= b sqrt(2 log(2 / level) / n)) <= level.
Means of groups of m draws: E |mean|_2^2 <= sigma^2 / m, so by Chebyshev's inequality each is longer than 2 sigma / sqrt(m)
with probability at most 1/4, and that many of them are has an exact binomial level.

Outcomes. Those that are listed have f' as their mean, every draw is one of them, and each comes as often as its probability
says (exact binomial intervals).
"""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import numpy as np
from scipy import stats

from broximal.oracles.arrays import Tree, combine
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.oracles.numerals import number_of
from broximal.problems.distributed.workers import Workers
from broximal.problems.problem import Problem
from broximal.problems.stochastic.contract import Stochastic, euclidean
from broximal.theory.columns.points import EPS
from broximal.verify import confidence
from broximal.verify.looks.trying import direction, size_of

LEVEL = 1e-4  # with which a problem whose noise is as stated is refused
DRAWS, FEWEST = 256, 32
FEW = 256  # outcomes that are counted one by one
HELD = 2**23  # entries of all draws at a point
GROUP = 16  # draws in a mean
SLACK = 1e-9  # relative, of what is stated
SAMPLING = ("sample_gradient", "stochastic_gradient")  # names that a problem's own sampling goes by elsewhere


def check_sampling(problem: Problem) -> None:
    """Raise InvalidArgument for samples that no method would see: methods draw those of `Stochastic.draw`, and no others."""
    names = SAMPLING if isinstance(problem, Stochastic) else (*SAMPLING, "draw")
    found = [name for name in names if callable(getattr(problem, name, None))]
    if found or (problem.stochastic and not isinstance(problem, Stochastic)):
        raise InvalidArgument(
            f"problem {problem.name} has samples of its own ({found[0] if found else 'stochastic'}) that no method would "
            "draw; derive it from problems.Stochastic, whose draws are functions."
        )


def check_noise(problem: Any, norm: Norm, x0: Tree, seed: int, moments: Sequence[float] = ()) -> None:
    """Raise InvalidArgument if draws at x0 or at a second point contradict sigma, sure, a moment, or unbiasedness.

    moments  orders p of the moments that are looked at as well
    """
    looked = [(problem, norm)]
    if isinstance(problem, Workers):  # statements about workers are about the noise of each
        looked += [(part, euclidean(problem.x0)) for part in problem.samplers[:2]]
    level = LEVEL / len(looked)
    for number, (own, its) in enumerate(looked):
        _check(own, its, _points(own, x0, seed), seed + 7919 * number, level, moments)


def check_outcomes(problem: Problem, x0: Tree, seed: int) -> None:
    """Raise InvalidArgument if the outcomes of a sample that a problem lists are not those of its draws at two points."""
    try:
        listed = problem.outcomes() if isinstance(problem, Stochastic) else None
    except MissingConstant:
        return
    if listed is None:
        return
    chances = np.array([chance for chance, _ in listed])
    if np.any(chances < 0) or abs(chances.sum() - 1) > SLACK:
        raise InvalidArgument(
            f"problem {problem.name} lists outcomes whose probabilities, the least {chances.min():.4g}, add up to "
            f"{chances.sum():.12g}."
        )
    points = _points(problem, x0, seed)[: 2 if len(listed) <= FEW else 1]
    for place, x in enumerate(points):
        mean = _flat(problem.gradient(x))
        rows = np.array([_flat(sample.gradient(x)) for _, sample in listed])
        near = 1e3 * EPS * float(np.linalg.norm(mean) + np.abs(rows).max())
        if (off := float(np.linalg.norm(chances @ rows - mean))) > near:
            raise InvalidArgument(
                f"problem {problem.name} lists outcomes whose mean gradient is {off:.4g} away from that of f."
            )
        drawn = jax.tree.leaves(_drawn(problem, x, seed + place))
        flat = np.concatenate([np.reshape(g, (len(g), -1)) for g in drawn], axis=1)
        if reason := _unlike(rows, chances, flat, near, LEVEL / len(points)):
            raise InvalidArgument(f"problem {problem.name} {reason}")


def _unlike(rows: np.ndarray, chances: np.ndarray, drawn: np.ndarray, near: float, level: float) -> str:
    """Why draws are not from the listed outcomes with these probabilities; empty if nothing says so."""
    which = []
    for draw in drawn:
        apart = np.linalg.norm(rows - draw, axis=1)
        which.append(int(apart.argmin()))
        if apart.min() > near:
            return f"draws a sample that is none of its {number_of(len(rows), 'listed outcome')}."
    if len(rows) > FEW:
        return ""
    # outcomes that are the same here are counted together
    same = [int(np.flatnonzero(np.linalg.norm(rows - row, axis=1) <= 2 * near)[0]) for row in rows]
    counts, stated = np.zeros(len(rows), dtype=int), np.zeros(len(rows))
    np.add.at(counts, [same[j] for j in which], 1)
    np.add.at(stated, same, chances)
    for j in sorted(set(same)):
        low, high = confidence.binomial(int(counts[j]), len(drawn), level / len(set(same)))
        if not low - SLACK <= stated[j] <= high + SLACK:
            return (
                f"lists an outcome with the probability {stated[j]:.4g}, and {counts[j]} of {len(drawn)} samples gave it, "
                f"which is refuted at level {level / len(set(same)):.1g}."
            )
    return ""


def _flat(x: Tree) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in jax.tree.leaves(x)])


def _points(problem: Problem, x0: Tree, seed: int) -> list[Tree]:
    rng = np.random.default_rng(seed)
    minimiser = problem.minimiser
    towards = x0 if minimiser is None else combine(0.4, x0, 0.6, minimiser)
    return [x0, combine(1.0, towards, 0.1 * size_of(x0, towards), direction(rng, x0))]


def _check(problem: Any, norm: Norm, points: list[Tree], seed: int, level: float, moments: Sequence[float]) -> None:
    layers, sure = Layers(norm), problem.sure(norm)
    level /= len(points) * layers.count * (2 + len(moments))
    everywhere = problem.sigma(norm)
    for place, x in enumerate(points):
        noise, rounding = _noise(problem, layers, x, seed + place)
        try:
            sigma = everywhere if np.isfinite(everywhere).all() else problem.sigma_at(x, norm)
        except MissingConstant:
            sigma = everywhere
        where = "at x0" if place == 0 else "at a point near x0" if problem.minimiser is None else "on the way to x*"
        for layer, own in enumerate(noise):
            of = f" of layer {layer}" if layers.count > 1 else ""
            found = _Layer(own, rounding[layer], sigma[layer], sure[layer], level)
            reason = found.size() or found.bias()
            for p in moments:
                reason = reason or found.moment(p, problem.moment(p, norm)[layer])
            if reason:
                raise InvalidArgument(f"problem {problem.name} states {reason.format(where=f'{of} {where}')}")


class _Layer:
    """The draws of the noise of one layer at one point, (count, entries), and what they contradict."""

    def __init__(self, noise: np.ndarray, rounding: float, sigma: float, sure: float, level: float):
        self.noise, self.sigma, self.sure, self.level = noise, float(sigma), float(sure), level
        self.rounding = rounding
        self.lengths = np.maximum(np.linalg.norm(noise, axis=1) - rounding, 0.0)

    def size(self) -> str:
        top = float(self.lengths.max(initial=0.0))
        if not np.isfinite(self.lengths).all():
            return "a noise of finite size, but a sample{where} is not finite."
        if top > self.sure * (1 + SLACK):
            return f"that its noise is never longer than {self.sure:.4g}, but a sample{{where}} is {top:.4g} long."
        if np.isfinite(self.sigma) and confidence.refutes_at_most(
            self.lengths**2, self.sigma**2 * (1 + SLACK), self.level
        ):
            seen = math.sqrt(float(np.mean(self.lengths**2)))
            return (
                f"a noise of standard deviation {self.sigma:.4g}, but {len(self.lengths)} samples{{where}} have "
                f"{seen:.4g}, which is refuted at level {self.level:.1g}."
            )
        return ""

    def moment(self, p: float, stated: float) -> str:
        if not confidence.refutes_at_most(self.lengths**p, stated**p * (1 + SLACK), self.level):
            return ""
        seen = float(np.mean(self.lengths**p)) ** (1 / p)
        return (
            f"a moment of order {p:g} of {stated:.4g}, but {len(self.lengths)} samples{{where}} have {seen:.4g}, which is "
            f"refuted at level {self.level:.1g}."
        )

    def bias(self) -> str:
        count = len(self.noise)
        pinelis = self.sure * math.sqrt(2 * math.log(2 / self.level) / count)
        groups = count // GROUP
        needed = _needed(groups, self.level)
        grouped = 2 * self.sigma / math.sqrt(GROUP) if needed <= groups else math.inf
        mean = float(np.linalg.norm(self.noise.mean(axis=0)))
        if pinelis <= grouped:
            biased = np.isfinite(pinelis) and mean > pinelis + self.rounding
        else:
            means = self.noise[: groups * GROUP].reshape(groups, GROUP, -1).mean(axis=1)
            biased = int(np.sum(np.linalg.norm(means, axis=1) > grouped + self.rounding)) >= needed
        if not biased:
            return ""
        return (
            f"unbiased samples, but the mean of the noise of {count} samples{{where}} is {mean:.4g} long (standard deviation "
            f"{self.sigma:.4g}), which is refuted at level {self.level:.1g}."
        )


def _needed(groups: int, level: float) -> int:
    """So many of the groups' means must be long: more than by chance, with probability at most level, for 1/4 each."""
    return int(stats.binom.isf(level, groups, 0.25)) + 1 if groups else 1


def _noise(problem: Any, layers: Layers, x: Tree, seed: int) -> tuple[list[np.ndarray], list[float]]:
    """Draws of the noise at x, an array (count, entries) for every layer, and what of their lengths may be rounding."""
    exact, drawn = problem.gradient(x), _drawn(problem, x, seed)
    off = jax.tree.map(lambda g, mean: (g - np.asarray(mean)).reshape(len(g), -1), drawn, exact)
    noise = [np.concatenate(jax.tree.leaves(part), axis=1) for part in layers.split(off)]
    sizes = [np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(part)]) for part in layers.split(exact)]
    rounding = [1e3 * EPS * float(np.linalg.norm(g) + np.abs(v).max()) for g, v in zip(sizes, noise, strict=True)]
    return noise, rounding


def _drawn(problem: Any, x: Tree, seed: int) -> Tree:
    """Gradients of draws at x, one after the other along the first axis."""
    entries = sum(np.size(leaf) for leaf in jax.tree.leaves(x))
    count = int(np.clip(HELD // entries, FEWEST, DRAWS))
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(seed + 104729), count)
        try:
            return jax.tree.map(np.asarray, _gradients(problem, keys, x))
        except Exception:  # samples that cannot be traced
            rows = [problem.draw(key).gradient(x) for key in keys[:FEWEST]]
            return jax.tree.map(lambda *g: np.stack([np.asarray(one) for one in g]), *rows)


@eqx.filter_jit(compiler_options={"xla_backend_optimization_level": 0})  # type: ignore[call-overload]
def _gradients(problem: Any, keys: Any, x: Tree) -> Tree:
    x = jax.tree.map(jax.numpy.asarray, x)
    return jax.vmap(lambda key: problem.draw(key).gradient(x))(keys)

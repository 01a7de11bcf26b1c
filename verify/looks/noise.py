"""Are samples as large as stated, and unbiased? Many draws at a few points, at one level for everything together.

Size. |noise|_2^2 of every layer is nonnegative, so betting (`confidence.all_refute_at_most`) tests E |noise|_2^2 <= sigma^2, and
likewise p-th moments. What is never exceeded is compared draw by draw.

Bias. Half of the draws choose the direction u of their mean, the other half tests E <noise, u> <= 0, in one of two ways.
Where |noise|_2 <= b surely, by betting on <noise, u> >= -b, which adapts to the variance along u. Else with sigma alone
(Catoni 2012, Proposition 2.4): for psi(y) = sign(y) log(1 + |y| + y^2 / 2), exp(psi(y)) <= 1 + y + y^2 / 2, so that
E exp(sum psi(l y_i)) <= exp(n l^2 sigma^2 / 2) for E y_i <= 0, and by Markov's inequality the sum seldom exceeds
n l^2 sigma^2 / 2 + log(1 / level); l = sqrt(2 log(1 / level) / (n sigma^2)) sees a bias of about sigma sqrt(2 log(1 / level) / n).

Outcomes. Those that are listed have f' as their mean, every draw is one of them, and each comes as often as its probability
says (exact binomial intervals).
"""

import functools
import math
import re
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import Tree, combine
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.oracles.numerals import number_of
from broximal.problems.distributed.workers import Workers
from broximal.problems.problem import Problem
from broximal.problems.stochastic.contract import Stochastic, euclidean
from broximal.theory.columns.points import EPS
from broximal.theory.language.theorem import Theorem
from broximal.verify import confidence
from broximal.verify.looks.trying import direction, gradient_at, size_of, value_at
from broximal.verify.programs import compiled_fast

LEVEL = 1e-6  # with which a problem whose noise is as stated is refused, by all looks at its noise together
DRAWS, SOME, FEWEST = 2**16, 256, 32  # at a point: as many as are cheap, as are fair, as there must be
CHEAP, HELD = 2**18, 2**23  # entries of all draws at a point that are cheap, and that are fair
LOOPS, LOOPED = re.compile(r"\b(while|scan|random_gamma)\["), 2**12  # draws that need a loop, and how many are cheap
BETS = 2.0 ** np.arange(-8, 0)  # shares of the wealth that are bet on a bias
FEW = 256  # outcomes that are counted one by one
AWAY = 3.0  # of the size of x0, how far the furthest point is
COMPARED = 2**22  # entries of all differences between draws and outcomes
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


def orders(theorem: Theorem) -> list[float]:
    """Of the moments that its hypotheses speak of."""
    return [hypothesis.moment for hypothesis in theorem.assumes if hypothesis.moment is not None]


def check_noise(
    problem: Any, norm: Norm, x0: Tree, seed: int, moments: Sequence[float] = (), end: Tree | None = None
) -> None:
    """Raise InvalidArgument if draws contradict sigma, sure, a moment, or unbiasedness.

    moments  orders p of the moments that are looked at as well
    end      of a run: draws are looked at there; else at x0 and at a second point
    """
    looked = [(problem, norm)]
    if isinstance(problem, Workers):  # statements about workers are about the noise of each
        looked += [(part, euclidean(problem.x0)) for part in problem.samplers[:2]]
    level = LEVEL / 2 / len(looked)  # one half before a run, one after it
    for number, (own, its) in enumerate(looked):
        points = _points(own, x0, seed) if end is None else {"at the end of the run": end}
        _check(own, its, points, seed + 7919 * number, level, moments)


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
    points = list(_points(problem, x0, seed).values())[: 2 if len(listed) <= FEW else 1]
    for place, x in enumerate(points):
        mean = _flat(problem.gradient(x))
        rows = np.array([_flat(sample.gradient(x)) for _, sample in listed])
        near = 1e3 * EPS * float(np.linalg.norm(mean) + np.abs(rows).max())
        if (off := float(np.linalg.norm(chances @ rows - mean))) > near:
            raise InvalidArgument(
                f"problem {problem.name} lists outcomes whose mean gradient is {off:.4g} away from that of f."
            )
        drawn = jax.tree.leaves(_drawn(problem, x, seed + place, _most(problem, x)))
        flat = np.concatenate([np.reshape(g, (len(g), -1)) for g in drawn], axis=1)
        flat = flat[: max(COMPARED // rows.size, FEWEST)]
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


def _points(problem: Problem, x0: Tree, seed: int) -> dict[str, Tree]:
    """Two points, then further ones, by where they are: what is stated of all points is tried away from the run too."""
    rng = np.random.default_rng(seed)
    minimiser, size = problem.minimiser, size_of(x0)

    def near(along: float, off: float) -> Tree:
        towards = x0 if minimiser is None else combine(1 - along, x0, along, minimiser)
        return combine(1.0, towards, off * size_of(x0, towards), direction(rng, x0))

    found = {"at x0": x0, "at a point near x0" if minimiser is None else "on the way to x*": near(0.6, 0.1)}
    if minimiser is not None:
        found |= {"on the first part of the way to x*": near(0.3, 0.03), "near x*": near(0.97, 0.03)}
    return found | {"at a point away from x0": combine(1.0, x0, AWAY * size, direction(rng, x0))}


def _check(
    problem: Any, norm: Norm, points: dict[str, Tree], seed: int, level: float, moments: Sequence[float]
) -> None:
    layers, sure = Layers(norm), problem.sure(norm)
    level /= len(points) * layers.count * (2 + len(moments))
    everywhere, most = problem.sigma(norm), _most(problem, next(iter(points.values())))
    _check_stated(problem, everywhere, sure)
    for place, (where, x) in enumerate(points.items()):
        if place and not (gradient_at(problem, x) is not None and np.isfinite(value_at(problem, x))):
            continue  # f may not be finite there
        noise, rounding = _noise(problem, layers, x, seed + place, most)
        try:
            sigma = everywhere if np.isfinite(everywhere).all() else problem.sigma_at(x, norm)
        except MissingConstant:
            sigma = everywhere
        for layer, own in enumerate(noise):
            of = f" of layer {layers.labels[layer]}" if layers.count > 1 else ""
            found = _Layer(own, rounding[layer], sigma[layer], sure[layer], level)
            reason = found.size() or found.bias()
            for p in moments:
                reason = reason or found.moment(p, problem.moment(p, norm)[layer])
            if reason:
                raise InvalidArgument(f"problem {problem.name} states {reason.format(where=f'{of} {where}')}")


def _check_stated(problem: Any, sigma: Sequence[float], sure: Sequence[float]) -> None:
    for what, sizes in (("standard deviation", sigma), ("largest length", sure)):
        if wrong := [size for size in sizes if not size >= 0]:
            raise InvalidArgument(f"problem {problem.name} states a noise of {what} {wrong[0]:g}, which is no size.")


class _Layer:
    """The draws of the noise of one layer at one point, (count, entries), and what they contradict."""

    def __init__(self, noise: np.ndarray, rounding: float, sigma: float, sure: float, level: float):
        self.noise, self.sigma, self.sure, self.level = noise, float(sigma), float(sure), level
        self.rounding = rounding
        lengths = np.maximum(np.linalg.norm(noise, axis=1) - rounding, 0.0)
        self.top, self.lengths = float(lengths.max(initial=0.0)), lengths

    def size(self) -> str:
        top = self.top
        if not np.isfinite(top):
            return "a noise of finite size, but a sample{where} is not finite."
        if top > self.sure * (1 + SLACK):
            return f"that its noise is never longer than {self.sure:.4g}, but a sample{{where}} is {top:.4g} long."
        if np.isfinite(self.sigma) and confidence.all_refute_at_most(
            self.lengths**2, self.sigma**2 * (1 + SLACK), self.level
        ):
            seen = math.sqrt(float(np.mean(self.lengths**2)))
            return (
                f"a noise of standard deviation {self.sigma:.4g}, but {len(self.lengths)} samples{{where}} have "
                f"{seen:.4g}, which is refuted at level {self.level:.1g}."
            )
        return ""

    def moment(self, p: float, stated: float) -> str:
        if not confidence.all_refute_at_most(self.lengths**p, stated**p * (1 + SLACK), self.level):
            return ""
        seen = float(np.mean(self.lengths**p)) ** (1 / p)
        return (
            f"a moment of order {p:g} of {stated:.4g}, but {len(self.lengths)} samples{{where}} have {seen:.4g}, which is "
            f"refuted at level {self.level:.1g}."
        )

    def bias(self) -> str:
        half = len(self.noise) // 2
        towards = self.noise[:half].mean(axis=0)
        length = float(np.linalg.norm(towards))
        if length == 0 or not self._goes_along(self.noise[half:] @ (towards / length) - self.rounding):
            return ""
        mean = float(np.linalg.norm(self.noise.mean(axis=0)))
        return (
            f"unbiased samples, but the mean of the noise of {len(self.noise)} samples{{where}} is {mean:.4g} long (standard "
            f"deviation {self.sigma:.4g}), which is refuted at level {self.level:.1g}."
        )

    def _goes_along(self, along: np.ndarray) -> bool:
        """Do the draws refute that these are at most 0 on average?"""
        needed = -math.log(self.level)
        if np.isfinite(self.sure):
            bound = self.sure * (1 + SLACK) + 2 * self.rounding
            wealths = [float(np.log1p(bet / bound * along).sum()) for bet in BETS if bound > 0]
            return bool(wealths) and float(np.logaddexp.reduce(wealths)) - math.log(len(wealths)) >= needed
        if not (np.isfinite(self.sigma) and self.sigma > 0):
            return False
        scale = math.sqrt(2 * needed / len(along)) / (self.sigma * (1 + SLACK))
        y = scale * along
        return float(np.sum(np.sign(y) * np.log1p(np.abs(y) + y**2 / 2))) > 2 * needed


def _noise(problem: Any, layers: Layers, x: Tree, seed: int, most: int) -> tuple[list[np.ndarray], list[float]]:
    """Draws of the noise at x, an array (count, entries) for every layer, and what of their lengths may be rounding."""
    exact, drawn = problem.gradient(x), _drawn(problem, x, seed, most)
    off = jax.tree.map(lambda g, mean: (g - np.asarray(mean)).reshape(len(g), -1), drawn, exact)
    noise = [np.concatenate(jax.tree.leaves(part), axis=1) for part in layers.split(off)]
    sizes = [np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(part)]) for part in layers.split(exact)]
    rounding = [1e3 * EPS * float(np.linalg.norm(g) + np.abs(v).max()) for g, v in zip(sizes, noise, strict=True)]
    return noise, rounding


def _drawn(problem: Any, x: Tree, seed: int, most: int) -> Tree:
    """Gradients of draws at x, one after the other along the first axis."""
    entries = sum(np.size(leaf) for leaf in jax.tree.leaves(x))
    with jax.enable_x64(True):
        cheap = min(CHEAP // entries, most)
        count = int(max(np.clip(HELD // entries, FEWEST, SOME), cheap))
        count = 2 ** (count.bit_length() - 1)  # few numbers of keys are compiled
        keys = jax.random.split(jax.random.key(seed + 104729), count)
        try:
            return jax.tree.map(np.asarray, _gradients(problem, keys, x))
        except Exception:  # samples that cannot be traced
            rows = [problem.draw(key).gradient(x) for key in keys[:FEWEST]]
            return jax.tree.map(lambda *g: np.stack([np.asarray(one) for one in g]), *rows)


def _most(problem: Any, x: Tree) -> int:
    """How many draws are cheap at most. One that needs a loop, as gamma variables do, is far more work than its entries say."""
    try:
        with jax.enable_x64(True):
            program = jax.make_jaxpr(lambda key: problem.draw(key).gradient(x))(jax.random.key(0))
    except Exception:  # samples that cannot be traced
        return LOOPED
    return LOOPED if LOOPS.search(str(program)) else DRAWS


@functools.partial(compiled_fast, level=1)
def _gradients(problem: Any, keys: Any, x: Tree) -> Tree:
    x = jax.tree.map(jax.numpy.asarray, x)
    return jax.vmap(lambda key: problem.draw(key).gradient(x))(keys)

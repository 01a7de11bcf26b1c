"""Attempts to refute a stated layer-wise smoothness, each according to its meaning."""

import math

import jax
import numpy as np

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L2, Product
from broximal.problems.smoothness import Smoothness

EPS = float(np.finfo(float).eps)


class Refuted(AssertionError):
    """A pair of points that a statement does not survive."""


def layered_l2(x):
    """The Euclidean norm for an array, the product of Euclidean norms for a list of layers."""
    return L2() if hasattr(x, "shape") else Product([L2() for _ in x])


class Attack:
    """Ratios measured / stated of one statement about one problem; above 1 refutes it."""

    def __init__(self, problem, norm, stated: Smoothness):
        self.f, self.layers, self.s = problem, Layers(norm), stated

    def gradient(self, parts):
        with np.errstate(over="ignore", invalid="ignore"):
            return self.layers.split(self.f.gradient(self.layers.join(parts)))

    def ratio(self, x: list, d: list) -> float:
        """The worst ratio for the pair (x, x + d); 0 where the statement says nothing about it, or f overflows."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._ratio(x, d)

    def _ratio(self, x: list, d: list) -> float:
        sizes = self.layers.sizes(d)
        if not np.any(sizes > 0) or np.any(sizes > np.array(self.s.reach) * (1 + 1e-12)):
            return 0.0
        y = [a + b for a, b in zip(x, d, strict=True)]
        before, after = self.gradient(x), self.gradient(y)
        g, there = self.layers.dual_sizes(before), self.layers.dual_sizes(after)
        if not (np.all(np.isfinite(g)) and np.all(np.isfinite(there))):
            return 0.0
        size = np.array(self.s.L0) + np.array(self.s.L1) * g
        if self.s.kind == "A1D":
            return self._descent(x, y, d, before, float(size @ sizes**2) / 2)
        change = self.layers.dual_sizes([subtract(b, a) for a, b in zip(before, after, strict=True)])
        change = np.maximum(change - 256 * EPS * (g + there), 0)
        if self.s.kind == "A2":
            allowed = np.array(self.s.coupling) @ sizes
        elif self.s.kind == "A1H":
            s = np.minimum(np.array(self.s.L1) * sizes, 300.0)
            allowed = size * sizes * np.where(s > 1e-8, np.expm1(s) / np.where(s > 1e-8, s, 1), 1)
        else:
            allowed = size * sizes
        found = _over(change, allowed)
        return max(found, self._second(x, d, size)) if self.s.kind == "A1H" else found

    def _descent(self, x, y, d, before, allowed):
        low, high = (float(self.f.value(self.layers.join(p))) for p in (x, y))
        if not (np.isfinite(low) and np.isfinite(high)):
            return 0.0
        slope = float(inner(before, d))
        noise = 64 * EPS * (abs(low) + abs(high) + abs(slope))
        return _over(np.array([max(high - low - slope - noise, 0.0)]), np.array([allowed]))

    def _second(self, x, d, size):
        """|D^2 f(x) d|_i* over (L0_i + L1_i g_i) |d|_i by central differences; 0 in other layers for f a sum over layers."""
        h = 1e-4 / max(float(np.max(self.layers.sizes(d))), 1e-300)
        up, down = (self.gradient([a + s * h * b for a, b in zip(x, d, strict=True)]) for s in (1, -1))
        bent = self.layers.dual_sizes([subtract(u, v) for u, v in zip(up, down, strict=True)])
        noise = 256 * EPS * (self.layers.dual_sizes(up) + self.layers.dual_sizes(down))
        sizes = h * self.layers.sizes(d)
        # The third derivative bends the difference by at most the Gronwall factor at this distance.
        s = np.array(self.s.L1) * sizes
        return _over(np.maximum(bent - noise, 0), 2 * size * sizes * np.exp(s))

    # ---- where to look -----------------------------------------------------------------------------------------------

    def zero(self, x):
        return [np.zeros_like(a) for a in x]

    def climb(self, x, i, j, d, length, rounds):
        """Alternate between the layers i and j: each direction becomes the one that the other's change is aligned with."""
        best, pair = 0.0, (x, self.zero(x))
        base = self.gradient(x)
        for _ in range(rounds):
            for a, b in ((j, i), (i, j)):
                step = self.zero(x)
                step[a] = length * d
                found = self.ratio(x, step)
                if found > best:
                    best, pair = found, (x, step)
                after = self.gradient([u + v for u, v in zip(x, step, strict=True)])
                change = after[b] - base[b]
                if not (np.all(np.isfinite(change)) and np.any(change)):
                    return best, pair
                d = -self.layers.norms[b]._lmo(change)
        return best, pair


def _over(measured, allowed) -> float:
    """The largest measured / allowed; infinite where nothing is allowed."""
    return max(
        0.0 if not m > 0 or not np.isfinite(m) else math.inf if a <= 0 else float(m) / float(a)
        for m, a in zip(measured, allowed, strict=True)
    )


def measured(problem, norm, stated, *, seed=0, starts=9, rounds=8, polish=60, widths=(0.0, 1e-2, 1.0, 8.0)) -> float:
    """The largest ratio found: from random points, along aligned directions, then by random changes of the worst pair."""
    attack, rng = Attack(problem, norm, stated), np.random.default_rng(seed)
    layers, zero = attack.layers, jax.tree.map(np.zeros_like, problem.x0)
    centres = [zero, problem.x0, problem.x0 if problem.minimiser is None else problem.minimiser]
    best, pair = 0.0, None
    for k in range(starts):
        centre = layers.split(centres[k % len(centres)])
        width = widths[k % len(widths)]
        x = [np.asarray(a) + width * rng.standard_normal(a.shape) for a in centre]
        tries = []
        for i in range(layers.count):
            for j in range(layers.count):
                d = -layers.norms[j]._lmo(rng.standard_normal(x[j].shape))
                longest = min(stated.reach[i], stated.reach[j], 3.0)
                for length in (1e-4, 0.3 * longest, longest):
                    tries.append(attack.climb(x, i, j, d, length, rounds))
        d = [
            -n._lmo(rng.standard_normal(a.shape)) * min(r, 1.0)
            for n, a, r in zip(layers.norms, x, stated.reach, strict=True)
        ]
        tries += [(attack.ratio(x, v), (x, v)) for v in (d, [1e-4 * b for b in d], [0.9 * b for b in d])]
        top = max(tries, key=lambda t: t[0])
        if top[0] > best or pair is None:
            best, pair = top
    for k in range(polish):
        share = 0.7 ** (k / 8)
        x, d = pair
        length = max(float(np.max(layers.sizes(d))), 1e-4)
        moved = [a + share * rng.choice([1.0, length]) * rng.standard_normal(a.shape) for a in x]
        turned = [
            b + share * float(np.abs(b).max()) * rng.standard_normal(b.shape) * (rng.uniform(size=b.shape) < 0.5)
            for b in d
        ]
        for trial in ((moved, d), (x, turned), (x, [rng.choice([0.5, 0.8, 1.2]) * b for b in d])):
            found = attack.ratio(*trial)
            if found > best:
                best, pair = found, trial
    return best


def check_smoothness(problem, norm, *, seed=0, least=0.0, **options) -> dict[str, float]:
    """No stated smoothness may be refuted; exact ones must nearly be attained. Kind -> the largest ratio found."""
    found = {}
    for stated in problem.smoothness(norm):
        top = measured(problem, norm, stated, seed=seed, **options)
        if top > 1 + 1e-7:
            raise Refuted(f"{problem.name} in {norm.name}: {stated} is refuted by a factor {top:.6g}")
        if top < (0.93 if stated.exact else least):
            raise Refuted(f"{problem.name} in {norm.name}: only {top:.3g} of {stated} was attained")
        found[stated.kind] = top
    return found


def smaller(stated: Smoothness, factor: float) -> Smoothness:
    """The same statement with all its constants multiplied: what a slip in a derivation would state."""
    if stated.coupling is not None:
        return Smoothness.coupled(factor * np.array(stated.coupling), stated.why)
    return stated.scaled(factor, stated.kind, stated.reach, "made too small")

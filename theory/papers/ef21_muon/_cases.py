"""The instances that statements about EF21-Muon are checked on."""

import dataclasses

import numpy as np

from broximal.oracles.compressors import Damped, Dropout, HalfPolar, Identity, LayerWise, RankK, ScaledSign, TopK
from broximal.oracles.norms import L2, L2Product, LInf, Product, Spectral
from broximal.problems.distributed.workers import Workers
from broximal.problems.profiles.families import Huber
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.problems.smooth.separable import Separable
from broximal.problems.stochastic.noise import Gaussian, Signs
from broximal.theory.cases.terms import INSTANCES, problem as of_instance
from broximal.theory.language.theorem import Case

JOINED = L2Product([L2(), LInf()], [1.0, 0.5])
PAIR = Product([L2(), LInf()])
MATRIX = Product([Spectral(), LInf()], [1.0, 0.5])


def line(curvatures=(0.5, 1.5)):
    """One dimension, far from the minimum: every difference of gradients and of points has one sign."""

    def make(seed: int) -> Workers:
        start = np.array([40.0 + seed])
        return Workers.of_quadratics([CoupledQuadratic([[c]], np.zeros(1), start) for c in curvatures])

    return make


def axes(seed: int) -> Workers:
    """Two workers, each curved along an axis of its own: the mean is less curved than they are, and errors do not add up."""
    start = np.array([40.0 + seed, 40.0 + seed])
    return Workers.of_quadratics([CoupledQuadratic(np.diag(h), np.zeros(2), start) for h in ((2.0, 0.0), (0.0, 3.0))])


def slopes(seed: int) -> Workers:
    """Down a long slope and a steep short one: then the least gradient is well below the first one."""
    one = Separable(Huber(), np.zeros(2), np.array([1.0, 3.0]), np.array([9.0, 1.1]))
    return Workers([one], one)


def seen(*names: str, server=None, worker=None, **parameters) -> tuple[Case, ...]:
    """The instances of `theory.cases.terms` for one worker, by default without compression."""
    found = []
    for name in names:
        own = INSTANCES[name]

        def make(seed: int, own=own) -> Workers:
            one = of_instance(dataclasses.replace(own, noise=0.0))(seed)
            return Workers([one], one, noise=Signs(own.noise) if own.noise else None)

        given = {"server": server or Identity(), "worker": worker or Identity()} | parameters
        note = own.note if server is worker is None else f"{own.note}, compressed"
        norm = LInf() if own.dim > 1 else L2()
        found.append(Case(make, norm, parameters=given, steps=own.steps, fixed=True, note=note))
    return tuple(found)


def coupled(shapes, n: int = 3, noise: float = 0.0):
    """Workers with coupled quadratics of their own over layers of these shapes."""

    def make(seed: int) -> Workers:
        rng = np.random.default_rng(seed)
        d = sum(int(np.prod(shape)) for shape in shapes)

        def tree(scale):
            return [scale * rng.standard_normal(shape) for shape in shapes]

        start = tree(2.0)
        parts = []
        for _ in range(n):
            A = rng.standard_normal((d, d)) / np.sqrt(d)
            parts.append(CoupledQuadratic(0.4 * A @ A.T + 0.6 * np.ones((d, d)) / d, tree(1.0), start))
        return Workers.of_quadratics(parts, Gaussian(noise) if noise else None)

    return make


def separate(shapes, scales, n: int = 3):
    """Workers with quadratics that are sums over layers of these shapes, layer l about scales[l] times as curved."""

    def make(seed: int) -> Workers:
        rng = np.random.default_rng(seed)
        sizes = [int(np.prod(shape)) for shape in shapes]
        ends = np.cumsum([0, *sizes])

        def tree(scale):
            return [scale * rng.standard_normal(shape) for shape in shapes]

        start = tree(2.0)
        parts = []
        for _ in range(n):
            H = np.zeros((ends[-1], ends[-1]))
            for low, high, scale in zip(ends[:-1], ends[1:], scales, strict=True):
                A = rng.standard_normal((high - low, high - low)) / np.sqrt(high - low)
                H[low:high, low:high] = scale * A @ A.T
            parts.append(CoupledQuadratic(H, tree(1.0), start))
        return Workers.of_quadratics(parts)

    return make


def two_lines(seed: int) -> Workers:
    """Two layers of one entry, the second ten times as curved: with stepsizes of their own they move alike."""
    start = [np.array([40.0 + seed]), np.array([40.0 + seed])]
    one = CoupledQuadratic(np.diag([1.0, 10.0]), [np.zeros(1), np.zeros(1)], start)
    return Workers.of_quadratics([one, one])


def cosh(n: int = 3, d: int = 4, noise: float = 0.0):
    """Workers with c (cosh(a (x - b_j)) - 1): their mean is C cosh(a (x - B)) - c, so inf f > 0 = inf f_j."""

    def make(seed: int) -> Workers:
        rng = np.random.default_rng(seed)
        c, a, b = np.ones(d), rng.uniform(0.3, 0.6, d), rng.standard_normal((n, d))
        up, down = (np.log(np.mean(np.exp(sign * a * b), axis=0)) for sign in (1, -1))
        C, B = c * np.exp((up + down) / 2), (up - down) / (2 * a)
        start = B + 2 / a
        whole = Ridges(RidgeLayer("cosh", C, a, B, start))
        level = float((C - c).sum())
        parts = [Ridges(RidgeLayer("cosh", c, a, own, start)) for own in b]
        return Workers(parts, whole, level, Gaussian(noise) if noise else None)

    return make


LINES = Product([LInf(), LInf()])
THREE = Product([Spectral(), LInf(), L2()])
SCALES = (10.0, 1.0, 0.1)
VECTORS, MATRICES = ((4,), (4,)), ((3, 2), (3,))
SIGNS = LayerWise([Damped(0.7), ScaledSign()])
TOPS = LayerWise([TopK(2), TopK(2)])
POLAR = LayerWise([HalfPolar(), ScaledSign()])
RANKS = LayerWise([RankK(1), TopK(1)])
COINS = LayerWise([Dropout(0.5), Dropout(0.7)])
SHAPES = ((3, 2), (4,), (3,))  # of the layers of THREE


def compressed(problem, norm, server, worker, **more) -> Case:
    given = {"server": server, "worker": worker} | more.pop("parameters", {})
    return Case(problem, norm, parameters=given, **more)

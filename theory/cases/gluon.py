"""The instances that statements about layer-wise LMO methods are checked on, and the descent that they share."""

import numpy as np

from broximal.oracles.norms import L1, L2, LInf, OneToInf, Product, Spectral
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges, random_layer
from broximal.problems.stochastic.noise import Gaussian, Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory.cases.measured import breast_cancer, three_digits, two_layers
from broximal.theory.columns.layers import L0, L1 as L1_layer, error, g, moved_by
from broximal.theory.columns.points import value
from broximal.theory.language.claims import EachStep
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.theorem import Case

MIXED = Product([Spectral(), LInf(), L2()])
SCALED = Product([Spectral(), OneToInf()], [1.5, 0.5])


def round_bowl(seed: int) -> Ridges:
    """c |x - b|_2^2 / 2, for which Euclidean descent statements are equalities."""
    rng = np.random.default_rng(seed)
    b = rng.standard_normal(4)
    return Ridges(RidgeLayer("square", np.full(4, 2.0), np.ones(4), b, b + rng.standard_normal(4)))


def layers(*kinds: str):
    """Three layers of these kinds (or of the one kind): a matrix, and two vectors."""
    kinds = kinds * 3 if len(kinds) == 1 else kinds

    def make(seed: int) -> Ridges:
        shapes = ((4, 3), 5, 3)
        return Ridges(
            *(random_layer(kind, s, 3 * seed + j) for j, (kind, s) in enumerate(zip(kinds, shapes, strict=True)))
        )

    return make


def two_matrices(kind: str):
    def make(seed: int) -> Ridges:
        # entries as features for the entrywise norm, u_k v_k' for the spectral one
        entries = random_layer(kind, 6, seed + 70)
        parts = {name: np.reshape(getattr(entries, name), (2, 3)) for name in ("c", "a", "b", "start")}
        return Ridges(random_layer(kind, (3, 5), seed), RidgeLayer(kind, **parts))

    return make


def coupled(seed: int) -> CoupledQuadratic:
    return CoupledQuadratic.example(8, seed)


PAIR = Product([L2(), LInf()])
AHEAD = "straight to the minimiser of every layer"
CORNERS = Product([L1(), L1()])
PSI = (
    Case(layers("psi"), MIXED, note="non-convex, not L-smooth"),
    Case(two_matrices("psi"), SCALED, note="non-convex, not L-smooth"),
    Case(layers("psi", "square", "psi"), MIXED, note="layers of two kinds"),
)
COUPLED = (
    Case(coupled, PAIR, note="coupled layers, row sums"),
    Case(coupled, CORNERS, note="coupled layers, row sums"),
)
REAL = (
    Case(
        lambda seed: two_layers(),
        Product([Spectral(), LInf()]),
        steps=25,
        fixed=True,
        note="digits 3 and 8, a bounded network with both layers trained, constants from the data",
    ),
    Case(
        lambda seed: three_digits(),
        Spectral(),
        steps=25,
        fixed=True,
        note="digits 0, 1, 2, multinomial regression",
    ),
    Case(lambda seed: breast_cancer(), LInf(), steps=25, fixed=True, note="569 samples, 30 features"),
)
COSH = (
    Case(layers("cosh"), MIXED, note="second-derivative meaning, inflated"),
    Case(layers("power4"), MIXED, note="second-derivative meaning, inflated"),
)


def one_dimensional(seed: int) -> Ridges:
    """A flat and a steep direction; the start lies along the flat one, where (1 - mu / L) is the exact factor."""
    flat, steep = 1e-4, 1.0
    return Ridges(RidgeLayer("square", np.array([flat, steep]), np.ones(2), np.zeros(2), np.array([3.0 + seed, 0.0])))


def bowls(seed: int) -> Ridges:
    """One-dimensional or round layers, for which every descent is an equality in any norm of MIXED."""
    rng = np.random.default_rng(seed)
    shapes = ((1, 1), (1,), (3,))
    return Ridges(
        *(
            RidgeLayer("square", np.full(s, 1.5 + j), np.ones(s), np.zeros(s), rng.standard_normal(s))
            for j, s in enumerate(shapes)
        )
    )


def straight(seed: int) -> Ridges:
    """Two layers at a distance of 4 from the minimiser of each, where LMO steps go straight to it."""
    shapes = ((2,), (3,))
    starts = (np.array([2.4, 3.2]), np.full(3, 4.0))
    return Ridges(
        *(RidgeLayer("square", np.ones(n), np.ones(n), np.zeros(n), x) for n, x in zip(shapes, starts, strict=True))
    )


def noisy(problem, size: float):
    """The same problem with Gaussian noise of standard deviation `size` in every entry of its gradients."""
    return lambda seed: Noisy(problem(seed), Gaussian(size))


def signed(problem, size: float):
    """The problem with noise +-size in every entry of its gradients, which is surely bounded."""
    return lambda seed: Noisy(problem(seed), Signs(size))


def descent(step, **remarks):
    """The descent of one step on a path, with the radii that it took."""
    r, own = moved_by[step, layer], g[step, layer]
    fall = r * own - 2 * r * error[step, layer] - (L0[layer] + L1_layer[layer] * own) * r**2 / 2
    return EachStep(LayerSum(fall) <= value[step] - value[step + 1], "descent", **remarks)

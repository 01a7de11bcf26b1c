"""A problem whose gradient is seen through additive noise."""

from typing import Any, ClassVar

import jax

from broximal.oracles.arrays import combine, inner
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import shape_of
from broximal.oracles.objective import Objective
from broximal.problems._data import like_tree
from broximal.problems.smooth.ridges import Ridges
from broximal.problems.stochastic.contract import VarianceGrowth, additive_smoothness
from broximal.problems.stochastic.noise import Gaussian, Noise
from broximal.problems.stochastic.sample import Sample, mean_draw
from broximal.problems.stochastic.with_noise import WithNoise, seen_exactly


class Shifted(Sample):
    """f(x; xi) = f(x) + <shift, x>, so that its gradient is f'(x) + shift; f is a problem, or a sample itself."""

    problem: Objective
    shift: Any

    @property
    def convex(self) -> bool:
        return self.problem.convex

    @property
    def smooth(self) -> bool:
        return self.problem.smooth

    def value(self, x):
        return self.problem.value(x) + inner(like_tree(self.shift, x), x)

    def gradient(self, x):
        return combine(1.0, self.problem.gradient(x), 1.0, like_tree(self.shift, x))


class Noisy(WithNoise):
    """Noisy(problem, noise): f(x; xi) = f(x) + <xi, x>, xi a draw of the noise.

    Unbiased, as the noise is symmetric and has a mean. E |noise|^2 does not depend on the point, samples have differences
    f'(x) - f'(y) without noise, and a mean of b draws, being symmetric as well, has a p-th moment of at most b^(1/p - 1)
    times that of one: E |v + w|^p = E (|v + w|^p + |v - w|^p) / 2 <= E (|v|^2 + |w|^2)^(p/2) <= E |v|^p + E |w|^p for p <= 2.
    """

    alias: ClassVar[str] = "noisy"
    noise: Noise

    def __init__(self, problem, noise):
        """Raises InvalidArgument unless these are a problem with exact gradients and a noise."""
        self.problem, self.noise = seen_exactly(problem), as_noise(noise)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Noisy":
        """A nonconvex sum of ridge functions with normal noise of deviation 0.1."""
        return cls(Ridges.example(dim, seed), Gaussian(0.1))

    @property
    def noise_name(self) -> str:
        return self.noise.name

    def _draw(self, key, batch):
        return Shifted(self.problem, mean_draw(self.noise.sample, key, self.noise, self.x0, batch))

    def _outcomes(self):
        try:
            found = self.noise.outcomes(shape_of(self.x0))
        except MissingConstant:
            return None
        return [(p, Shifted(self.problem, v)) for p, v in found]

    def _mean(self, samples):
        shifts = [sample.shift for sample in samples]
        return Shifted(self.problem, jax.tree.map(lambda *v: sum(v) / len(v), *shifts))

    def _sigma(self, layers):
        return self.noise.layer_sigmas(layers, self.x0)

    def _sure(self, layers):
        return self.noise.layer_bounds(layers, self.x0)

    def _moment(self, p, layers, batch):
        return self.noise.layer_moments(p, layers, self.x0, batch)

    def variance_growth(self, batch=None):
        found = super().variance_growth(batch)
        return VarianceGrowth(found.s0, 0.0, found.of, True)

    def _mean_squared_smoothness(self, norm, batch):
        return additive_smoothness(self.problem, norm)


def as_noise(noise: Any) -> Noise:
    """noise, if it is one. Raises InvalidArgument."""
    if not isinstance(noise, Noise):
        raise InvalidArgument(f"noise must be one of broximal.problems.noise, not {noise!r:.80}.")
    return noise

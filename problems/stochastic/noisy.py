"""A problem whose gradient is seen through additive noise."""

from typing import Any, ClassVar

from broximal.oracles.arrays import combine
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers, shape_of
from broximal.oracles.norm import Norm
from broximal.problems.problem import Problem
from broximal.problems.smooth.ridges import Ridges
from broximal.problems.stochastic.noise import Gaussian, Noise


class Noisy(Problem):
    """Noisy(problem, noise): everything is that of the problem, and `sample_gradient` adds a draw of the noise."""

    alias: ClassVar[str] = "noisy"
    problem: Problem
    noise: Noise

    def __init__(self, problem, noise):
        """Raises InvalidArgument unless these are a problem and a noise."""
        if not isinstance(problem, Problem):
            raise InvalidArgument(f"problem must be a problem, not {problem!r:.80}.")
        if not isinstance(noise, Noise):
            raise InvalidArgument(f"noise must be one of broximal.problems.stochastic.noise, not {noise!r:.80}.")
        self.problem, self.noise = problem, noise

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Noisy":
        """A nonconvex sum of ridge functions with normal noise of deviation 0.1."""
        return cls(Ridges.example(dim, seed), Gaussian(0.1))

    # ---- the noise ---------------------------------------------------------------------------------------------------

    def sample_gradient(self, key: Any, x: Any) -> Any:
        """The gradient at x plus the draw of this key: one key at two points gives the same draw at both."""
        g = self.problem.gradient(x)
        return combine(1.0, g, 1.0, self.noise.sample(key, g))

    def gradient_outcomes(self, x: Any) -> list[tuple[float, Any]]:
        """All (probability, stochastic gradient) at x. Raises MissingConstant unless the support is small."""
        g = self.problem.gradient(x)
        return [(p, combine(1.0, g, 1.0, v)) for p, v in self.noise.outcomes(shape_of(x))]

    def sigma(self, norm: Norm) -> tuple[float, ...]:
        """sqrt(E |noise|_2^2) of every layer of this norm; may be infinite."""
        parts = Layers(norm).split(self.x0)
        return tuple(sum(s**2 for s in self.noise.sigmas(shape_of(part))) ** 0.5 for part in parts)

    # ---- what the problem says -----------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"{self.problem.name} + {self.noise.name}"

    @property
    def convex(self) -> bool:
        return self.problem.convex

    @property
    def smooth(self) -> bool:
        return self.problem.smooth

    def value(self, x):
        return self.problem.value(x)

    def gradient(self, x):
        return self.problem.gradient(x)

    def value_and_gradient(self, x):
        return self.problem.value_and_gradient(x)

    def rounding(self, x):
        return self.problem.rounding(x)

    def cvxpy(self, z):
        return self.problem.cvxpy(z)

    def conjugate(self, g):
        return self.problem.conjugate(g)

    def move(self, norm, x, radius):
        return self.problem.move(norm, x, radius)

    @property
    def x0(self):
        return self.problem.x0

    @property
    def f_star(self):
        return self.problem.f_star

    @property
    def lower(self):
        return self.problem.lower

    @property
    def minimiser(self):
        return self.problem.minimiser

    @property
    def unique_minimiser(self) -> bool:
        return self.problem.unique_minimiser

    @property
    def star_convex(self) -> bool:
        return self.problem.star_convex

    @property
    def growth_exponent(self):
        return self.problem.growth_exponent

    def gap(self, x):
        return self.problem.gap(x)

    def distance(self, x, norm):
        return self.problem.distance(x, norm)

    def constant(self, name, norm, x0=None):
        return self.problem.constant(name, norm, x0)

    def smoothness(self, norm):
        return self.problem.smoothness(norm)

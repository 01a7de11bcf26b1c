"""The contract of an inexact LMO, and the exact one of the spectral norm to compare with."""

import abc
from typing import Any, ClassVar

from broximal.oracles.arrays import at_least_single, scope
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm
from broximal.oracles.norms import Spectral
from broximal.oracles.polar.answer import InexactLMO, measured


class InexactMethod(Module):
    """A method that approximates the LMO of a matrix norm; immutable, jittable, numpy in, numpy out; JAX in, JAX out."""

    norm: ClassVar[Norm] = Spectral()

    __getattribute__ = object.__getattribute__  # plain methods: `jax.jit` takes them (see norm.py)

    @abc.abstractmethod
    def _point(self, g: Any) -> Any:
        """The approximate minimiser of <g, .> over the unit ball."""

    @abc.abstractmethod
    def matmuls(self) -> int:
        """Products of the matrix, or of a Gram matrix, with a matrix (or, for power iteration, a vector)."""

    def point(self, g: Any) -> Any:
        """The bare point, for use inside a method, of the shape and dtype of g.

        Raises InvalidArgument unless g is a finite real matrix.
        """
        g = self.norm.prepare(g, "g")
        with scope(g):
            return self._point(at_least_single(g)).astype(g.dtype)

    def lmo(self, g: Any) -> InexactLMO:
        """The point with its measured (lo, hi); measuring takes two SVDs. Raises InvalidArgument as `point` does."""
        g = self.norm.prepare(g, "g")
        return measured(self.norm, g, self.point(g))


class Exact(InexactMethod):
    """Exact(): -U V' by SVD."""

    def _point(self, g):
        return Spectral()._lmo(g)

    def matmuls(self):
        return 0

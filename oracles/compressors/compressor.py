"""The contract of a compressor C: a map, possibly random, whose message is cheaper to send than its argument.

What a theorem needs of it is alpha in E |C(x) - x|^2 <= (1 - alpha) |x|^2, and alpha depends on the norm. It is looked
for in this order: a proof for that norm; the equivalence with l2, by

    |C(x) - x|^2 <= theta^2 |C(x) - x|_2^2,    |x|_2^2 <= rho^2 |x|^2,    so 1 - alpha = (rho theta)^2 (1 - alpha_2);

points that refute every alpha > 0 (constant, one entry, diagonal, Hadamard).
"""

import abc
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import jax.numpy as jnp

from broximal.oracles.arrays import Tree, as_point, is_concrete, scope
from broximal.oracles.compressors import contraction as facts
from broximal.oracles.compressors.contraction import Contraction
from broximal.oracles.compressors.counterexamples import NotContractive, candidates, refuted
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2

LARGEST = 2**16  # entries up to which points are tried as counterexamples
EXPONENT_BITS = {16: 5, 32: 8, 64: 11}


class Compressor(Module):
    """A compressor of real arrays, immutable and itself a pytree; numpy in, numpy out; JAX in, JAX out.

    A subclass implements `_apply`, `_proved`, `_bits`, and says with the attributes below what compositions may use.
    """

    alias: ClassVar[str] = ""  # the word that `compressors.parse` knows it by
    random: ClassVar[Any] = False  # uses its key
    matrix: ClassVar[Any] = False  # defined on two-dimensional arrays only
    tree: ClassVar[Any] = False  # defined on trees of layers too
    orthogonal: ClassVar[Any] = False  # <C(x), x - C(x)> = 0
    coordinate: ClassVar[Any] = False  # C(x) is x with some entries set to zero
    keeps_zeros: ClassVar[Any] = False  # C(x) is zero where x is
    radial: ClassVar[Any] = False  # C(x) is a multiple of x
    unbiased: ClassVar[Any] = False  # E C(x) = x

    __getattribute__ = object.__getattribute__  # plain methods: `jax.jit` takes them (see norm.py)

    if TYPE_CHECKING:
        name: ClassVar[Any]
        latex: ClassVar[Any]
    else:

        @property
        @abc.abstractmethod
        def name(self) -> str:
            """Short readable name with its parameters; `compressors.parse` reads it back."""

        @property
        @abc.abstractmethod
        def latex(self) -> str:
            """C(x) as a formula."""

    @classmethod
    @abc.abstractmethod
    def examples(cls) -> tuple[tuple["Compressor", Any], ...]:
        """Instances with a shape each: what every test goes through."""

    @abc.abstractmethod
    def _apply(self, key: Any, x: Any) -> Any:
        """C(x)."""

    @abc.abstractmethod
    def _proved(self, norm: Norm, shape: Any) -> Contraction | None:
        """alpha in this norm (already without scalar factors) where there is a proof; may raise NotContractive."""

    @abc.abstractmethod
    def _bits(self, shape: Any, value: int) -> float:
        """Bits per message, when a number of it costs `value` bits."""

    def _value_bits(self, value: int) -> int:
        """Bits of one number of C(x)."""
        return value

    def _gain(self, norm: Norm, shape: Any, q: float) -> float:
        """s with E |C(x)|^2 <= s^2 |x|^2, given E |C(x) - x|^2 <= q^2 |x|^2."""
        return 1 + q

    def _check_shape(self, shape: Any, name: str) -> None:
        """Raise InvalidArgument if C is not defined on this shape."""
        if not facts.is_shape(shape):
            if not self.tree:
                raise InvalidArgument(f"{name} is a tree of layers; compressor {self.name} is defined on one array.")
        elif self.matrix and len(shape) != 2:
            raise InvalidArgument(f"{name} has shape {shape}; compressor {self.name} is defined on matrices (2 axes).")

    # ---- what follows ----------------------------------------------------------------------------------------------

    def __call__(self, key: Any, x: Tree) -> Tree:
        """C(x), of the shape and dtype of x. `key` is a JAX random key; deterministic compressors ignore it.

        Raises InvalidArgument for NaN, infinite, complex or empty x, shapes C is not defined on, and a wrong key.
        """
        x = as_point(x)
        self._check_shape(jax.tree.map(lambda leaf: tuple(leaf.shape), x), "x")
        if self.random:
            check_key(key)
            if not is_concrete(key):
                x = jax.tree.map(jnp.asarray, x)
        with scope(x):
            return self._apply(key, x)

    def contraction(self, norm: Norm, shape: Any) -> Contraction:
        """alpha with E |C(x) - x|^2 <= (1 - alpha) |x|^2 for all x of this shape (a tuple, or a tree of tuples).

        Raises NotContractive, with a counterexample, if no alpha > 0 holds; MissingConstant if neither a proof nor a
        counterexample is known; InvalidArgument if the norm or C is not defined on the shape.
        """
        shape = facts.as_shape(shape)
        facts.check_norm(norm, shape)
        self._check_shape(shape, "x")
        plain = facts.without_factor(norm)
        found = self._proved(plain, shape) or self._by_equivalence(plain, shape)
        if found is not None:
            return found
        self._try_to_refute(norm, shape)
        raise MissingConstant(
            f"neither a proof nor a counterexample is known for compressor {self.name} in the {norm.name} norm "
            f"on shape {shape}."
        )

    def _by_equivalence(self, norm: Norm, shape: Any) -> Contraction | None:
        try:
            euclidean = self._proved(L2(), shape) if facts.is_shape(shape) else None
        except NotContractive:
            return None
        if euclidean is None:
            return None
        rho, theta, _ = norm.l2_bounds(shape)
        alpha = 1 - (rho * theta) ** 2 * (1 - euclidean.alpha)
        why = f"norm equivalence: 1 - alpha = (rho theta)^2 (1 - alpha_2), alpha_2 = {euclidean.alpha:.6g} in l2"
        return Contraction(alpha, False, why) if alpha > 0 else None

    def _try_to_refute(self, norm: Norm, shape: Any) -> None:
        if self.random or not facts.is_shape(shape) or facts.size(shape) > LARGEST:
            return
        for x, words in candidates(shape):
            ratio = float(norm(self(None, x) - x) / norm(x)) ** 2
            if ratio >= 1 - 1e-12:
                raise refuted(self, norm, x, words, ratio)

    def bits(self, shape: Any, float_bits: int = 32) -> float:
        """Bits per message (expected ones, if the length is random) for floats of 16, 32 or 64 bits.

        Both ends know the shape and the random key. Raises InvalidArgument.
        """
        shape = facts.as_shape(shape)
        self._check_shape(shape, "x")
        if float_bits not in EXPONENT_BITS:
            raise InvalidArgument(f"float_bits must be 16, 32 or 64, not {float_bits!r}.")
        return float(self._bits(shape, int(float_bits)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self.name}>"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


def check_key(key: Any) -> None:
    """Raise InvalidArgument unless `key` is one JAX random key."""
    if isinstance(key, jax.Array):
        typed = jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
        if (typed and key.ndim == 0) or (key.dtype == jnp.uint32 and key.shape == (2,)):
            return
    raise InvalidArgument(f"key must be one JAX random key such as jax.random.key(0), not {key!r}.")

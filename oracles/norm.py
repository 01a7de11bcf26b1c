"""The contract of a norm, and everything that follows from it.

A norm states five things: its value, its dual, the linear minimisation oracle of its unit ball, the projection onto
its ball, and its cvxpy expression. Sharp operator, prox, subgradient, and membership are derived here once for all.
"""

import abc
import functools
import math
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from broximal.oracles import arrays, derivatives
from broximal.oracles.answering import answered
from broximal.oracles.arrays import Tree, as_point, as_radius, scope
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.module import Module
from broximal.oracles.roots import decreasing_root
from broximal.oracles.verified import check_lmo, check_projection


class L2Bounds(NamedTuple):
    """The equivalence constants of a norm with the Euclidean one, on points of one shape.

    rho   = max |v|_* / |v|_2 = max |u|_2 / |u|
    theta = max |v|_2 / |v|_* = max |u|   / |u|_2
    exact = both maxima are attained (else they are upper bounds).
    """

    rho: float
    theta: float
    exact: bool = True


def as_norm(value: Any, name: str = "norm") -> "Norm":
    """value, or InvalidArgument that says how to make a norm of it."""
    if isinstance(value, Norm):
        return value
    if isinstance(value, str):
        raise InvalidArgument(f"{name} must be a norm, not the text {value!r}; `norms.parse({value!r})` reads it.")
    if isinstance(value, type) and issubclass(value, Norm):
        raise InvalidArgument(f"{name} must be a norm, not its class; make one with {value.__name__}(...).")
    raise InvalidArgument(f"{name} must be a norm, not {value!r:.80}.")


class Norm(Module):
    """A norm on real arrays (or pytrees of arrays), immutable and itself a pytree.

    Public methods accept numpy arrays, JAX arrays, tracers and plain lists, and raise InvalidArgument on NaN,
    infinity, complex or empty input and on shapes the norm is not defined on. Numpy in, numpy out; JAX in, JAX out; half
    precision is computed in single. Under jit, where nothing can be raised, NaN, infinity and negative radii give NaN.
    A subclass implements `_value`, `dual`, `_lmo`, `_project`, `cvxpy`, `l2_bounds` and never overrides the rest.
    """

    alias: ClassVar[str] = ""  # the word that `norms.parse` knows the norm by
    matrix: ClassVar[Any] = False  # defined on two-dimensional arrays only
    # Invariances, class attributes or properties (of a wrapper they depend on what is wrapped):
    absolute: ClassVar[Any] = False  # |x| depends only on the absolute values of the entries
    symmetric: ClassVar[Any] = False  # absolute, and invariant under permutations of the entries: a symmetric gauge
    unitary: ClassVar[Any] = False  # |Q x R| = |x| for orthogonal Q and R: a function of the singular values

    # Plain methods, not pytrees as equinox makes them: ten times cheaper to look up, and `jax.jit` takes them.
    __getattribute__ = object.__getattribute__

    @property
    def error(self) -> float:
        """How far values and dual values may be off, relatively, beyond rounding: that of the norms it is made of.

        0 for closed forms; a norm that is evaluated by a solver states what the solver is good for.
        """
        return max((part.error for part in self._parts), default=0.0)

    @property
    def iterative(self) -> bool:
        """Are projections (or LMOs) found by a solver or an iteration with a cap? Then each is checked by its gap."""
        return any(part.iterative for part in self._parts)

    @property
    def _parts(self) -> list["Norm"]:
        """The norms that this one is made of."""
        parts = jax.tree.leaves(self, is_leaf=lambda part: isinstance(part, Norm) and part is not self)
        return [part for part in parts if isinstance(part, Norm)]

    # ---- what a norm states ----------------------------------------------------------------------------------------

    if TYPE_CHECKING:  # plain class attributes in some norms, properties in others
        name: ClassVar[Any]
        latex: ClassVar[Any]
    else:

        @property
        @abc.abstractmethod
        def name(self) -> str:
            """Short readable name with its parameters, such as `l1` or `schatten(3)`; `norms.parse` reads it back."""

        @property
        @abc.abstractmethod
        def latex(self) -> str:
            """The norm of a dot, such as `\\|\\cdot\\|_1`."""

    @property
    @abc.abstractmethod
    def dual(self) -> "Norm":
        """The dual norm |v|_* = max { <v, u> : |u| <= 1 }."""

    @abc.abstractmethod
    def _value(self, x: Any) -> Any:
        """|x|, a scalar array."""

    @abc.abstractmethod
    def _lmo(self, g: Any) -> Any:
        """A minimiser of <g, v> over |v| <= 1; an extreme point of the ball also when g = 0."""

    @abc.abstractmethod
    def _project(self, x: Any, radius: Any) -> Any:
        """The Euclidean projection of x onto |v| <= radius (radius > 0)."""

    @abc.abstractmethod
    def cvxpy(self, expr: Any) -> Any:
        """|expr| as a convex cvxpy expression: the slow twin of everything above."""

    @abc.abstractmethod
    def l2_bounds(self, shape: Any) -> L2Bounds:
        """Equivalence constants with the Euclidean norm on arrays of this shape (a tuple, or a tree of tuples)."""

    @classmethod
    def examples(cls) -> tuple[tuple["Norm", Any], ...]:
        """Instances with a shape each: what `norms.catalogue` lists and every law is tested on."""
        return ((cls(), (3, 4) if cls.matrix else (5,)),)

    def _prox_square(self, x: Any, mu: Any) -> Any:
        """argmin_z mu |z|^2 / 2 + |z - x|_2^2 / 2: x minus its projection onto the dual ball of radius q = mu |z|."""
        xp, top = arrays.namespace(x), self.dual._value(x)

        def rest(q):
            return arrays.subtract(x, self.dual._project(x, q))

        q = decreasing_root(lambda q: mu * self._value(rest(q)) - q, 0 * top, top, mu * self._value(x), -top)
        moved = rest(xp.where(q > 0, q, xp.ones_like(q)))
        return jax.tree.map(lambda m, part: xp.where(q > 0, m, part), moved, x)

    def _certified_lmo(self, g: Any) -> tuple[Any, Any, Any]:
        """(v, |g|_*, |v|) with v = _lmo(g), where the last two may be upper bounds that are cheaper than the norms.

        Overridden where one decomposition answers all three.
        """
        point = self._lmo(g)
        return point, self.dual._value(g), self._value(point)

    def _check_shape(self, shape: tuple[int, ...], name: str) -> None:
        """Raise InvalidArgument if the norm is not defined on arrays of this shape."""
        if self.matrix and len(shape) != 2:
            raise InvalidArgument(f"{name} has shape {shape}; the {self.name} norm is defined on matrices (2 axes).")

    # ---- what follows ----------------------------------------------------------------------------------------------

    def prepare(self, x: Tree, name: str = "x") -> Tree:
        """x as a validated point of this norm's space."""
        x = as_point(x, name)
        self._check_point(x, name)
        return x

    def _check_point(self, x: Tree, name: str) -> None:
        if not hasattr(x, "shape"):
            raise InvalidArgument(
                f"{name} is a tree of layers; the {self.name} norm is defined on one array (`Product` joins norms of layers)."
            )
        self._check_shape(tuple(x.shape), name)

    @functools.partial(answered, derivative=derivatives.of_value)
    def __call__(self, x: Tree):
        """|x|. Returns a scalar of the dtype of x."""
        x = self.prepare(x)
        with scope(x):
            return self._value(x)

    @functools.partial(answered, derivative=derivatives.of_jumps)
    def lmo(self, g: Tree, radius=1.0) -> Tree:
        """argmin { <g, v> : |v| <= radius }: the minimiser, never the maximiser, never a difference.

        At ties and at g = 0 a documented extreme point of the ball is returned (see each norm's file). Raises
        NotCertified, outside jit, if a solver inside the norm ends above the minimum by more than 1e-8 of it.
        """
        g, radius = self.prepare(g, "g"), as_radius(radius)
        with scope(g):
            point = arrays.scale(radius, self._lmo(g))
            if self.iterative:
                check_lmo(self, g, radius, point)
            return point

    @functools.partial(answered, derivative=derivatives.of_projection)
    def project(self, x: Tree, radius=1.0) -> Tree:
        """The Euclidean projection of x onto the ball of this radius (0: the centre; infinite: x itself).

        Exact to rounding where it has a closed form or one scalar equation. Where an iteration finds it, it is proved to
        be within 1e-5 |x|_2 of the true one, or, outside jit, NotCertified is raised with the point that was found.
        """
        x, radius = self.prepare(x), as_radius(radius, allow_infinite=True)
        with scope(x):
            return self._proved_projection(x, radius)

    def _proved_projection(self, x, radius):
        point = self._projection(x, radius)
        if self.iterative:
            check_projection(self, x, radius, point)
        return point

    def _projection(self, x, radius):
        """`_project` for every radius, 0 and infinity among them."""
        if arrays.is_concrete(radius):
            if radius == 0:
                return arrays.scale(0.0, x)
            if radius == math.inf:
                return x
            return self._project(x, radius)
        proper = (radius > 0) & (radius < math.inf)
        point = self._project(x, jnp.where(proper, radius, 1.0).astype(radius.dtype))
        return jax.tree.map(lambda p, v: jnp.where(proper, p, jnp.where(radius == 0, 0 * v, v)), point, x)

    @functools.partial(answered, derivative=derivatives.of_projection)
    def prox(self, x: Tree, weight=1.0) -> Tree:
        """argmin_z weight |z| + |z - x|_2^2 / 2, by Moreau: x minus its projection onto the dual ball, as exact as that."""
        x, weight = self.prepare(x), as_radius(weight, "weight")
        with scope(x):
            return arrays.subtract(x, self.dual._proved_projection(x, weight))

    @functools.partial(answered, derivative=derivatives.of_jumps)
    def sharp(self, g: Tree) -> Tree:
        """The sharp operator g# = argmax <g, x> - |x|^2 / 2 = -|g|_* lmo(g); <g, g#> = |g#|^2 = |g|_*^2."""
        g = self.prepare(g, "g")
        with scope(g):
            return arrays.scale(-self.dual._value(g), self._lmo(g))

    @functools.partial(answered, derivative=derivatives.of_jumps)
    def subgradient(self, x: Tree) -> Tree:
        """A subgradient of the norm at x: a dual unit vector y with <y, x> = |x|."""
        x = self.prepare(x)
        with scope(x):
            return arrays.scale(-1.0, self.dual._lmo(x))

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self.name}>"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"

"""The contract of a problem: an objective that owns what is known about it."""

import abc
from typing import Any, ClassVar, Literal, NamedTuple

import jax
import numpy as np

from broximal.oracles.arguments import nearest
from broximal.oracles.arrays import Tree, subtract
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import shape_of
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import L2, Product
from broximal.oracles.objective import Objective
from broximal.problems._points import AT_A_POINT, Space, as_point_of, at_a_point, in_a_norm, space_of
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.smoothness import Smoothness


class Meaning(NamedTuple):
    """What a constant means, in the norm that it is asked for in, and whether a "larger" or a "smaller" one holds as well.

    alone  is it a constant by itself, and not one of a pair that may be traded?
    """

    text: str
    safe: Literal["larger", "smaller"]
    alone: bool = True


CONSTANTS = {
    "L": Meaning("smoothness: |grad f(x) - grad f(y)|_* <= L |x - y|", "larger"),
    "L0": Meaning(
        "with L1: |grad f(x) - grad f(y)|_* <= (L0 + L1 sup over the segment of |grad f|_*) |x - y|", "larger", False
    ),
    "L1": Meaning("see L0", "larger", False),
    "mu": Meaning("strong convexity: f(y) >= f(x) + <g, y - x> + mu/2 |y - x|^2", "smaller"),
    "kappa": Meaning(
        "growth: f(x) - f* >= kappa dist(x, X*)^q on {f <= f(x0)}, for the exponent q = growth_exponent", "smaller"
    ),
    "PL": Meaning("Polyak-Lojasiewicz: sum over the layers of |grad_i f(x)|_i*^2 >= 2 PL (f(x) - f*)", "smaller"),
    "G": Meaning("Lipschitz: |f(x) - f(y)| <= G |x - y|", "larger"),
    "R0": Meaning("sublevel radius: sup { |z - x*| : f(z) <= f(x0) }", "larger"),
}


STATED = frozenset(
    ("convex", "smooth", "f_star", "lower", "minimiser", "unique_minimiser", "star_convex", "growth_exponent")
)  # read from the facts, on every problem


class _Kept:
    """A place for facts and shapes outside the instance's dictionary, whose size equinox takes for a part of the tree structure."""

    __slots__ = ("_kept", "_space")


class Problem(Objective, _Kept):
    """An objective with a default start, a minimum known with an error, minimisers, and constants in any norm.

    A family implements `value`, `gradient`, `name`, `x0`, `_facts()`, and whichever of the private `_constant_<name>(norm)`
    it can prove; what it cannot prove it leaves out, and a theorem that needs it is then not applicable. From an L or mu
    in the Euclidean norm the base class derives one in every norm.

    `value`, `gradient`, `value_and_gradient`, `gap` and `distance` take points as the oracles do: lists, data frames and integers are
    made float64 arrays, half precision is computed in single; what is no point of the problem's space raises
    InvalidArgument. NaN and infinity pass where they are evaluated, as a run may diverge.

    What is known about f is stated in one place, `_facts`, which returns a `Facts`; `convex`, `smooth`, `f_star`, `lower`,
    `minimiser`, `unique_minimiser`, `star_convex` and `growth_exponent` are read from it, and a class that defines one of
    them itself is refused, since wrappers would not see it. A wrapper starts from the facts of what it wraps and says what
    differs; a subclass does the same with those of its base.

    >>> import numpy as np
    >>> class Bowl(Problem):
    ...     name, x0 = "bowl", np.ones(2)
    ...     def value(self, x): return (x * x).sum()
    ...     def gradient(self, x): return 2 * x
    ...     def _facts(self):
    ...         minimum = Known(0.0, 0.0, "a sum of squares")
    ...         return Facts(convex=True, smooth=True, f_star=minimum, minimiser=np.zeros(2), unique=True)
    >>> Bowl().growth_exponent
    2.0
    """

    alias: ClassVar[str] = ""  # the word that `problems.make` knows the family by

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if found := STATED.intersection(vars(cls)):
            raise InvalidArgument(f"{cls.__name__} must state {min(found)} in _facts(), not define it itself.")
        for name, lowered in AT_A_POINT.items():
            if callable(method := vars(cls).get(name)):
                setattr(cls, name, at_a_point(method, lowered))
        if callable(method := vars(cls).get("smoothness")):
            cls.smoothness = in_a_norm(method)

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)  # without the facts, which hold functions: a copy makes its own

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Short readable name with sizes, such as `quadratic(20)`."""

    @property
    @abc.abstractmethod
    def x0(self) -> Tree:
        """The default starting point, in the problem's space; float64 numpy."""

    @abc.abstractmethod
    def _facts(self) -> Facts:
        """What is known about f, stated once; see `broximal.problems.facts`."""

    @property
    def facts(self) -> Facts:
        """What is known about f as one value, which wrappers start from; made once for an instance."""
        try:
            return self._kept
        except AttributeError:
            object.__setattr__(self, "_kept", self._facts())
            return self._kept

    @property
    def space(self) -> Space | None:
        """What the points look like; made once for an instance."""
        try:
            return self._space
        except AttributeError:
            object.__setattr__(self, "_space", space_of(self))
            return self._space

    @property
    def convex(self) -> bool:
        return self.facts.convex

    @property
    def smooth(self) -> bool:
        return self.facts.smooth

    @property
    def f_star(self) -> Known:
        """inf f with its error and why. Raises MissingConstant if it is not known."""
        return self.facts.f_star

    @property
    def lower(self) -> Known:
        """A number that is at most inf f up to its error: f_star where that is known, else what the family can prove.

        Enough wherever a theorem uses f(x0) - inf f as an upper bound only. Raises MissingConstant without one.
        """
        return self.facts.lower

    @property
    def minimiser(self) -> Tree | None:
        """A minimiser (the star centre for star-convex f), or None if there is none or it is not known."""
        return self.facts.minimiser

    @property
    def unique_minimiser(self) -> bool:
        """Is `minimiser` the only one?"""
        return self.facts.unique

    @property
    def star_convex(self) -> bool:
        """f((1-l) x + l x*) <= (1-l) f(x) + l f* for every x, x* = `minimiser`. True for convex f with a minimiser."""
        return self.facts.star_convex

    @property
    def growth_exponent(self) -> float | None:
        """The q for which `constant("kappa", norm)` is known, or None."""
        return self.facts.growth

    @property
    def stochastic(self) -> bool:
        """Are gradients seen through samples (`broximal.problems.stochastic.contract`)?"""
        return False

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Problem":
        """A random member of the family of about this dimension."""
        raise InvalidArgument(f"the family {cls.alias!r} has no random example; construct {cls.__name__} yourself.")

    # ---- derived ---------------------------------------------------------------------------------------------------

    def gap(self, x: Tree) -> Any:
        """f(x) - f*, as computed (see `f_star.error` for what is uncertain)."""
        return self.value(x) - self.f_star.value

    def distance(self, x: Tree, norm: Norm) -> Known:
        """dist(x, X*) in the norm if the minimiser is unique or the family knows X*, else |x - minimiser|.

        Raises InvalidArgument for a point that is not of the problem's space, MissingConstant without a minimiser.
        """
        return self._distance(on_space(self, x, as_norm(norm), "x"), norm)

    def _distance(self, x: Tree, norm: Norm) -> Known:
        """`distance` at a validated point."""
        if self.minimiser is None:
            raise MissingConstant(f"{self.name} has no known minimiser, so no distance to it.")
        value = float(norm(subtract(x, self.minimiser)))
        why = "the minimiser is unique" if self.unique_minimiser else "distance to one minimiser"
        return Known(value, 8 * 2.2e-16 * (value + float(norm(self.minimiser))), why)

    def constant(self, name: str, norm: Norm, x0: Tree | None = None) -> Constant:
        """The constant of this name in this norm, tagged exact or bound with a reason.

        R0 is of the sublevel set of x0 (default: the problem's own). Raises InvalidArgument for an unknown name,
        MissingConstant if nobody can prove a value.
        """
        if name not in CONSTANTS:
            raise InvalidArgument(
                f"name {name!r} is no constant; known are {', '.join(CONSTANTS)}.{nearest(name, CONSTANTS)}"
            )
        x0 = finite_start(self, x0, as_norm(norm))
        if name == "R0":
            found = self._sublevel_radius(norm, x0)
        else:
            found = getattr(self, f"_constant_{name}", lambda norm: None)(norm)
        if found is None:
            raise MissingConstant(f"{self.name} has no proved constant {name} in the {norm.name} norm.")
        return Constant(name, float(found.value), found.kind, found.why, norm.name)

    @in_a_norm
    def smoothness(self, norm: Norm) -> tuple[Smoothness, ...]:
        """What is proved about layer-wise (L0, L1)-smoothness in the layers of this norm, each with its meaning.

        Here for one layer: an L is A1 with L1 = 0, as there is no other layer, and L0 with L1 (stated with the largest
        gradient on the segment) is A1H at its limit of short segments.
        """
        if isinstance(norm, Product):
            return ()
        if (found := self._constant_L(norm)) is not None:
            exact = found.kind == "exact"
            return (Smoothness("A1", (found.value,), (0.0,), found.why, exact),)
        L0, L1 = (getattr(self, f"_constant_{name}", lambda norm: None)(norm) for name in ("L0", "L1"))
        if L0 is None or L1 is None:
            return ()
        return (Smoothness("A1H", (L0.value,), (L1.value,), L0.why),)

    def _constant_L(self, norm: Norm) -> Constant | None:
        return self._from_l2("L", norm)

    def _constant_mu(self, norm: Norm) -> Constant | None:
        return self._from_l2("mu", norm)

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """Strong convexity gives growth with q = 2 and kappa = mu / 2."""
        mu = self._constant_mu(norm) if self.growth_exponent == 2 else None
        return Constant("kappa", mu.value / 2, "lower bound", f"mu / 2 ({mu.why})") if mu and mu.value > 0 else None

    def _l2_constant(self, name: str) -> Constant | None:
        """L or mu in the Euclidean norm over all entries, if the family knows it."""
        return None

    def _from_l2(self, name: str, norm: Norm) -> Constant | None:
        """|x|_2 <= rho |x| and |x| <= theta |x|_2 carry L and mu from the Euclidean norm to any norm."""
        base = self._l2_constant(name)
        if base is None or isinstance(norm, L2):
            return base
        bounds = norm.l2_bounds(shape_of(self.x0))
        if name == "L":
            return Constant("L", base.value * bounds.rho**2, "upper bound", f"rho^2 times the Euclidean L ({base.why})")
        return Constant("mu", base.value / bounds.theta**2, "lower bound", f"Euclidean mu ({base.why}) over theta^2")

    def _constant_PL(self, norm: Norm) -> Constant | None:
        """For one layer: strong convexity, by minimising both sides of its inequality over y."""
        mu = None if isinstance(norm, Product) else self._constant_mu(norm)
        return Constant("PL", mu.value, "lower bound", mu.why) if mu and mu.value > 0 else None

    def _sublevel_radius(self, norm: Norm, x0: Tree) -> Constant | None:
        """From growth: kappa |z - x*|^q <= f(z) - f* <= f(x0) - f*."""
        if self.growth_exponent is None or not self.unique_minimiser:
            return None
        kappa = self._constant_kappa(norm)
        if kappa is None or kappa.value <= 0:
            return None
        top = float(self.gap(x0)) + self.f_star.error
        value = (max(top, 0.0) / kappa.value) ** (1 / self.growth_exponent)
        return Constant("R0", value, "upper bound", f"growth on the sublevel set: {kappa.why}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self.name}>"


def finite_start(problem: Problem, x0: Tree | None, norm: Norm) -> Tree:
    """x0, or the problem's own, validated for the norm and against the problem's shape."""
    if x0 is None:
        return norm.prepare(problem.x0, "x0")
    return on_space(problem, x0, norm, "x0")


def check_minimiser(problem: Problem, x0: Tree) -> None:
    """Raise InvalidArgument for a stated minimiser that is no point like x0, of finite real numbers."""
    minimiser, said = problem.minimiser, f"problem {problem.name} states a minimiser"
    if minimiser is None:
        return
    of, wanted = (jax.tree.map(np.shape, x) for x in (minimiser, x0))
    if of != wanted:
        raise InvalidArgument(f"{said} of shape {of}, and its points have {wanted}.")
    for leaf in map(np.asarray, jax.tree.leaves(minimiser)):
        if leaf.dtype.kind not in "iuf" or not np.all(np.isfinite(leaf)):
            raise InvalidArgument(f"{said} that is no point of finite real numbers.")


def on_space(problem: Problem, x: Tree, norm: Norm, name: str) -> Tree:
    """x, validated for the norm and against the problem's shape."""
    x = as_point_of(problem, x, name, finite=True)
    norm._check_point(x, name)
    return x

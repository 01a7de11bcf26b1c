"""A norm the user writes as a cvxpy expression, and its dual: everything through the solver.

    CvxpyNorm(lambda x: cp.norm1(x) + cp.norm2(x), shape=(5,))

Accuracy is the solver's (about 1e-9 with Clarabel); points are pulled back into the ball, and the certificates of the
verbs say how good they are. Extreme points are not guaranteed. Numpy or concrete JAX arrays only, an error under jit.
"""

import abc
from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles.cvxpy_bridge import cvxpy, maximum, solve
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm, as_norm
from broximal.oracles.norms._arguments import on_host

SOLVED = 1e-8  # what the solver's answers are good for, relatively


class _BySolver(Norm):
    """A norm that knows only its cvxpy expression and its shape."""

    iterative = True

    @property
    def error(self) -> float:
        return SOLVED

    @property
    @abc.abstractmethod
    def _where(self) -> tuple[int, ...]:
        """The shape that the norm is defined on."""

    def _check_shape(self, shape, name):
        if shape != self._where:
            raise InvalidArgument(f"{name} has shape {shape}, but the {self.name} norm is defined on {self._where}.")

    def _what(self, verb: str) -> str:
        return f"the {verb} of the {self.name} norm"

    def _value(self, x):
        return on_host(lambda x, _: _evaluate(self, x), x, what=self._what("value"))

    def _lmo(self, g):
        return on_host(lambda g, _: _minimise(self, g)[0], g, what=self._what("LMO"))

    def _project(self, x, radius):
        def solved(x, r):
            size = _evaluate(self, x)
            if size <= r:
                return x
            unit = max(np.abs(x).max(), r)
            z = cvxpy().Variable(x.shape)
            solve(cvxpy().Problem(cvxpy().Minimize(cvxpy().sum_squares(z - x / unit)), [self.cvxpy(z) <= r / unit]))
            return z.value * (r / _evaluate(self, z.value))

        return on_host(solved, x, radius, what=self._what("projection"))


class CvxpyNorm(_BySolver):
    """CvxpyNorm(fn, shape, dual=None): fn maps a cvxpy expression of this shape to a convex cvxpy expression.

    `dual` may be a Norm that is known to be the dual. Raises InvalidArgument if fn(variable) is not convex by the rules
    of cvxpy, or is found not to be a norm at sampled points (value at 0, sign, homogeneity).
    """

    fn: Callable = eqx.field(static=True)
    shape: tuple = eqx.field(static=True)
    _dual: Norm | None
    alias: ClassVar[str] = "cvxpy_norm"
    latex = r"\|\cdot\|_{\mathrm{cvxpy}}"

    def __init__(self, fn: Callable, shape: tuple[int, ...], dual: Norm | None = None):
        self.fn = fn
        self.shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self._dual = None if dual is None else as_norm(dual, "dual")
        _validate(fn, self.shape)

    @classmethod
    def examples(cls):
        return ((cls(_l1_plus_l2, (3,)), (3,)),)

    @property
    def _where(self):
        return self.shape

    @property
    def name(self):
        return f"cvxpy_norm({getattr(self.fn, '__name__', 'fn')}, {list(self.shape)})"

    @property
    def dual(self):
        return self._dual or CvxpyDual(self)

    def cvxpy(self, expr):
        return self.fn(expr)

    def l2_bounds(self, shape):
        return _coordinate_bounds(self, shape)


class CvxpyDual(_BySolver):
    """CvxpyDual(norm): the dual of a CvxpyNorm, the support function of its ball."""

    primal: CvxpyNorm

    def __init__(self, primal: CvxpyNorm):
        self.primal = primal

    @property
    def _where(self):
        return self.primal.shape

    @property
    def name(self):
        return f"dual({self.primal.name})"

    @property
    def latex(self):
        return self.primal.latex + "^*"

    @property
    def dual(self):
        return self.primal

    def cvxpy(self, expr):
        z = cvxpy().Variable(self._where)
        return maximum(z, [self.primal.fn(z) <= 1], expr)

    def l2_bounds(self, shape):
        return _coordinate_bounds(self, shape)


def _l1_plus_l2(x):
    return cvxpy().norm1(x) + cvxpy().norm2(x)


def _evaluate(norm: Norm, x: np.ndarray) -> float:
    """|x| for a concrete x, at a scale where solvers feel at home."""
    size = float(np.abs(x).max())
    if size == 0:
        return 0.0
    if isinstance(norm, CvxpyDual):
        return _minimise(norm.primal, x)[1]
    return size * float(norm.cvxpy(cvxpy().Constant(x / size)).value)


def _minimise(norm: Norm, g: np.ndarray) -> tuple[np.ndarray, float]:
    """A minimiser v of <g, v> over |v| <= 1, and |g|_* as the solver sees it from both sides: the larger of -<g, v> and
    the multiplier of the constraint, which the homogeneity of norms makes equal."""
    cp, size = cvxpy(), float(np.abs(g).max())
    z = cp.Variable(g.shape)
    cost = g / size if size > 0 else np.where(np.arange(g.size).reshape(g.shape) == 0, 1.0, 0.0)
    ball = norm.cvxpy(z) <= 1
    solve(cp.Problem(cp.Minimize(cp.sum(cp.multiply(cost, z))), [ball]))
    point = z.value / _evaluate(norm, z.value)  # the minimum is on the sphere: inside or outside is the solver's error
    return point, size * max(-float((cost * point).sum()), float(np.squeeze(ball.dual_value)))


def _coordinate_bounds(norm: Norm, shape: Any) -> L2Bounds:
    """|v|_* <= |v|_2 (sum |e_i|_*^2)^(1/2), and likewise for the norm itself."""
    axes = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    rho = sum(_evaluate(norm.dual, e) ** 2 for e in axes) ** 0.5
    theta = sum(_evaluate(norm, e) ** 2 for e in axes) ** 0.5
    return L2Bounds(rho, theta, False)


def _validate(fn: Callable, shape: tuple[int, ...]) -> None:
    cp = cvxpy()
    expr = fn(cp.Variable(shape))
    if not isinstance(expr, cp.Expression) or expr.size != 1:
        raise InvalidArgument(f"fn must return a scalar cvxpy expression, not {type(expr).__name__}.")
    if not (expr.is_dcp() and expr.is_convex()):
        raise InvalidArgument("fn is not convex by the rules of cvxpy (disciplined convex programming).")

    def at(x):
        return float(fn(cp.Constant(x)).value)

    rng = np.random.default_rng(0)
    points = [*np.eye(int(np.prod(shape))).reshape(-1, *shape)[:8], *rng.standard_normal((4, *shape))]
    if abs(at(np.zeros(shape))) > 1e-9:
        raise InvalidArgument(f"fn is not a norm: its value at 0 is {at(np.zeros(shape)):g}.")
    for x in points:
        size, double, opposite = at(x), at(2.0 * x), at(-x)
        if not size > 1e-12:
            raise InvalidArgument(f"fn is not a norm: its value at a nonzero point is {size:g}.")
        if abs(double - 2 * size) > 1e-6 * size or abs(opposite - size) > 1e-6 * size:
            raise InvalidArgument("fn is not a norm: fn(2 x) is not 2 fn(x), or fn(-x) is not fn(x).")
    z, u = cp.Variable(shape), rng.standard_normal(shape)
    u /= np.linalg.norm(u)
    program = cp.Problem(cp.Minimize(fn(z)), [cp.sum(cp.multiply(u, z)) == 1])  # 1 / |u|_*, or 0 for a seminorm
    solve(program)
    if not program.value > 1e-6 * at(u):
        raise InvalidArgument("fn is not a norm but a seminorm: it is 0 at a point that is not.")

"""Polyhedral norms given by a matrix A whose rows a_i span the space.

max_abs_linear  |x| = max_i |<a_i, x>|, the ball is the polytope |A x| <= 1
atom_hull       |y| = min { |c|_1 : A' c = y }, the ball is the convex hull of the atoms +-a_i; the dual of the above

The LMO of the hull is the atom -sign(<a_i, g>) a_i of largest |<a_i, g>| (the first; +a_1 at g = 0). Everything else
is a linear program (HiGHS) or a least-distance problem, solved as non-negative least squares (Lawson and Hanson, ch.
23), exact to rounding. Those run on the host: numpy or concrete JAX arrays only, an error under jit.
"""

from typing import Any, ClassVar

import numpy as np
from scipy.optimize import linprog, nnls

from broximal.oracles.arrays import is_concrete, l2, namespace
from broximal.oracles.cvxpy_bridge import cvxpy, minimum
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms._arguments import like, on_host
from broximal.oracles.roots import decreasing_root

SHARP = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class _Polyhedral(Norm):
    A: Any
    iterative = True

    def __init__(self, A: Any):
        self.A = _arguments.array(A, "A", 2)
        if is_concrete(self.A) and np.linalg.matrix_rank(np.asarray(self.A)) < self.A.shape[1]:
            raise InvalidArgument(f"A must have full column rank, but its rank is below {self.A.shape[1]}.")

    @classmethod
    def examples(cls):
        return ((cls([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, -1.0]]), (2,)), (cls(np.eye(3) + 0.3), (3,)))

    @property
    def name(self):
        return f"{self.alias}({_arguments.listing(self.A)})"

    def _check_shape(self, shape, name):
        _arguments.same_size(shape, name, self, self.A.shape[1])

    @property
    def _host_a(self) -> np.ndarray:
        return np.asarray(self.A, dtype=np.float64)


class MaxAbsLinear(_Polyhedral):
    """MaxAbsLinear(A): |A x|_inf. Raises InvalidArgument unless A has full column rank. LMO and projection on host."""

    alias: ClassVar[str] = "max_abs_linear"
    latex = r"\|A\,\cdot\|_\infty"

    @property
    def dual(self):
        return AtomHull(self.A)

    def _value(self, x):
        return namespace(x).abs(like(self.A, x) @ x).max()

    def _lmo(self, g):
        return on_host(lambda g, _: _vertex(self._host_a, g), g, what="the LMO of the max_abs_linear norm")

    def _project(self, x, radius):
        what = "the projection onto the max_abs_linear ball"
        return on_host(lambda x, r: _nearest(self._host_a, x, r)[0], x, radius, what=what)

    def cvxpy(self, expr):
        return cvxpy().norm_inf(self._host_a @ expr)

    def l2_bounds(self, shape):
        smallest = np.linalg.svd(self._host_a, compute_uv=False)[-1]
        theta = float(np.linalg.norm(self._host_a, axis=1).max())
        square = self.A.shape[0] == self.A.shape[1] == 1
        return L2Bounds(self.A.shape[0] ** 0.5 / float(smallest), theta, square)


class AtomHull(_Polyhedral):
    """AtomHull(A): the gauge of the convex hull of the rows of A and their negatives. Value and projection on host."""

    alias: ClassVar[str] = "atom_hull"
    latex = r"\gamma_{\mathrm{conv}(\pm A)}"

    @property
    def dual(self):
        return MaxAbsLinear(self.A)

    def _value(self, x):
        return on_host(lambda x, _: _gauge(self._host_a, x), x, what="the value of the atom_hull norm")

    def _lmo(self, g):
        xp = namespace(g)
        products = like(self.A, g) @ g
        top = xp.argmax(xp.abs(products))
        return xp.where(products[top] > 0, -1.0, 1.0).astype(g.dtype) * like(self.A, g)[top]

    def _project(self, x, radius):
        def nearest(x, r):
            A = self._host_a
            size = _gauge(A, x)
            if size <= r:
                return x
            # By Moreau x - P(x) is the projection onto the dual ball of the one radius that leaves |P(x)| = r; that
            # projection's multipliers add up to |x - projection|, so no linear program is needed on the way.
            high = np.abs(A @ x).max()
            tau = decreasing_root(
                lambda t: np.float64(_nearest(A, x, float(t))[1].sum() - r), 0 * high, high, size - r, -r
            )
            rest, weights = _nearest(A, x, float(tau)) if tau > 0 else (np.zeros_like(x), np.zeros(2 * len(A)))
            face = _nearest_in_face(np.vstack([-A, A])[weights > 0] * -r, x)
            point = x - rest if face is None else face
            return point * min(1.0, r / _gauge(A, point))

        return on_host(nearest, x, radius, what="the projection onto the atom_hull ball")

    def cvxpy(self, expr):
        c = cvxpy().Variable(self.A.shape[0])
        return minimum(cvxpy().norm1(c), [self._host_a.T @ c == expr], expr)

    def l2_bounds(self, shape):
        primal = self.dual.l2_bounds(shape)
        return L2Bounds(primal.theta, primal.rho, primal.exact)


def _vertex(A, g):
    """A vertex of |A v| <= 1 that minimises <g, v>; at g = 0 one that minimises the first coordinate."""
    size = l2(g)
    cost = g / size if size > 0 else np.eye(g.size)[0]
    answer = linprog(
        cost, np.vstack([A, -A]), np.ones(2 * len(A)), bounds=(None, None), method="highs-ds", options=SHARP
    )
    if answer.x is None:
        raise BroximalError(f"HiGHS found no vertex of the max_abs_linear ball ({answer.message}).")
    return answer.x / max(1.0, np.abs(A @ answer.x).max())


def _gauge(A, y):
    """The least |c|_1 with A' c = y.

    HiGHS meets the equations up to its tolerance only; what is left of them is solved again as a correction of c in a
    magnified neighbourhood (Gleixner, Steffy, Wolter, 2016), and then put right at once: |c|_1 is never too small.
    """
    size = l2(y)
    if size == 0:
        return 0.0
    m, y = len(A), y / size
    both, c, zoom = np.hstack([A.T, -A.T]), np.zeros(2 * len(A)), 1.0
    for _ in range(3):
        low = [(-float(v) / zoom, None) for v in c]
        answer = linprog(
            np.ones(2 * m), A_eq=both, b_eq=(y - both @ c) / zoom, bounds=low, method="highs-ds", options=SHARP
        )
        if answer.x is None:
            if zoom == 1:
                raise BroximalError(f"HiGHS found no value of the atom_hull norm ({answer.message}).")
            break
        c = np.maximum(c + zoom * answer.x, 0)
        rest = float(np.abs(y - both @ c).max())
        if rest <= 1e-15:
            break
        zoom = max(rest, 1e-15)
    c = c[:m] - c[m:]
    return float(np.abs(c + np.linalg.lstsq(A.T, y - A.T @ c, rcond=None)[0]).sum()) * size


def _nearest(A, x, radius):
    """The projection of x onto |A z| <= radius, and its multipliers for (-A z, A z).

    The least distance u = z - x under G u >= h, G = -+A: with E = [G'; h'] / length and w >= 0 nearest to e in E w, the
    rest of that least-squares problem points to u.
    """
    products = A @ x
    G, h = np.vstack([-A, A]), np.concatenate([products - radius, -products - radius])
    if h.max() <= 0:
        return x, np.zeros(2 * len(A))
    scale = l2(h)
    E = np.vstack([G.T, h[None, :] / scale])
    e = np.zeros(x.size + 1)
    e[-1] = 1.0
    w, _ = nnls(E, e, maxiter=50 * E.shape[1])
    rest = e - E @ w
    u = scale * (-rest[:-1] / rest[-1])
    point = x + u
    top = np.abs(A @ point).max()
    return (point * (radius / top) if top > radius else point), scale * w / rest[-1]


def _nearest_in_face(atoms, x):
    """The point of the hull of these atoms nearest to x, if that is the nearest one of their affine hull, else None.

    The root of an equation in multipliers loses digits where the atoms are badly conditioned; least squares does not.
    """
    if not len(atoms):
        return None
    base, edges = atoms[0], (atoms[1:] - atoms[0]).T
    share = np.linalg.lstsq(edges, x - base, rcond=None)[0]
    return base + edges @ share if share.min(initial=0.0) >= 0 and share.sum() <= 1 else None

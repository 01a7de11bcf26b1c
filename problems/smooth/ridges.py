"""Sums over layers of ridge functions of orthonormal features: layer-wise smooth in a sense known by construction.

f(X) = sum_i sum_k h_ik(<Q_ik, X_i>) with orthonormal Q_ik in layer i: the entries of a vector, an orthonormal basis, or
u_k v_k' with orthonormal u and orthonormal v for a matrix. h(y) = c phi(a (y - b)), and (l0, l1) below is proved for phi.

square  phi(s) = s^2 / 2                                        A1 with (c a^2, 0)
psi     phi(s) = s^2 / 2 + 1/2 int_0^s sin(r^2) dr              A1 with (2 c a^2, a): nonconvex, not L-smooth
cosh    phi(s) = cosh(s) - 1                                    A1H with (c a^2, a)
power4  phi(s) = s^4 / 4                                        A1H with (4 c a^2 / l^2, l a) for every l > 0; here l = 1
exp     phi(s) = e^s                                            A1H with (0, a): the infimum 0 is not attained

psi: let m = min(|x|, |y|). If |x - y| < 1, |psi'(x) - psi'(y)| <= |x - y| (1 + (|x| + |y|) / 2) <= |x - y| (3/2 + m), else
<= |x - y| + 1 <= 2 |x - y|; and m <= min |psi'| + 1/2. Its only stationary point is 0, as |sin(s^2)| < 2 |s|.
cosh: cosh <= 1 + |sinh|. power4: 3 s^2 - l |s|^3 is at most 4 / l^2, at |s| = 2 / l.

Features add up to a layer: |h_k'(y) - h_k'(z)| <= (l0_k + l1_k |h_k'(y)|) |y - z|, and |<Q_k, D>| as a vector is at most |D|_2
in l2, |D|_inf in every entry for l_inf with the entries as features, |D|_1 in sum for l1, and |D| in every entry for the
spectral norm with features u_k v_k'. Hence (max l0, max l1) for l2 and l1, (sum l0, max l1) for l_inf and the spectral
norm, and in any other norm (rho^2 max l0, rho^2 theta max l1) by comparison with l2. A norm c |.| has (L0 / c^2, L1 / c).
"""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arguments import nearest
from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers, shape_of, unscaled
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Frobenius, LInf, OneToInf, Spectral
from broximal.problems._checks import like
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.smoothness import Smoothness

KINDS = ("square", "psi", "cosh", "power4", "exp")
_SCALAR = {"square": (1.0, 0.0), "psi": (2.0, 1.0), "cosh": (1.0, 1.0), "power4": (4.0, 1.0), "exp": (0.0, 1.0)}


def _fresnel(s: Any) -> Any:
    """int_0^s sin(r^2) dr."""
    if namespace(s) is jnp:
        from jax.scipy.special import fresnel
    else:
        from scipy.special import fresnel
    root = float(np.sqrt(np.pi / 2))
    return root * fresnel(s / root)[0]


def phi(kind: str, s: Any) -> tuple[Any, Any]:
    """(phi(s), phi'(s)), entry by entry."""
    xp = namespace(s)
    if kind == "square":
        return s * s / 2, s
    if kind == "psi":
        return s * s / 2 + _fresnel(s) / 2, s + xp.sin(s * s) / 2
    if kind == "cosh":
        return 2 * xp.sinh(s / 2) ** 2, xp.sinh(s)
    if kind == "power4":
        return s**4 / 4, s**3
    return xp.exp(s), xp.exp(s)


def _array(part: Any) -> Any:
    """Numbers in a list are an array: a list would be one of layers."""
    return np.asarray(part, dtype=float) if isinstance(part, (list, tuple)) else part


class RidgeLayer(Module):
    """One layer: features, and c phi(a (y - b)) with c, a, b of shape (r,); c and a positive.

    left, right  None, None: the entries of an array; left (r, n), None: orthonormal rows, for vectors of length n;
                 left (m, r), right (n, r): orthonormal columns u_k and v_k, for matrices (m, n)
    """

    kind: str = eqx.field(static=True)
    c: Any = eqx.field(converter=_array)
    a: Any = eqx.field(converter=_array)
    b: Any = eqx.field(converter=_array)
    start: Any = eqx.field(converter=_array)
    left: Any = None
    right: Any = None

    def __check_init__(self):
        if self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise InvalidArgument(f"kind {self.kind!r} is unknown; known are {known}.{nearest(self.kind, KINDS)}")
        for name, basis in (("left", self.left), ("right", self.right)):
            if basis is not None:
                gram = basis @ basis.T if self.right is None else basis.T @ basis
                if not np.allclose(gram, np.eye(len(gram)), atol=1e-10):
                    raise InvalidArgument(f"{name} must be orthonormal.")
        if not (np.all(np.asarray(self.c) > 0) and np.all(np.asarray(self.a) > 0)):
            raise InvalidArgument("c and a must be positive.")

    def scores(self, x: Any) -> Any:
        """<Q_k, x> for every feature."""
        if self.left is None:
            return x
        left = like(self.left, x)
        return left @ x if self.right is None else ((left.T @ x) * like(self.right, x).T).sum(axis=1)

    def back(self, y: Any) -> Any:
        """sum_k y_k Q_k."""
        if self.left is None:
            return y
        left = like(self.left, y)
        return left.T @ y if self.right is None else (left * y) @ like(self.right, y).T

    def terms(self, x: Any) -> tuple[Any, Any]:
        """(h_k, h_k') at the scores of x."""
        c, a, b = (like(part, x) for part in (self.c, self.a, self.b))
        value, slope = phi(self.kind, a * (self.scores(x) - b))
        return c * value, c * a * slope

    def constants(self, norm: Norm) -> tuple[float, float, str]:
        """(L0, L1) of the layer in a norm, and why."""
        scalar = _SCALAR[self.kind]
        l0 = np.asarray(scalar[0] * self.c * self.a**2, dtype=float)
        l1 = float(np.max(scalar[1] * self.a))
        shape = np.shape(self.start)
        base, factor = unscaled(norm, shape)
        entries = self.left is None
        if isinstance(base, (L2, Frobenius)) or (isinstance(base, L1) and entries):
            found = float(l0.max()), l1, "largest over the features"
        elif (isinstance(base, (LInf, OneToInf)) and entries) or (
            isinstance(base, Spectral) and self.right is not None
        ):
            found = float(l0.sum()), l1, "summed over the features"
        else:
            bounds = base.l2_bounds(shape)
            found = bounds.rho**2 * float(l0.max()), bounds.rho**2 * bounds.theta * l1, "by comparison with l2"
        return found[0] / factor**2, found[1] / factor, found[2]


class Ridges(Problem):
    """sum_i sum_k c phi(a (<Q_k, X_i> - b)) over layers; a list of layers, or one array for a single layer."""

    alias: ClassVar[str] = "ridges"
    layers: tuple[RidgeLayer, ...]
    single: bool = eqx.field(static=True)

    def __init__(self, *layers: RidgeLayer):
        """Raises InvalidArgument without layers."""
        if not layers or not all(isinstance(layer, RidgeLayer) for layer in layers):
            raise InvalidArgument("layers must be one or more RidgeLayer.")
        self.layers = tuple(layers)
        self.single = len(layers) == 1

    @classmethod
    def example(cls, dim: int, seed: int = 0, kind: str = "psi") -> "Ridges":
        """One layer of `dim` entries."""
        return cls(random_layer(kind, dimension(dim), seed))

    @property
    def name(self) -> str:
        return "ridges({})".format(
            ", ".join(f"{layer.kind} {'x'.join(map(str, np.shape(layer.start)))}" for layer in self.layers)
        )

    def _facts(self):
        return Facts(
            convex=lambda: all(layer.kind != "psi" for layer in self.layers),
            smooth=True,
            star_convex=lambda: self.convex and self.minimiser is not None,
            minimiser=self._minimiser,
            unique=self._unique_minimiser,
            f_star=Known(0.0, 0.0, "every term is at least 0, and comes as near as one likes at a time"),
        )

    @property
    def x0(self):
        return self._tree([layer.start for layer in self.layers])

    def _minimiser(self):
        if any(layer.kind == "exp" for layer in self.layers):
            return None
        return self._tree([layer.back(np.asarray(layer.b, dtype=float)) for layer in self.layers])

    def _unique_minimiser(self) -> bool:
        spanned = all(np.size(layer.c) == np.size(layer.start) for layer in self.layers)
        return self.minimiser is not None and spanned

    def _tree(self, parts: list) -> Any:
        return parts[0] if self.single else parts

    def _parts(self, x: Any) -> list:
        return [x] if self.single else list(x)

    def value(self, x):
        parts = zip(self.layers, self._parts(x), strict=True)
        return sum(layer.terms(part)[0].sum() for layer, part in parts)

    def gradient(self, x):
        parts = zip(self.layers, self._parts(x), strict=True)
        return self._tree([layer.back(layer.terms(part)[1]) for layer, part in parts])

    def smoothness(self, norm: Norm) -> tuple[Smoothness, ...]:
        split = Layers(norm)
        if split.count == 1 and not self.single:
            return ()
        found = [layer.constants(part) for layer, part in zip(self.layers, split.norms, strict=True)]
        kind = "A1" if all(layer.kind in ("square", "psi") for layer in self.layers) else "A1H"
        why = "; ".join(f"{layer.kind} {reason}" for layer, (_, _, reason) in zip(self.layers, found, strict=True))
        return (Smoothness(kind, tuple(f[0] for f in found), tuple(f[1] for f in found), why),)

    def _l2_constant(self, name: str) -> Constant | None:
        curvatures = np.concatenate([np.ravel(layer.c * layer.a**2) for layer in self.layers])
        kinds = {layer.kind for layer in self.layers}
        if name == "mu" and kinds <= {"square", "cosh"} and self.unique_minimiser:
            return Constant("mu", float(curvatures.min()), "exact", "least curvature, at the minimiser")
        if name == "L" and kinds == {"square"}:
            return Constant("L", float(curvatures.max()), "exact", "largest curvature")
        return None

    def _constant_PL(self, norm: Norm) -> Constant | None:
        """2 mu (f - f*) <= |grad f|_2^2 = sum of h'^2, as h'^2 >= 2 c a^2 h for squares and cosh; and |g|_2 <= theta |g|_*."""
        if not {layer.kind for layer in self.layers} <= {"square", "cosh"}:
            return None
        split = Layers(norm)
        bounds = [part.l2_bounds(shape_of(x)) for part, x in zip(split.norms, split.split(self.x0), strict=True)]
        theta = max(bound.theta for bound in bounds)
        least = min(float(np.min(layer.c * layer.a**2)) for layer in self.layers)
        return Constant("PL", least / theta**2, "lower bound", "least curvature of a feature, over theta^2")


def random_layer(
    kind: str, shape: int | tuple[int, ...], seed: int = 0, *, rank: int | None = None, reach: float = 2.0
) -> RidgeLayer:
    """A layer with random features: entries for an integer shape, u_k v_k' for a pair; c and a between 1/2 and 3/2."""
    rng = np.random.default_rng(seed)
    if isinstance(shape, tuple) and len(shape) == 2:
        r = min(shape) if rank is None else rank
        left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0][:, :r] for n in shape)
    else:
        left = right = None
        r = int(np.prod(shape))
    c, a = rng.uniform(0.5, 1.5, r), rng.uniform(0.5, 1.5, r)
    b = rng.standard_normal(r) if kind != "exp" else np.zeros(r)
    away = rng.choice([-1.0, 1.0], r) * rng.uniform(0.5 * reach, reach, r) / a
    layer = RidgeLayer(kind, c, a, b, np.zeros(shape), left, right)
    start = jax.tree.map(np.asarray, layer.back(b + (away if kind != "exp" else np.abs(away))))
    return RidgeLayer(kind, c, a, b, start, left, right)

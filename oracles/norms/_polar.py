"""The polar factor of a large float32 matrix by matrix products, with a certificate: the fast spectral LMO.

Two steps of the dynamically weighted Halley iteration (Nakatsukasa, Bai, Gygi 2010, with Cholesky factors) take
singular values above `FLOOR` of the largest to nearly one, and two Newton-Schulz steps finish them. Newton-Schulz maps
[0, 2] into [-1, 1], so the result is in the spectral ball up to rounding, whatever happened before. Singular values
far below the floor may end below one; what that costs is measured: with H = G Q', S and K its symmetric and skew part,

    |G|_nuc <= |H Q|_nuc + |G - H Q|_nuc <= tr S + 2 n delta + sqrt(n) (|K|_F + |G - H Q|_F)    if S + delta I >= 0,

so <G, Q> = tr S is within the rest of the maximum. Where that is not small the full SVD answers instead.
"""

import functools
import math

import jax
import jax.numpy as jnp
from jax.lax.linalg import triangular_solve

FLOOR = 1e-3  # relative singular values that two Halley steps bring to 1
ACCEPTED = 5e-5  # relative gap bound above which the SVD is called; the gap itself is some hundred times smaller
SMALLEST = 192  # below this many columns LAPACK's SVD is as fast


def worthwhile(g) -> bool:
    """Is g a JAX float32 matrix of a size at which products beat the SVD?"""
    return isinstance(g, jax.Array) and g.dtype == jnp.float32 and g.ndim == 2 and min(g.shape) >= SMALLEST


def certified_polar(g):
    """(Q, an upper bound on |g|_nuc, an upper bound on |Q|_op): Q nearly maximises <g, Q> in the spectral ball."""
    if g.shape[0] > g.shape[1]:  # wide from here on: triangular solves from the left are the quicker ones
        q, nuclear, size = _certified_polar(g.T)
        return q.T, nuclear, size
    return _certified_polar(g)


@jax.custom_batching.custom_vmap
def _certified_polar(g):
    q, nuclear, size, accepted = _by_products(g)
    return jax.lax.cond(accepted, lambda g: (q, nuclear, size), _by_svd, g)


@_certified_polar.def_vmap
def _batched(size, batched, g):
    # Under vmap both branches of a condition run, so there the SVD alone is quicker.
    return jax.vmap(_by_svd)(g), (True, True, True)


def _by_svd(g):
    u, s, vt = jnp.linalg.svd(g, full_matrices=False)
    q = u @ vt
    rest = q @ q.T - jnp.eye(len(q), dtype=q.dtype)
    return q, s.sum(), jnp.sqrt(1 + jnp.minimum(jnp.abs(rest).sum(0).max(), jnp.sqrt((rest * rest).sum())))


def _by_products(g):
    n = len(g)
    eye = jnp.eye(n, dtype=g.dtype)
    top = jnp.abs(g).max()
    top = jnp.where(top > 0, top, 1)
    unit = g / top
    x = _halley_twice_by_gram(unit) if g.shape[1] >= 2 * n else _halley_twice(unit)
    gram = x @ x.T
    spread = gram - eye
    before = 1 + jnp.minimum(jnp.abs(spread).sum(0).max(), jnp.sqrt((spread * spread).sum()))  # at least |x|_op^2
    q = 1.5 * x - 0.5 * (gram @ x)
    h = unit @ q.T
    rest = unit - h @ q
    symmetric, skew, value = (h + h.T) / 2, (h - h.T) / 2, jnp.trace(h)
    delta = 4e-6 * value / n
    root = jnp.linalg.cholesky(symmetric + delta * eye)
    slack = 2 * n * delta + math.sqrt(n) * (jnp.sqrt((skew * skew).sum()) + jnp.sqrt((rest * rest).sum()))
    accepted = jnp.isfinite(root[-1, -1]) & (before < 4) & (slack <= ACCEPTED * value)
    rounding = 1 + 4 * jnp.finfo(g.dtype).eps * math.sqrt(n)
    return q, (value + slack) * top, jnp.asarray(rounding, g.dtype), accepted


def _halley_twice(x):
    """Two Halley steps and one of Newton-Schulz, on the matrix itself."""
    x = x / (1.1 * _largest_singular_value(lambda v: x @ (v @ x), x))
    floor = FLOOR
    for _ in range(2):
        a, b, c, floor = _halley(floor)
        root = _root(c, x @ x.T)
        solved = triangular_solve(root, x, left_side=True, lower=True)
        x = (b / c) * x + (a - b / c) * triangular_solve(root, solved, left_side=True, lower=True, transpose_a=True)
    x = x * (2 / (1 + floor))  # the singular values lie around 1 now, not below
    return 1.5 * x - 0.5 * ((x @ x.T) @ x)


def _halley_twice_by_gram(x):
    """The same as one small matrix R(x x') times x, for very wide x.

    The Gram matrix has no digits left for relative singular values below 3e-4, but the floor is above that.
    """
    gram, eye = x @ x.T, jnp.eye(len(x), dtype=x.dtype)
    size = 1.1 * _largest_singular_value(lambda v: gram @ v, x)
    gram, total, floor = gram / size**2, eye / size, FLOOR
    for _ in range(2):
        a, b, c, floor = _halley(floor)
        root = _root(c, gram)
        factor = (b / c) * eye + (a - b / c) * jax.scipy.linalg.cho_solve((root, True), eye)
        gram, total = factor @ gram @ factor, factor @ total
    total, gram = total * (2 / (1 + floor)), gram * (2 / (1 + floor)) ** 2
    return ((1.5 * eye - 0.5 * gram) @ total) @ x


def _root(c, gram):
    """The Cholesky factor of I + c gram."""
    return jax.lax.linalg.cholesky(c * gram + jnp.eye(len(gram), dtype=gram.dtype), symmetrize_input=False)


def _largest_singular_value(apply, x):
    """An estimate from below by v -> x x' v; the iteration tolerates one that is too small by half."""

    def step(v, _):
        u = apply(v)
        size = jnp.sqrt((u * u).sum())
        return u / jnp.where(size > 0, size, 1), size

    start = jax.random.normal(jax.random.key(0), (len(x),), x.dtype)
    _, sizes = jax.lax.scan(step, start / jnp.sqrt((start * start).sum()), None, length=8)
    return jnp.sqrt(jnp.where(sizes[-1] > 0, sizes[-1], 1))


@functools.cache
def _halley(floor: float) -> tuple[float, float, float, float]:
    """The weights of the Halley map x (a + b x^2) / (1 + c x^2) that is best on [floor, 1], and where it takes floor."""
    gamma = (4 * (1 - floor**2) / floor**4) ** (1 / 3)
    root = math.sqrt(1 + gamma)
    a = root + 0.5 * math.sqrt(8 - 4 * gamma + 8 * (2 - floor**2) / (floor**2 * root))
    b = (a - 1) ** 2 / 4
    c = a + b - 1
    return a, b, c, min(floor * (a + b * floor**2) / (1 + c * floor**2), 1.0)

"""The leading singular pair of a large matrix by Lanczos, with a certified largest singular value: the nuclear LMO.

With A = G G' (G wide), Lanczos with full reorthogonalisation finds u, and v = G'u / |G'u| gives <G, u v'> = s. A Ritz
value proves only that some singular value is near s; that none is above s sqrt(1 + SLACK) is proved by the Cholesky
factorisation of s^2 (1 + SLACK) I - A, which exists only for a positive definite matrix (up to its own rounding, which
the slack exceeds). Where it does not exist (not converged yet, or a zero matrix) the full SVD answers instead.
"""

import jax
import jax.numpy as jnp

SLACK = {jnp.dtype("float32"): 2e-5, jnp.dtype("float64"): 1e-11}  # of the square, so half of it of the value
STEPS = {jnp.dtype("float32"): 56, jnp.dtype("float64"): 96}
SMALLEST = 256  # below this many rows LAPACK's SVD is as fast


def worthwhile(g) -> bool:
    """Is g a JAX float matrix of a size at which Lanczos beats the SVD?"""
    return isinstance(g, jax.Array) and g.ndim == 2 and g.dtype in SLACK and min(g.shape) >= SMALLEST


def certified_pair(g):
    """(u v', an upper bound on |g|_op, an upper bound on |u v'|_nuc): u v' nearly maximises <g, .> in the nuclear ball."""
    if g.shape[0] > g.shape[1]:
        point, top, size = _certified_pair(g.T)
        return point.T, top, size
    return _certified_pair(g)


@jax.custom_batching.custom_vmap
def _certified_pair(g):
    size = jnp.abs(g).max()
    size = jnp.where(size > 0, size, 1)
    unit = g / size
    gram = unit @ unit.T
    u = _lanczos(gram, STEPS[g.dtype])
    v = unit.T @ u
    s = jnp.sqrt((v * v).sum())
    v = v / jnp.where(s > 0, s, 1)
    bound = s * s * (1 + SLACK[g.dtype])
    root = jnp.linalg.cholesky(bound * jnp.eye(len(g), dtype=g.dtype) - gram)
    length = jnp.sqrt((u * u).sum() * (v * v).sum())
    answer = jnp.outer(u, v), jnp.sqrt(bound) * size, length
    return jax.lax.cond(jnp.isfinite(root[-1, -1]) & (s > 0), lambda g: answer, _by_svd, g)


@_certified_pair.def_vmap
def _batched(size, batched, g):
    # Under vmap both branches of a condition run, so there the SVD alone is quicker.
    return jax.vmap(_by_svd)(g), (True, True, True)


def _by_svd(g):
    u, s, vt = jnp.linalg.svd(g, full_matrices=False)
    u, v = u[:, 0], vt[0]
    return jnp.outer(u, v), s[0], jnp.sqrt((u * u).sum() * (v * v).sum())


def _lanczos(a, steps: int):
    """A unit vector near the leading eigenvector of the symmetric matrix a."""
    n = len(a)

    def unit(w):
        size = jnp.sqrt((w * w).sum())
        return w / jnp.where(size > 0, size, 1)

    def body(i, basis):
        w = a @ basis[i]
        for _ in range(2):  # twice is enough
            w = w - (basis @ w) @ basis
        return jax.lax.dynamic_update_index_in_dim(basis, unit(w), i + 1, 0)

    start = unit(jax.random.normal(jax.random.key(0), (n,), a.dtype))
    basis = jnp.zeros((steps + 1, n), a.dtype).at[0].set(start)
    basis = jax.lax.fori_loop(0, steps, body, basis)
    _, vectors = jnp.linalg.eigh(basis @ a @ basis.T)
    return unit(a @ (vectors[:, -1] @ basis))

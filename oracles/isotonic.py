"""Isotonic regression: the projection onto decreasing sequences, which prox of ordered norms comes down to.

Numpy uses scipy's pool-adjacent-violators. JAX has no stack, so there all adjacent blocks that violate the order are
pooled at once, sweep after sweep. Pooling a violating pair is right in whatever order it is done, and a run of
violating blocks has one common mean in the answer, so the sweeps end at the same sequence (about log n of them).
"""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import isotonic_regression

from broximal.oracles.arrays import namespace, while_loop


def decreasing(v):
    """argmin_z |z - v|_2 subject to z_1 >= z_2 >= ... for a vector v."""
    if namespace(v) is np:
        return isotonic_regression(v, increasing=False).x.astype(v.dtype)
    return _sweeps(v)


def _sweeps(v):
    index = jnp.arange(v.size)
    total = jnp.cumsum(v)

    def means(first):
        """Block means at every position, for blocks that begin where `first` is true."""
        start = jax.lax.cummax(jnp.where(first, index, 0))
        last = jnp.concatenate([first[1:], jnp.ones(1, bool)])
        end = jax.lax.cummin(jnp.where(last, index, v.size - 1), reverse=True)
        return (total[end] - total[start] + v[start]) / (end - start + 1).astype(v.dtype)

    def cond(state):
        return state[1]

    def body(state):
        first, _ = state
        mean = means(first)
        violated = first[1:] & (mean[1:] >= mean[:-1])
        merged = first & ~jnp.concatenate([jnp.zeros(1, bool), violated])
        return merged, violated.any()

    first, _ = while_loop(cond, body, (jnp.ones(v.size, bool), jnp.asarray(v.size > 1)), jnp)
    return jax.lax.cummin(means(first))

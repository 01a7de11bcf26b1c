"""The root of a decreasing scalar function: every projection that has no closed form has a multiplier to find.

Numpy uses scipy's Brent method. JAX uses Chandrupatla's: bisection that takes an inverse quadratic step wherever that
step is provably safe, so that it is as robust as bisection and a few steps long on smooth functions.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import brentq

from broximal.oracles import arrays


def decreasing_root(fn: Callable, low: Any, high: Any, f_low: Any, f_high: Any) -> Any:
    """The s in [low, high] with fn(s) = 0, to full relative precision of the dtype of f_low.

    fn must be continuous and decreasing with f_low = fn(low) >= 0 >= f_high = fn(high); it is evaluated strictly
    inside only. A bracket without a sign change returns the end that is nearer to a root (`low` if f_low <= 0).
    """
    xp = arrays.namespace(low, high, f_low, f_high)
    return _chandrupatla(fn, low, high, f_low, f_high) if xp is jnp else _brent(fn, low, high, f_low, f_high)


def _brent(fn, low, high, f_low, f_high):
    dtype = np.asarray(f_low).dtype
    ends = {float(low): float(f_low), float(high): float(f_high)}
    if float(f_low) <= 0 or float(low) >= float(high):
        return dtype.type(low)
    if float(f_high) >= 0:
        return dtype.type(high)

    def value(s):
        return ends[s] if s in ends else float(fn(dtype.type(s)))

    smallest = np.finfo(np.float64).tiny
    return dtype.type(
        brentq(value, float(low), float(high), xtol=smallest, rtol=np.float64(8.9e-16), maxiter=500, disp=False)
    )


def _chandrupatla(fn, low, high, f_low, f_high, limit: int = 200):
    dtype = jnp.result_type(f_low)
    low, high, f_low, f_high = (jnp.asarray(v, dtype=dtype) for v in (low, high, f_low, f_high))
    unit = 2 * jnp.finfo(dtype).eps

    def divide(a, b):
        return a / jnp.where(b == 0, 1, b)

    def best(x1, f1, x2, f2):
        nearer = jnp.abs(f1) < jnp.abs(f2)
        return jnp.where(nearer, x1, x2), jnp.where(nearer, f1, f2)

    def cond(state):
        x1, f1, x2, f2, _, _, _, k = state
        _, residual = best(x1, f1, x2, f2)
        width = jnp.abs(x2 - x1)
        return (width > unit * jnp.maximum(jnp.abs(x1), jnp.abs(x2))) & (residual != 0) & (f1 * f2 <= 0) & (k < limit)

    def body(fn, state):
        x1, f1, x2, f2, x3, f3, t, k = state
        x = x1 + t * (x2 - x1)
        f = fn(x)
        same = (f > 0) == (f1 > 0)
        x3, f3 = jnp.where(same, x1, x2), jnp.where(same, f1, f2)
        x2, f2 = jnp.where(same, x2, x1), jnp.where(same, f2, f1)
        x1, f1 = x, f
        xi, phi = divide(x1 - x2, x3 - x2), divide(f1 - f2, f3 - f2)
        inverse_quadratic = divide(f1, f2 - f1) * divide(f3, f2 - f3) + divide(x3 - x1, x2 - x1) * divide(
            f1, f3 - f1
        ) * divide(f2, f3 - f2)
        safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        margin = jnp.minimum(0.5, unit * divide(jnp.maximum(jnp.abs(x1), jnp.abs(x2)), 2 * jnp.abs(x2 - x1)))
        t = jnp.clip(jnp.where(safe, inverse_quadratic, 0.5), margin, 1 - margin)
        return x1, f1, x2, f2, x3, f3, t, k + 1

    def solve(fn, _):
        state = (low, f_low, high, f_high, high, f_high, jnp.asarray(0.5, dtype=dtype), jnp.asarray(0))
        x1, f1, x2, f2, *_ = arrays.while_loop(cond, functools.partial(body, fn), state, jnp)
        return best(x1, f1, x2, f2)[0]

    # The derivative of the root is that of the equation, not of the iterations.
    root = jax.lax.custom_root(
        lambda s: fn(s).astype(dtype), low, solve, lambda slope, y: divide(y, slope(jnp.ones_like(y)))
    )
    return jnp.where(f_low <= 0, low, jnp.where(f_high >= 0, high, root))

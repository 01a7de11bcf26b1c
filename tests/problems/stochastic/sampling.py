"""Exact expectations where outcomes are few, large samples elsewhere: what the laws of randomness are tested with."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.errors import MissingConstant

COUNT = 4000
LEVEL = 6.0  # standard errors: a true statement fails with probability 2e-9


class Wrong(AssertionError):
    """A stated size of the noise that the samples contradict."""


def leaves(tree):
    return [np.asarray(leaf, dtype=float) for leaf in jax.tree.leaves(tree)]


def noise_at(f, x, batch=None, count=COUNT):
    """(probabilities, noise of every leaf, (count, ...)): all outcomes if there are few, else equally likely draws."""
    mean = leaves(f.gradient(x))
    try:
        outcomes = f.outcomes(batch)
    except MissingConstant:
        with jax.enable_x64(True):
            keys = jax.random.split(jax.random.key(7), count)
            many = leaves(_gradients(id(f), batch, f)(keys, jax.tree.map(jnp.asarray, x)))
        return None, [own - g for own, g in zip(many, mean, strict=True)]
    weights = np.array([p for p, _ in outcomes])
    rows = [leaves(sample.gradient(x)) for _, sample in outcomes]
    return weights, [np.stack([row[i] for row in rows]) - g for i, g in enumerate(mean)]


_COMPILED: dict = {}


def _gradients(name, batch, f):
    """Compiled once for a problem and a batch; f is kept, so that its id stays its own."""
    if (name, batch) not in _COMPILED:
        own = jax.jit(jax.vmap(lambda key, x: f.draw(key, batch).gradient(x), in_axes=(0, None)))
        _COMPILED[name, batch] = own, f
    return _COMPILED[name, batch][0]


def lengths(noise):
    """Euclidean length over all leaves, (count,)."""
    return np.sqrt(sum((v**2).reshape(len(v), -1).sum(axis=1) for v in noise))


def check_mean(weights, values, stated):
    """E values = stated, exactly or within LEVEL standard errors. Raises Wrong."""
    if weights is not None:
        found, error = float(weights @ values), 1e-10 * (abs(stated) + float(weights @ np.abs(values)))
    else:
        found, error = float(values.mean()), LEVEL * float(values.std()) / math.sqrt(len(values))
    if abs(found - stated) > error + 1e-13:
        raise Wrong(f"the mean is {found:.6g} +- {error:.2g}, not {stated:.6g}.")


def check_at_most(weights, values, stated):
    """E values <= stated."""
    found = float(weights @ values if weights is not None else values.mean())
    if found > stated:
        check_mean(weights, values, stated)

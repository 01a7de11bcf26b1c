"""Random keys: numpy generators from them, and keys from which nothing can be drawn.

A step whose outcomes are listed gets a key that can be split, but that raises at whatever is drawn from it: then all that
is random in the step is known to come from its samples and choices, which were listed.
"""

import functools
from typing import Any

import jax
import numpy as np
from jax.extend.random import define_prng_impl, threefry_prng_impl

from broximal.oracles.errors import MissingConstant


class NotEnumerable(MissingConstant):
    """The outcomes of a step cannot be listed."""


def _nothing(*arguments: Any) -> Any:
    raise NotEnumerable("its step draws from its key by itself, besides samples of the problem and `world.choice`")


_SILENT = define_prng_impl(
    key_shape=(2,),
    seed=threefry_prng_impl.seed,
    split=threefry_prng_impl.split,
    random_bits=_nothing,
    fold_in=threefry_prng_impl.fold_in,
    name="silent",
    tag="silent",
)


def silent_key(seed: int) -> Any:
    """A key that can be split and folded, and from which every draw raises NotEnumerable."""
    return jax.random.key(seed, impl=_SILENT)


@functools.cache
def _silent_dtype() -> Any:
    return silent_key(0).dtype


def generator(key: Any) -> np.random.Generator:
    """A numpy generator from a JAX key, for steps on the host. Raises NotEnumerable for a silent key."""
    if key.dtype == _silent_dtype():
        _nothing()
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))

"""The base of all objects that are data for JAX: dataclasses that are pytrees."""

from typing import TYPE_CHECKING

import equinox as eqx


class Module(eqx.Module):
    """An `equinox.Module` whose methods are plain methods.

    equinox makes every method that is looked up an object of its own, which can be handed to a jitted function; that costs
    more than most methods here do, and a function that closes over the object serves as well.
    """

    if not TYPE_CHECKING:
        __getattribute__ = object.__getattribute__

"""The directions that an LMO method moves along: the LMO of every layer, exact or approximated for its matrix layers."""

from typing import Any

from broximal.oracles.arrays import inner, namespace
from broximal.oracles.layers import Layers, shape_of, unscaled
from broximal.oracles.norm import Norm
from broximal.oracles.polar import InexactMethod


def approximated(inexact: InexactMethod, norm: Norm, shape: Any) -> Any:
    """The multiple of the inexact method's norm that this layer has, None if it is another norm."""
    base, factor = unscaled(norm, shape)
    return factor if isinstance(base, type(inexact.norm)) else None


def directions(inexact: InexactMethod | None, layers: Layers, estimate: list) -> list:
    """One direction a layer; a layer whose norm the inexact method does not know gets its exact LMO."""
    if inexact is None:
        return layers.lmo(estimate)
    found = []
    for norm, part in zip(layers.norms, estimate, strict=True):
        factor = approximated(inexact, norm, shape_of(part))
        found.append(norm._lmo(part) if factor is None else inexact._point(part) / factor)
    return found


def quality(layers: Layers, estimate: list, along: list) -> tuple[Any, Any]:
    """(lo, hi) of the directions O for the norm of all layers: -<m, O> / |m|_* and |O|; lo is 1 where m is zero."""
    whole = layers.dual_sizes(estimate).sum()
    xp = namespace(whole)
    captured = -inner(estimate, along) / xp.where(whole > 0, whole, 1)
    return xp.where(whole > 0, captured, 1.0), layers.sizes(along).max()

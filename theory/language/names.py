"""Names of theorems, as far as they can be spoken of without the theorems."""

from collections.abc import Iterable

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument

GROUP = "broximal.theorems"  # of entry points of packages that bring theorems


def unknown(name: str, known: Iterable[str]) -> InvalidArgument:
    """What is wrong with a name that no theorem has."""
    return InvalidArgument(f"name {name!r} is no theorem of the catalogue.{nearest(name, known)}")

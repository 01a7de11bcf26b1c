"""The methods by name, with the number of steps at which they are commonly run (about 15 products)."""

from collections.abc import Callable

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.polar.method import Exact, InexactMethod
from broximal.oracles.polar.newton_schulz import NewtonSchulz

_METHODS: dict[str, Callable[[], InexactMethod]] = {
    "exact": Exact,
    "jordan": NewtonSchulz.jordan,
    "cubic": NewtonSchulz.cubic,
    "polar-express": NewtonSchulz.polar_express,
    "greedy": NewtonSchulz.greedy,
    "taylor": NewtonSchulz.taylor,
    "jordan-bf16": lambda: NewtonSchulz.jordan(precision="bfloat16"),
    "polar-express-bf16": lambda: NewtonSchulz.polar_express(precision="bfloat16"),
}


def names() -> tuple[str, ...]:
    """The names that `method` knows."""
    return tuple(_METHODS)


def method(name: str) -> InexactMethod:
    """An inexact LMO of the spectral norm by name. Raises InvalidArgument, with the nearest match."""
    if name not in _METHODS:
        raise InvalidArgument(f"method {name!r} is unknown.{nearest(name, _METHODS)}")
    return _METHODS[name]()

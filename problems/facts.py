"""What is known about f, as one value that a problem states once and a wrapper starts from."""

import functools
from collections.abc import Callable
from typing import Any

from broximal.oracles.arrays import Tree
from broximal.problems.constant import Known

_DERIVED: Any = object()  # an entry that follows from the others


class Facts:
    """Facts(convex, f_star, ...): immutable; an entry may be a function without arguments, called when it is first read.

    convex       is f convex?
    smooth       is f differentiable everywhere, with a locally Lipschitz gradient?
    f_star       inf f with its error and why; the function raises MissingConstant if it is not known
    minimiser    a minimiser (the star centre for star-convex f), or None if there is none or it is not known
    unique       is `minimiser` the only one?
    star_convex  f((1-l) x + l x*) <= (1-l) f(x) + l f* for every x, x* = `minimiser`; by default convex with a minimiser
    lower        a number that is at most inf f up to its error; by default f_star
    growth       the q for which `constant("kappa", norm)` is known, or None; by default 2 for convex f with a unique
                 minimiser (strong convexity), else None

    Entries are read one by one: inside jit `convex` may be read where `f_star`, which needs numbers, may not. What an entry
    takes from others, of this problem or of another one, it takes inside its function.

    >>> facts = Facts(convex=True, f_star=lambda: Known(0.0, 0.0, "a norm is zero at zero"), minimiser=0.0, unique=True)
    >>> facts.growth, facts.but(growth=1.0).growth, facts.but(unique=False).growth
    (2.0, 1.0, 2.0)
    """

    _stated: dict[str, Any]

    def __init__(
        self,
        *,
        convex: bool | Callable[[], bool],
        f_star: Known | Callable[[], Known],
        smooth: bool | Callable[[], bool] = False,
        minimiser: Tree | Callable[[], Tree | None] | None = None,
        unique: bool | Callable[[], bool] = False,
        star_convex: bool | Callable[[], bool] = _DERIVED,
        lower: Known | Callable[[], Known] = _DERIVED,
        growth: float | Callable[[], float | None] | None = _DERIVED,
    ):
        self.__dict__["_stated"] = {
            "convex": convex,
            "smooth": smooth,
            "f_star": f_star,
            "minimiser": minimiser,
            "unique": unique,
            "star_convex": star_convex,
            "lower": lower,
            "growth": growth,
        }

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"facts are immutable; `but({name}=...)` makes others.")

    def but(self, **changes: Any) -> "Facts":
        """These facts with some entries replaced. Entries that were derived keep their values, whatever they came from;

        only `lower` follows a new f_star, unless it is given.
        """
        if "f_star" in changes:
            changes.setdefault("lower", _DERIVED)
        kept = {name: functools.partial(getattr, self, name) for name in self._stated if name not in changes}
        return Facts(**kept, **changes)

    def _read(self, name: str) -> Any:
        entry = self._stated[name]
        return entry() if callable(entry) else entry

    @functools.cached_property
    def convex(self) -> bool:
        return self._read("convex")

    @functools.cached_property
    def smooth(self) -> bool:
        return self._read("smooth")

    @functools.cached_property
    def f_star(self) -> Known:
        return self._read("f_star")

    @functools.cached_property
    def minimiser(self) -> Tree | None:
        return self._read("minimiser")

    @functools.cached_property
    def unique(self) -> bool:
        return self._read("unique")

    @functools.cached_property
    def star_convex(self) -> bool:
        if self._stated["star_convex"] is _DERIVED:
            return self.convex and self.minimiser is not None
        return self._read("star_convex")

    @functools.cached_property
    def lower(self) -> Known:
        return self.f_star if self._stated["lower"] is _DERIVED else self._read("lower")

    @functools.cached_property
    def growth(self) -> float | None:
        if self._stated["growth"] is _DERIVED:
            return 2.0 if self.convex and self.unique else None
        return self._read("growth")

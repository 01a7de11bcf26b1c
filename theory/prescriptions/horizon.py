"""A claim about a horizon for numbers: after how many steps what it bounds is small enough."""

from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import declared, is_known
from broximal.theory.prescriptions.arithmetic import Undefined, at_most, narrow
from broximal.theory.prescriptions.formula import Values, compiled, computable, keys_in
from broximal.theory.prescriptions.levels import explicit
from broximal.theory.prescriptions.numbers import Numbers, relation
from broximal.theory.prescriptions.outline import Bound
from broximal.theory.prescriptions.search import LIMIT, least, roughly

MANY = f"more than 10^{len(str(LIMIT)) - 1}"


class Horizon:
    """The level that is compared with eps as a function of K.

    missing  keys of what has to be given besides
    """

    def __init__(self, numbers: Numbers, level: Any, where: Any = sp.true):
        self.numbers, self._level = numbers, compiled(level)
        self._keys = keys_in(level) | keys_in(where)
        self._where = None if where == sp.true else relation(where)
        self.missing = numbers.missing(self._keys)

    @property
    def moving(self) -> bool:
        """Does the level depend on the horizon?"""
        return self.numbers.moving(self._keys)

    def at(self, horizon: int) -> float:
        """The level in floating point."""
        try:
            return float(self._level(self.numbers.at(horizon)))
        except (Undefined, OverflowError):
            return float("nan")

    def exactly(self, horizon: int) -> float:
        """The level, rounded to floating point only in the end."""
        try:
            return self.numbers.number(self._level, "the level", horizon)
        except InvalidArgument:
            return float("nan")

    def works(self, horizon: int, target: Any) -> bool:
        """Is the level certainly at most the target after so many steps, with parameters in their domains?"""

        def ask(values: Values, last: int) -> bool | None:
            level, goal = self._level(values), values.made(target)
            found = at_most(level, goal)
            return narrow((goal[0], level[1]), last) and narrow(level, last) if found is None and last else found

        return (
            self.numbers.settled(horizon, ask)
            and self.numbers.in_domains(horizon)
            and (self._where is None or self.numbers.settled(horizon, self._where))
        )

    def steps(self, target: Any) -> int | None:
        """The least K after which the level is at most the target; None if it is more than LIMIT."""
        return least(lambda K: self.works(K, target), self.at, self.exactly, float(target))

    def roughly(self, target: Any) -> float | None:
        """The same in floating point, without proof."""
        return roughly(self.at, float(target))


def condition(claim: Bound) -> Any:
    """When the bound is claimed, in constants and the horizon; None where it or the bound is no formula in these.

    That what is bounded is positive is no condition: else it is at most the bound cut at 0.
    """
    bound = explicit(claim.large)
    if _measured(bound) or not computable(bound):
        return None
    if claim.where in (sp.true, sp.Gt(claim.small, 0), sp.Ge(claim.small, 0)):
        return sp.true
    return None if _measured(claim.where) else claim.where


def _measured(expr: Any) -> bool:
    return any(declared(key).along for key in keys_in(expr) if is_known(key))

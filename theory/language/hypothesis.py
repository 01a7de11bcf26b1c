"""What a theorem assumes, checkable on a experiment before anything is run.

A finding says whether the assumption is known to hold and why. "Not known" counts as "does not hold": the theorem is
then not applicable, and nothing is claimed.
"""

import abc
import dataclasses
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.theory.language.experiment import Experiment


@dataclasses.dataclass(frozen=True)
class Finding:
    """Whether a hypothesis holds on a experiment, and why."""

    hypothesis: str
    holds: bool
    why: str


@dataclasses.dataclass(frozen=True)
class Hypothesis(abc.ABC):
    """An assumption with a name, its LaTeX, and a check."""

    name: ClassVar[str]
    latex: ClassVar[str]
    takes: ClassVar[Any] = ()  # names of the constants that it takes from the user where they are given
    misread: ClassVar[bool] = (
        False  # it states, of a problem that is right, something false: what a false theorem is about
    )
    moment: ClassVar[float | None] = None  # the order of the moment of the noise that it speaks of, besides the second
    meanings: ClassVar[Any] = ()  # what L0 and L1 may stand for in it, in words, if it speaks of them
    needs: ClassVar[
        Any
    ] = {}  # name of a constant -> the Range in which it must lie (in every layer) for the hypothesis to hold

    @abc.abstractmethod
    def look(self, experiment: Experiment) -> tuple[bool, str]:
        """(does it provably hold?, why)."""

    def validate(self, experiment: Experiment) -> None:
        """Raises InvalidArgument for given constants that cannot be those of the problem."""
        return None

    def establish(self, experiment: Experiment) -> Any:
        """The fact that the method and the claims read (see `Experiment.fact`), or None. Asked after `look` found it."""
        return None

    def check(self, experiment: Experiment) -> Finding:
        """Raises InvalidArgument for a look that gives no such pair."""
        try:
            found = self.look(experiment)
        except MissingConstant as missing:
            found = False, str(missing)
        if not (isinstance(found, tuple) and len(found) == 2 and isinstance(found[0], (bool, np.bool_))):
            raise InvalidArgument(f"hypothesis {self.name} must answer (True or False, why), not {found!r:.60}.")
        return Finding(self.name, bool(found[0]), found[1])

"""The contract of a method."""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

from broximal.theory.language.setting import Run, Setting

Progress = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Record:
    """What one step left behind.

    answer  the oracle's certified answer, or None if the step needs no oracle
    radius  the radius (or stepsize) that was used
    charge  how far above the exact step's value the new point may be because the oracle is not exact; an inexactness
            that the theorem itself speaks about is not charged
    drift   how far the new point may be from an exact step in the sense of distances to the minimiser: the Euclidean
            misalignment of the step with its subgradient; 0 where only function values are compared
    extra   whatever else a claim of this method measures
    """

    answer: Any
    radius: float
    charge: float = 0.0
    drift: float = 0.0
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)


class Method(abc.ABC):
    """Runs on a setting and returns the run. `name` and `update` (LaTeX) appear on the theorem's card."""

    name: ClassVar[str]
    update: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ()  # names it reads from the setting besides those of a theorem's rules

    def validate(self, setting: Setting) -> None:
        """Raises InvalidArgument for given parameters of its own that it cannot run with."""
        return None

    @abc.abstractmethod
    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        """The run of at most `setting.steps` steps; it ends early when a minimiser is reached."""

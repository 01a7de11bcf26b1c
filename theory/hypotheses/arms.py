"""Assumptions on the arms of a bandit."""

import abc
import dataclasses

from broximal.problems.bandits.arms import Arms
from broximal.theory.language.hypothesis import Hypothesis


@dataclasses.dataclass(frozen=True)
class _OfArms(Hypothesis):
    """What holds for every bandit; `said` is what it states."""

    @abc.abstractmethod
    def said(self, arms: Arms) -> str: ...

    def look(self, experiment):
        arms = experiment.instance
        return (True, self.said(arms)) if isinstance(arms, Arms) else (False, f"{arms.name} has no arms")


@dataclasses.dataclass(frozen=True)
class SubGaussianArms(_OfArms):
    name = "sub-Gaussian arms"
    latex = r"\mathbb{E}\, e^{\lambda (X_a - \mu_a)} \le e^{\lambda^2 \sigma^2 / 2} \text{ for every arm } a"

    def said(self, arms):
        return f"{arms.name}, sub-Gaussian with constant {arms.sub_gaussian:.4g}"


@dataclasses.dataclass(frozen=True)
class BoundedArms(_OfArms):
    name = "bounded rewards"
    latex = r"X_a \in [b, b + B] \text{ for every arm } a"

    def said(self, arms):
        low, high = arms.interval
        return f"the rewards of {arms.name} lie in [{low:.4g}, {high:.4g}]"

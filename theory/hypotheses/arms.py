"""Assumptions on the arms of a bandit."""

import dataclasses

from broximal.problems.bandits.arms import Arms
from broximal.theory.language.hypothesis import Hypothesis


@dataclasses.dataclass(frozen=True)
class SubGaussianArms(Hypothesis):
    name = "sub-Gaussian arms"
    latex = r"\mathbb{E}\, e^{\lambda (X_a - \mu_a)} \le e^{\lambda^2 \sigma^2 / 2} \text{ for every arm } a"

    def look(self, experiment):
        arms = experiment.instance
        if not isinstance(arms, Arms):
            return False, f"{arms.name} has no arms"
        return True, f"{arms.name}, sub-Gaussian with constant {arms.sub_gaussian:.4g}"


@dataclasses.dataclass(frozen=True)
class BoundedArms(Hypothesis):
    name = "bounded rewards"
    latex = r"X_a \in [b, b + B] \text{ for every arm } a"

    def look(self, experiment):
        arms = experiment.instance
        if not isinstance(arms, Arms):
            return False, f"{arms.name} has no arms"
        low, high = arms.interval
        return True, f"the rewards of {arms.name} lie in [{low:.4g}, {high:.4g}]"

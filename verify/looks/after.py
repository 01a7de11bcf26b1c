"""After a run: convexity, gradients and constants are tried on its points and near them, the noise where it ends."""

import dataclasses

import jax
import numpy as np

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.problems.smoothness import Smoothness
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.run import Run
from broximal.theory.language.theorem import Theorem
from broximal.verify.looks import chords, constants
from broximal.verify.looks.cloud import Cloud
from broximal.verify.looks.noise import check_noise, orders
from broximal.verify.looks.rests import used


@dataclasses.dataclass(frozen=True)
class Contradiction:
    """What the points of a run contradict: a statement of the problem, or constants that were given."""

    what: str
    given: bool
    why: str


def look_after(theorem: Theorem, experiment: Experiment, run: Run, closely: bool = True) -> Contradiction | None:
    """The first contradiction, or None. Where the problem's own code fails nothing is said. `closely` as in `Cloud.of`."""
    if not isinstance(experiment.instance, Optimisation):
        return None
    try:
        cloud = Cloud.of(run, experiment.seed, closely)
        if not cloud.points:
            return None
        if why := chords.contradicted(experiment.problem, cloud, experiment.seed):
            return Contradiction("the problem's own statements", False, why)
        for name, why in constants.refuted(experiment, cloud, used(theorem), _smoothness(theorem, experiment)):
            given = name in experiment.constants or (name == "smoothness" and _layers_given(experiment))
            return Contradiction(f"constant {name}", given, why)
        return _of_noise(theorem, experiment, run)
    except (BroximalError, ArithmeticError, ValueError):
        return None


def _of_noise(theorem: Theorem, experiment: Experiment, run: Run) -> Contradiction | None:
    """Noise that is as stated where a run begins may not be where it ends."""
    finite = all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(run.end))
    if not (finite and experiment.noisy and theorem.method.needs == "sample"):
        return None
    end = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), run.end)
    try:
        check_noise(experiment.problem, experiment.norm, experiment.x0, experiment.seed + 1, orders(theorem), end)
    except InvalidArgument as refused:
        return Contradiction("the problem's noise", False, str(refused))
    return None


def _smoothness(theorem: Theorem, experiment: Experiment) -> list[Smoothness]:
    """What is stated about the layers: as it was given by the user, and as the theorem takes it."""
    if any(hypothesis.misread for hypothesis in theorem.assumes):
        return []
    given = [h.given(experiment) for h in theorem.assumes if isinstance(h, LayerSmooth)]
    return [stated for stated in (*given, experiment.facts.get(Smoothness)) if stated is not None]


def _layers_given(experiment: Experiment) -> bool:
    return Smoothness in experiment.facts and bool({"L0", "L1"} & set(experiment.constants))

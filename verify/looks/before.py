"""Before a run: the laws of a norm, what a problem returns, and what it states of its gradient, convexity, minimum and noise, is tried."""

from broximal.problems.bandits.arms import Arms
from broximal.theory.language.claims import Drift
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.theorem import Theorem
from broximal.verify.looks.answers import check_answers
from broximal.verify.looks.arms import check_arms
from broximal.verify.looks.compression import check_compressors
from broximal.verify.looks.geometry import check_norm
from broximal.verify.looks.noise import check_noise, check_outcomes, check_sampling, orders
from broximal.verify.looks.optimum import check_distance, check_optimum
from broximal.verify.looks.slopes import check_convexity, check_gradient


def look_before(theorem: Theorem, experiment: Experiment) -> None:
    """Raise InvalidArgument, with the numbers, for a statement of the instance that a few evaluations contradict."""
    if isinstance(experiment.instance, Arms):
        check_arms(experiment.instance, experiment.seed)
    if not isinstance(experiment.instance, Optimisation):
        return
    problem, x0, seed = experiment.problem, experiment.x0, experiment.seed
    method = theorem.method
    check_norm(experiment.norm, x0, seed)
    check_compressors(experiment)
    check_answers(problem, x0, seed, traced=method.scanned(experiment))
    check_gradient(problem, x0, seed)
    check_convexity(problem, x0, seed)
    check_optimum(problem, x0, seed)
    check_distance(problem, experiment.norm, x0, seed, solve=method.host)
    check_sampling(problem)
    if experiment.noisy and method.needs == "sample":
        check_noise(problem, experiment.norm, x0, seed, orders(theorem))
        if any(isinstance(claim, Drift) for claim in theorem.claims):
            check_outcomes(problem, x0, seed)

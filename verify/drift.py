"""Claims about one step in conditional expectation: exact, by all outcomes of the step, at every state of the run."""

from broximal.theory.language.claims import Drift
from broximal.theory.language.keys import NotEnumerable
from broximal.theory.language.run import Run
from broximal.verify.branches import Forked, forked
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict

BRANCHES = 2**9  # of all paths together, as far as one path has not more


def outcomes_of(claim: Drift, run: Run) -> Forked | ClaimReport:
    """The run with the outcomes of its steps, or that the claim is not applicable to it, and why."""
    try:
        return forked(run)
    except NotEnumerable as missing:
        why = f"the outcomes of a step of {run.algorithm.name} cannot be listed on {run.experiment.instance.name}: {missing}"
        return ClaimReport.of(claim, Verdict.NOT_APPLICABLE, why)


def paths_for(claim: Drift, runs: list[Run]) -> list[Run]:
    """As many of the paths as there is time for."""
    first = outcomes_of(claim, runs[0])
    return runs[: max(1, BRANCHES // max(first.size, 1))] if isinstance(first, Forked) else runs[:1]

"""A claim that holds with a probability: its failures are counted on a fixed number of paths, with an exact interval."""

import numpy as np

from broximal.theory.language.claims import WithProbability
from broximal.theory.language.quantity import K
from broximal.theory.language.run import Run
from broximal.verify import confidence, power
from broximal.verify.evaluate import Evaluator, Sides
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict


def probability(claim: WithProbability, runs: list[Run], level: float) -> ClaimReport:
    """The finding from independent paths, whose number was fixed beforehand.

    A path fails if lhs is above rhs by more than the error budget, and may have failed if it is not below by as much.
    """
    both = [_sides(claim, run) for run in runs]
    margin = np.array([float(s.large[0] - s.small[0]) for s in both])
    budget = np.array([float(s.budget[0]) for s in both])
    surely, maybe = int(np.sum(margin < -budget)), int(np.sum(margin < budget))
    allowed, trials = 1 - claim.chance, len(runs)
    low = confidence.binomial(surely, trials, level).low
    high = confidence.binomial(maybe, trials, level).high
    seen = f"{maybe} of {trials} paths fail, a probability in [{low:.3g}, {high:.3g}] at level {level:g}"
    if low > allowed:
        verdict = Verdict.VIOLATED
    elif high <= allowed:
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.INCONCLUSIVE
    # A bound so small that this many paths would exceed it is refuted: the ratios of the paths, from above.
    ratios = np.sort(np.array([float(s.small[0] / s.large[0]) for s in both if s.large[0] > 0]))[::-1]
    needed = next((n for n in range(trials + 1) if confidence.binomial(n, trials, level).low > allowed), trials + 1)
    smallest = 1 - float(ratios[needed - 1]) if 1 <= needed <= len(ratios) else None
    strength = power.Power(smallest if smallest is not None and smallest < 1 else None, {})
    if verdict is Verdict.HOLDS and not strength.any:
        verdict, seen = Verdict.INCONCLUSIVE, f"no power: {seen}"
    worst = both[int(np.argmin(margin))]
    large = float(worst.large[0])
    return ClaimReport(
        claim.label,
        str(claim),
        claim.latex(),
        verdict,
        f"{seen}; {allowed:g} is allowed",
        float(worst.small[0]) / large if large > 0 else None,
        runs[0].length,
        float(worst.budget[0]),
        strength,
        False,
        {
            "index": [runs[0].length],
            "measured": [float(np.quantile([float(s.small[0]) for s in both], claim.chance))],
            "bound": [large],
            "budget": [float(worst.budget[0])],
        },
    )


def _sides(claim: WithProbability, run: Run) -> Sides:
    return Evaluator(run, K, accumulate=True).sides(*claim.sides, np.array([run.length]))

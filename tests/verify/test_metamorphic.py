"""No verdict depends on units or coordinates: f + c, s f, x moved or rescaled, the norm rescaled, layers permuted, f rotated.

A theorem speaks of f up to these, so a check on the changed problem, with radii and parameters carried over by their units,
must end in the same verdict with the same room between the sides of every claim.
"""

import dataclasses

import pytest

from broximal.theory import Case, EachStep, Theorem, catalogue
from broximal.theory.columns.points import gap, k, radius, value
from broximal.theory.language.instance import Optimisation
from broximal.verify.checking import case_experiment
from tests.verify.laws.laws import FAR_AWAY, LAWS, TOGETHER, Law, Skip, broken, carried, judged

# How many theorems (their cheapest case) a law must cover at least.
QUICK = {
    "bpm": 68,
    "clipping": 2,
    "drop_muon": 2,
    "ef21_muon": 1,
    "gluon": 2,
    "momentum": 2,
    "scion": 2,
    "trust_region": 1,
}
SLOW = {"f + c": 120, "s f": 120, "x moved": 100, "x scaled": 120, "norm scaled": 90, "rotated": 30}
SLOW["layers in another order"] = 10


def cheapest(theorem: Theorem) -> list[Case]:
    """The case with the fewest steps."""
    cases = sorted((case for case in theorem.cases if not case.slow), key=lambda case: case.steps)
    return cases[:1]


def parts_of(theorem: Theorem) -> tuple[str, ...]:
    """The kind of its method and of its parts; what is traced is compiled anew for each."""
    method = theorem.method
    parts = (getattr(method, name, None) for name in ("stepsize", "estimator", "active", "direction"))
    return tuple(type(part).__name__ for part in (method, *parts))


def quick(paper: str) -> list[Theorem]:
    """All theorems about steps that run on the host; of the others, which are compiled, three kinds of method a paper."""
    own = [theorem for name, theorem in catalogue().items() if name.partition(".")[0] == paper]
    kinds = {parts_of(theorem): theorem for theorem in reversed(own)}
    return own if paper == "bpm" else list(reversed(kinds.values()))[:3]


def found(law: Law, theorem: Theorem, case: Case) -> list[str] | None:
    """What the law does not bear, None where it says nothing."""
    experiment = case_experiment(case, 0)
    if not isinstance(experiment.instance, Optimisation):
        return None
    try:
        return broken(law, theorem, experiment, judged(theorem, experiment))
    except Skip:
        return None


@pytest.mark.parametrize("paper", QUICK)
def test_no_verdict_changes_under_all_laws_at_once(paper):
    wrong, covered = {}, 0
    for theorem in quick(paper):
        for case in cheapest(theorem):
            said = found(TOGETHER, theorem, case)
            covered += said is not None
            if said:
                wrong[theorem.name] = said
    assert not wrong
    assert covered >= QUICK[paper]


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_no_verdict_changes_on_any_case(law):
    wrong, covered = {}, 0
    for theorem in catalogue().values():
        said = [found(law, theorem, case) for case in theorem.cases if not case.slow]
        covered += any(each is not None for each in said)
        if any(said):
            wrong[theorem.name] = [each for each in said if each]
    assert not wrong
    assert covered >= SLOW[law.name]


FAR = ("bpm.alignment", "bpm.boundary", "bpm.effective_radius", "bpm.separating_halfspace", "clipping.clipping")


@pytest.mark.parametrize(
    "name", [*FAR, *(pytest.param(name, marks=pytest.mark.slow) for name in catalogue() if name not in FAR)]
)
def test_no_proved_statement_is_violated_far_away(name):
    """With f + 1e6 and x + 1e6 / 3 digits are lost: then a check may be inconclusive, and not violated."""
    theorem = catalogue()[name]
    for case in cheapest(theorem):
        experiment = case_experiment(case, 0)
        if not theorem.truth or not isinstance(experiment.instance, Optimisation):
            pytest.skip("it is false, or of no function")
        for law in FAR_AWAY:
            try:
                report = judged(theorem, carried(theorem, experiment, law.change(theorem, experiment)))
            except Skip:
                continue
            assert report.verdict != "violated", (law.name, report.why)


@pytest.mark.parametrize(
    "law", [law for law in LAWS if law.name in ("f + c", "s f", "x scaled")], ids=lambda law: law.name
)
def test_a_statement_that_depends_on_units_is_found(law):
    """A claim about f itself with a plain number in it: made without its check, as a misprint would."""
    theorem = catalogue()["bpm.star_rate"]
    wrong = {
        "f + c": value[k + 1] <= 0.999 * value[k],
        "s f": gap[k + 1] <= gap[k] - 1e-3,
        "x scaled": gap[k + 1] <= gap[k] * (1 - radius[k] / 100),
    }[law.name]
    claim = EachStep(gap[k + 1] <= gap[k], "misprint").restated(relation=wrong)
    misprinted = dataclasses.replace(theorem, claims=(claim,))
    experiment = case_experiment(cheapest(theorem)[0], 0)
    assert broken(law, misprinted, experiment, judged(misprinted, experiment))

"""The cases of the catalogue pass every look before a run, which spares them at every verification; cases of others are looked at."""

import dataclasses

import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import Noisy, Quadratic, noise
from broximal.theory import Case, find
from broximal.theory.language.catalogue import catalogue
from broximal.theory.language.instance import Optimisation
from broximal.verify import Verdict, check
from broximal.verify.checking import case_experiment, check_case
from broximal.verify.looks.before import look_before
from broximal.verify.verdict import SEEN
from tests.verify.looks.stated import with_f_star

PAPERS = sorted({name.partition(".")[0] for name in catalogue()})


@pytest.mark.parametrize("paper", PAPERS)
def test_the_cases_of_a_paper_pass(paper):
    seen, looked = set(), 0
    for name, theorem in catalogue().items():
        if not name.startswith(paper + "."):
            continue
        for case in theorem.cases:
            experiment = case_experiment(case, 0)
            if not isinstance(experiment.instance, Optimisation):
                continue
            key = (experiment.problem.name, experiment.norm.name, str(experiment.x0), theorem.method.needs)
            if key not in seen:
                seen.add(key)
                look_before(theorem, experiment)
                looked += 1
    assert looked or paper in ("polar",), "nothing was looked at"


def test_the_cases_of_a_theorem_that_is_not_in_the_catalogue_are_looked_at():
    theorem = find("bpm.star_rate")
    wrong = dataclasses.replace(theorem, cases=(Case(lambda seed: with_f_star(Quadratic.example(4, 1), 1.0), L2()),))
    with pytest.raises(InvalidArgument, match="states f"):
        check(wrong)
    assert check_case(theorem.altered(0.9), 0).verdict in (*SEEN, Verdict.VIOLATED)


def test_looks_do_not_depend_on_what_was_looked_at_before():
    problem = Noisy(Quadratic.example(4, 1), noise.Signs(0.1))
    theorem = find("momentum.average")
    reports = [check(theorem, problem, L2(), steps=4, paths=4) for _ in range(2)]
    assert reports[0].why == reports[1].why

"""Theorems over families, norms and dimensions, from Python."""

import concurrent.futures

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, LInf, Lp
from broximal.problems import Quadratic
from broximal.theory import find
from broximal.verify import load, sweep
from broximal.verify.replay import read_witnesses, replay
from tests.verify.own_files import THEOREM
from tests.verify.test_replay import halves, own


def jobs_of(records):
    return {record["job"] for record in records}


def test_every_theorem_on_every_problem_in_every_norm():
    records = sweep(
        [halves(), "bpm.star_rate"],
        problems=["quadratic", Quadratic, own(3)],
        norms=["linf", L1(), Lp(2.123456789012345)],
        dims=[2, 3],
        seeds=1,
        steps=3,
        radius=0.01,
    )
    # "quadratic" and Quadratic are one family, and the object has its own dimension
    assert len(jobs_of(records)) == 2 * 3 * (2 + 1)
    assert {record["norm"] for record in records} >= {"linf", "l1"}
    assert records.verdict.value == "violated" and not records.as_expected
    assert "own.halves" in str(records)


def test_constants_and_parameters_are_given_to_every_check(tmp_path):
    """Constants that nobody proved make a pass `consistent`; the ledger tells the checks apart by what was given."""
    common = {"problems": ["quadratic"], "dims": [3], "seeds": 1, "steps": 5, "ledger": tmp_path / "l", "resume": True}
    given = sweep("bpm.sublevel_rate", constants={"R0": 50.0}, **common)
    assert given.verdict.value == "consistent" and given[0]["constants"]["R_0"] == 50.0
    assert sweep("bpm.sublevel_rate", **common).verdict.value == "holds"
    again = sweep("bpm.sublevel_rate", constants={"R0": 60.0}, **common)
    assert again[0]["constants"]["R_0"] == 60.0
    slow = sweep(
        "momentum.error", problems=["quadratic"], dims=[3], seeds=1, steps=5, parameters={"a": 0.5, "eta": 0.01}
    )
    assert slow[0]["constants"]["a"] == 0.5


def test_without_problems_the_cases_are_checked():
    records = sweep(find("bpm.false_linear_rate"), seeds=1)
    assert records.as_expected and {record["case"] is not None for record in records} == {True}


def test_objects_that_cannot_travel_are_checked_here(tmp_path):
    path = tmp_path / "grid.py"
    path.write_text(THEOREM.replace("mine.decrease", "mine.grid").replace("own_", "grid_"))
    theorem = load(path).theorems[0]
    options = {"problems": [own(2), Quadratic.example(3), "grid_quadratic"], "norms": ["l2"], "dims": [2], "seeds": 1}
    options |= {"steps": 3, "radius": 0.1}
    away = sweep([theorem, halves()], workers=2, ledger=tmp_path / "away.jsonl", **options)
    here = sweep([theorem, halves()], ledger=tmp_path / "here.jsonl", **options)
    assert len(jobs_of(away)) == 6
    strip = [[{k: v for k, v in r.items() if k not in ("wall_s", "curve")} for r in some] for some in (away, here)]
    assert strip[0] == strip[1]


def test_a_sweep_of_objects_resumes_by_content(tmp_path):
    plans = []
    options = {"norms": ["l2"], "steps": 3, "radius": 0.1, "ledger": tmp_path / "l.jsonl", "resume": True}
    sweep([halves()], problems=[own(3)], on_start=plans.append, **options)
    sweep([halves()], problems=[own(3)], on_start=plans.append, **options)
    other = Quadratic(np.diag([1.0, 2.0, 3.0 + 1e-12]), about=np.ones(3), x0=np.full(3, 3.0))
    sweep([halves()], problems=[other], on_start=plans.append, **options)
    sweep([halves().altered(0.9999999999)], problems=[own(3)], on_start=plans.append, **options)
    assert [plan.reused for plan in plans] == [0, 1, 0, 0]


def test_violations_of_a_sweep_replay_from_its_files(tmp_path):
    records = sweep([halves()], problems=[Quadratic.example(120)], steps=3, radius=0.01, ledger=tmp_path / "l.jsonl")
    records.save(tmp_path / "r.json")
    for path in (tmp_path / "l.jsonl", tmp_path / "r.json"):
        (recorded,), missing, damage = read_witnesses(path)
        found = replay(recorded)
        assert not found.differences and not found.notes and not missing and not damage
    resumed = sweep(
        [halves()], problems=[Quadratic.example(120)], steps=3, radius=0.01, ledger=tmp_path / "l.jsonl", resume=True
    )
    assert resumed == records
    sweep([halves()], problems=[own(2)], steps=3, radius=0.01, ledger=tmp_path / "l.jsonl")
    assert not list(tmp_path.glob("l.jsonl.*.npz"))  # nothing mentions them any more


def test_an_executor_of_the_users_own(tmp_path):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        records = sweep(["bpm.star_rate"], problems=["quadratic"], norms=[LInf()], dims=[2], steps=3, executor=executor)
    assert records.verdict.value == "holds"


def test_plots_stay_in_their_folder(tmp_path):
    records = sweep([halves("../../[/]$x")], problems=[own(2)], steps=3, radius=0.01)
    records.plot(tmp_path / "inside" / "plots")
    (picture,) = tmp_path.rglob("*.png")
    assert picture.parent == tmp_path / "inside" / "plots"
    assert "../../[/]$x" in str(records)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"theorems": []}, "theorems is empty"),
        ({"theorems": [3]}, "must be theorems or their names"),
        ({"theorems": ["bpm.star_rat"]}, "Did you mean 'bpm.star_rate'"),
        ({"problems": "quadratic"}, "problems must be a list"),
        ({"problems": ["quadratik"]}, "Did you mean 'quadratic'"),
        ({"problems": [int]}, "problems must be problems, families or their names"),
        ({"problems": ["quadratic"], "norms": [3]}, "norms must be norms or their names"),
        ({"problems": ["quadratic"], "norms": ["l22"]}, "no norm called"),
        ({"problems": ["quadratic"], "dims": [0]}, "dims must be positive integers"),
        ({"problems": ["quadratic"], "dims": 3}, "dims must be a list"),
        ({"seeds": 0}, "seeds must be a positive integer"),
        ({"seed": -1}, "seed must be a non-negative integer"),
        ({"steps": 1.5}, "steps must be a positive integer"),
        ({"radius": 0}, "radius"),
        ({"constants": {"LO": 1.0}}, "'LO' is no constant of problems. Did you mean 'L'"),
        ({"constants": {"L": "large"}}, "constant L must be a real number"),
        (
            {"parameters": {"a": 0.5}},
            "'a' is no constant of problems and no parameter of bpm.star_rate, which has none",
        ),
        ({"parameters": {"k": 1}}, "k is an index of claims"),
        ({"workers": 0}, "workers must be a positive integer"),
    ],
)
def test_bad_arguments_are_one_sentence(arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        sweep(**{"theorems": ["bpm.star_rate"]} | arguments)

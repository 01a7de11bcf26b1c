"""Every violation runs again from its file, and what differs from what was recorded is said."""

import json
import sys

import numpy as np
import pytest
from hypothesis import given, strategies as st

from broximal.oracles import norms
from broximal.oracles.errors import InvalidArgument
from broximal.problems import Quadratic
from broximal.theory import EachStep, Experiment, Source, Theorem
from broximal.theory.columns.points import gap, k
from broximal.theory.hypotheses.functions import Convex
from broximal.theory.methods import BroximalPoint
from broximal.verify import check
from broximal.verify.replay import Recorded, read_witnesses, replay
from tests.verify.own_files import WRONG
from tests.verify.test_cli import run


class Own(Quadratic):
    """A family that no catalogue knows."""


def own(n):
    return Own(np.diag(np.arange(1.0, n + 1)), about=np.ones(n), x0=np.full(n, 3.0))


def halves(name="own.halves"):
    return Theorem(
        name=name,
        title="the gap halves",
        source=Source("nobody", "proved here"),
        assumes=(Convex(),),
        method=BroximalPoint(),
        claims=(EachStep(gap[k + 1] <= gap[k] / 2, "half"), EachStep(gap[k + 1] <= gap[k], "less")),
        cases=(),
    )


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def saved(report, name="r.json"):
    assert report.verdict.value == "violated"
    report.save(name)
    return name


CHECKS = {
    "of the catalogue, on an object": lambda: check("bpm.star_rate*0.5", Quadratic.example(5), norms.LInf(), steps=5),
    "own theorem": lambda: check(halves(), Quadratic.example(5), norms.L2(), steps=5, radius=0.05),
    "in a scaled product": lambda: check(
        halves(), Quadratic.example(3), norms.Scaled(1 / 3, norms.Lp(2.5)), steps=4, radius=0.01
    ),
    "a schedule": lambda: check(halves(), Quadratic.example(5), norms.L2(), steps=5, radius=lambda k: 0.1 / (k + 1)),
    "another start": lambda: check(
        halves(), Quadratic.example(3), norms.L1(), steps=3, radius=0.01, x0=np.full(3, 9.0)
    ),
    "another tolerance": lambda: check(halves(), Quadratic.example(4), norms.L1(), steps=3, radius=0.01, tol=1e-9),
    "arrays in files": lambda: check(halves(), Quadratic.example(120), norms.L2(), steps=3, radius=0.01),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_of_objects_runs_again_from_its_file(capsys, name):
    saved(CHECKS[name]())
    code, out, err = run(capsys, "replay", "r.json")
    assert code == 0, err
    assert "violated" in out and err == ""


def test_large_arrays_stand_beside_the_file(tmp_path):
    saved(CHECKS["arrays in files"]())
    assert len(list(tmp_path.glob("r.json.*.npz"))) == 2  # A and its eigenvectors
    assert (tmp_path / "r.json").stat().st_size < 100_000
    np.load(next(iter(tmp_path.glob("*.npz"))), allow_pickle=False)


def test_a_class_of_the_users_own_must_be_given(capsys):
    saved(check(halves(), own(3), norms.L2(), steps=5, radius=0.1))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2 and "Own is defined in test_replay.py; give the file that defines it with --theorems" in err
    (recorded,), _, _ = read_witnesses("r.json")
    found = replay(recorded, [sys.modules[__name__]])
    assert found.report.verdict.value == "violated" and not found.differences and not found.notes


def test_an_own_theorem_of_a_file_must_be_given(capsys, tmp_path):
    (tmp_path / "wrong.py").write_text(WRONG.replace("own_", "wrong_"))
    options = "--theorems wrong.py --problem wrong_quadratic --norm wrong_norm --dim 2 --radius 0.1 --json r.json"
    code, _, err = run(capsys, "verify", *options.split())
    assert code == 1, err
    code, _, err = run(capsys, "replay", "r.json", "--theorems", "wrong.py")
    assert (code, err) == (0, "")
    record = json.loads((tmp_path / "r.json").read_text())[0]
    record["witness"]["recipe"]["theorem"] = "mine.elsewhere"
    (tmp_path / "r.json").write_text(json.dumps([record]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2 and "is defined in wrong.py; give that file with --theorems" in err


def test_what_cannot_be_written_down_is_said(capsys):
    class Local(Quadratic):
        pass

    saved(check(halves(), Local(np.eye(2), about=np.zeros(2), x0=np.ones(2)), norms.L2(), steps=3, radius=0.1))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 1 and "cannot be run again: " in err and "inside a function" in err


def test_data_that_have_changed_are_said(capsys, tmp_path):
    rows = ["0.5,1.0,0", "-1.0,0.3,1", "0.2,-0.7,0", "1.0,0.9,1", "-0.3,-0.4,1", "0.7,-0.2,0"]
    (tmp_path / "data.csv").write_text("\n".join(rows))
    options = "bpm.star_rate*0.5 --data data.csv --label 3 --norm l2 --steps 5 --json r.json".split()
    assert run(capsys, "verify", *options)[0] == 1
    assert run(capsys, "replay", "r.json")[0] == 0
    assert json.loads((tmp_path / "r.json").read_text())[0]["witness"]["recipe"]["reading"] == {"label": "3"}
    (tmp_path / "data.csv").write_text("\n".join([*rows, "3,3,1"]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 1 and "the data in data.csv are not those of the record" in err and "not as recorded" in err


ALTERED = {
    "step": lambda r: r["witness"].update(step=r["witness"]["step"] + 1),
    "claim": lambda r: r["witness"].update(claim="less"),
    "point": lambda r: r["witness"]["x"][0].__setitem__(0, 1.5),
    "next point": lambda r: r["witness"]["x_next"][0].__setitem__(0, 1.5),
    "radius of the witness": lambda r: r["witness"].update(radius=0.07),
    "tolerance": lambda r: r["witness"].update(tol=1e-3),
    "an unknown key of the witness": lambda r: r["witness"].update(more=1),
    "ratio": lambda r: r.update(worst_ratio=r["worst_ratio"] * 1.001),
    "verdict": lambda r: r.update(verdict="holds"),
    "norm": lambda r: r.update(norm="l1"),
    "statement": lambda r: r.update(statement="gap[k] <= 0"),
    "name of the claim": lambda r: r.update(claim="elsewhere"),
    "seeds": lambda r: r.update(seeds=[7]),
    "curve": lambda r: r["curve"]["measured"].__setitem__(0, 9.0),
    "an unknown key": lambda r: r.update(more=1),
}


@pytest.fixture(scope="module")
def record():
    report = check(halves(), Quadratic.example(3), norms.L2(), steps=5, radius=0.05)
    return json.loads(json.dumps(report.records()[0]))


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_record_is_told_from_what_happens(capsys, tmp_path, record, what):
    altered = json.loads(json.dumps(record))
    ALTERED[what](altered)
    (tmp_path / "r.json").write_text(json.dumps([altered]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 1, err
    assert "not as recorded" in err


def test_a_statement_that_has_changed_since_is_said(capsys, tmp_path, record):
    altered = json.loads(json.dumps(record))
    altered["witness"]["recipe"]["statement"] = "0" * 64
    (tmp_path / "r.json").write_text(json.dumps([altered]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 0 and "does not say any more what it said" in err


MALFORMED = {
    "steps": ["0", 0, -1, 10**30, 1.5, None, True],
    "seed": ["0", -1, 2**80],
    "tol": [0, -1e-9, "x", None],
    "paths": [0, "1"],
    "radius": [0, -1, "0.1", [], [0], ["x"], None],
    "kind": [1, "case", "names", "else"],
    "theorem": [1, None],
    "problem": ["quadratic", 3, None, {}, {"list": [1]}, {"class": ["os", "system"], "fields": {}}],
    "norm": ["l2", {"class": ["broximal.oracles.norms.lp", "Lp"], "fields": {}}],
    "x0": [{"float": "nan"}, {"tuple": []}, 3],
    "constants": [{"list": []}, {"dict": [["L", {"float": "nan"}]]}, {"dict": [[1, 2]]}],
    "says": [{}, {"theorem": {}}, 1],
    "more": [1],
}


@pytest.mark.parametrize("field, value", [(field, value) for field, values in MALFORMED.items() for value in values])
def test_a_malformed_recipe_is_one_sentence(capsys, tmp_path, record, field, value):
    altered = json.loads(json.dumps(record))
    altered["witness"]["recipe"][field] = value
    (tmp_path / "r.json").write_text(json.dumps([altered]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2, err
    assert len(err.strip().splitlines()) == 1 and "record 1 of r.json" in err


CASE = {"kind": "case", "theorem": "bpm.star_rate", "statement": "", "case": 0, "seed": 0, "steps": 3, "tol": 1e-10}


@pytest.mark.parametrize("case", [99, "0", -1, 0.0, None, [0], 10**40])
def test_a_case_that_there_is_not_is_one_sentence(capsys, tmp_path, case):
    recipe = CASE | {"paths": 1, "case": case}
    (tmp_path / "r.json").write_text(json.dumps([{"theorem": "t", "witness": {"recipe": recipe}}]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2 and len(err.strip().splitlines()) == 1


CONTENTS = [
    "[" * 100_000,
    '{"theorem": "t", "witness": 3}',
    '[{"theorem": "t", "witness": {"recipe": 1}}]',
    "[NaN]",
    "[1e",
    "\0",
]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_malformed_file_is_one_sentence(capsys, tmp_path, content):
    (tmp_path / "r.json").write_text(content)
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2 and len(err.strip().splitlines()) == 1


def test_a_violation_without_a_witness_is_said(capsys, tmp_path, record):
    (tmp_path / "r.json").write_text(json.dumps([record | {"witness": None}]))
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 1 and "has no witness" in err


def test_a_ledger_cut_short_is_said_and_replayed(capsys, tmp_path, record):
    (tmp_path / "l.jsonl").write_text(json.dumps(record) + '\n{"theorem": "x", "wit')
    code, out, err = run(capsys, "replay", "l.jsonl")
    assert code == 0 and "violated" in out and "1 line of l.jsonl cannot be read" in err


def test_a_field_that_raises_is_said(capsys):

    problem = own(2)
    object.__setattr__(problem, "inertia", object())
    from broximal.verify.witness import recipe

    experiment = Experiment.make(problem, norms.L2(), radius=0.1)
    assert "and no plain data" in recipe(halves(), experiment, None, 1)["why"]


def test_a_file_of_arrays_that_is_something_else_is_one_sentence(capsys, tmp_path):
    saved(CHECKS["arrays in files"]())
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"PK nothing")
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2 and "holds no array of a witness" in err
    for path in tmp_path.glob("*.npz"):
        path.unlink()
    code, _, err = run(capsys, "replay", "r.json")
    assert code == 2 and "cannot be read" in err


FIELDS = st.sampled_from([*CASE, "problem", "norm", "x0", "radius", "constants", "parameters", "says", "source", "dim"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(FIELDS, ANY, max_size=6))
def test_no_recipe_ends_in_a_traceback(fields):
    kind = {
        "kind": "objects",
        "theorem": "bpm.star_rate",
        "statement": "",
        "seed": 0,
        "steps": 3,
        "tol": 1e-9,
        "paths": 1,
    }
    with pytest.raises(InvalidArgument):
        replay(Recorded("record 1", [{}], kind | fields))

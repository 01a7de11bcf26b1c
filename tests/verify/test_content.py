"""A finished check is taken for the same one only if nothing that it depends on has changed."""

import dataclasses
import functools

import jax
import numpy as np
import pytest
from hypothesis import given, strategies as st

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, Lp, Scaled
from broximal.problems import Quadratic
from broximal.theory import Case, Rule, Source, find
from broximal.verify import content as module
from broximal.verify.content import digest, file_digest, statement_digest, theorem_digest
from broximal.verify.loading import load
from broximal.verify.sweeping import Job, content, run_jobs
from broximal.verify.verdict import SEEN
from tests.verify.own_files import THEOREM


def scaled(c):
    return lambda z: c * z


class Callable:
    def __init__(self, c):
        self.c = c

    def __call__(self, z):
        return self.c * z


class Shy:
    """Asked for what it cannot say, it fails."""

    @property
    def lower(self):
        raise TypeError("no lower bound")


PAIRS = [
    (Shy(), 1),
    (1, 1.0),
    (0.1, np.nextafter(0.1, 1.0).item()),
    (True, 1),
    ("1", 1),
    ((1, 2), [1, 2]),
    ({"a": 1}, {"a": 2}),
    (np.zeros(2), np.zeros(2, dtype=np.float32)),
    (np.zeros((2, 1)), np.zeros((1, 2))),
    (np.array([0.0]), np.array([-0.0])),
    (L1(), L2()),
    (Lp(3), Lp(3 + 1e-14)),
    (Scaled(2.0, L1()), Scaled(2.0, L2())),
    (Quadratic.example(4, 0), Quadratic.example(4, 1)),
    (scaled(1), scaled(2)),
    (lambda z: z + 1, lambda z: z + 2),
    (lambda z, c=1: z + c, lambda z, c=2: z + c),
    (functools.partial(scaled, 1), functools.partial(scaled, 2)),
    (Callable(1), Callable(2)),
    (jax.jit(scaled(1)), jax.jit(scaled(2))),
    (jax.custom_jvp(scaled(1)), jax.custom_jvp(scaled(2))),
    (np.dtype("float32"), np.dtype("float64")),
    (find("bpm.star_rate"), find("bpm.star_rate*0.9999999999")),
]


@pytest.mark.parametrize("this, other", PAIRS)
def test_what_differs_has_another_digest(this, other):
    assert digest(this) == digest(this)
    assert digest(this) != digest(other)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_subnormal=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_digests_are_equal_exactly_where_the_written_form_is(this, other):
    assert (digest(this) == digest(other)) == (_written(this) == _written(other))


def _written(value):
    if isinstance(value, dict):
        return ("dict", sorted((key, repr(_written(item))) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [_written(item) for item in value])
    return repr(value)


def test_what_cannot_be_described_equals_nothing():
    assert digest(object()) != digest(object())
    generator = (n for n in range(3))
    assert digest(generator) != digest(generator)


def test_what_holds_itself_ends():
    ring = [1]
    ring.append(ring)
    assert digest(ring) == digest(ring)


CHANGES = {
    "claims": lambda t: dataclasses.replace(t, claims=t.altered(1 - 1e-12).claims),
    "assumes": lambda t: dataclasses.replace(t, assumes=t.assumes[1:]),
    "method": lambda t: dataclasses.replace(t, method=find("bpm.inexact").method),
    "parameters": lambda t: dataclasses.replace(t, parameters=(Rule(1, 2),)),
    "cases": lambda t: dataclasses.replace(t, cases=(dataclasses.replace(t.cases[0], steps=3), *t.cases[1:])),
    "norm of a case": lambda t: dataclasses.replace(t, cases=(Case(t.cases[0].problem, Lp(3)), *t.cases[1:])),
    "truth": lambda t: dataclasses.replace(t, truth=False, repair="x"),
    "source": lambda t: dataclasses.replace(t, source=Source("another", "proved here")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_part_of_a_theorem_counts(change):
    theorem = find("bpm.star_rate")
    changed = CHANGES[change](theorem)
    assert theorem_digest(changed) != theorem_digest(theorem)
    same = change in ("cases", "norm of a case", "truth", "source")
    assert (statement_digest(changed) == statement_digest(theorem)) == same


JOB = Job("bpm.star_rate", seed=1, problem="quadratic", norm="l2", dim=3, steps=4, radius=0.5)


@pytest.mark.parametrize(
    "fields",
    [
        {"theorem": "bpm.star_rate*0.9"},
        {"seed": 2},
        {"problem": "logistic"},
        {"norm": "lp(2.0000001)"},
        {"dim": 4},
        {"steps": 5},
        {"radius": 0.5000000001},
        {"objects": {"problem": {"anything": 1}}},
        {"objects": {"norm": {"anything": 1}}},
    ],
)
def test_every_part_of_a_job_counts(fields):
    assert content(JOB) == content(dataclasses.replace(JOB))
    assert content(JOB) != content(dataclasses.replace(JOB, **fields))


def test_surroundings_count(monkeypatch):
    before = content(JOB)
    monkeypatch.setattr("broximal.verify.sweeping.surroundings", lambda: "another version")
    assert content(JOB) != before


def test_a_source_that_is_newer_than_the_process_stands_for_nothing(tmp_path, monkeypatch):
    path = tmp_path / "some.py"
    path.write_text("x = 1")
    monkeypatch.setattr("broximal._imported", path.stat().st_mtime + 10)
    assert module._source(path) == module._source(path) == file_digest(path)
    monkeypatch.setattr("broximal._imported", path.stat().st_mtime - 10)
    assert module._source(path) != module._source(path)


def test_files_count_by_their_bytes(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("0,1,0\n1,0,1\n2,1,0\n0,2,1\n")
    job = Job("bpm.star_rate", data=str(path), norm="l2")
    before = content(job)
    path.write_text("0,1,0\n1,0,1\n2,1,0\n0,3,1\n")
    assert content(job) != before
    with pytest.raises(InvalidArgument, match="cannot be read"):
        file_digest(tmp_path / "nowhere")


def test_a_resumed_sweep_runs_what_has_changed(tmp_path):
    path, ledger = tmp_path / "changes.py", tmp_path / "ledger.jsonl"
    plans, ran = [], []

    def go(resume=True):
        file = load(path)
        work = [Job(name, case=0, files=((str(path), file.sha256),)) for name in ("mine.changes", "bpm.star_rate")]
        ran.clear()
        return run_jobs(
            work, ledger, resume=resume, on_start=plans.append, on_done=lambda records, *_: ran.append(records[0])
        )

    path.write_text(THEOREM.replace("mine.decrease", "mine.changes").replace("own_", "changes_"))
    go(resume=False)
    records = go()
    assert ran == [] and plans[-1].reused == 2 and plans[-1].changed == 0
    path.write_text(path.read_text().replace("FACTOR = 1", "FACTOR = 0.5"))
    changed = go()
    assert [record["theorem"] for record in ran] == ["mine.changes"]
    assert (plans[-1].reused, plans[-1].changed) == (1, 1)
    assert next(r["verdict"] for r in records if r["theorem"] == "mine.changes") in SEEN
    assert [r["verdict"] for r in changed if r["theorem"] == "mine.changes"] == ["violated"]


@pytest.mark.parametrize("part", ["problem", "start", "family"])
def test_what_own_code_reads_counts(tmp_path, part):
    data, path = tmp_path / "level.txt", tmp_path / f"reads_{part}.py"
    read = f"float(np.loadtxt({str(data)!r}))"
    text = THEOREM.replace("mine.decrease", f"mine.reads_{part}").replace("own_", f"reads_{part}_")
    if part == "problem":
        text = text.replace("NormDistance.example(3, seed)", f"NormDistance(np.full(3, {read}), LInf())")
    if part == "start":
        text = text.replace("steps=5", f"steps=5, x0=lambda problem: np.full(3, {read})")
    if part == "family":
        text = text.replace("np.full(dim, 3.0)", f"np.full(dim, {read})")
    path.write_text("import numpy as np\n" + text)
    data.write_text("2.0")
    load(path)
    job = Job("bpm.star_rate", problem=f"reads_{part}_quadratic", dim=3)
    job = job if part == "family" else Job(f"mine.reads_{part}", case=0)
    before = content(job)
    assert content(job) == before
    data.write_text("3.0")
    assert content(job) != before
    data.unlink()  # what cannot be made is an outcome too
    assert content(job) == content(job) != before


def test_a_key_takes_less_than_a_millisecond():
    import time

    work = [dataclasses.replace(JOB, seed=seed) for seed in range(200)]
    content(JOB)
    began = time.process_time()
    for job in work:
        content(job)
    assert (time.process_time() - began) / len(work) < 1e-3


def test_a_class_of_a_module_that_is_not_registered_has_a_digest():
    # dataclasses write no module into the functions of such a class; a violation by its method ended in an AttributeError
    made = {}
    exec("def own(x):\n    return x\n", made, made)
    other = {}
    exec("def own(x):\n    return 2 * x\n", other, other)
    made["own"].__module__ = other["own"].__module__ = None
    assert digest(made["own"]) != digest(other["own"])

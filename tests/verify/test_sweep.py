"""The sweep: nothing finished is lost, a killed run resumes, any executor will do."""

import concurrent.futures
import json
from concurrent.futures.process import BrokenProcessPool

import pytest

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.verify import sweeping as module
from broximal.verify.ledger import load
from broximal.verify.sweeping import Job, jobs, run_jobs

WORK = [Job("bpm.star_rate", case=0, seed=seed) for seed in range(3)] + [Job("bpm.false_linear_rate", case=0)]


def test_every_finished_check_is_in_the_ledger_before_the_next(tmp_path):
    ledger, seen = tmp_path / "ledger.jsonl", []

    def on_done(records, count, total):
        seen.append((count, total, len(load(ledger).records)))

    records = run_jobs(WORK, ledger, on_done=on_done)
    assert [entry[:2] for entry in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [entry[2] for entry in seen] == sorted(entry[2] for entry in seen)
    assert records == load(ledger).records
    assert all(record["as_expected"] for record in records)


def test_a_killed_sweep_resumes_without_repeating(tmp_path, monkeypatch):
    ledger, ran = tmp_path / "ledger.jsonl", []
    original = module.run

    def dies_after_two(job):
        if len(ran) == 2:
            raise KeyboardInterrupt
        ran.append(job)
        return original(job)

    monkeypatch.setattr(module, "run", dies_after_two)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(WORK, ledger)
    with ledger.open("a") as stream:
        stream.write('{"theorem": "bpm.star_rate", "job":')  # the kill came in the middle of a line
    ran.clear()
    monkeypatch.setattr(module, "run", lambda job: (ran.append(job), original(job))[1])
    records = run_jobs(WORK, ledger, resume=True)
    assert ran == WORK[2:]
    assert {record["job"] for record in records} == {job.key for job in WORK}
    assert [record["job"] for record in load(ledger).records] == [record["job"] for record in records]


def test_without_resume_the_ledger_starts_anew(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    run_jobs(WORK[:2], ledger)
    run_jobs(WORK[3:], ledger)
    assert {record["theorem"] for record in load(ledger).records} == {"bpm.false_linear_rate"}


def test_what_one_theorem_compiled_is_dropped_before_the_next(tmp_path, monkeypatch):
    """The programs of the whole catalogue would fill gigabytes of one process."""
    dropped, ran = [], []
    monkeypatch.setattr(module, "_latest", "")
    monkeypatch.setattr(module, "forget", lambda: dropped.append(len(ran)))
    original = module.run
    monkeypatch.setattr(module, "run", lambda job: (ran.append(job), original(job))[1])
    run_jobs(WORK, tmp_path / "ledger.jsonl")
    assert dropped == [3]


def test_any_executor_will_do(tmp_path):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        threaded = run_jobs(WORK, tmp_path / "a.jsonl", executor=executor)
    plain = run_jobs(WORK, tmp_path / "b.jsonl")
    strip = [{key: value for key, value in record.items() if key != "wall_s"} for record in threaded]
    assert strip == [{key: value for key, value in record.items() if key != "wall_s"} for record in plain]


def test_the_quick_profile_leaves_out_slow_cases():
    quick, full = jobs(), jobs(profile="full")
    assert len(full) > len(quick)
    assert {job.theorem for job in quick} == {job.theorem for job in full}


@pytest.mark.parametrize(
    "content, message",
    [
        ('{"theorem": 1}\n', "was not written by a sweep: line 1 names no job"),
        ('nonsense\n{"job": 1}\n', "is not JSON lines: line 1 cannot be read"),
    ],
)
def test_a_ledger_of_something_else_is_refused(tmp_path, content, message):
    (tmp_path / "ledger.jsonl").write_text(content)
    with pytest.raises(InvalidArgument, match=message):
        load(tmp_path / "ledger.jsonl")


def test_an_unknown_profile_is_refused():
    with pytest.raises(InvalidArgument, match="profile 'medium' is unknown; known are quick, full"):
        jobs(profile="medium")


def test_records_are_standard_json(tmp_path):
    run_jobs(WORK[:1], tmp_path / "ledger.jsonl")
    for line in (tmp_path / "ledger.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"one line", b"\x93NUMPY\xff"])
def test_a_file_that_is_no_ledger_is_not_overwritten(tmp_path, content):
    precious = tmp_path / "data"
    precious.write_bytes(content)
    with pytest.raises(InvalidArgument, match=r"is not (JSON lines|text)"):
        run_jobs(WORK[:1], precious)
    assert precious.read_bytes() == content


class _DiesAfterTwo(concurrent.futures.ThreadPoolExecutor):
    count = 0

    def submit(self, function, /, *arguments, **named):
        self.count += 1
        if self.count <= 2:
            return super().submit(function, *arguments, **named)
        broken: concurrent.futures.Future = concurrent.futures.Future()
        broken.set_exception(BrokenProcessPool("died"))
        return broken


def test_a_dead_worker_is_said_in_one_sentence_and_nothing_is_lost(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    with _DiesAfterTwo(1) as executor, pytest.raises(BroximalError, match="a worker process died"):
        run_jobs(WORK, ledger, executor=executor)
    assert len({record["job"] for record in load(ledger).records}) == 2
    run_jobs(WORK, ledger, resume=True)
    assert len({record["job"] for record in load(ledger).records}) == len(WORK)

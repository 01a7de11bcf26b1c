"""The ledger: no kill, no full disk and no second run loses a finished check."""

import json
import os
import resource

import pytest

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.verify.ledger import Ledger, line, load


def record(job, **fields):
    common = {"claims_in_job": 1, "as_expected": True, "theorem": "t", "claim": "c", "problem": "p", "norm": "l2"}
    common |= {"verdict": "holds", "expected": "holds", "why": "", "worst_ratio": 0.5, "max_certificate_gap": 0.0}
    return {"job": job} | common | {"wall_s": 0.1, "power": None} | fields


TAILS = [
    b"{",
    b"\n\n",
    b"\0" * 5000,
    b'{"job": "2", "theo',
    b'{"job": "2", "x": NaN}',
    b"\xff\xfe{",
    b'{"job": ' + b"[" * 99999,
]


@pytest.mark.parametrize("tail", TAILS)
def test_an_unreadable_tail_is_left_out_and_said(tmp_path, tail):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(line(record("1")) + tail)
    found = load(path)
    assert [r["job"] for r in found.records] == ["1"]
    assert ("left out" in found.damage) == bool(tail.strip(b"\n\0"))
    with Ledger(path) as ledger:
        ledger.start(ledger.content.records)
        ledger.append([record("2")])
    assert [r["job"] for r in load(path).records] == ["1", "2"]
    assert load(path).damage == ""


@pytest.mark.parametrize("content", [b"", b"\n", b"\0\0", b"{", b'{"job": "1", "the'])
def test_a_ledger_that_was_only_begun_blocks_nothing(tmp_path, content):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(content)
    assert load(path).records == []


def test_an_unfinished_check_is_left_out(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(line(record("1", claims_in_job=2)) + line(record("2")))
    found = load(path)
    assert [r["job"] for r in found.records] == ["2"]
    assert "1 unfinished check" in found.damage


@pytest.mark.parametrize(
    "fields",
    [{"claims_in_job": "1"}, {"theorem": 3}, {"power": []}, {"as_expected": 1}, {"wall_s": True}, {"job": None}],
)
def test_a_record_of_wrong_types_is_refused(tmp_path, fields):
    path = tmp_path / "ledger.jsonl"
    path.write_text(json.dumps(record("1") | fields))
    with pytest.raises(InvalidArgument, match="was not written by a sweep"):
        load(path)


def test_two_runs_on_one_ledger_are_one_too_many(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as first:
        first.start([])
        with pytest.raises(InvalidArgument, match=f"is being written by process {os.getpid()}"):
            Ledger(path).__enter__()
        first.append([record("1")])
    with Ledger(path) as second:  # free again
        assert [r["job"] for r in second.content.records] == ["1"]


@pytest.fixture
def full_disk():
    """A limit on the size of files, as a full disk has one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))

    yield fill
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_what_came_before(tmp_path, full_disk):
    path = tmp_path / "ledger.jsonl"
    with Ledger(path) as ledger:
        ledger.start([])
        ledger.append([record("1")])
        full_disk(path.stat().st_size + 50)
        with pytest.raises(BroximalError, match="the checks finished before are kept"):
            ledger.append([record("2")])
    assert path.read_bytes() == line(record("1"))


def test_a_full_disk_while_it_is_rewritten_leaves_it_as_it_was(tmp_path, full_disk):
    path = tmp_path / "ledger.jsonl"
    records = [record(str(number)) for number in range(100)]
    path.write_bytes(b"".join(map(line, records)))
    with Ledger(path) as ledger:
        full_disk(1000)
        with pytest.raises(InvalidArgument, match="it is as it was"):
            ledger.start(ledger.content.records)
    assert load(path).records == records
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".ledger.jsonl.lock", "ledger.jsonl"]


def test_a_pipe_is_no_ledger(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/null", tmp_path):
        with pytest.raises(InvalidArgument, match="cannot be written"):
            Ledger(path).__enter__()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.jsonl").write_bytes(line(record("1")))
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    with Ledger(tmp_path / "link.jsonl") as ledger:
        ledger.start([])
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_bytes() == b""

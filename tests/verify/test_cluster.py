"""A sweep on a Dask cluster of two processes: own theorems travel, and a worker that is killed loses nothing."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from broximal.oracles import norms
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.problems import Quadratic
from broximal.verify import cluster, load, sweep
from broximal.verify.ledger import load as read
from tests.verify.own_files import THEOREM
from tests.verify.test_cli import run

pytest.importorskip("distributed")


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder, workers):
        self.scheduler = self._begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.address = self._said(self.scheduler, "Scheduler at:")
        options = ("--no-nanny", "--nthreads", "2", "--local-directory", folder, "--no-dashboard")
        self.workers = [self._begin("worker", self.address, *options) for _ in range(workers)]
        for worker in self.workers:
            self._said(worker, "Registered to:")

    def _begin(self, what, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *map(str, arguments)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd="/",
        )

    @staticmethod
    def _said(process, words):
        for line in process.stderr:
            if words in line:
                return line.split(words)[1].strip()
        raise AssertionError(f"no {words}")

    def end(self):
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.stderr.close()


@pytest.fixture
def two(tmp_path):
    found = Cluster(tmp_path, 2)
    yield found
    found.end()


def without_times(records):
    return [{key: value for key, value in record.items() if key != "wall_s"} for record in records]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_killed_worker_loses_nothing_and_own_theorems_travel(two, tmp_path):
    (tmp_path / "own.py").write_text(THEOREM)
    mine = load(tmp_path / "own.py").theorems[0]
    (tmp_path / "own.py").unlink()  # as on a machine that does not have it
    work = {"problems": ["own_quadratic", Quadratic.example(3)], "norms": ["own_norm", norms.LInf()], "dims": [2, 3]}
    work |= {"seeds": 2, "steps": 3}
    done = []

    def on_done(records, *_):
        done.append(records[0]["job"])
        if len(done) == 3:
            os.kill(two.workers[0].pid, signal.SIGKILL)

    records = sweep(
        [mine, "bpm.star_rate"], **work, scheduler=two.address, on_done=on_done, ledger=tmp_path / "l.jsonl"
    )
    assert len(done) == len(set(done)) > 6
    assert without_times(records) == without_times(sweep([mine, "bpm.star_rate"], **work))
    assert {record["job"] for record in read(tmp_path / "l.jsonl").records} == set(done)
    assert two.workers[0].poll() is not None and two.workers[1].poll() is None


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_command_line_and_what_it_refuses(two, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.csv").write_text("1,2,0\n3,-1,1\n0,1,1\n")
    code, out, err = run(capsys, *f"verify bpm.star_rate --steps 2 --scheduler {two.address}".split())
    assert code == 0 and "as expected" in out, err
    monkeypatch.setattr(cluster, "surroundings", lambda: "another")
    code, _, err = run(capsys, *f"verify bpm.star_rate --steps 2 --scheduler {two.address}".split())
    assert code == 2 and "has another version of broximal" in err.strip().splitlines()[-1]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)  # where the workers are not
    code, _, err = run(capsys, *f"verify bpm.star_rate --data d.csv --steps 2 --scheduler {two.address}".split())
    assert code == 2 and "d.csv cannot be read" in err.strip().splitlines()[-1]
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    for worker in two.workers:
        os.kill(worker.pid, signal.SIGKILL)
    began = time.monotonic()
    with pytest.raises(BroximalError, match="the cluster has had no worker for 1 s; what is finished is in the ledger"):
        sweep("bpm.star_rate", steps=2, scheduler=two.address)
    assert time.monotonic() - began < 50


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_scheduler_that_dies_is_one_sentence(tmp_path, capfd):
    lost = Cluster(tmp_path, 1)
    try:
        with pytest.raises(BroximalError, match=r"the connection is lost.; what is finished is in the ledger"):
            sweep(
                "bpm.star_rate",
                problems=["quadratic"],
                dims=[2, 3, 4, 5, 6, 7],
                steps=3,
                scheduler=lost.address,
                ledger=tmp_path / "l.jsonl",
                on_done=lambda *_: os.kill(lost.scheduler.pid, signal.SIGKILL),
            )
    finally:
        lost.end()
    assert read(tmp_path / "l.jsonl").records
    assert "Traceback" not in capfd.readouterr().err


def test_nobody_at_the_address(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for address in ("tcp://127.0.0.1:1", "x", "", "no://where"):
        code, _, err = run(capsys, "verify", "bpm.star_rate", "--scheduler", address)
        assert code == 2 and f"scheduler {address!r} does not answer" in err.strip().splitlines()[-1]


def test_without_dask_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidArgument, match="needs distributed, which is not installed"):
        sweep("bpm.star_rate", steps=2, scheduler="tcp://127.0.0.1:1")

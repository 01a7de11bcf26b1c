"""Workers end with their parent; Ctrl-C and a full disk say what is kept."""

import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from broximal.verify.ledger import load
from broximal.verify.workers import begin_worker
from tests.verify.test_cli import run

LONG = "verify gluon.stochastic momentum.average bpm.star_rate --profile full --jobs 2".split()


def children(pid):
    """The processes below this one."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nPPid:\t{pid}\n" in text and "\nState:\tZ" not in text:
            found.append(int(status.parent.name))
    return found + [below for child in found for below in children(child)]


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def running(tmp_path):
    """`broximal verify` at work in two processes, with a finished check in its ledger."""
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc")
    # a shell starts what is in the background without Ctrl-C, and a child takes over what its parent ignores
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = subprocess.Popen(
            [sys.executable, "-m", "broximal.verify", *LONG],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    ledger = tmp_path / "out" / "ledger.jsonl"
    assert wait_for(lambda: started.poll() is not None or (ledger.exists() and ledger.stat().st_size), 120)
    assert started.poll() is None, started.stderr.read()
    yield started
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGKILL)
    started.communicate()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_parent(running, how):
    workers = children(running.pid)
    assert len(workers) >= 2
    os.kill(running.pid, how)
    assert wait_for(lambda: not any(map(alive, workers)), 20)


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(running, tmp_path):
    workers = children(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the parent and the workers
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    last = err.strip().splitlines()[-1]
    assert last.startswith("broximal: interrupted; ") and "kept in out/ledger.jsonl, --resume goes on." in last
    assert "Traceback" not in err
    kept = len({record["job"] for record in load(tmp_path / "out" / "ledger.jsonl").records})
    assert kept and f"interrupted; {kept} of " in last
    assert wait_for(lambda: not any(map(alive, workers)), 20)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_at_the_end_is_one_sentence(capsys, folder):
    code, out, err = run(capsys, *"verify bpm.growth_termination --json /dev/full".split())
    assert code == 2
    assert "file /dev/full cannot be written (No space left on device). The checks are kept in out/ledger.jsonl" in err
    assert "as expected" in out and "Traceback" not in err
    assert load(folder / "out" / "ledger.jsonl").records


def test_a_plots_folder_that_cannot_be_written_is_one_sentence(capsys, folder, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", refuse)
    code, _, err = run(capsys, *"verify bpm.false_linear_rate --plots p".split())
    assert code == 2 and "cannot be written (Permission denied). The checks are kept in" in err


def test_ctrl_c_while_pictures_are_drawn_says_what_is_kept(capsys, folder, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", interrupt)
    code, _, err = run(capsys, *"verify bpm.false_linear_rate --plots p".split())
    assert code == 130 and err.endswith("the checks are kept in out/ledger.jsonl, --resume takes them from there.\n")


def test_two_verifies_on_one_ledger_are_one_too_many(running, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "verify", "bpm.star_rate")
    assert code == 2
    assert (
        f"ledger out/ledger.jsonl is being written by process {running.pid} (" in err
        and "verify gluon.stochastic" in err
    )


@pytest.mark.parametrize(
    "arguments, option",
    [
        ("verify bpm.star_rate --seed 1 --seed=2", "--seed"),
        ("verify --json a --json b", "--json"),
        ("verify --header --no-header", "--no-header"),
        ("audit-lmo --shape 3 4 --shape 5 6", "--shape"),
        ("verify --resume --resume", "--resume"),
    ],
)
def test_a_doubled_option_is_one_sentence(capsys, arguments, option):
    code, _, err = run(capsys, *arguments.split())
    assert code == 2 and f"option {option} is given twice; it takes one value." in err


def test_options_that_may_be_repeated_may_be(capsys, folder):
    assert run(capsys, *"verify bpm.star_rate --problem quadratic --dim 2 --dim 3 --steps 3".split())[0] == 0


def test_the_version(capsys):
    import broximal

    assert run(capsys, "--version")[1] == f"broximal {broximal.__version__}\n"


def _threads():
    """The threads of every library of linear algebra, after those of numpy and scipy are loaded."""
    import numpy  # noqa: F401
    import scipy.linalg  # noqa: F401
    import threadpoolctl

    return [library["num_threads"] for library in threadpoolctl.threadpool_info()]


def test_a_worker_has_one_thread_of_linear_algebra():
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn, begin_worker) as executor:
        found = executor.submit(_threads).result()
    assert found and set(found) == {1}

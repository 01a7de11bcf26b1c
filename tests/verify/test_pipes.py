"""A pipe or a device in the place of a file is refused, or written to, and never waited for."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.verify import audit
from broximal.verify.saving import save_json
from tests.verify.test_cli import run


@pytest.fixture(autouse=True)
def pipes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for suffix in ("csv", "tsv", "npz", "npy", "svm", "txt", "parquet", "arrow", "json", "jsonl", "toml", "py"):
        os.mkfifo(tmp_path / f"pipe.{suffix}")
        (tmp_path / f"zero.{suffix}").symlink_to("/dev/zero")


@pytest.mark.parametrize("name", ["pipe", "zero"])
@pytest.mark.parametrize(
    "command",
    [
        *(
            f"verify bpm.star_rate --data @.{suffix}"
            for suffix in ("csv", "tsv", "npz", "svm", "txt", "parquet", "arrow")
        ),
        "verify bpm.star_rate --ledger @.jsonl",
        "verify --theorems @.py",
        "replay @.json",
        "replay @.jsonl",
        "stepsize gluon.adaptive_weighted --layers @.toml --d0 5 --eps 0.01",
        "audit-lmo @.npy",
        "new theorem @.py",
    ],
)
def test_a_pipe_or_device_is_one_sentence(capsys, command, name):
    code, _, err = run(capsys, *command.replace("@", name).split())
    assert code == 2 and err.startswith("broximal: ") and err.count("\n") == 1


def test_a_pipe_that_nobody_reads_is_not_written_to():
    with pytest.raises(InvalidArgument, match=r"file pipe.json cannot be written \(No such device or address\)"):
        save_json([], Path("pipe.json"))


def test_a_pipe_that_somebody_reads_has_it_all(tmp_path, capsys):
    found = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe.json").read_text()))
    reader.start()
    options = "verify bpm.star_rate --steps 2 --problem quadratic --dim 2 --json pipe.json"
    assert run(capsys, *options.split())[0] == 0
    reader.join(20)
    assert found and found[0].startswith("[") and found[0].endswith("]\n")


def test_a_matrix_too_large_to_decompose_is_refused(capsys, monkeypatch, tmp_path):
    code, _, err = run(capsys, *"audit-lmo --shape 30000 30000".split())
    assert code == 2 and "shape 30000 x 30000 has more than the 67108864 numbers that are decomposed" in err
    np.save(tmp_path / "a.npy", np.eye(9))
    monkeypatch.setattr(audit, "LARGEST", 10)
    assert "more than the 80 that are read" in run(capsys, "audit-lmo", "a.npy")[2]

"""`audit-lmo`: what it measures, what it prints and writes, and one sentence for every mistake."""

import json
from pathlib import Path

import numpy as np
import pytest

from broximal.oracles import InvalidArgument, polar
from broximal.verify import audit
from tests.verify.test_cli import run


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_records_are_measured_as_they_say(rng):
    g = 1e-5 * rng.standard_normal((6, 9))
    records = audit.audit({"mine": g})
    assert [record["method"] for record in records] == list(polar.names())
    for record in records:
        point = np.asarray(polar.method(record["method"]).point(g / np.linalg.norm(g, 2)))
        tol = 2e-2 if "bf16" in record["method"] else 1e-4
        assert record["lo"] == pytest.approx(-(g * point).sum() / np.linalg.norm(g, "nuc"), abs=tol)
        assert record["hi"] == pytest.approx(np.linalg.norm(point, 2), abs=tol)
        assert record["slowdown"] == pytest.approx((record["hi"] / record["lo"]) ** 2)
        assert record["milliseconds"] > 0
        assert record["products"] == polar.method(record["method"]).matmuls()
        if record["proved_lo"] is not None:
            assert record["lo"] >= record["proved_lo"] - 1e-5


def test_the_generated_spectra_are_as_labelled():
    samples = audit.gradients(4, 7, seed=1)
    values = [np.linalg.svd(g, compute_uv=False) for g in samples.values()]
    assert np.allclose(values[1], [1, 1 / 2, 1 / 3, 1 / 4])
    assert np.allclose(values[2], 1e-4 ** (np.arange(4) / 3))
    assert "1/i" in list(samples)[1]
    again = audit.gradients(4, 7, seed=1)
    assert all(np.array_equal(samples[label], again[label]) for label in samples)
    assert not np.array_equal(audit.gradients(4, 7, seed=2)["gaussian"], samples["gaussian"])


def test_a_known_slowdown():
    """All singular values equal: one polynomial value decides, and (hi / lo)^2 = 1."""
    record = audit.audit({"orthogonal": np.eye(4)}, ["jordan"])[0]
    s = 0.5
    for row in polar.method("jordan").coefficients:
        s = row[0] * s + row[1] * s**3 + row[2] * s**5
    assert record["lo"] == pytest.approx(s, rel=1e-5)
    assert record["slowdown"] == pytest.approx(1, rel=1e-5)


def test_rank_loss_and_directions_that_gain_nothing():
    g = np.zeros((3, 3))
    g[0, 0] = 2.0
    for record in audit.audit({"rank one": g}):
        assert record["lo"] > 0.6
        assert record["proved_lo"] in (None, 0.0, 1.0)


def test_shape_prints_a_table_per_gradient_and_writes_json(capsys):
    code, out, err = run(capsys, *"audit-lmo --shape 8 5 --method jordan --method exact --json a.json --seed 3".split())
    assert (code, err) == (0, "")
    for text in ("gaussian, 8 x 5", "s_i = 1/i", "1 to 1e-4", "captured lo", "jordan", "exact", "(hi / lo)^2"):
        assert text in out
    assert "cubic" not in out
    records = json.loads(Path("a.json").read_text())
    assert len(records) == 6
    assert records[0] == records[0] | {"gradient": "gaussian", "shape": [8, 5], "method": "jordan"}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int64])
def test_file(capsys, dtype, rng):
    np.save("g.npy", (10 * rng.standard_normal((5, 6))).astype(dtype))
    code, out, _ = run(capsys, "audit-lmo", "g.npy")
    assert code == 0
    assert "g.npy, 5 x 6" in out
    assert all(name in out for name in polar.names())


def test_huge_entries_do_not_overflow():
    for size in (1e300, 1e-300):
        record = audit.audit({"g": size * np.diag([1.0, 0.5])}, ["jordan"])[0]
        assert 0.6 < record["lo"] < 1.3


BAD = [
    ("audit-lmo", "audit-lmo needs either a file or --shape."),
    ("audit-lmo good.npy --shape 3 4", "audit-lmo needs either a file or --shape."),
    ("audit-lmo nowhere.npy", "file nowhere.npy cannot be read (No such file or directory)."),
    ("audit-lmo .", "file . is a folder, not a regular file."),
    ("audit-lmo text.npy", "file text.npy is not a .npy file of numbers."),
    ("audit-lmo empty.npy", "file empty.npy is not a .npy file of numbers."),
    ("audit-lmo cut.npy", "file cut.npy is not a .npy file of numbers."),
    ("audit-lmo objects.npy", "file objects.npy is not a .npy file of numbers."),
    ("audit-lmo archive.npz", "file archive.npz is not a .npy file of numbers."),
    ("audit-lmo vector.npy", "file vector.npy holds an array of shape (3,); a matrix (2 axes) is needed."),
    ("audit-lmo kernel.npy", "file kernel.npy holds an array of shape (2, 2, 2); a matrix (2 axes) is needed."),
    ("audit-lmo none.npy", "file none.npy holds an array of shape (0, 3); a matrix (2 axes) is needed."),
    ("audit-lmo complex.npy", "file complex.npy holds complex128; real numbers are needed."),
    ("audit-lmo words.npy", "file words.npy holds <U1; real numbers are needed."),
    ("audit-lmo nan.npy", "file nan.npy contains NaN or infinity."),
    ("audit-lmo zero.npy", "file zero.npy holds zeros only; every direction is a minimiser then."),
    ("audit-lmo good.npy --method jordon", "method 'jordon' is unknown. Did you mean 'jordan'?"),
    ("audit-lmo --shape 0 3", "shape must be two positive integers, not 0 3."),
    ("audit-lmo --shape 3 -1", "shape must be two positive integers, not 3 -1."),
    ("audit-lmo --shape 3 4 --seed -1", "seed must be a non-negative integer, not -1."),
    ("audit-lmo --shape 3 4 --method exact --json .", "file . cannot be written"),
]


@pytest.fixture
def files():
    arrays = {
        "good": np.eye(2),
        "vector": np.ones(3),
        "kernel": np.ones((2, 2, 2)),
        "none": np.ones((0, 3)),
        "complex": 1j * np.eye(2),
        "words": np.array([["a"]]),
        "nan": np.array([[np.nan, 1.0]]),
        "zero": np.zeros((2, 2)),
        "objects": np.array([[{}]], dtype=object),
    }
    for name, value in arrays.items():
        np.save(f"{name}.npy", value, allow_pickle=True)
    np.savez("archive.npz", g=np.eye(2))
    for name, content in {"text": b"hello", "empty": b"", "cut": Path("good.npy").read_bytes()[:-8]}.items():
        Path(f"{name}.npy").write_bytes(content)


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[arguments for arguments, _ in BAD])
def test_mistakes_exit_2_with_one_sentence(capsys, files, arguments, message):
    code, out, err = run(capsys, *arguments.split())
    assert code == 2
    assert message in err
    assert err.startswith("broximal: ")
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err + out


def test_gradients_refuses_what_is_no_shape():
    with pytest.raises(InvalidArgument, match="shape must be two positive integers"):
        audit.gradients(2.5, 3)

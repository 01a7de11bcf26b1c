"""Data sets that ship, and files: good ones read, bad ones refused in one clear sentence."""

import numpy as np
import pytest
from sklearn.datasets import dump_svmlight_file

from broximal.oracles.errors import InvalidArgument
from broximal.problems import data
from broximal.problems.regression import _files
from broximal.problems.regression.least_squares import LeastSquares
from broximal.problems.regression.logistic import Logistic
from broximal.problems.regression.multinomial import Multinomial

X = np.array([[1.0, 2.0], [3.0, 4.5], [5.0, -6.0]])
Y = np.array([0.0, 1.0, 0.0])


def test_data_that_ship():
    features, labels = data.breast_cancer()
    assert features.shape == (569, 30) and set(labels) == {-1.0, 1.0}
    assert np.allclose(features.mean(axis=0), 0, atol=1e-12) and np.allclose(features.std(axis=0), 1)
    features, labels = data.digits((3, 8))
    assert features.shape[1] == 64 and set(labels) == {3.0, 8.0}
    assert np.isfinite(features).all() and np.any(np.all(features == 0, axis=0))  # constant pixels
    with pytest.raises(InvalidArgument, match="classes"):
        data.digits((3,))


def test_complex_data_are_refused():
    for features, labels in ((X * 1j, Y), (X, Y * 1j)):
        with pytest.raises(InvalidArgument, match="is complex"):
            Logistic(features, labels)


def test_problems_from_data():
    f = Logistic.from_data("breast_cancer")
    assert f.x0.shape == (30,) and f.f_star.error <= 1e-12 * f.f_star.value
    assert Logistic.from_data((1, 7), ridge=0.1).x0.shape == (64,)
    assert Multinomial.from_data((0, 1, 2), ridge=0.1).x0.shape == (64, 3)


def test_files(tmp_path):
    np.savez(tmp_path / "a.npz", X=X, y=Y)
    (tmp_path / "b.csv").write_text("u,v,label\n1,2,0\n3,4.5,1\n\n5,-6,0\n")
    (tmp_path / "c.csv").write_text("1,2,0\n3,4.5,1\n5,-6,0\n")
    dump_svmlight_file(X, Y, str(tmp_path / "d.svm"))
    for name in ("a.npz", "b.csv", "c.csv", "d.svm"):
        found = data.load(tmp_path / name)
        assert np.array_equal(found.X, X) and np.array_equal(found.y, Y)
        assert Logistic.from_data(tmp_path / name).samples.shape == (3, 2)
        assert Multinomial.from_data(str(tmp_path / name)).x0.shape == (2, 2)


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("missing.csv", None, "is not a file"),
        ("a.xlsx", b"", "unknown suffix"),
        ("a.npz", b"not a zip", "cannot be read"),
        ("a.csv", b"", "no samples"),
        ("a.csv", b"x,y\n", "no samples"),
        ("a.csv", b"1\n2\n", "two columns"),
        ("a.csv", b"1,2,0\n1,0\n", "line 2 has 2 columns"),
        (
            "a.csv",
            b"1,2,0\n1,x,0\n",
            r"line 2 has 'x' in column 2, which is not a number; only the label may be a word",
        ),
        ("a.csv", b"1,2,0\n1,nan,1\n", "line 2 lacks a value"),
        ("a.csv", b"1,2x,0\n1,2,1\n3,4,0\n", "line 1 has '2x' in column 2, which is not a number"),
        ("a.csv", b"1,,0\n1,2,1\n,4,0\n", "line 1 lacks a value .*, and 1 other does; na = drop"),
        ("a.csv", b"a;b\n1,5;0\n2,5;1\n", "line 2 has '1,5' in column 1.*decimals are written with a point"),
        ("a.csv", b"1_0,2\n1,3\n", "line 1 has '1_0' in column 1"),
        ("a.csv", b"1e200,2,0\n1,2,1\n", r"X has an entry of size 1.0e\+200, whose square overflows"),
        ("a.csv", b"1,inf,0\n1,2,1\n", "X contains NaN or infinity"),
        ("a.csv", b"a,b\n1,2\n1,3x\n", "line 3 has the label '3x', and others are numbers"),
        ("a.csv", b"a,b\n1,u\n1,v\n2,w\n", "the labels are 3 different words of 3 samples"),
        ("a.csv", b"0,1,2,3\n1,2,5,0\n3,4,5,1\n", "line 1 counts the columns, from 0 to 3"),
        ("a.svm", b"1 1:2 1000000000:3\n-1 1:1\n", "has 2 x 1000000000 numbers, more than the"),
        ("a.csv", b"1,2,0\n1,3,0\n", "one class only"),
        ("a.csv", b"\xff\xfe\x00\x01", "cannot be read"),
        ("a.svm", b"hello world\n", "cannot be read"),
    ],
)
def test_bad_files(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidArgument, match=words) as caught:
        data.load(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_bad_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", X=X)
    with pytest.raises(InvalidArgument, match="has no array y"):
        data.load(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", X=X, y=Y[:2])
    with pytest.raises(InvalidArgument, match="one label per row"):
        data.load(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", X=np.array(["a", "b"]), y=Y)
    with pytest.raises(InvalidArgument, match="numbers"):
        data.load(tmp_path / "c.npz")


def test_measurements_are_no_classes(tmp_path):
    rng = np.random.default_rng(0)
    features, targets = rng.standard_normal((12, 2)), rng.standard_normal(12)
    np.savez(tmp_path / "a.npz", X=features, y=targets)
    with pytest.raises(InvalidArgument, match="y has 12 different values that are not whole numbers"):
        Multinomial.from_data(tmp_path / "a.npz")
    f = LeastSquares.from_data(tmp_path / "a.npz")
    best = np.linalg.lstsq(features, targets, rcond=None)[0]
    assert np.allclose(f.minimiser, best)
    assert f.f_star.value == pytest.approx(((features @ best - targets) ** 2).mean() / 2)


def test_the_first_sample_is_kept_behind_a_byte_order_mark(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf1,2,0\n3,4,1\n0,1,1\n")
    found = data.load(tmp_path / "a.csv")
    assert found.X.tolist() == [[1, 2], [3, 4], [0, 1]] and found.y.tolist() == [0, 1, 1]


def test_a_sample_that_looks_like_a_count_of_columns_is_kept_where_its_label_occurs_again(tmp_path):
    (tmp_path / "a.csv").write_text("0,1\n2,1\n5,0\n")
    assert data.load(tmp_path / "a.csv").X.tolist() == [[0], [2], [5]]


def test_a_packed_file_is_not_unpacked_beyond_what_is_read(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", X=np.zeros((1000, 10)), y=np.arange(1000) % 2)
    monkeypatch.setattr(_files, "LARGEST", 10_000)
    with pytest.raises(InvalidArgument, match="more than the 10000 that are read"):
        data.load(tmp_path / "a.npz")

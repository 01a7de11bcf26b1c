"""How a file is read is detected or chosen, and always said."""

import sys

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.problems import LeastSquares, Logistic, data

ROWS = [[1.5, 2.0, 0], [3.0, 4.5, 1], [5.0, -6.0, 0]]


def written(path, rows, sep=",", head=""):
    path.write_text(head + "".join(sep.join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "sep, word", [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars"), ("  ", "blanks")]
)
@pytest.mark.parametrize("head", ["", "a{0}b{0}c\n"])
def test_separator_and_header_are_detected_and_said(tmp_path, sep, word, head):
    found = data.load(written(tmp_path / "a.csv", ROWS, sep, head.format(sep)))
    assert np.c_[found.X, found.y].tolist() == ROWS
    assert found.said.startswith(
        f"separated by {word}, {'names in line 1' if head else 'without names'}, label: column 3"
    )
    assert "3 samples of 2 features; 2 classes: 0 (2), 1 (1) (a guess; task = regression" in found.said


def test_separator_and_header_can_be_chosen(tmp_path):
    path = written(tmp_path / "a.csv", [["0", "1"], *ROWS[1:]][1:], "@", "7@8@9\n")
    assert data.load(path, sep="@", header=True).X.tolist() == [row[:2] for row in ROWS[1:]]
    path = written(tmp_path / "b.csv", [[0, 1, 2], [3, 4, 5]])
    with pytest.raises(InvalidArgument, match="counts the columns, from 0 to 2"):
        data.load(path)
    assert data.load(path, header=False).X.tolist() == [[0, 1], [3, 4]]
    for sep in ("", "ab", "5", "\n", '"', "."):
        with pytest.raises(InvalidArgument, match="sep must be one character"):
            data.load(path, sep=sep)


def test_a_first_line_with_one_number_is_a_sample(tmp_path):
    with pytest.raises(InvalidArgument, match=r"line 1 has 'u' in column 1.*say so with header"):
        data.load(written(tmp_path / "a.csv", ROWS, head="u,v,3\n"))
    with pytest.raises(
        InvalidArgument, match=r"line 1 has the label 'label', and others are numbers.*say so with header"
    ):
        data.load(written(tmp_path / "a.csv", ROWS, head="0,1,label\n"))
    assert data.load(tmp_path / "a.csv", header=True).X.shape == (3, 2)


def test_a_line_that_is_cut_hides_no_separator(tmp_path):
    with pytest.raises(InvalidArgument, match="line 4 has 2 columns, not 3"):
        data.load(written(tmp_path / "a.csv", [*ROWS, [1, 2]], ";"))


def test_the_label_is_found_by_its_name_or_chosen(tmp_path):
    path = written(tmp_path / "a.csv", ROWS, head="u,Target,w\n")
    assert data.load(path).y.tolist() == [2, 4.5, -6]
    assert "label: column 2 ('Target')" in data.load(path).said
    for label in ("u", "1", 1):
        assert data.load(path, label=label).y.tolist() == [1.5, 3, 5]
    for label in ("0", "4", "x", "-1", ""):
        with pytest.raises(
            InvalidArgument, match=r"is no column; name one, or count them from 1 to 3 \(u, Target, w\)"
        ):
            data.load(path, label=label)
    path = written(tmp_path / "b.csv", ROWS, head="u,u,w\n")
    with pytest.raises(InvalidArgument, match="is the name of 2 columns"):
        data.load(path, label="u")


def test_labels_may_be_words(tmp_path):
    rows = [[1, "yes"], [2, "no"], [3, "yes"], [4, "no"]]
    found = data.load(written(tmp_path / "a.csv", rows))
    assert found.classes == ("no", "yes") and found.y.tolist() == [1, 0, 1, 0]
    assert Logistic.from_data(tmp_path / "a.csv").samples.tolist() == [[1], [-2], [3], [-4]]
    with pytest.raises(InvalidArgument, match="line 1 has the label 'yes'; regression needs numbers"):
        LeastSquares.from_data(tmp_path / "a.csv")
    np.savez(tmp_path / "a.npz", X=[[1.0], [2], [3]], y=["b", "a", "b"])
    assert data.load(tmp_path / "a.npz").classes == ("a", "b")
    np.savez(tmp_path / "a.npz", X=[[1.0], [2], [3]], y=["1", "1.0", "2"])
    assert data.load(tmp_path / "a.npz").classes == ("1", "2")  # numbers, though written as text


def test_samples_without_a_value_are_refused_or_left_out(tmp_path):
    rows = [[1, 2, 0], ["", 2, 1], [3, "NA", 1], [4, 5, 1], [6, 7, "?"]]
    path = written(tmp_path / "a.csv", rows)
    with pytest.raises(InvalidArgument, match=r"line 2 lacks a value \(empty, or NaN\), and 2 others do"):
        data.load(path)
    found = data.load(path, na="drop")
    assert found.X.tolist() == [[1, 2], [4, 5]] and found.y.tolist() == [0, 1]
    assert "3 samples without a value left out" in found.said
    np.savez(tmp_path / "a.npz", X=[[1.0], [np.nan], [3]], y=[0, 1, 1])
    assert data.load(tmp_path / "a.npz", na="drop").y.tolist() == [0, 1]
    with pytest.raises(InvalidArgument, match="na must be drop or refuse"):
        data.load(path, na="mean")


@pytest.mark.parametrize(
    "y, task",
    [
        ([0, 1] * 3, "classification"),
        ([-0.5, 0.5] * 3, "classification"),
        (list(range(20)) * 2, "classification"),
        (list(range(21)) * 2, "regression"),  # many distinct whole numbers
        (list(range(6)), "regression"),
        ([0.5, 1, 2] * 3, "regression"),
    ],
)
def test_the_task_is_guessed_and_said(tmp_path, y, task):
    np.savez(tmp_path / "a.npz", X=np.arange(2.0 * len(y)).reshape(-1, 2), y=y)
    found = data.load(tmp_path / "a.npz")
    assert found.task == task and "(a guess; task = " in found.said
    for chosen in ("classification", "regression"):
        found = data.load(tmp_path / "a.npz", task=chosen)
        assert found.task == chosen and "guess" not in found.said
        assert bool(found.classes) == (chosen == "classification")
    with pytest.raises(InvalidArgument, match="contradicts the loss, which is of regression"):
        LeastSquares.from_data(tmp_path / "a.npz", task="classification")


def test_an_index_that_a_data_frame_has_written_is_left_out(tmp_path):
    path = written(tmp_path / "a.csv", [[i, *row] for i, row in enumerate(ROWS)], head=",a,b,c\n")
    found = data.load(path)
    assert found.X.tolist() == [row[:2] for row in ROWS] and "counts the rows and is left out" in found.said
    assert data.load(written(path, ROWS, head=",b,c\n")).X.shape == (3, 2)  # counts nothing


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".feather"])
def test_columns(tmp_path, suffix):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.feather
    import pyarrow.parquet

    def write(**columns):
        path = tmp_path / f"a{suffix}"
        table = pa.table(columns)
        pyarrow.parquet.write_table(table, path) if suffix == ".parquet" else pyarrow.feather.write_feather(table, path)
        return path

    kinds = pa.array(["elm", "oak", "oak"]).dictionary_encode()
    found = data.load(write(target=kinds, a=[1, 2, 3], b=[True, False, True]))
    assert found.X.tolist() == [[1, 1], [2, 0], [3, 1]] and found.classes == ("elm", "oak")
    path = write(a=[1.5, None, 3, 4], b=[0, 1, 1, 0])
    with pytest.raises(InvalidArgument, match="row 2 lacks a value"):
        data.load(path)
    assert data.load(path, na="drop", label="b").X.tolist() == [[1.5], [3], [4]]
    with pytest.raises(InvalidArgument, match=r"column 1 \('a'\) holds words; only the label may"):
        data.load(write(a=["x", "y"], b=[0, 1]))
    with pytest.raises(InvalidArgument, match=r"column 1 \('a'\) holds list<.*>, which is neither number nor word"):
        data.load(write(a=[[1.0], [2.0]], b=[0, 1]))
    with pytest.raises(InvalidArgument, match="sep cannot be chosen"):
        data.load(path, sep=";")
    path.write_bytes(b"no columns")
    with pytest.raises(InvalidArgument, match="cannot be read"):
        data.load(path)


def test_without_pyarrow_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"")
    with pytest.raises(InvalidArgument, match="needs pyarrow, which is not installed"):
        data.load(tmp_path / "a.parquet")


def test_a_text_is_not_read_beyond_what_a_data_set_may_have(tmp_path, monkeypatch):
    monkeypatch.setattr("broximal.problems.regression._files.LARGEST", 5)
    with pytest.raises(InvalidArgument, match="more than the 5 numbers"):
        data.load(written(tmp_path / "a.csv", ROWS))

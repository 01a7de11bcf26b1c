"""Data sets for regression: two that ship with scikit-learn, and files of your own."""

import csv
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of

LARGEST = 2**28  # numbers of a data set


def breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """569 x 30 standardised features, labels -1 and +1 (Wolberg, UCI; shipped with scikit-learn)."""
    from sklearn.datasets import load_breast_cancer

    data: Any = load_breast_cancer()
    return standardise(data.data), np.where(data.target > 0, 1.0, -1.0)


def digits(classes: tuple[int, ...] = tuple(range(10))) -> tuple[np.ndarray, np.ndarray]:
    """8 x 8 images of the given digits, standardised, 64 features (constant pixels are 0); labels 0 .. 9."""
    from sklearn.datasets import load_digits

    classes = tuple(classes)
    if len(set(classes)) < 2 or not set(classes) <= set(range(10)):
        raise InvalidArgument(f"classes must be at least two different digits 0 .. 9, not {classes}.")
    data: Any = load_digits()
    keep = np.isin(data.target, classes)
    return standardise(data.data[keep]), data.target[keep].astype(np.float64)


def standardise(X: np.ndarray) -> np.ndarray:
    """Columns shifted to mean 0 and scaled to variance 1; constant columns become 0."""
    X = np.asarray(X, dtype=np.float64)
    centred = X - X.mean(axis=0)
    deviation = centred.std(axis=0)
    constant = deviation <= 1e-12 * np.maximum(np.abs(X).max(axis=0), 1e-300)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, deviation))


def load(path) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, d) and labels (N,) from a file, by its suffix.

    .npz: arrays X and y.  .csv: one sample per line, the last column is the label, an optional first line of names.
    .svm, .libsvm, .svmlight, .txt: svmlight. Raises InvalidArgument, with the path and the reason, for a file that is
    missing, malformed, empty, too large, or holds NaN or fewer than two classes.
    """
    path = Path(path)
    if not path.is_file():
        raise InvalidArgument(f"path {str(path)!r} is not a file.")
    readers = {".npz": _npz, ".csv": _csv, **dict.fromkeys((".svm", ".libsvm", ".svmlight", ".txt"), _svmlight)}
    if path.suffix.lower() not in readers:
        raise InvalidArgument(f"path {str(path)!r} has an unknown suffix; known are {', '.join(readers)}.")
    try:
        X, y = readers[path.suffix.lower()](path)
        return check(X, y)
    except InvalidArgument as error:
        raise InvalidArgument(f"path {str(path)!r}: {error}") from None
    except Exception as error:  # readers raise whatever they like about a malformed file
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InvalidArgument(f"path {str(path)!r} cannot be read ({reason.rstrip('.')}).") from None


def check(X, y) -> tuple[np.ndarray, np.ndarray]:
    """X and y as float64 arrays, or InvalidArgument for wrong sizes, NaN, or a single class."""
    if np.iscomplexobj(X) or np.iscomplexobj(y):
        raise InvalidArgument(f"{'X' if np.iscomplexobj(X) else 'y'} is complex; broximal works over the real numbers.")
    try:
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidArgument("X and y must hold numbers.") from None
    if X.ndim != 2 or X.size == 0:
        raise InvalidArgument(f"X must be a non-empty matrix, one sample per row, but has shape {X.shape}.")
    if y.shape != X.shape[:1]:
        raise InvalidArgument(f"y must have one label per row of X ({X.shape[0]}), but has shape {y.shape}.")
    if not np.isfinite(X).all() or not np.isfinite(y).all():
        raise InvalidArgument(f"{'X' if not np.isfinite(X).all() else 'y'} contains NaN or infinity.")
    if np.unique(y).size < 2:
        raise InvalidArgument(f"y has one class only ({y[0]:g}); at least two are needed.")
    return X, y


def is_continuous(y: np.ndarray) -> bool:
    """Are these measurements rather than classes? More than two values, some of them not whole numbers."""
    return np.unique(y).size > 2 and bool(np.any(y != np.round(y)))


def _check_size(shape: tuple[int, ...]) -> None:
    if math.prod(shape) > LARGEST:
        raise InvalidArgument(f"has {' x '.join(map(str, shape))} numbers, more than the {LARGEST} that are read.")


def _npz(path):
    with zipfile.ZipFile(path) as packed:
        _check_size((sum(part.file_size for part in packed.infolist()) // 8,))
    with np.load(path, allow_pickle=False) as arrays:
        for name in ("X", "y"):
            if name not in arrays:
                raise InvalidArgument(f"has no array {name} (it holds {', '.join(arrays.files) or 'nothing'}).")
        return arrays["X"], arrays["y"]


def _csv(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if any(map(str.strip, row))]
    if lines and not any(_is_number(field) for field in lines[0][1]):
        lines = lines[1:]
    if not lines:
        raise InvalidArgument("has no samples.")
    width = len(lines[0][1])
    if width < 2:
        raise InvalidArgument("needs at least two columns, features and the label.")
    for number, row in lines:
        if len(row) != width:
            raise InvalidArgument(f"line {number} has {number_of(len(row), 'column')}, not {width}.")
        if not all(map(_is_number, row)):
            raise InvalidArgument(f"line {number} has an entry that is not a number.")
    table = np.array([row for _, row in lines], dtype=np.float64)
    if np.array_equal(table[0], np.arange(width)) and table[0, -1] not in table[1:, -1]:
        raise InvalidArgument(
            f"line {lines[0][0]} counts the columns, from 0 to {width - 1}; leave it out, or give the columns names."
        )
    return table[:, :-1], table[:, -1]


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _svmlight(path):
    from sklearn.datasets import load_svmlight_file

    X, y = load_svmlight_file(str(path))
    _check_size(X.shape)
    return X.toarray(), y

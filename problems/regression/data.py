"""Data sets for regression: two that ship with scikit-learn, and files of your own."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.problems.regression import _files

HUGE = 1e140  # entries beyond have squares, and sums of them, that are no numbers
FEW = 20  # different whole numbers that are taken for classes
TEXT, COLUMNS, NOTHING = frozenset({"sep", "header", "label"}), frozenset({"label"}), frozenset[str]()
FORMATS = {  # by suffix: what can be chosen
    **dict.fromkeys((".csv", ".tsv"), TEXT),
    **dict.fromkeys((".parquet", ".arrow", ".feather"), COLUMNS),
    **dict.fromkeys((".npz", ".svm", ".libsvm", ".svmlight", ".txt"), NOTHING),
}


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


@dataclasses.dataclass(frozen=True)
class Data:
    """Features X (N, d) and labels y (N,), and how they were read.

    task     "classification" or "regression"
    classes  the names of the classes, in the order of their labels; none in a regression
    said     in words: how the file was read, sizes, classes with their counts, and what was guessed
    """

    X: np.ndarray
    y: np.ndarray
    task: str
    classes: tuple[str, ...]
    said: str


def load(
    path,
    *,
    sep: str | None = None,
    header: bool | None = None,
    label: str | int | None = None,
    na: str = "refuse",
    task: str | None = None,
) -> Data:
    """Features and labels from a file, by its suffix; what is not given is detected, and said.

    .npz: arrays X and y.  .csv, .tsv: one sample a line.  .parquet, .arrow, .feather (with pyarrow): one sample a row.
    .svm, .libsvm, .svmlight, .txt: svmlight.

    sep     what divides the columns of a text: a character, "tab" or "blank"
    header  is the first line of a text one of names? By default if no entry of it is a number
    label   the column of the labels, by name or by number from 1; by default that called label, target, class or y, else the last
    na      "drop" leaves samples out that lack a value, "refuse" refuses them
    task    "classification" or "regression"; by default numbers are classes if they are two, or whole and at most 20 that
            occur twice on average; words always are, in alphabetical order

    Raises InvalidArgument, with the path and the reason, for a file that is missing, malformed, empty, too large, or has
    fewer than two labels.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("length;width;kind\\n1.5;2;oak\\n3;4.5;elm\\n5;-6;oak\\n")
    ...     data = load(path)
    >>> data.X.shape, data.y.tolist(), data.classes
    ((3, 2), [1.0, 0.0, 1.0], ('elm', 'oak'))
    >>> data.said
    "separated by semicolons, names in line 1, label: column 3 ('kind'); 3 samples of 2 features; 2 classes: elm (1), oak (2)"
    """
    path = Path(path)
    if not path.is_file():
        raise InvalidArgument(f"path {str(path)!r} is not a file.")
    for name, value, known in (("na", na, ("drop", "refuse")), ("task", task, (None, "classification", "regression"))):
        if value not in known:
            raise InvalidArgument(f"{name} must be {' or '.join(filter(None, known))}, not {value!r:.40}.")
    suffix = path.suffix.lower()
    given = {name for name, value in (("sep", sep), ("header", header), ("label", label)) if value is not None}
    if suffix not in FORMATS:
        raise InvalidArgument(f"path {str(path)!r} has an unknown suffix; known are {', '.join(FORMATS)}.")
    if idle := given - FORMATS[suffix]:
        raise InvalidArgument(f"{' and '.join(sorted(idle))} cannot be chosen for a {suffix} file.")
    try:
        if suffix in (".csv", ".tsv"):
            read = _files.read_csv(path, sep, header, label)
        elif suffix in (".parquet", ".arrow", ".feather"):
            read = _files.read_columns(path, label)
        else:
            read = _files.read_npz(path) if suffix == ".npz" else _files.read_svmlight(path)
        return _interpreted(_complete(read, na), task)
    except InvalidArgument as error:
        raise InvalidArgument(f"path {str(path)!r}: {error}") from None
    except (Exception, MemoryError) as error:  # readers raise whatever they like about a malformed file
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise InvalidArgument(f"path {str(path)!r} cannot be read ({reason.rstrip('.')}).") from None


def of(source: Any, needed: str, reading: dict[str, Any]) -> Data:
    """Data for a loss of the needed task: as they are, or from the path of a file. Raises InvalidArgument."""
    if isinstance(source, Data):
        if reading:
            raise InvalidArgument(f"{' and '.join(reading)} cannot be chosen for data that were read already.")
        return source
    if reading.get("task") not in (None, needed):
        raise InvalidArgument(f"task {reading['task']!r:.40} contradicts the loss, which is of {needed}.")
    how: dict[str, Any] = reading | {"task": needed}
    return load(source, **how)


def _complete(read: _files.Read, na: str) -> _files.Read:
    """Without the samples that lack a value, or InvalidArgument."""
    X, y = _numeric(read.X, read.y)
    lacks = (y == "") if y.dtype.kind == "U" else np.isnan(y)
    if X.ndim == 2 and y.shape == X.shape[:1]:
        lacks = lacks | np.isnan(X).any(axis=1)
    if not lacks.any() or X.ndim != 2 or y.shape != X.shape[:1]:
        return read._replace(X=X, y=y)
    count, first = int(lacks.sum()), read.at[int(np.argmax(lacks))]
    if na == "refuse":
        more = f", and {number_of(count - 1, 'other does', 'others do')}" if count > 1 else ""
        raise InvalidArgument(
            f"{read.unit} {first} lacks a value (empty, or NaN){more}; na = drop (--na drop) leaves such samples out."
        )
    said = f"{number_of(count, 'sample')} without a value left out"
    return read._replace(X=X[~lacks], y=y[~lacks], said=[*read.said, said])


def _numeric(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """X as numbers, y as numbers or words."""
    if np.iscomplexobj(X) or np.iscomplexobj(y):
        raise InvalidArgument(f"{'X' if np.iscomplexobj(X) else 'y'} is complex; broximal works over the real numbers.")
    try:
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
        words = y.dtype.kind == "U" and not all(map(_files.is_number, y.ravel()))
        return X, y if words else np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidArgument("X and y must hold numbers.") from None


def _interpreted(read: _files.Read, task: str | None) -> Data:
    X, y, said = read.X, read.y, list(read.said)
    words = y.dtype.kind == "U"
    if words:
        odd = next((place for place, value in enumerate(y) if not _files.is_number(value)), 0)
        if task == "regression":
            raise InvalidArgument(
                f"{read.unit} {read.at[odd]} has the label {str(y[odd])!r:.40}; regression needs numbers."
            )
        if task is None and any(map(_files.is_number, y)):
            raise InvalidArgument(
                f"{read.unit} {read.at[odd]} has the label {str(y[odd])!r:.40}, and others are numbers; "
                "task = classification (--task classification) takes them all for names."
                + (_files.NAMES_OR_NOT if odd == 0 and read.unit == "line" else "")
            )
        names, codes = np.unique(y, return_inverse=True)
        y = codes.astype(np.float64)
    X, y = check(X, y)
    values, counts = np.unique(y, return_counts=True)
    few = values.size == 2 or (values.size <= FEW and 2 * values.size <= y.size)
    if words and task is None and not few and 2 * values.size > y.size:
        raise InvalidArgument(
            f"the labels are {values.size} different words of {y.size} samples; label (--label) names another column, and "
            "task = classification (--task classification) takes them for classes."
        )
    guess = "classification" if words or (few and (values.size == 2 or np.all(y == np.round(y)))) else "regression"
    sizes = f"{number_of(len(y), 'sample')} of {number_of(X.shape[1], 'feature')}"
    if (task or guess) == "classification":
        classes = tuple(map(str, names)) if words else tuple(f"{value:.17g}" for value in values)
        shown = [f"{name} ({count})" for name, count in zip(classes[:6], counts, strict=False)]
        what = f"{number_of(len(classes), 'class')}: {', '.join(shown)}{', ...' * (len(classes) > 6)}"
    else:
        classes = ()
        what = f"measurements, {number_of(values.size, 'different one')} from {values[0]:.4g} to {values[-1]:.4g}"
    if task is None and not words:
        other = "regression" if classes else "classification"
        what += f" (a guess; task = {other}, --task {other}, says otherwise)"
    return Data(X, y, task or guess, classes, f"{', '.join(said)}; {sizes}; {what}")


def check(X, y) -> tuple[np.ndarray, np.ndarray]:
    """X and y as float64 arrays, or InvalidArgument for wrong sizes, NaN, or a single class."""
    X, y = _numeric(X, y)
    if y.dtype.kind == "U":
        raise InvalidArgument("y must hold numbers.")
    if X.ndim != 2 or X.size == 0:
        raise InvalidArgument(f"X must be a non-empty matrix, one sample per row, but has shape {X.shape}.")
    if y.shape != X.shape[:1]:
        raise InvalidArgument(f"y must have one label per row of X ({X.shape[0]}), but has shape {y.shape}.")
    if not np.isfinite(X).all() or not np.isfinite(y).all():
        raise InvalidArgument(f"{'X' if not np.isfinite(X).all() else 'y'} contains NaN or infinity.")
    for name, values in (("X", X), ("y", y)):
        if (largest := float(np.abs(values).max())) > HUGE:
            raise InvalidArgument(f"{name} has an entry of size {largest:.1e}, whose square overflows; scale it.")
    if np.unique(y).size < 2:
        raise InvalidArgument(f"y has one class only ({y[0]:g}); at least two are needed.")
    return X, y


def is_continuous(y: np.ndarray) -> bool:
    """Are these measurements rather than classes? More than two values, some of them not whole numbers."""
    return np.unique(y).size > 2 and bool(np.any(y != np.round(y)))

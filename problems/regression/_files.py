"""Files of data by their formats: features and labels as they stand there, and in words how they were read."""

import array
import collections
import csv
import itertools
import math
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of

LARGEST = 2**26  # numbers of a data set
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
NAMES = ("label", "target", "class", "y")  # of a column that is the label wherever it stands
SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", " ": "blanks"}  # the likeliest first
NAMES_OR_NOT = " If that is a line of names, say so with header (--header)."
SPELLINGS = {"tab": "\t", "\\t": "\t", "blank": " ", "space": " "}


class Read(NamedTuple):
    """What a file holds: X (N, d) with NaN where a value is missing, y (N,) of numbers or of words ("" if missing).

    at  the number of each sample in the file, a line or a row as `unit` says;  said  how the file was read
    """

    X: np.ndarray
    y: np.ndarray
    at: Any
    unit: str
    said: list[str]


def check_size(shape: tuple[int, ...]) -> None:
    """Raise InvalidArgument for more numbers than are read; said before memory is asked for."""
    if math.prod(shape) > LARGEST:
        raise InvalidArgument(f"has {' x '.join(map(str, shape))} numbers, more than the {LARGEST} that are read.")


# ---- text ------------------------------------------------------------------------------------------------------------


def read_csv(path: Path, sep: str | None, header: bool | None, label: str | int | None) -> Read:
    """Samples as lines of text, in utf-8 with or without a byte order mark. Raises InvalidArgument."""
    sep = SPELLINGS.get(sep, sep) if sep is not None else None
    if sep is not None and (len(sep) != 1 or sep in '"\r\n.+-' or sep.isalnum()):
        raise InvalidArgument(f"sep must be one character that is in no number, not {sep!r:.20}.")
    said = ["separated by "]
    with open(path, newline="", encoding="utf-8-sig") as file:
        if sep is None:
            sep = _separator(file)
            file.seek(0)
        said[0] += SEPARATORS.get(sep, repr(sep))
        rows = _rows(file, sep)
        first = next(rows, None)
        if first is None:
            raise InvalidArgument("has no samples.")
        number, fields = first
        width, names = len(fields), [""] * len(fields)
        if width < 2:
            raise InvalidArgument("needs at least two columns, features and the label.")
        if header or (header is None and not any(map(is_number, fields))):
            names = [field.strip() for field in fields]
            said.append(f"names in line {number}")
        else:
            said.append("without names")
            rows = itertools.chain([first], rows)
        place = label_place(names, label)
        values, labels, lines = array.array("d"), [], array.array("q")
        for number, fields in rows:
            if len(fields) != width:
                raise InvalidArgument(f"line {number} has {number_of(len(fields), 'column')}, not {width}.")
            labels.append(fields.pop(place).strip())
            try:
                values.extend(map(_number, fields))
            except ValueError:
                column = next(i for i, field in enumerate(fields) if not (is_number(field) or _missing(field)))
                doubt = NAMES_OR_NOT if header is None and number == first[0] else ""
                where = named(column + (column >= place), names)
                raise InvalidArgument(_no_number(number, fields[column], where) + doubt) from None
            lines.append(number)
            if len(values) > LARGEST:
                raise InvalidArgument(f"has more than the {LARGEST} numbers that are read.")
    if not labels:
        raise InvalidArgument("has no samples.")
    X, y = np.frombuffer(values).reshape(len(labels), width - 1), _labels(labels)
    if header is None and not any(names):
        counting = np.arange(width, dtype=float)
        if np.array_equal(X[0], np.delete(counting, place)) and y.dtype.kind == "f" and y[0] == place not in y[1:]:
            raise InvalidArgument(
                f"line {lines[0]} counts the columns, from 0 to {width - 1}; leave it out, give the columns names, or "
                "say which it is with header (--header, --no-header)."
            )
    return without_index(Read(X, y, lines, "line", said), names, place)


def _separator(file: Iterable[str]) -> str:
    """What divides the most lines of the beginning into as many columns, more than one; commas if nothing does."""
    lines = [line for line in itertools.islice(file, 50) if line.strip()]
    alike = {}
    for sep in SEPARATORS:
        widths = collections.Counter(len(row) for _, row in _rows(lines, sep))
        alike[sep] = max((count for width, count in widths.items() if width > 1), default=0)
    return max(alike, key=lambda sep: alike[sep]) if any(alike.values()) else ","


def _rows(lines: Iterable[str], sep: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not blank, with their numbers; runs of blanks divide as one does."""
    if sep == " ":
        rows = ((number, line.split()) for number, line in enumerate(lines, start=1))
    else:
        reader = csv.reader(lines, delimiter=sep)
        rows = ((reader.line_num, row) for row in reader)
    return ((number, row) for number, row in rows if any(map(str.strip, row)))


def is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def _missing(field: str) -> bool:
    return field.strip().lower() in MISSING


def _number(field: str) -> float:
    if "_" in field:  # which Python allows between digits
        raise ValueError
    try:
        return float(field)
    except ValueError:
        if _missing(field):
            return math.nan
        raise


def _no_number(line: int, field: str, column: str) -> str:
    comma = is_number(field.replace(",", ".", 1))
    rule = "decimals are written with a point." if comma else "only the label may be a word."
    return f"line {line} has {field.strip()!r:.40} in {column}, which is not a number; {rule}"


def _labels(fields: list[str]) -> np.ndarray:
    """As numbers where all are, with NaN for what is missing, else as words."""
    try:
        return np.array([_number(field) for field in fields], dtype=np.float64)
    except ValueError:
        return np.array(["" if _missing(field) else field for field in fields])


# ---- columns ---------------------------------------------------------------------------------------------------------


def named(column: int, names: list[str]) -> str:
    return f"column {column + 1}" + (f" ({names[column]!r:.40})" if names[column] else "")


def label_place(names: list[str], label: str | int | None) -> int:
    """The place of the label: as asked for by name or by number from 1, else by its name, else the last column."""
    if label is None:
        found = [place for place, name in enumerate(names) if name.lower() in NAMES]
        return found[0] if len(found) == 1 else len(names) - 1
    text = str(label)
    found = [place for place, name in enumerate(names) if name and name == text]
    if len(found) > 1:
        raise InvalidArgument(f"label {text!r:.40} is the name of {number_of(len(found), 'column')}.")
    if found:
        return found[0]
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return int(text) - 1
    known = f" ({', '.join(names)[:200]})" if any(names) else ""
    raise InvalidArgument(f"label {text!r:.40} is no column; name one, or count them from 1 to {len(names)}{known}.")


def without_index(read: Read, names: list[str], place: int) -> Read:
    """Without a first column that has no name and counts the rows, as data frames write it; the label is said."""
    said = [*read.said, f"label: {named(place, names)}"]
    X = read.X
    if place > 0 and X.shape[1] > 1 and not names[0] and any(names) and np.array_equal(X[:, 0], np.arange(len(X))):
        X = X[:, 1:]
        said.append("the first column, which has no name, counts the rows and is left out")
    return read._replace(X=X, said=said)


def read_columns(path: Path, label: str | int | None) -> Read:
    """Parquet and Arrow files, by pyarrow. Raises InvalidArgument."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        raise InvalidArgument("needs pyarrow, which is not installed (pip install 'broximal[parquet]').") from None
    if path.suffix.lower() == ".parquet":
        with parquet.ParquetFile(path) as file:
            _check_types(file.schema_arrow)
            check_size((file.metadata.num_rows, file.metadata.num_columns))
            table = file.read()
    else:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            _check_types(file.schema)
            batches, rows = [], 0
            for number in range(file.num_record_batches):
                batches.append(file.get_batch(number))
                rows += batches[-1].num_rows
                check_size((rows, len(file.schema)))
            table = pa.Table.from_batches(batches, file.schema)
            return _from_table(table, label)
    return _from_table(table, label)


def _check_types(schema: Any) -> None:
    """Raise InvalidArgument for columns of anything but numbers and words."""
    import pyarrow.types as types

    for place, field in enumerate(schema):
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        known = (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null, *_words(types))
        if not any(of_kind(kind) for of_kind in known):
            raise InvalidArgument(f"{named(place, schema.names)} holds {field.type}, which is neither number nor word.")
    if len(schema) < 2:
        raise InvalidArgument("needs at least two columns, features and the label.")


def _words(types: Any) -> tuple[Any, ...]:
    return (types.is_string, types.is_large_string, types.is_string_view)


def _from_table(table: Any, label: str | int | None) -> Read:
    import pyarrow as pa

    names = ["" if name.startswith("__index_level_") else name for name in table.column_names]
    place = label_place(names, label)
    columns = []
    for number, column in enumerate(table.columns):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if any(of_kind(kind) for of_kind in _words(pa.types)):
            if number != place:
                raise InvalidArgument(f"{named(number, names)} holds words; only the label may.")
            columns.append(np.array([word or "" for word in column.cast(pa.string()).to_pylist()]))
        else:
            whole = column.cast(pa.int8()) if pa.types.is_boolean(kind) else column
            columns.append(np.asarray(whole.cast(pa.float64()).to_numpy(), dtype=np.float64))
    y = columns.pop(place)
    X = np.stack(columns, axis=1)
    return without_index(Read(X, y, range(1, len(y) + 1), "row", []), names, place)


# ---- arrays ----------------------------------------------------------------------------------------------------------


def read_npz(path: Path) -> Read:
    with zipfile.ZipFile(path) as packed:
        check_size((sum(part.file_size for part in packed.infolist()) // 8,))
    with np.load(path, allow_pickle=False) as arrays:
        for name in ("X", "y"):
            if name not in arrays:
                raise InvalidArgument(f"has no array {name} (it holds {', '.join(arrays.files)[:200] or 'nothing'}).")
        X, y = arrays["X"], arrays["y"]
    return Read(X, y, range(1, 1 + (len(y) if y.ndim else 0)), "row", ["arrays X and y"])


def read_svmlight(path: Path) -> Read:
    from sklearn.datasets import load_svmlight_file

    X, y = load_svmlight_file(str(path))
    check_size(X.shape)
    return Read(X.toarray(), y, range(1, len(y) + 1), "sample", ["svmlight"])

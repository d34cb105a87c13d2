"""Reading a CSV file: numbers stay numbers, words become one column per word (one-hot)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nonlin.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    import polars

SUFFIXES = (".csv",)
MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"]
MOST_CATEGORIES = 30
MOSTLY_NUMBERS = 0.5


@dataclass(frozen=True, eq=False)
class Table:
    """Inputs, shape (rows, columns), float64; their column names; raw targets; what was decided."""

    inputs: NDArray[np.float64]
    columns: tuple[str, ...]
    targets: NDArray[Any]
    notes: tuple[str, ...]


def read(path: Path, target: str | None, drop: Sequence[str] = ()) -> Table:
    """Read `path` with a header line. Raises DataError for everything that cannot be trained on."""
    frame = _frame(path)
    _check_column(frame.columns, target, path, "target")
    for name in drop:
        _check_column(frame.columns, name, path, "drop")
    frame = frame.drop(list(drop))
    _check_complete(frame, path)
    assert target is not None
    targets = frame[target].to_numpy()
    blocks = [_encode(frame[name]) for name in frame.columns if name != target]
    if not blocks:
        raise DataError("a table needs at least one input column besides the target", received=f"{path}: {target} only")
    columns = tuple(name for names, _ in blocks for name in names)
    notes = tuple(
        f"column {s!r}: {len(names)} words, one 0/1 input each"
        for s, (names, _) in zip([c for c in frame.columns if c != target], blocks, strict=True)
        if names[0] != s
    )
    return Table(
        np.column_stack([values for _, values in blocks]),
        columns,
        targets.astype(str) if targets.dtype == object else targets,
        notes,
    )


def _frame(path: Path) -> polars.DataFrame:
    try:
        import polars
    except ImportError as error:
        raise MissingDependencyError(
            "reading a .csv file needs polars", received="polars is not installed", fix='pip install "nonlin[compare]"'
        ) from error
    if not path.is_file():
        raise DataError("no such file", received=str(path), fix=_nearby(path))
    if path.stat().st_size == 0:
        raise DataError("the file is empty", received=str(path), fix="a table needs a header line and rows")
    try:
        frame = polars.read_csv(path, null_values=MISSING, infer_schema_length=None, try_parse_dates=False)
    except (polars.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            "the file is not a readable CSV table",
            received=f"{path}: {str(error).splitlines()[0]}",
            fix="save it as CSV, UTF-8, comma separated, with one header line",
        ) from error
    if frame.height == 0:
        raise DataError("the table has a header and no rows", received=str(path), fix="add rows")
    return frame


def _nearby(path: Path) -> str:
    there = [p.name for p in path.parent.glob("*.csv")] if path.parent.is_dir() else []
    nearest = difflib.get_close_matches(path.name, there, n=1)
    return f"did you mean {str(path.with_name(nearest[0]))!r}?" if nearest else "check the path"


def _check_column(columns: Sequence[str], name: str | None, path: Path, option: str) -> None:
    if name in columns:
        return
    if name is None:
        raise DataError(
            "say which column is to be predicted",
            received=f"{path} without a target",
            choices=columns[:40],
            fix="--target COLUMN, or target= in Python",
        )
    nearest = difflib.get_close_matches(name, columns, n=1)
    raise DataError(
        f"the table has no such column ({option})",
        received=f"{name!r} for {path}",
        choices=columns[:40],
        fix=f"did you mean {nearest[0]!r}?" if nearest else "take one of the names in the header line",
    )


def _check_complete(frame: polars.DataFrame, path: Path) -> None:
    gaps = {name: frame[name].null_count() for name in frame.columns if frame[name].null_count()}
    if not gaps:
        return
    empty = [name for name, count in gaps.items() if count == frame.height]
    fix = (
        f"drop the empty column {empty[0]!r} (--drop)"
        if empty
        else (
            "remove those rows, fill the gaps (for example with the column's median), or leave the column out (--drop)"
        )
    )
    rows = frame.height - frame.drop_nulls().height
    shown = ", ".join(f"{name} ({count})" for name, count in list(gaps.items())[:8])
    raise DataError("values are missing", received=f"{path}: {rows} of {frame.height} rows have gaps: {shown}", fix=fix)


def _encode(column: polars.Series) -> tuple[list[str], NDArray[np.float64]]:
    """Column names and values, shape (rows, n): one column for numbers, one per word for words."""
    if column.dtype.is_numeric() or str(column.dtype) == "Boolean":
        return [column.name], column.cast(_float()).to_numpy()[:, None]
    words = column.cast(str).to_numpy()
    _check_words(column.name, words)
    levels = sorted(set(words))
    return [f"{column.name}={level}" for level in levels], (words[:, None] == np.array(levels)[None]).astype(np.float64)


def _float() -> Any:
    import polars

    return polars.Float64


def _check_words(name: str, words: NDArray[Any]) -> None:
    numbers = [_is_number(word) for word in words]
    if any(numbers) and sum(numbers) > MOSTLY_NUMBERS * len(words):
        row = numbers.index(False)
        raise DataError(
            f"column {name!r} mixes numbers and text",
            received=f"{len(words) - sum(numbers)} of {len(words)} values are text, "
            f"the first is {words[row]!r} in row {row + 1}",
            fix="correct or remove those rows, or leave the column out (--drop)",
        )
    distinct = len(set(words))
    if distinct > MOST_CATEGORIES:
        raise DataError(
            f"column {name!r} holds text with too many different values to be categories (at most {MOST_CATEGORIES})",
            received=f"{distinct} different values in {len(words)} rows, such as {words[0]!r}",
            fix=f"leave it out: --drop {name}, or drop=[{name!r}] in Python",
        )


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True

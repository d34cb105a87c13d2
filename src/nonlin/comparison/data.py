"""The data of a comparison: a bundled set, arrays or a CSV file, checked once, before anything is trained.

`load` turns each of them into one `Data` record. Values are kept as they are: scaling belongs to training, where it
may look at the training rows only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import nonlin.comparison.bundled as bundled
import nonlin.comparison.tables as tables
from nonlin.comparison.targets import TASKS, Task, encode
from nonlin.errors import DataError, InvalidTypeError, InvalidValueError, unknown_name

MINIMUM_ROWS = 20
SHOWN_COLUMNS = 8


@dataclass(frozen=True, eq=False)
class Data:
    """One data set, ready to be split.

    `inputs` is float32, shape (rows, columns) or (rows, channels, height, width); `targets` is int64 class numbers
    (an index into `classes`) or float64 values. `notes` says what was decided while reading.
    """

    name: str
    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    task: Task
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.targets)

    @property
    def is_image(self) -> bool:
        return self.inputs.ndim == 4

    @property
    def outputs(self) -> int:
        """Units of the output layer: one per class, or one for a regression."""
        return len(self.classes) if self.task == "classification" else 1

    @property
    def metric(self) -> Literal["accuracy", "R²"]:
        return "accuracy" if self.task == "classification" else "R²"

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and greatest value of the metric."""
        return (0.0, 1.0) if self.task == "classification" else (float("-inf"), 1.0)

    @cached_property
    def digest(self) -> str:
        """The first 12 hexadecimal digits of a SHA-256 over task, shapes and values."""
        text = f"{self.task}{self.inputs.shape}{self.targets.shape}{self.targets.dtype}"
        digest = hashlib.sha256(text.encode())
        digest.update(np.ascontiguousarray(self.inputs).tobytes())
        digest.update(np.ascontiguousarray(self.targets).tobytes())
        return digest.hexdigest()[:12]

    def describe(self) -> str:
        """One line: name, rows, inputs, task."""
        shape = " × ".join(str(n) for n in self.inputs.shape[1:])
        what = f"{len(self.classes)} classes" if self.task == "classification" else "one number to predict"
        return f"{self.name}: {self.rows:,} rows, {shape} inputs, {what}"


def load(data: object, *, target: str | None = None, task: str | None = None, drop: Sequence[str] = ()) -> Data:
    """Read `data`: the name of a bundled set, the path of a `.csv` file (with `target`), or a pair `(X, y)`.

    X has shape (rows, columns) for a table, (rows, height, width) or (rows, channels, height, width) for images.
    `task` is "classification" or "regression"; without it the targets decide, and `notes` says how.
    Raises DataError for data that cannot be used, UnknownNameError for a name that is neither file nor bundled set.
    """
    if task is not None and task not in TASKS:
        raise InvalidValueError("no such task", received=repr(task), choices=TASKS)
    if isinstance(data, Data):
        return data
    if isinstance(data, (str, Path)):
        return _named(str(data), target, task, drop)
    if isinstance(data, Sequence) and len(data) == 2:
        return from_arrays(data[0], data[1], task=task)
    raise InvalidTypeError(
        "the data must be the name of a bundled set, the path of a .csv file or a pair (X, y)",
        received=type(data).__name__,
        choices=bundled.NAMES,
    )


def _named(name: str, target: str | None, task: str | None, drop: Sequence[str]) -> Data:
    if Path(name).suffix.lower() in tables.SUFFIXES:
        table = tables.read(Path(name), target, drop)
        return from_arrays(
            table.inputs, table.targets, task=task, name=Path(name).stem, columns=table.columns, notes=table.notes
        )
    if Path(name).suffix or Path(name).exists():
        raise DataError(
            "only .csv files can be read",
            received=name,
            choices=bundled.NAMES,
            fix="save the table as CSV with a header line, or pass arrays: nonlin.compare((X, y), ...)",
        )
    if name not in bundled.NAMES:
        raise unknown_name("data set", name, bundled.NAMES, listing="`nonlin compare --help`")
    if target is not None:
        raise InvalidValueError(
            f"the bundled set {name!r} has its target already",
            received=f"target={target!r}",
            fix="leave the target out; it belongs to a .csv file",
        )
    inputs, targets, default = bundled.read(name)
    return from_arrays(inputs, targets, task=task or default, name=name)


def from_arrays(
    inputs: object,
    targets: object,
    *,
    task: str | None = None,
    name: str = "arrays",
    columns: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Data:
    """Check arrays and encode the targets. `columns` names the input columns in messages."""
    matrix = _numeric(inputs, columns)
    values = np.asarray(targets)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) != len(matrix):
        raise DataError(
            "the targets must be one value per row",
            fix="pass y with shape (rows,)",
            received=f"X of shape {matrix.shape}, y of shape {values.shape}",
        )
    if len(values) < MINIMUM_ROWS:
        raise DataError(
            f"at least {MINIMUM_ROWS} rows are needed to train, validate and test",
            received=f"{len(values)} rows",
            fix="add rows",
        )
    encoded = encode(values, task)
    return Data(name, matrix, encoded.values, encoded.task, encoded.classes, (*notes, *encoded.notes))


def _numeric(inputs: object, columns: Sequence[str]) -> NDArray[np.float32]:
    """Inputs as finite float32, images with their channel axis."""
    array = np.asarray(inputs)
    if array.dtype.kind not in "biuf":
        raise DataError(
            "the inputs must be numbers",
            received=f"an array of dtype {array.dtype}",
            fix="encode text columns as numbers, or pass the table as a .csv file",
        )
    if array.ndim not in (2, 3, 4) or 0 in array.shape:
        raise DataError(
            "X must have shape (rows, columns), (rows, height, width) or (rows, channels, height, width)",
            received=f"shape {array.shape}",
            fix="reshape X, e.g. X.reshape(len(X), -1)",
        )
    with np.errstate(over="ignore"):
        matrix = array.astype(np.float32)
    _check_finite(matrix, columns)
    return matrix[:, None] if matrix.ndim == 3 else matrix


def _check_finite(matrix: NDArray[np.float32], columns: Sequence[str]) -> None:
    bad = ~np.isfinite(matrix.reshape(len(matrix), -1))
    if not bad.any():
        return
    counts = bad.sum(axis=0)
    worst = [int(i) for i in np.flatnonzero(counts)]
    names = [f"{columns[i] if columns else f'column {i}'} ({counts[i]})" for i in worst[:SHOWN_COLUMNS]]
    more = f" and {len(worst) - SHOWN_COLUMNS} more columns" if len(worst) > SHOWN_COLUMNS else ""
    raise DataError(
        "the inputs must be finite numbers: NaN or infinity would spread to every weight",
        received=f"{int(bad.sum())} values that are not finite in {int(bad.any(axis=1).sum())} rows: "
        f"{', '.join(names)}{more}",
        fix="remove those rows or fill the gaps (for example with the column's median)",
    )

"""From raw targets to class numbers or values, and the decision between classification and regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nonlin.errors import DataError

Task = Literal["classification", "regression"]
TASKS: tuple[Task, ...] = ("classification", "regression")
MOST_CLASSES = 30
ROWS_PER_CLASS = 5  # one at least in validation and test, at 20 % each


@dataclass(frozen=True, eq=False)
class Encoded:
    """Targets ready for training: int64 class numbers, or float64 values."""

    values: NDArray[Any]
    task: Task
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def encode(values: NDArray[Any], task: str | None) -> Encoded:
    """Encode `values`, shape (rows,), for `task`; without a task the values decide and a note says so."""
    _check_complete(values)
    chosen, notes = (task, ()) if task else _inferred(values)
    if chosen == "regression":
        return Encoded(_numbers(values), "regression", (), notes)
    classes, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    names = tuple(_name(c) for c in classes)
    _check_classes(names, counts, len(values))
    return Encoded(numbers.astype(np.int64), "classification", names, notes)


def _check_complete(values: NDArray[Any]) -> None:
    missing = [
        i for i, v in enumerate(values) if v is None or (isinstance(v, (float, np.floating)) and not np.isfinite(v))
    ]
    if missing:
        raise DataError(
            "every row needs a target",
            received=f"{len(missing)} rows without one, the first is row {missing[0] + 1}",
            fix="remove those rows",
        )


def _inferred(values: NDArray[Any]) -> tuple[Task, tuple[str, ...]]:
    distinct = len(np.unique(values))
    if values.dtype.kind not in "iuf":
        return "classification", (f"the target is text: read as {distinct} classes",)
    whole = bool(np.all(values == np.round(values)))
    if whole and distinct <= MOST_CLASSES:
        return "classification", (
            f"the target has {distinct} distinct whole numbers: read as classes; "
            "task='regression' reads them as quantities",
        )
    return "regression", (
        f"the target has {distinct} distinct numbers: read as a quantity (regression); "
        "task='classification' reads them as classes",
    )


def _numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype.kind not in "biuf":
        raise DataError(
            "a regression needs numbers as targets",
            received=f"targets such as {str(values[0])!r}",
            fix="use task='classification', or choose another target",
        )
    numbers = values.astype(np.float64)
    if numbers.min() == numbers.max():
        raise DataError(
            "every target has the same value: there is nothing to learn",
            received=f"{numbers[0]:g} in every row",
            fix="choose another target",
        )
    return numbers


def _name(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (float, np.floating)) else str(value)


def _check_classes(names: tuple[str, ...], counts: NDArray[Any], rows: int) -> None:
    if len(names) < 2:
        raise DataError(
            "a classification needs at least two classes",
            received=f"one class only: {names[0]!r} in all {rows} rows",
            fix="choose another target, or add rows",
        )
    rare = [f"{name} ({count})" for name, count in zip(names, counts, strict=True) if count < ROWS_PER_CLASS]
    if rare:
        more = f" and {len(rare) - 8} more" if len(rare) > 8 else ""
        raise DataError(
            f"every class needs at least {ROWS_PER_CLASS} rows, so that training, validation and test each see it",
            received=f"too few rows in: {', '.join(rare[:8])}{more}",
            fix="merge or remove those classes, or use task='regression' if the target is a quantity",
        )

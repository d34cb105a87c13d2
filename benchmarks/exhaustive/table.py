"""The committed table: one row for each function, order and dtype, and what makes a row stale."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.exhaustive.subject import Subject

TABLE = Path(__file__).parents[2] / "docs" / "proofs" / "float32.csv"
KEPT = 8
"""Worst inputs written into a row, so that they can be measured again."""


@dataclass(frozen=True)
class Row:
    """The largest error over all inputs in ulp, where it is, and how many inputs are beyond 0.5, 1 and 2 ulp.

    `error` is measured against the float64 kernel over all `inputs`; `certified` is the largest error against the
    oracle, over the worst inputs, the special points and a random sample. `sha256` is `Subject.sha256`.
    """

    function: str
    order: int
    dtype: str
    bar: float
    error: float
    certified: float
    worst_input: str
    over_half: int
    over_one: int
    over_two: int
    inputs: int
    worst_patterns: str
    parameters: str
    sha256: str
    date: str
    machine: str

    @property
    def subject(self) -> Subject:
        return Subject(self.function, self.order, self.dtype)

    @property
    def worst(self) -> np.ndarray[Any, Any]:
        """The worst inputs, the very worst first."""
        dtype = self.subject.numpy_dtype
        return np.array([int(word, 16) for word in self.worst_patterns.split()], f"u{dtype.itemsize}").view(dtype)

    @property
    def holds(self) -> bool:
        return max(self.error, self.certified) <= self.bar


_TYPES: dict[str, type] = {
    "order": int, "bar": float, "error": float, "certified": float,
    "over_half": int, "over_one": int, "over_two": int, "inputs": int,
}  # fmt: skip


def read(path: Path = TABLE) -> dict[Subject, Row]:
    """The rows of the file; none when there is no file."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [Row(**{k: _TYPES.get(k, str)(v) for k, v in row.items()}) for row in csv.DictReader(file)]
    return {row.subject: row for row in rows}


def write(rows: Iterable[Row], path: Path = TABLE) -> None:
    """Replace the file: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        for row in sorted(rows, key=lambda row: (row.dtype, row.function, row.order)):
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in asdict(row).items()})
    temporary.replace(path)


def stale(rows: dict[Subject, Row], wanted: Sequence[Subject]) -> list[str]:
    """Why the table does not prove what it should: a line for each row that is missing, outdated or beyond its bar."""
    found = []
    for subject in wanted:
        row = rows.get(subject)
        if row is None:
            found.append(f"{subject}: no row")
        elif row.sha256 != subject.sha256:
            found.append(f"{subject}: the kernel has changed since {row.date}")
        elif not row.holds:
            found.append(f"{subject}: {max(row.error, row.certified):g} ulp, promised {row.bar:g}")
    return [*found, *(f"{subject}: not in the catalogue" for subject in rows if subject not in set(wanted))]


def hexadecimal(x: float) -> str:
    """A number of any format, exactly: "-0x1.8p+1"; "inf" and "nan" as they are."""
    return float(x).hex() if math.isfinite(x) else str(float(x))

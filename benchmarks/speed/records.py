"""One measurement as a row of the table, and the table as a file: every row written when it is finished."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.speed.cell import Cell
from benchmarks.speed.files import Files
from nonlin.catalog import DEFINITIONS

TABLE = Files().table


@dataclass(frozen=True)
class Record:
    """A contender in a cell: nanoseconds per element (median and quartiles), or why it did not take part.

    `sha256` is `Cell.sha256` at the time.
    """

    function: str
    order: int
    dtype: str
    elements: int
    threads: int
    row: int
    contender: str
    form: str
    nanoseconds: float
    low: float
    high: float
    rounds: int
    note: str
    sha256: str
    date: str
    machine: str

    @property
    def cell(self) -> Cell:
        return Cell(self.function, self.order, self.dtype, self.elements, self.threads, self.row)


_TYPES: dict[str, type] = {"order": int, "elements": int, "threads": int, "row": int, "rounds": int,
                           "nanoseconds": float, "low": float, "high": float}  # fmt: skip


def read(path: Path = TABLE) -> list[Record]:
    """The rows of the file; none when there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Record(**{k: _TYPES.get(k, str)(v) for k, v in row.items()}) for row in csv.DictReader(file)]


def merge(path: Path, new: Iterable[Record]) -> list[Record]:
    """Write the file with `new` in place of what it has for the same cells; returns all rows, in a fixed order."""
    added = list(new)
    replaced = {record.cell for record in added}
    rows = [record for record in read(path) if record.cell not in replaced] + added
    rows.sort(key=_place)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Record)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(_printed(record) for record in rows)
    temporary.replace(path)
    return rows


def stale(rows: Iterable[Record]) -> list[Cell]:
    """The cells whose kernel is another one now."""
    return list(dict.fromkeys(row.cell for row in rows if not is_current(row)))


def is_current(row: Record) -> bool:
    """Whether the catalogue still has the function, and the kernel is the one that was measured."""
    return row.function in DEFINITIONS and row.sha256 == row.cell.sha256


def _place(record: Record) -> tuple[Any, ...]:
    return record.function, record.order, record.dtype, record.threads, record.row, record.elements, record.contender


def _printed(record: Record) -> dict[str, Any]:
    return {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(record).items()}

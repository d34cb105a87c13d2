"""One measurement as a row of the table, and the table as a file: every row written when it is finished."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.speed.cell import Cell

TABLE = Path(__file__).parents[2] / "docs" / "proofs" / "speed.csv"


@dataclass(frozen=True)
class Record:
    """A contender in a cell: nanoseconds per element (median and quartiles), or why it did not take part."""

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
    date: str
    machine: str

    @property
    def cell(self) -> Cell:
        return Cell(self.function, self.order, self.dtype, self.elements, self.threads, self.row)

    @property
    def key(self) -> tuple[Cell, str]:
        return self.cell, self.contender


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


def _place(record: Record) -> tuple[Any, ...]:
    return record.function, record.order, record.dtype, record.threads, record.row, record.elements, record.contender


def _printed(record: Record) -> dict[str, Any]:
    return {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(record).items()}

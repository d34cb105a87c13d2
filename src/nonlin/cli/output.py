"""How commands speak: data to standard output, as a table or as JSON; narration to standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table

# Columns when standard output is no terminal: lines that fit a page rather than the width of a terminal nobody has.
PIPED_WIDTH = 120


def data_console() -> Console:
    """The console on standard output, made when needed so that it is the standard output of this moment."""
    return Console(soft_wrap=False) if sys.stdout.isatty() else Console(width=PIPED_WIDTH, no_color=True)


def narration_console() -> Console:
    """The console on standard error: progress, hints, where a file was written."""
    return Console(stderr=True)


def print_table(columns: Iterable[str], rows: Iterable[Iterable[str]], *, folded: str = "") -> None:
    """A table; the column `folded` takes what width is left, over several lines if need be."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=column != folded, overflow="fold")
    for row in rows:
        table.add_row(*row)
    print_data(table)


def print_data(*parts: RenderableType) -> None:
    """Tables and texts on standard output, without the blanks rich leaves at the ends of lines."""
    console = data_console()
    with console.capture() as captured:
        for part in parts:
            console.print(part, markup=False, highlight=False)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_json(value: object) -> None:
    """Strict JSON on standard output: an infinity becomes the text "inf" or "-inf", an undefined number null."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def plain(value: object) -> Any:
    """The value made of what JSON has: dataclasses as objects, tuples as lists, NumPy scalars as numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return _number(float(value)) if hasattr(value, "__float__") else str(value)


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else "inf" if value > 0 else "-inf"

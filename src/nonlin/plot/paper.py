"""The grid of a printed page: the smallest sheet of the A series that holds so many cells at a readable size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from nonlin.errors import InvalidValueError

INCHES_PER_MILLIMETRE = 1 / 25.4
SHEETS = {"A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594), "A0": (1189, 841)}  # millimetres
MARGIN, HEADER, FOOTER, GUTTER = 0.32, 0.40, 0.14, 0.12  # inches
SMALLEST_CELL = (1.95, 2.2)  # inches: under this, text of 5.5 points and a curve do not both fit
GOOD_CELL = (2.15, 2.35)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Grid:
    """A sheet and its columns and rows of equal cells; lengths in inches from the lower left corner."""

    sheet: str
    width: float
    height: float
    columns: int
    rows: int

    @property
    def cell(self) -> tuple[float, float]:
        """Width of a cell, and its mean height."""
        width = self.width - 2 * MARGIN - (self.columns - 1) * GUTTER
        height = self.height - 2 * MARGIN - HEADER - FOOTER - (self.rows - 1) * GUTTER
        return width / self.columns, height / self.rows

    @property
    def readable(self) -> bool:
        return all(have >= need for have, need in zip(self.cell, SMALLEST_CELL, strict=True))

    @property
    def top(self) -> float:
        """The upper edge of the first row."""
        return self.height - MARGIN - HEADER

    def left(self, column: int) -> float:
        """The left edge of a column, counted from 0."""
        return MARGIN + column * (self.cell[0] + GUTTER)


def grid_for(count: int) -> Grid:
    """The roomiest grid for `count` cells on the smallest sheet that holds them; raises InvalidValueError past A0."""
    for sheet in SHEETS:
        fitting = [g for g in grids(sheet) if g.columns * g.rows >= count]
        if fitting:
            return max(fitting, key=_room)
    raise InvalidValueError(
        "one sheet cannot hold so many activations", received=count, fix="write a .pdf: it has pages"
    )


def capacity(sheet: str) -> int:
    """How many readable cells a sheet holds at most."""
    return max(g.columns * g.rows for g in grids(sheet))


def grids(sheet: str) -> Iterator[Grid]:
    """Every grid of readable cells on a sheet, landscape first."""
    long, short = (length * INCHES_PER_MILLIMETRE for length in SHEETS[sheet])
    for width, height in ((long, short), (short, long)):
        for columns in range(1, int(width / SMALLEST_CELL[0]) + 1):
            for rows in range(1, int(height / SMALLEST_CELL[1]) + 1):
                grid = Grid(sheet, width, height, columns, rows)
                if grid.readable:
                    yield grid


def even_chunks(items: Sequence[Item], largest: int) -> list[list[Item]]:
    """The items in as few lists as needed, none longer than `largest`, all of nearly the same length."""
    count = max(1, math.ceil(len(items) / largest))
    size, extra = divmod(len(items), count)
    ends = [i * size + min(i, extra) for i in range(count + 1)]
    return [list(items[start:stop]) for start, stop in pairwise(ends)]


def _room(grid: Grid) -> float:
    return min(have / good for have, good in zip(grid.cell, GOOD_CELL, strict=True))

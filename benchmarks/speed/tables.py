"""What a quick race prints: nanoseconds per element, how many times faster than each peer, and the mean of that."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.speed.cell import Cell
from benchmarks.speed.records import Record

_PLACE = ("function", "of", "dtype", "elements", "threads")
ORDERS = {0: "f", 1: "f′", 2: "f″"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def label(cell: Cell) -> str:
    """One line: the function, what of it, where."""
    return f"{cell.function} {ORDERS[cell.order]}, {place(cell)}"


def place(cell: Cell) -> str:
    """Where a race is run: "float32, 2¹⁴ elements, 1 thread"."""
    size = f"rows of {cell.row:,}" if cell.row else f"{number_of(cell.elements)} elements"
    return f"{cell.dtype}, {size}, {threads(cell.threads)}"


def threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def number_of(elements: int) -> str:
    """2¹⁴ for a power of two beyond a thousand, else the number."""
    power = elements.bit_length() - 1
    return f"2{str(power).translate(_RAISED)}" if elements == 1 << power >= 1024 else f"{elements:,}"


def by_cell(rows: Sequence[Record]) -> dict[Cell, dict[str, Record]]:
    found: dict[Cell, dict[str, Record]] = {}
    for row in rows:
        found.setdefault(row.cell, {})[row.contender] = row
    return found


Races = dict[Cell, dict[str, Record]]


def elementwise(races: Races, elements: int, threads: int, order: int | None = None, dtype: str = "float32") -> Races:
    """The races of one size and number of threads (and one order), row functions left out."""
    wanted = elements, threads, dtype, 0
    return {
        cell: entered
        for cell, entered in races.items()
        if (cell.elements, cell.threads, cell.dtype, cell.row) == wanted and order in (None, cell.order)
    }


def ratio(entered: dict[str, Record], peer: str) -> float:
    """How many times faster nonlin is than the peer; NaN where one of them did not race."""
    if "nonlin" not in entered or peer not in entered:
        return math.nan
    return entered[peer].nanoseconds / entered["nonlin"].nanoseconds


def spread(entered: dict[str, Record], peer: str) -> tuple[float, float]:
    """The quartiles of that ratio, as far as the quartiles of the two medians say: from the far ends of both."""
    ours, theirs = entered["nonlin"], entered[peer]
    return theirs.low / ours.high, theirs.high / ours.low


def geometric_mean(values: Sequence[float]) -> float:
    """Of the numbers that are not NaN; NaN for none."""
    present = [value for value in values if not math.isnan(value)]
    return math.exp(sum(map(math.log, present)) / len(present)) if present else math.nan


def show(rows: Sequence[Record], console: Console) -> None:
    """The races as a table, and under it the geometric means for each order, dtype, size and number of threads."""
    cells = by_cell(rows)
    names = list(dict.fromkeys(row.contender for row in rows))
    peers = [name for name in names if name != "nonlin"]
    console.print(_races(cells, names, peers))
    console.print(_means(cells, peers))
    for note in dict.fromkeys(
        f"{row.contender}: {row.note} ({row.function})" for row in rows if row.note and row.contender != "torch from x"
    ):
        console.print(note, style="dim", highlight=False)


def _races(cells: dict[Cell, dict[str, Record]], names: Sequence[str], peers: Sequence[str]) -> Table:
    table = Table(title="nanoseconds per element, medians; × is how many times faster nonlin is", box=box.SIMPLE)
    for heading in (*_PLACE, *names, *(f"× {peer}" for peer in peers)):
        table.add_column(heading, justify="right" if heading in names or heading[0] == "×" else "left", no_wrap=True)
    for cell, entered in cells.items():
        measured = [_number(entered[name].nanoseconds) if name in entered else "" for name in names]
        table.add_row(*_place(cell), *measured, *[_times(ratio(entered, peer)) for peer in peers])
    return table


def _means(cells: dict[Cell, dict[str, Record]], peers: Sequence[str]) -> Table:
    table = Table(title="geometric mean of the ratios, and the lowest of them", box=box.SIMPLE)
    for heading in (*_PLACE[1:], *(f"× {peer}" for peer in peers)):
        table.add_column(heading, no_wrap=True)
    groups: dict[tuple[str, ...], list[dict[str, Record]]] = {}
    for cell, entered in cells.items():
        groups.setdefault(_place(cell)[1:], []).append(entered)
    for place, group in groups.items():
        ratios = [[ratio(entered, peer) for entered in group] for peer in peers]
        table.add_row(*place, *[f"{_times(geometric_mean(r))} (≥ {_times(lowest(r))})" for r in ratios])
    return table


def lowest(values: Sequence[float]) -> float:
    return min((value for value in values if not math.isnan(value)), default=math.nan)


def _place(cell: Cell) -> tuple[str, ...]:
    size = f"{cell.elements // cell.row} × {cell.row}" if cell.row else str(cell.elements)
    return cell.function, ORDERS[cell.order], cell.dtype, size, str(cell.threads)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def _times(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"

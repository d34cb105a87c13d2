"""A run: the plan, the progress on the terminal, the rows as they are finished, and the table at the end."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import Progress

import nonlin as nl
from benchmarks.speed import bars, clock, figure, records, small, summary, tables
from benchmarks.speed.cell import Cell
from benchmarks.speed.peers import CONTENDERS, QUICK
from benchmarks.speed.peers.aliases import offered
from benchmarks.speed.peers.torch_eager import FUNCTIONAL
from benchmarks.speed.run import run as run_cell
from benchmarks.speed.settings import SETTINGS
from nonlin.kernels.assemble import ROW_DTYPES

WIDTH = 180
FORMULAS = ("numpy", "scipy", "numexpr")
LARGEST_FORMULA = 1 << 22
"""Formulas written out take seconds for a call beyond it, and the same time per element."""
ROWS = (10, 1_000, 50_000)
ROW_ELEMENTS = 1 << 20
COMPILED_SIZES = (1 << 14, 1 << 22)
"""torch.compile takes seconds for each function: it races at the sizes the bars are about, in float32."""


def plan(
    functions: Sequence[str], orders: Sequence[int], dtypes: Sequence[str], sizes: Sequence[int], threads: int
) -> list[Cell]:
    """The cells in the order they run; by default over the functions of the bars that the catalogue has.

    Raises UnknownNameError for a name no function has.
    """
    known = nl.names(kind="elementwise")
    named = [nl.get(name).name for name in functions] or SETTINGS.articles
    names = [name for name in named if name in known]
    return [
        Cell(name, order, dtype, size, threads)
        for dtype in dtypes
        for size in sizes
        for name in names
        for order in orders
    ]


def rows_plan(functions: Sequence[str], dtypes: Sequence[str], threads: int) -> list[Cell]:
    """The races of row functions: those named, by default all that PyTorch has; in the dtypes they have."""
    known = nl.names(kind="row")
    names = [nl.get(name).name for name in functions] or [name for name in known if offered(FUNCTIONAL, name)]
    return [
        Cell(name, 0, dtype, max(1, ROW_ELEMENTS // row) * row, threads, row)
        for dtype in dtypes
        if dtype in ROW_DTYPES
        for row in ROWS
        for name in names
        if name in known
    ]


def run(cells: Sequence[Cell], contenders: Sequence[str], *, quick: bool, again: bool) -> list[records.Record]:
    """Race every cell; quick prints a table, else every finished cell is written to the file at once."""
    done = set() if quick or again else {record.cell for record in records.read()}
    rows: list[records.Record] = []
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(cells))
        for cell in cells:
            progress.update(task, advance=1, description=f"{cell.function} {cell.dtype} {cell.elements}")
            if cell in done:
                continue
            finished = run_cell(cell, contenders or _entered(cell, quick), clock.QUICK if quick else clock.FULL)
            rows += finished
            if not quick:
                records.merge(records.TABLE, finished)
    if quick:
        tables.show(rows, console)
    return rows


def publish() -> list[bars.Bar]:
    """Measure the small calls, and write the page and the figure from what the tables hold; returns the bars."""
    small.write([small.measure(name) for name in SETTINGS.articles if name in nl.names(kind="elementwise")])
    write_page()
    return bars.bars(records.read(), small.read())


def write_page() -> None:
    """docs/speed.md and docs/img/speed.svg from the tables."""
    rows, calls = records.read(), small.read()
    summary.PAGE.write_text(summary.page(rows, calls), encoding="utf-8")
    figure.draw(rows)


def _entered(cell: Cell, quick: bool) -> Sequence[str]:
    if quick:
        return QUICK
    compiled = cell.dtype == "float32" and cell.elements in COMPILED_SIZES
    absent = {
        "torch.compile": not compiled,
        **dict.fromkeys(FORMULAS, cell.elements > LARGEST_FORMULA),
    }
    return [name for name in CONTENDERS if not absent.get(name, False)]

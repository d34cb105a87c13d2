"""A run: the progress on the terminal, the rows as they are finished, and the tables, page and figure at the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column

import nonlin as nl
from benchmarks import machine
from benchmarks.speed import bars, clock, figure, plan, records, small, summary, tables
from benchmarks.speed.cell import Cell
from benchmarks.speed.files import Files
from benchmarks.speed.run import run as run_cell
from benchmarks.speed.settings import SETTINGS

WIDTH = 180
_COLUMNS = (
    TextColumn("{task.description}"), BarColumn(12), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    TextColumn("{task.fields[doing]}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
)  # fmt: skip
BUSY = 0.5
"""A load beyond which other programs disturb the medians, however the samples are interleaved."""


@dataclass
class _Progress:
    """What is running now: a bar on a terminal, a line for each finished race in a file."""

    bar: Progress
    done: int = 0

    @property
    def console(self) -> Console:
        return self.bar.console

    def advance(self, text: str) -> None:
        self.bar.advance(self.bar.task_ids[0])
        self.done += 1
        if not self.console.is_terminal:
            self.console.print(f"[{self.done}/{self.bar.tasks[0].total:.0f}] {text}", markup=False, highlight=False)

    def tell(self, what: str, doing: str = "") -> None:
        self.bar.update(self.bar.task_ids[0], doing=": ".join(filter(None, (what, doing))))


@contextmanager
def _progress(title: str, total: int) -> Iterator[_Progress]:
    console = Console(stderr=True)
    with Progress(*_COLUMNS, console=console, transient=True, expand=True) as bar:
        bar.add_task(title, total=total, doing="")
        yield _Progress(bar)


def warn_when_busy() -> None:
    """Say so when other programs use the processors."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > BUSY:
        print(f"The load of this machine is {load:.1f}: the figures are better where it is quiet.", file=sys.stderr)


def due(cells: Sequence[Cell], rows: Sequence[records.Record]) -> list[Cell]:
    """The races the rows do not have from this machine, these versions and this kernel."""
    here = machine.description()
    done = {row.cell for row in rows if row.machine == here and records.is_current(row)}
    return [cell for cell in cells if cell not in done]


def run(cells: Sequence[Cell], contenders: Sequence[str], files: Files, *, quick: bool) -> list[records.Record]:
    """Race every cell; quick prints a table, else every finished cell is written to the file at once."""
    rows: list[records.Record] = []
    effort = clock.QUICK if quick else clock.FULL
    with _progress("races", len(cells)) as progress:
        for cell in cells:
            start, label = time.perf_counter(), tables.label(cell)
            entered = contenders or plan.contenders(cell, quick=quick)
            finished = run_cell(cell, entered, effort, partial(progress.tell, label))
            rows += finished
            if not quick:
                records.merge(files.table, finished)
            progress.advance(f"{label}: {time.perf_counter() - start:.1f} s")
    if quick:
        tables.show(rows, Console(width=None if sys.stdout.isatty() else WIDTH))
    return rows


def measure_small(files: Files, *, again: bool) -> None:
    """The small calls that the file does not have from this machine, these versions and these kernels."""
    here, kept = machine.description(), {row.function: row for row in small.read(files.small)}
    names = [name for name in SETTINGS.articles if name in nl.names(kind="elementwise")]
    current = {n for n, row in kept.items() if not again and row.machine == here and small.is_current(row)}
    lacking = [name for name in names if name not in current]
    with _progress("small calls", len(lacking)) as progress:
        for name in lacking:
            progress.tell(name)
            kept[name] = small.measure(name)
            small.write([kept[name] for name in names if name in kept], files.small)
            progress.advance(f"small calls of {name}")


def publish(files: Files) -> list[bars.Bar]:
    """Write the page and the figure from the tables; returns the bars."""
    rows, calls = records.read(files.table), small.read(files.small)
    files.page.write_text(summary.page(rows, calls), encoding="utf-8")
    figure.draw(rows, files.figure)
    return bars.bars(rows, calls)

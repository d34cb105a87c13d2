"""docs/speed.md, written from the two tables: the bars first, then the races they are made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.speed.bars import PLACES, Bar, bars
from benchmarks.speed.cell import Cell
from benchmarks.speed.records import Record
from benchmarks.speed.small import SmallCall
from benchmarks.speed.tables import ORDERS, by_cell, elementwise, ratio

PAGE = Path(__file__).parents[2] / "docs" / "speed.md"
PEERS = ("torch", "torch from x", "torch.compile", "jax", "numpy", "scipy", "numexpr")
_HEAD = """# Speed

Every number here is written by `make bench` from [proofs/speed.csv](proofs/speed.csv) and
[proofs/small_calls.csv](proofs/small_calls.csv). All contenders of a race run in one process, one sample each in
turn, and the medians are compared: 3× means that nonlin takes a third of the time. A peer races in every way it
offers (with and without memory to write into), and its fastest way counts. **torch** is PyTorch, eager; for f′ it is
its backward kernel alone, called directly with a gradient of 1. Some of these kernels read f(x), which the forward
pass left behind, and so start with half of the work done; **torch from x** has that half inside the measurement.
**identity** is our own loop around y = x: what the memory carries.

![How many times faster than PyTorch, function by function](img/speed.svg)
"""


def page(rows: Sequence[Record], small: Sequence[SmallCall]) -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, "## The bars\n", *_bar_table(bars(rows, small))]
    for elements, threads in PLACES:
        title = f"float32, {elements:,} elements, {threads} thread{'s' if threads > 1 else ''}"
        parts += [f"\n## {title}\n", "Nanoseconds per element for nonlin, and how many times faster it is.\n"]
        parts += _race_table(elementwise(by_cell(rows), elements, threads))
    parts += ["\n## Row functions\n", *_race_table({c: e for c, e in by_cell(rows).items() if c.row})]
    parts += ["\n## Small calls\n", *_small_table(small), "\n## Measured on\n"]
    machines = [(row.machine, row.date) for row in rows] + [(row.machine, row.date) for row in small]
    parts += [f"- {machine} ({date})" for machine, date in dict.fromkeys(machines)]
    return "\n".join(parts) + "\n"


def _bar_table(found: Sequence[Bar]) -> Iterator[str]:
    yield "| promise | measured | |\n|---|---|---|"
    words = {True: "met", False: "**missed**", None: "–"}
    for bar in found:
        yield f"| {bar.promise} | {bar.measured} | {words[bar.met]} |"
    for bar in found:
        if bar.missed_by:
            yield f"\nMissed, {bar.promise}:\n"
            yield from (f"- {line}" for line in bar.missed_by)


def _race_table(races: dict[Cell, dict[str, Record]]) -> Iterator[str]:
    yield f"| function | | nonlin | identity | {' | '.join(f'× {peer}' for peer in PEERS)} |"
    yield "|---|---|" + "--:|" * (2 + len(PEERS))
    for cell, entered in races.items():
        what = f"rows of {cell.row:,}, {cell.dtype}, {cell.threads}" if cell.row else ORDERS[cell.order]
        numbers = [_digits(entered[name].nanoseconds) if name in entered else "–" for name in ("nonlin", "identity")]
        times = [_digits(ratio(entered, peer)) for peer in PEERS]
        yield f"| {cell.function} | {what} | {' | '.join([*numbers, *times])} |"


def _small_table(small: Sequence[SmallCall]) -> Iterator[str]:
    yield "| function | `.ufunc(x)` µs | `np.exp(x)` µs | `nl.f(x)` µs | first call ms | cached ms | import ms |"
    yield "|---|" + "--:|" * 6
    for s in small:
        numbers = (s.ufunc, s.numpy_exp, s.call, s.first_cold, s.first_cached, s.importing)
        yield f"| {s.function} | {' | '.join(map(_digits, numbers))} |"


def _digits(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}" if value < 1000 else f"{value:.0f}"

"""docs/speed.md, written from the two tables: the bars first, then every race they are made of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.speed.bars import MEAN, PEERS, SINGLE, Bar, bars, percent
from benchmarks.speed.cell import Cell
from benchmarks.speed.clock import FULL
from benchmarks.speed.plan import LARGEST_FORMULA
from benchmarks.speed.records import Record
from benchmarks.speed.settings import SETTINGS
from benchmarks.speed.small import PROCESSES, SmallCall
from benchmarks.speed.tables import ORDERS, Races, by_cell, geometric_mean, number_of, place, ratio, threads

COLUMNS = ("torch", "torch from x", "torch.compile", "jax", "numpy", "scipy", "numexpr")
_FORMULAS = number_of(LARGEST_FORMULA)
_ROUNDS, _KNOWN = f"{FULL.least} to {FULL.most} rounds", f"{FULL.spread:.0%}, or {FULL.budget:g} seconds are over"
_HEAD = f"""# Speed

```sh
make bench                                     # everything below: about a quarter of an hour on two quiet cores
.venv/bin/python -m benchmarks.speed --help    # parts of it; --quick prints a table and writes nothing
```

Every number here is written by `make bench` from [proofs/speed.csv](proofs/speed.csv) and
[proofs/small_calls.csv](proofs/small_calls.csv). It measures what has changed: races whose kernel, machine and versions
are those of the table are kept, so a run that was stopped goes on where it was.

All contenders of a race run in one process, one sample each in a new order every round, for {_ROUNDS}: until every
median is known to {_KNOWN}. Medians are compared: 3× means that nonlin takes a third of the
time. A peer races in every way it offers (with and without memory to write into), and its fastest way counts; one that
computes something else is shut out.

- **torch** is PyTorch, eager. For f′ it is its backward kernel alone, called directly with a gradient of 1. Some of
  these kernels read f(x), which the forward pass left behind, and so start with half of the work done;
  **torch from x** has that half inside the measurement.
- **torch.compile** and **jax** (`jax.jit`) compile f, and for f′ the vector-Jacobian product with ones, once for all
  sizes (torch) or for each (jax). Compiling is outside the measurement.
- **numpy**, **scipy** and **numexpr** compute the formula as people write it; up to {_FORMULAS} elements.
- **identity** is our own loop around y = x: what the memory carries.

![How many times faster than PyTorch, function by function](img/speed.svg)
"""


def page(rows: Sequence[Record], small: Sequence[SmallCall]) -> str:
    """The whole page as Markdown."""
    races = by_cell(rows)
    found = bars(rows, small)
    parts = [_HEAD, "## The bars\n", *_bar_table(found), *_missed(found), *_measured_on(rows, small)]
    parts += [
        "\n## Every race\n",
        "Nanoseconds per element of nonlin and of the identity, and how many times faster nonlin is. The last column "
        f"holds float32 to {SINGLE:g}× {' and '.join(PEERS.values())}, and means over the functions of the bars to "
        f"{MEAN:g}× where a bar says so.",
    ]
    for title, group in _grouped(races).items():
        parts += [f"\n### {title}\n", *_race_table(group)]
    parts += ["\n## Small calls\n", _small_head(), *_small_table(small)]
    return "\n".join(parts) + "\n"


def _bar_table(found: Sequence[Bar]) -> Iterator[str]:
    yield "| promise | measured | |\n|---|---|---|"
    for bar in found:
        verdict = f"**{bar.verdict}**" if bar.met is False else bar.verdict
        yield f"| {bar.promise} | {bar.measured if bar.checks else '–'} | {verdict} |"


def _missed(found: Sequence[Bar]) -> Iterator[str]:
    for bar in found:
        if len(bar.checks) > 1 and bar.missed:
            yield f"\nMissed, {bar.promise}:\n"
            yield from (f"- {check}" for check in bar.missed)


def _measured_on(rows: Sequence[Record], small: Sequence[SmallCall]) -> Iterator[str]:
    yield "\n## Measured on\n"
    lines = Counter([(row.machine, row.date) for row in rows] + [(row.machine, row.date) for row in small])
    yield from (f"- {machine} ({date}; {count:,} measurements)" for (machine, date), count in sorted(lines.items()))


def _grouped(races: Races) -> dict[str, Races]:
    groups: dict[str, Races] = {}
    for cell in sorted(races, key=_order):
        groups.setdefault("row functions, f" if cell.row else place(cell), {})[cell] = races[cell]
    return groups


def _order(cell: Cell) -> tuple[object, ...]:
    """By place, the functions of the bars first and as they are listed there."""
    known = SETTINGS.articles.index(cell.function) if cell.function in SETTINGS.articles else len(SETTINGS.articles)
    width = {"float32": 0, "float64": 1}.get(cell.dtype, 2)
    return cell.row, width, cell.threads, cell.elements, known, cell.function, cell.order


def _race_table(races: Races) -> Iterator[str]:
    shown = [p for p in COLUMNS if any(not math.isnan(ratio(entered, p)) for entered in races.values())]
    yield f"| function | | nonlin | identity | {''.join(f'× {peer} | ' for peer in shown)}|"
    yield "|---|---|" + "--:|" * (2 + len(shown)) + "---|"
    for cell, entered in races.items():
        times = [_digits(ratio(entered, peer)) for peer in shown]
        numbers = [_digits(entered[name].nanoseconds) if name in entered else "–" for name in ("nonlin", "identity")]
        yield f"| {cell.function} | {_what(cell)} | {' | '.join([*numbers, *times])} | {_verdict(cell, entered)} |"
    yield from _mean_rows(races, shown)


def _mean_rows(races: Races, shown: Sequence[str]) -> Iterator[str]:
    """The geometric means over the functions of the bars, f and f′."""
    for order in (0, 1):
        group = [e for c, e in races.items() if c.order == order and c.function in SETTINGS.articles]
        if group:
            means = [_digits(geometric_mean([ratio(entered, peer) for entered in group])) for peer in shown]
            yield f"| *geometric mean* | {ORDERS[order]} | | | {' | '.join(means)} | |"


def _what(cell: Cell) -> str:
    return f"rows of {cell.row:,}, {cell.dtype}, {threads(cell.threads)}" if cell.row else ORDERS[cell.order]


def _verdict(cell: Cell, entered: dict[str, Record]) -> str:
    """By how much a bar of a single race is missed, or "met"; why nonlin itself did not race; "" without a bar."""
    if note := entered["nonlin"].note:
        return f"**not raced**: {note}"
    if cell.dtype != "float32":
        return ""
    peers = ("torch",) if cell.row else tuple(PEERS)
    ratios = {peer: ratio(entered, peer) for peer in peers}
    raced = {peer: value for peer, value in ratios.items() if not math.isnan(value)}
    missed = [f"{PEERS[peer]} by {percent(SINGLE - value)}" for peer, value in raced.items() if value < SINGLE]
    return f"**missed**: {', '.join(missed)}" if missed else "met" if raced else ""


def _small_head() -> str:
    return (
        "Eight float32 elements: microseconds for a call, the least of many interleaved rounds; milliseconds for the "
        f"first call of a process, cold and with the kernel in the cache, medians of {PROCESSES} processes.\n"
    )


def _small_table(small: Sequence[SmallCall]) -> Iterator[str]:
    yield "| function | `.ufunc(x)` µs | `np.exp(x)` µs | `nl.f(x)` µs | first call ms | cached ms | import ms |"
    yield "|---|" + "--:|" * 6
    for s in small:
        numbers = (s.ufunc, s.numpy_exp, s.call, s.first_cold, s.first_cached, s.importing)
        yield f"| {s.function} | {' | '.join(map(_digits, numbers))} |"


def _digits(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}" if value < 1000 else f"{value:.0f}"

"""The README's measured figures, written from the committed tables: `python -m benchmarks.readme`.

Three lines, accuracy, speed and small calls, each with the page that has the rest and the command that measures it. A
line whose table is not there is left out.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.exhaustive import table as exhaustive
from benchmarks.speed import bars, records, small
from benchmarks.speed.settings import SETTINGS
from benchmarks.speed.tables import Races, by_cell, elementwise, number_of, ratio, threads

README = Path(__file__).parents[1] / "README.md"
START = "<!-- figures: `python -m benchmarks.readme` writes them from the tables in docs/proofs -->"
END = "<!-- end of the figures -->"
_ORDERS = ("f", "f′", "f″")


@dataclass(frozen=True)
class Tables:
    """The rows the figures are taken from."""

    accuracy: Sequence[exhaustive.Row] = field(default_factory=lambda: [*exhaustive.read().values()])
    speed: Sequence[records.Record] = field(default_factory=records.read)
    small: Sequence[small.SmallCall] = field(default_factory=small.read)


def figures(tables: Tables) -> str:
    """The lines of the README, marks included."""
    lines = [*_accuracy(tables.accuracy), *_speed(tables.speed), *_small(tables.small)]
    described = [row.machine for row in tables.accuracy] + [row.machine for row in tables.speed]
    described += [row.machine for row in tables.small]
    machines = dict.fromkeys(machine.partition(";")[0] for machine in described)
    heading = ["| | measured | all of it, and the command |", "|---|---|---|"]
    return "\n".join([START, "", *heading, *lines, "", f"Measured on {'; '.join(machines)}.", "", END])


def _accuracy(rows: Sequence[exhaustive.Row]) -> Iterator[str]:
    proved = [row for row in rows if row.dtype == "float32"]
    if not proved:
        return
    worst = [max((max(r.error, r.certified) for r in proved if r.order == o), default=math.nan) for o in range(3)]
    errors = ", ".join(f"{error:.2f} ulp for {symbol}" for symbol, error in zip(_ORDERS, worst, strict=True))
    count = len({row.function for row in proved})
    text = f"float32, {count} functions run on all 2³² inputs: the largest error is {errors}"
    yield f"| accuracy | {text} | [docs/accuracy.md](docs/accuracy.md): `make exhaustive` |"


def _speed(rows: Sequence[records.Record]) -> Iterator[str]:
    races = by_cell(rows)
    found = [_means(races, elements, count) for elements, count in bars.PLACES]
    if not all(found):
        return
    entered = elementwise(races, *bars.PLACES[0], 0)
    count = sum(cell.function in SETTINGS.articles and not math.isnan(ratio(e, "torch")) for cell, e in entered.items())
    text = f"times as fast as PyTorch eager, float32, geometric means over {count} functions: {'; '.join(found)}"
    yield f"| speed | {text} | [docs/speed.md](docs/speed.md): `make bench` |"


def _means(races: Races, elements: int, count: int) -> str:
    """As in "f 3.10×, f′ 2.90× for 2¹⁴ elements on 1 thread"; empty where it was not measured."""
    means = {order: bars.mean(races, elements, order) for order in (0, 1)}
    if any(map(math.isnan, means.values())):
        return ""
    both = ", ".join(f"{_ORDERS[order]} {mean:.2f}×" for order, mean in means.items())
    return f"{both} for {number_of(elements)} elements on {threads(count)}"


def _small(rows: Sequence[small.SmallCall]) -> Iterator[str]:
    if not rows:
        return
    call, exp = (max(value) for value in zip(*((row.call, row.numpy_exp) for row in rows), strict=True))
    cold, cached = (max(value) for value in zip(*((row.first_cold, row.first_cached) for row in rows), strict=True))
    text = (
        f"eight numbers: `nl.f(x)` takes at most {call:.2f} µs where `np.exp(x)` takes {exp:.2f} µs; the first call "
        f"of a process at most {cold:.0f} ms, {cached:.0f} ms with the kernel in the cache"
    )
    yield f"| small calls | {text} | [docs/speed.md](docs/speed.md): `make bench` |"


def updated(readme: str, tables: Tables) -> str:
    """The README's text with the figures of the tables between the marks."""
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"README.md has no lines {START!r} and {END!r} to write the figures between")
    return before + figures(tables) + after


def main() -> int:
    """Write the README's figures; says whether they changed."""
    text = README.read_text(encoding="utf-8")
    new = updated(text, Tables())
    README.write_text(new, encoding="utf-8")
    print("README.md has", "the figures of the tables" if new == text else "new figures", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The bars: what was promised, what was measured, and whether it is met; one row each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nonlin as nl
from benchmarks.speed.cell import Cell
from benchmarks.speed.records import Record
from benchmarks.speed.settings import SETTINGS
from benchmarks.speed.small import SmallCall
from benchmarks.speed.tables import ORDERS, Races, by_cell, elementwise, geometric_mean, lowest, ratio

MEAN, SINGLE, BANDWIDTH = 3.0, 1.0, 0.9
PLACES = ((1 << 14, 1), (1 << 22, 2))
LARGE_BYTES = 64 << 20
OVERHEAD, COLD, CACHED = 1.0, 100.0, 15.0


@dataclass(frozen=True)
class Bar:
    """A promise and what became of it; `met` is None where nothing was measured."""

    promise: str
    measured: str
    met: bool | None
    missed_by: tuple[str, ...] = ()


def bars(rows: Sequence[Record], small: Sequence[SmallCall]) -> list[Bar]:
    """Every bar of the promises that these measurements speak of."""
    races = by_cell(rows)
    return [*_means(races), *_singles(races), _bandwidth(races), _rows(races), *_small(small)]


def _means(races: Races) -> Iterator[Bar]:
    for elements, threads in PLACES:
        for order in (0, 1):
            races_here = elementwise(races, elements, threads, order)
            group = [entered for cell, entered in races_here.items() if cell.function in SETTINGS.articles]
            mean = geometric_mean([ratio(entered, "torch") for entered in group])
            place = f"{ORDERS[order]}, {elements:,} elements, {_threads(threads)}"
            promise = f"{place}: geometric mean ≥ {MEAN:g}× torch eager"
            fair = [ratio(e, "torch from x") if _raced(e, "torch from x") else ratio(e, "torch") for e in group]
            beside = f" ({geometric_mean(fair):.2f}× where torch too starts from x)" if order and group else ""
            yield _bar(promise, f"{mean:.2f}×{beside}", None if math.isnan(mean) else mean >= MEAN)


def _singles(races: Races) -> Iterator[Bar]:
    for peer, title in (("torch", "torch eager"), ("jax", "jax.jit")):
        ratios = {
            cell: ratio(entered, peer)
            for cell, entered in races.items()
            if cell.dtype == "float32" and not cell.row and _raced(entered, peer)
        }
        below = tuple(f"{_named(cell)}: {value:.2f}×" for cell, value in ratios.items() if value < SINGLE)
        measured = f"{len(ratios) - len(below)} of {len(ratios)} races, the lowest {lowest([*ratios.values()]):.2f}×"
        yield _bar(f"float32: no race below {SINGLE:g}× {title}", measured, not below if ratios else None, below)


def _bandwidth(races: Races) -> Bar:
    values = {
        cell: ratio(entered, "identity")
        for cell, entered in races.items()
        if cell.dtype == "float32" and cell.elements * 4 >= LARGE_BYTES and not cell.row and _piecewise_linear(cell)
    }
    below = tuple(f"{_named(cell)}: {value:.2f}" for cell, value in values.items() if value < BANDWIDTH)
    measured = f"the lowest {lowest([*values.values()]):.2f}"
    promise = f"piecewise linear, 64 MB and more: ≥ {BANDWIDTH:g} of the identity kernel's bandwidth"
    return _bar(promise, measured, not below if values else None, below)


def _rows(races: Races) -> Bar:
    values = {c: ratio(e, "torch") for c, e in races.items() if c.row and c.dtype == "float32" and _raced(e, "torch")}
    below = tuple(f"{_named(cell)}: {value:.2f}×" for cell, value in values.items() if value < SINGLE)
    measured = f"the lowest {lowest([*values.values()]):.2f}×"
    return _bar(f"row functions: ≥ {SINGLE:g}× torch eager", measured, not below if values else None, below)


def _small(small: Sequence[SmallCall]) -> Iterator[Bar]:
    checks = (
        ("`.ufunc(x)` on 8 elements ≤ `np.exp(x)`", "µs", [(s, s.ufunc, s.numpy_exp) for s in small if _plain(s)]),
        (f"`nl.f(x)` < {OVERHEAD:g} µs above `.ufunc(x)`", "µs", [(s, s.overhead, OVERHEAD) for s in small]),
        (f"first call of a process < {COLD:g} ms", "ms", [(s, s.first_cold, COLD) for s in small]),
        (f"first call with a cached kernel < {CACHED:g} ms", "ms", [(s, s.first_cached, CACHED) for s in small]),
    )
    for promise, unit, values in checks:
        below = tuple(f"{s.function}: {value:.3g} {unit}, bar {bar:.3g}" for s, value, bar in values if value > bar)
        largest = max((value for _, value, _ in values), default=math.nan)
        yield _bar(promise, f"at most {largest:.3g} {unit}", not below if values else None, below)


def _bar(promise: str, measured: str, met: bool | None, missed_by: tuple[str, ...] = ()) -> Bar:
    return Bar(promise, "not measured" if met is None else measured, met, missed_by)


def _plain(small: SmallCall) -> bool:
    """Without parameters: further operands cost NumPy more, whatever the function."""
    return not nl.get(small.function).parameters


def _raced(entered: dict[str, Record], peer: str) -> bool:
    return not math.isnan(ratio(entered, peer))


def _piecewise_linear(cell: Cell) -> bool:
    """Whether the second derivative is 0 wherever it exists."""
    from nonlin.expression.differentiate import derivative
    from nonlin.expression.nodes import zero

    return not cell.row and derivative(cell.activation.bound_expression, order=2) is zero


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _named(cell: Cell) -> str:
    size = f"rows of {cell.row:,}" if cell.row else f"{cell.elements:,} elements"
    return f"{cell.function} {ORDERS[cell.order]}, {size}, {_threads(cell.threads)}"

"""The bars: what was promised, what was measured, and whether it is met; one row each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nonlin as nl
from benchmarks.speed.cell import Cell
from benchmarks.speed.plan import BEYOND, IN_CACHE, LARGE, default_threads
from benchmarks.speed.records import Record
from benchmarks.speed.settings import SETTINGS
from benchmarks.speed.small import SmallCall
from benchmarks.speed.tables import (
    ORDERS,
    Races,
    by_cell,
    elementwise,
    geometric_mean,
    label,
    number_of,
    ratio,
    spread,
    threads,
)

MEAN, SINGLE, BANDWIDTH = 3.0, 1.0, 0.9
PLACES = tuple((elements, default_threads(elements)) for elements in (IN_CACHE, BEYOND))
OVERHEAD, COLD, CACHED = 1.0, 100.0, 15.0
PEERS = {"torch": "torch eager", "jax": "jax.jit"}


@dataclass(frozen=True)
class Check:
    """A value held to a bar: at least it, or with `at_most` at most it."""

    name: str
    value: float
    bar: float
    unit: str
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    @property
    def short(self) -> float:
        """By which part of the bar it is missed; 0 or less where it is met."""
        return (self.value / self.bar - 1) * (1 if self.at_most else -1)

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.3g}{self.unit}, bar {self.bar:g}, missed by {percent(self.short)}"


@dataclass(frozen=True)
class Bar:
    """A promise, its checks and what was measured, in words."""

    promise: str
    checks: tuple[Check, ...]
    measured: str

    @property
    def met(self) -> bool | None:
        """None where nothing was measured."""
        return all(check.met for check in self.checks) if self.checks else None

    @property
    def missed(self) -> tuple[Check, ...]:
        """What misses the bar, the worst first."""
        return tuple(sorted((c for c in self.checks if not c.met), key=lambda check: -check.short))

    @property
    def verdict(self) -> str:
        """In words: met, missed and by how much, or not measured."""
        if self.met is None:
            return "not measured"
        return "met" if self.met else f"missed by {percent(self.missed[0].short)}"


def percent(part: float) -> str:
    return f"{part:.0%}" if part >= 0.01 else "less than 1%"


def bars(rows: Sequence[Record], small: Sequence[SmallCall]) -> list[Bar]:
    """Every bar of the promises that these measurements speak of."""
    races = by_cell(rows)
    return [*_means(races), *_singles(races), _bandwidth(races), _rows(races), *_small(small)]


def mean(races: Races, elements: int, order: int, peer: str = "torch") -> float:
    """Geometric mean of the ratios over the functions of the bars, float32; NaN where none was measured."""
    group = _group(races, elements, order)
    if peer == "torch from x":  # which is torch itself where its kernel reads x
        return geometric_mean([ratio(e, peer if _raced(e, peer) else "torch") for e in group])
    return geometric_mean([ratio(entered, peer) for entered in group])


def ceiling(races: Races, elements: int, order: int) -> float:
    """What `mean` would be if every function were as fast as our identity: no kernel gets further on this machine."""
    pairs = [
        (e["torch"], e["identity"]) for e in _group(races, elements, order) if _raced(e, "torch") and "identity" in e
    ]
    return geometric_mean([torch.nanoseconds / identity.nanoseconds for torch, identity in pairs])


def _group(races: Races, elements: int, order: int) -> list[dict[str, Record]]:
    """Who entered the float32 races of the functions of the bars."""
    here = elementwise(races, elements, default_threads(elements), order)
    return [entered for cell, entered in here.items() if cell.function in SETTINGS.articles]


def _means(races: Races) -> Iterator[Bar]:
    for elements, count in PLACES:
        for order in (0, 1):
            place = f"{ORDERS[order]}, float32, {number_of(elements)} elements, {threads(count)}"
            value = mean(races, elements, order)
            checks = () if math.isnan(value) else (Check(place, value, MEAN, "×"),)
            from_x = f", {mean(races, elements, order, 'torch from x'):.2f}× where torch too starts from x"
            most = f"; as fast as the identity it would be {ceiling(races, elements, order):.2f}×" if checks else ""
            promise = f"{place}: geometric mean ≥ {MEAN:g}× torch eager"
            yield Bar(promise, checks, f"{value:.2f}×{from_x if order else ''}{most}" if checks else "")


def _singles(races: Races) -> Iterator[Bar]:
    for peer, title in PEERS.items():
        checks = tuple(_check(cell, e, peer) for cell, e in races.items() if _held(cell, e, peer) and not cell.row)
        yield Bar(f"float32: no race below {SINGLE:g}× {title}", checks, _lowest(checks))


def _bandwidth(races: Races) -> Bar:
    checks = tuple(
        _check(cell, entered, "identity", BANDWIDTH)
        for cell, entered in races.items()
        if _held(cell, entered, "identity") and cell.elements >= LARGE and not cell.row and _piecewise_linear(cell)
    )
    promise = f"piecewise linear, 64 MB and more: ≥ {BANDWIDTH:g} of the identity kernel's bandwidth"
    return Bar(promise, checks, _lowest(checks))


def _rows(races: Races) -> Bar:
    checks = tuple(_check(cell, e, "torch") for cell, e in races.items() if cell.row and _held(cell, e, "torch"))
    return Bar(f"row functions, float32: ≥ {SINGLE:g}× torch eager", checks, _lowest(checks))


def _small(small: Sequence[SmallCall]) -> Iterator[Bar]:
    found = (
        ("`.ufunc(x)` on 8 elements ≤ `np.exp(x)`", " µs", [(s, s.ufunc, s.numpy_exp) for s in small if _plain(s)]),
        (f"`nl.f(x)` < {OVERHEAD:g} µs above `.ufunc(x)`", " µs", [(s, s.overhead, OVERHEAD) for s in small]),
        (f"first call of a process < {COLD:g} ms", " ms", [(s, s.first_cold, COLD) for s in small]),
        (f"first call with a cached kernel < {CACHED:g} ms", " ms", [(s, s.first_cached, CACHED) for s in small]),
    )
    for promise, unit, values in found:
        checks = tuple(Check(s.function, value, bar, unit, at_most=True) for s, value, bar in values)
        yield Bar(promise, checks, f"at most {max((c.value for c in checks), default=math.nan):.3g}{unit}")


def _held(cell: Cell, entered: dict[str, Record], peer: str) -> bool:
    """Whether the bars speak of this race and the peer took part."""
    return cell.dtype == "float32" and _raced(entered, peer)


def _check(cell: Cell, entered: dict[str, Record], peer: str, bar: float = SINGLE) -> Check:
    low, high = spread(entered, peer)
    return Check(f"{label(cell)} (quartiles {low:.2f} … {high:.2f})", ratio(entered, peer), bar, "×")


def _lowest(checks: Sequence[Check]) -> str:
    met = sum(check.met for check in checks)
    return f"{met} of {len(checks)}, the lowest {min((c.value for c in checks), default=math.nan):.2f}×"


def _plain(small: SmallCall) -> bool:
    """Without parameters: further operands cost NumPy more, whatever the function."""
    return not nl.get(small.function).parameters


def _raced(entered: dict[str, Record], peer: str) -> bool:
    return not math.isnan(ratio(entered, peer))


def _piecewise_linear(cell: Cell) -> bool:
    """Whether the second derivative is 0 wherever it exists."""
    from nonlin.expression.differentiate import derivative
    from nonlin.expression.nodes import zero

    return derivative(cell.activation.bound_expression, order=2) is zero

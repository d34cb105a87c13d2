"""Facts of row functions, which map each row of an array to a row: checked on sample rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array, evaluate
from nonlin.facts.interval import Interval

_SCALES = 2.0 ** np.arange(-2, 14)  # the rows are stretched by these to find what outputs approach


@dataclass(frozen=True)
class RowFacts:
    """What holds for every row of two or more finite numbers."""

    range: Interval  # of each single output
    sums_to_one: bool
    non_negative: bool
    keeps_order: bool  # a larger input gives no smaller output within its row
    shift_invariant: bool  # adding one number to the whole row changes nothing
    permutation_equivariant: bool  # reordering a row reorders its outputs

    def to_dict(self) -> dict[str, Any]:
        """Every fact by name, in values JSON can hold."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain | {"range": self.range.to_dict()}

    def __str__(self) -> str:
        return "\n".join(f"{label:<22}{text}" for label, text in self.lines())

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of each fact, for people."""
        named = [("range of each output", str(self.range))]
        labels = {
            "sums_to_one": "outputs sum to 1",
            "non_negative": "never negative",
            "keeps_order": "keeps the order",
            "shift_invariant": "ignores a shift",
            "permutation_equivariant": "follows a reordering",
        }
        return named + [(label, "yes" if getattr(self, name) else "no") for name, label in labels.items()]


@lru_cache(maxsize=64)
def row_facts(bound: Node) -> RowFacts:
    """The facts of a row expression of x alone, from 32 sample rows of each length 2 to 9."""
    generator = np.random.default_rng(20)
    samples = [generator.normal(size=(32, length)) for length in range(2, 10)]
    outputs = [evaluate(bound, rows) for rows in samples]
    pairs = list(zip(samples, outputs, strict=True))
    return RowFacts(
        range=_range(bound, samples),
        sums_to_one=all(_close(y.sum(axis=-1), np.ones(len(y))) for y in outputs),
        non_negative=all(bool((y >= 0).all()) for y in outputs),
        keeps_order=all(_never_falls(x, y) for x, y in pairs),
        shift_invariant=all(_close(evaluate(bound, x + 3.0), y) for x, y in pairs),
        permutation_equivariant=all(_close(evaluate(bound, x[:, ::-1]), y[:, ::-1]) for x, y in pairs),
    )


def _never_falls(x: Array, y: Array) -> bool:
    """Whether the outputs never fall as the inputs of their row rise."""
    return bool((np.diff(np.take_along_axis(y, np.argsort(x, axis=-1), axis=-1), axis=-1) >= 0).all())


def _close(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, rtol=1e-12, atol=1e-13))


def _range(bound: Node, samples: list[Array]) -> Interval:
    lows = np.array([min(evaluate(bound, s * rows).min() for rows in samples) for s in _SCALES])
    highs = np.array([max(evaluate(bound, s * rows).max() for rows in samples) for s in _SCALES])
    low, high = -_supremum(-lows), _supremum(highs)
    moderate = _SCALES <= 2.0  # rows of moderate size: an extreme seen here is reached, not rounded to
    return Interval(low + 0.0, high + 0.0, bool(lows[moderate].min() == low), bool(highs[moderate].max() == high))


def _supremum(highest: Array) -> float:
    """The value the largest outputs settle at as rows are stretched, or ∞ when they keep growing."""
    return float(highest.max()) if highest[-1] - highest[-2] <= 1e-9 * abs(highest[-1]) + 1e-12 else math.inf

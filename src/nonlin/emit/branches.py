"""The branches a piecewise expression chooses its result from, and the x for which it chooses each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import COMPARISONS, Node, walk, x


@dataclass(frozen=True)
class Interval:
    """low ≤ x ≤ high, or NaN."""

    low: float = -inf
    high: float = inf

    @property
    def reach(self) -> float:
        """The largest |x|."""
        return max(abs(self.low), abs(self.high))

    def hull(self, other: Interval) -> Interval:
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def within(self, low: float, high: float) -> Interval:
        return Interval(max(self.low, low), min(self.high, high))


_CHOICES = {"select": slice(1, None), "minimum": slice(None), "maximum": slice(None)}
"""Operations whose result is one of their arguments, and which of them those are."""


def branches(expression: Node) -> Mapping[Node, Interval]:
    """Each node that may be the result itself, with the x it is the result for; none that something else reads too."""
    found = {expression: Interval()}
    read: set[Node] = set()
    for node in reversed(list(walk(expression))):
        results = node.args[_CHOICES[node.op]] if node in found and node.op in _CHOICES else ()
        read.update(argument for argument in node.args if argument not in results)
        for index, result in enumerate(results):
            narrowed = _given(node.args[0], found[node], holds=index == 0) if node.op == "select" else found[node]
            found[result] = found[result].hull(narrowed) if result in found else narrowed
    return {node: interval for node, interval in found.items() if node.op not in _CHOICES and node not in read}


def _given(condition: Node, interval: Interval, *, holds: bool) -> Interval:
    """What is left of an interval where a comparison of x or |x| with a constant holds, or where it does not."""
    if condition.op not in COMPARISONS or condition.op == "equal":
        return interval
    for (a, b), below in ((condition.args, holds), (condition.args[::-1], not holds)):
        bound = constant_value(b)
        if bound is None:
            continue
        limit = float(bound)
        if a is x:
            return interval.within(-inf, limit) if below else interval.within(limit, inf)
        if a.op == "abs" and a.args[0] is x and below:
            return interval.within(-limit, limit)
    return interval

"""Evaluate a node on Taylor series: the walk, the choices at kinks, and rows.

At a tie (the two sides of a comparison are equal at x) a choice depends on the side from which x is approached.
`side` says which: −1 from below, +1 from above, 0 at x itself, None when a tie is an error (`TieError`) that tells the
caller to look at both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mpmath import libmp as raw

import nonlin.expression.oracle.intervals as iv
import nonlin.expression.oracle.series as series
import nonlin.expression.oracle.thresholds as thresholds
from nonlin.expression.nodes import ROW_OPERATIONS, Node, walk
from nonlin.expression.oracle.functions import FUNCTIONS, pi
from nonlin.expression.oracle.series import Series

COMPARISON_HOLDS: Mapping[str, frozenset[int]] = {
    "less": frozenset({-1}),
    "less_equal": frozenset({-1, 0}),
    "equal": frozenset({0}),
}


class TieError(Exception):
    """Two sides of a comparison are equal at x, and the caller asked to be told."""


class OrderTooLowError(Exception):
    """The two sides of a comparison agree to the order of the series."""


@dataclass
class Evaluation:
    """One evaluation. `lanes` maps leaf names to series for each entry of the row; without a row there is one."""

    lanes: Sequence[Mapping[str, Series]]
    length: int
    prec: int
    side: int | None = 0
    known: dict[tuple[Node, int], Series] = field(default_factory=dict)

    def __call__(self, node: Node, lane: int = 0) -> Series:
        """The series of a node; a branch that is not selected is never evaluated."""
        stack = [node]  # explicit, so that the depth of an expression is not bounded by the interpreter's stack
        while stack:
            current = stack[-1]
            missing = [a for a in _needed(current) if (a, lane) not in self.known]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if (current, lane) not in self.known:
                self.known[current, lane] = self._compute(current, lane)
        return self.known[node, lane]

    def _compute(self, node: Node, lane: int) -> Series:
        if not node.args:
            return self._leaf(node, lane)
        if node.op in CHOICES:
            return CHOICES[node.op](self, node, lane)
        arguments = [self(a, lane) for a in node.args]
        if node.op in series.PAIR_RULES:
            return series.PAIR_RULES[node.op](arguments[0], arguments[1], self.prec)
        u = arguments[0]
        if node.op in FUNCTIONS and all(map(iv.is_zero, u[1:])):
            return series.constant(FUNCTIONS[node.op](u[0], self.prec), self.length)
        return series.RULES[node.op](u, self.prec)

    def _leaf(self, node: Node, lane: int) -> Series:
        if node.op == "pi":
            return series.constant(pi(self.prec), self.length)
        if node.op == "constant" and node.value is not None:
            value = iv.rational(node.value.numerator, node.value.denominator, self.prec)
            return series.constant(value, self.length)
        return self.lanes[lane][node.name or ""]

    def sign(self, u: Series, *sources: Node) -> int:
        """The sign of u, a series computed from `sources`, on the chosen side of x."""
        at_x = iv.sign_of(u[0])
        if at_x or self.side == 0 or not any(map(self._moves, sources)):
            return at_x
        if self.side is None:
            raise TieError
        for k, coefficient in enumerate(u):
            sign = iv.sign_of(coefficient)
            if sign:
                return sign if k % 2 == 0 else sign * self.side
        raise OrderTooLowError

    def compare(self, a: Node, b: Node, lane: int) -> int:
        """The sign of a − b on the chosen side of x."""
        return 0 if a is b else self.sign(series.sub(self(a, lane), self(b, lane), self.prec), a, b)

    def _moves(self, node: Node) -> bool:
        """Whether the node depends on the variable of the series."""
        moving = {name for leaf in self.lanes for name, s in leaf.items() if not all(map(iv.is_zero, s[1:]))}
        return any(n.name in moving for n in walk(node))


def _needed(node: Node) -> tuple[Node, ...]:
    """What must be evaluated before a node: of a selection only the sides of its condition."""
    return node.args[0].args if node.op == "select" else () if node.op in ROW_OPERATIONS else node.args


def _select(run: Evaluation, node: Node, lane: int) -> Series:
    condition, when_true, when_false = node.args
    left, right = condition.args
    holds = run.compare(left, right, lane) in COMPARISON_HOLDS[condition.op]
    return run(when_true if holds else when_false, lane)


def _extreme(direction: int) -> Callable[[Evaluation, Node, int], Series]:
    """maximum (+1) or minimum (−1)."""

    def choose(run: Evaluation, node: Node, lane: int) -> Series:
        a, b = node.args
        try:
            return run(a if run.compare(a, b, lane) * direction >= 0 else b, lane)
        except OrderTooLowError:
            return run(a, lane)  # equal to this order: either will do
        except iv.UndecidedError:
            if run.length > 1:
                raise
            return [iv.extreme(run(a, lane)[0], run(b, lane)[0], direction)]

    return choose


def _abs(run: Evaluation, node: Node, lane: int) -> Series:
    u = run(node.args[0], lane)
    try:
        return u if run.sign(u, node.args[0]) >= 0 else series.neg(u)
    except OrderTooLowError:
        return u
    except iv.UndecidedError:
        if run.length > 1:
            raise
        return [iv.absolute(u[0])]


def _sign(run: Evaluation, node: Node, lane: int) -> Series:
    return series.constant(series.whole(run.sign(run(node.args[0], lane), node.args[0])), run.length)


def _floor(run: Evaluation, node: Node, lane: int) -> Series:
    u = run(node.args[0], lane)
    step = FUNCTIONS["floor"](u[0], run.prec)
    below = run.sign([iv.sub(u[0], step, run.prec), *u[1:]], node.args[0]) < 0
    return series.constant(iv.sub(step, iv.ONE, run.prec) if below else step, run.length)


def _row_sum(run: Evaluation, node: Node, lane: int) -> Series:
    total = series.constant(iv.ZERO, run.length)
    for other in range(len(run.lanes)):
        total = series.add(total, run(node.args[0], other), run.prec)
    return total


def _row_anchor(run: Evaluation, node: Node, lane: int) -> Series:
    """The largest entry's series. Where entries cannot be told apart any will do: the result is only a shift."""
    entries = [run(node.args[0], other) for other in range(len(run.lanes))]
    best = entries[0]
    for entry in entries[1:]:
        best = entry if raw.mpf_gt(entry[0][0], best[0][0]) else best
    return best


def _row_threshold(power: int) -> Callable[[Evaluation, Node, int], Series]:
    def solve(run: Evaluation, node: Node, lane: int) -> Series:
        entries = [run(node.args[0], other) for other in range(len(run.lanes))]
        return thresholds.threshold(entries, power, run.prec)

    return solve


def _row_winner(run: Evaluation, node: Node, lane: int) -> Series:
    """1 where the entry beats every earlier one and no later one beats it."""
    entries = [run(node.args[0], other) for other in range(len(run.lanes))]
    earlier = all(thresholds.order(entries[lane], entry, run.prec) > 0 for entry in entries[:lane])
    later = all(thresholds.order(entries[lane], entry, run.prec) >= 0 for entry in entries[lane + 1 :])
    return series.constant(series.whole(int(earlier and later)), run.length)


CHOICES: Mapping[str, Callable[[Evaluation, Node, int], Series]] = {
    "select": _select,
    "maximum": _extreme(+1),
    "minimum": _extreme(-1),
    "abs": _abs,
    "sign": _sign,
    "floor": _floor,
    "row_sum": _row_sum,
    "row_anchor": _row_anchor,
    "row_threshold": _row_threshold(1),
    "row_square_threshold": _row_threshold(2),
    "row_winner": _row_winner,
}
COVERED = frozenset({*series.RULES, *series.PAIR_RULES, *CHOICES, *COMPARISON_HOLDS})

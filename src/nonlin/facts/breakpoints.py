"""Where an expression may stop being smooth: read from its structure, not guessed from its values.

A piecewise operation switches where a certain expression of its arguments crosses zero: |a| where a = 0, max(a, b)
where a − b = 0, a/b where b = 0. Every such point is found here; whether f or a derivative really breaks there is
decided in `nonlin.facts.local`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

import numpy as np

from nonlin.expression import nodes
from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array, evaluate

FLOOR_REACH = 20  # floor switches at infinitely many points; those within this distance of 0 are listed

_FAR = 20.0 * 10.0 ** np.linspace(0.0, 5.0, 201)[1:]
_NEAR = 10.0 ** np.linspace(-8.0, -2.0, 61)
# Every 1/64 up to 20, then 40 points a decade up to two million; near 0, ten a decade down to 1e-8.
GRID: Array = np.unique(np.concatenate([np.arange(-1280, 1281) / 64.0, _FAR, -_FAR, _NEAR, -_NEAR]))


def _difference(a: Node, b: Node) -> Iterator[Node]:
    yield a - b


def _argument(a: Node) -> Iterator[Node]:
    yield a


def _divisor(a: Node, b: Node) -> Iterator[Node]:
    yield b


def _base(a: Node, b: Node) -> Iterator[Node]:
    if b.value is None or b.value.denominator != 1 or b.value < 0:
        yield a


def _integers(a: Node) -> Iterator[Node]:
    yield from (a - n for n in range(-FLOOR_REACH, FLOOR_REACH + 1))


# operation -> the expressions of its arguments at whose zeros it is not smooth
SWITCHES: Mapping[str, Callable[..., Iterator[Node]]] = {
    "less": _difference, "less_equal": _difference, "equal": _difference,
    "minimum": _difference, "maximum": _difference, "abs": _argument, "sign": _argument, "floor": _integers,
    "sqrt": _argument, "log": _argument, "log1p": lambda a: iter((1 + a,)), "div": _divisor, "power": _base,
}  # fmt: skip


def breakpoints(expression: Node) -> tuple[float, ...]:
    """Every point where the expression (of x alone) may fail to be smooth, ascending.

    Exact where the switching condition is linear in x; otherwise found by bisection from a grid that reaches two
    million, to the last bit of float64.
    """
    found: list[float] = []
    for node in nodes.walk(expression):
        for condition in SWITCHES[node.op](*node.args) if node.op in SWITCHES else ():
            found.extend(_zeros(condition))
    return tuple(_distinct(sorted(found)))


def _distinct(ordered: list[float]) -> Iterator[float]:
    last = -math.inf
    for point in ordered:
        if point - last > 1e-12 * max(1.0, abs(point)):
            last = point
            yield point


def _zeros(condition: Node) -> list[float]:
    line = _as_line(condition)
    if line is None:
        return [_short(root, condition) for root in bisect_changes(lambda x: np.sign(evaluate(condition, x)), GRID)]
    slope, intercept = line
    return [float(-intercept / slope)] if slope else []


def _short(root: float, condition: Node) -> float:
    """The short decimal beside a root where it solves the condition exactly: 3 and not 2.999999999999999."""
    short = round(root, 12)
    return short if float(evaluate(condition, short)) == 0.0 else root


def _as_line(node: Node) -> tuple[Fraction, Fraction] | None:
    """(slope, intercept), exactly, when the expression is linear in x; None when that does not show."""
    if node is nodes.x:
        return Fraction(1), Fraction(0)
    if node.value is not None:
        return Fraction(0), node.value
    if node.op not in _LINE_RULES:
        return None
    parts = [_as_line(arg) for arg in node.args]
    known = [part for part in parts if part is not None]
    return _LINE_RULES[node.op](*known) if len(known) == len(parts) else None


_Line = tuple[Fraction, Fraction]


def _multiply(a: _Line, b: _Line) -> _Line | None:
    return None if a[0] and b[0] else (a[0] * b[1] + b[0] * a[1], a[1] * b[1])


_LINE_RULES: Mapping[str, Callable[..., _Line | None]] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "sub": lambda a, b: (a[0] - b[0], a[1] - b[1]),
    "neg": lambda a: (-a[0], -a[1]),
    "mul": _multiply,
    "div": lambda a, b: None if b[0] or not b[1] else (a[0] / b[1], a[1] / b[1]),
}


def bisect_changes(function: Callable[[Array], Array], grid: Array) -> list[float]:
    """Where a function that takes few values (a sign) changes along the grid, each located by bisection."""
    values = function(grid)
    known = ~np.isnan(values)
    grid, values = grid[known], values[known]
    change = np.flatnonzero(values[1:] != values[:-1])
    return bisect(lambda x: function(x) == values[change], grid[change], grid[change + 1])


def bisect(on_left: Callable[[Array], Array], low: Array, high: Array) -> list[float]:
    """The points where `on_left`, true at each `low` and false at each `high`, turns: all brackets at once."""
    if not low.size:
        return []
    for _ in range(64):
        middle = 0.5 * (low + high)
        if bool(((middle == low) | (middle == high)).all()):
            break
        left = on_left(middle)
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    roots = 0.5 * (low + high)
    return [0.0 if abs(root) < 1e-15 else root for root in roots.tolist()]

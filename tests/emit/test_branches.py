"""The branches of piecewise expressions and the x they are chosen for."""

from __future__ import annotations

from math import inf

import pytest

from nonlin.emit.branches import Interval, branches
from nonlin.expression.nodes import (
    Node,
    absolute,
    constant,
    equal,
    exp,
    less,
    less_equal,
    maximum,
    minimum,
    parameter,
    select,
    tanh,
    x,
)

LINE, CURVE, BELL = x + 3, exp(x), tanh(x)
CASES: dict[str, tuple[Node, dict[Node, Interval]]] = {
    "no branch": (LINE, {LINE: Interval()}),
    "below": (select(less(x, 2), LINE, CURVE), {LINE: Interval(-inf, 2), CURVE: Interval(2, inf)}),
    "above": (select(less(2, x), LINE, CURVE), {LINE: Interval(2, inf), CURVE: Interval(-inf, 2)}),
    "nested": (
        select(less_equal(x, -3), CURVE, select(less(x, 3), LINE, BELL)),
        {CURVE: Interval(-inf, -3), LINE: Interval(-3, 3), BELL: Interval(3, inf)},
    ),
    "near 0": (select(less(absolute(x), 3), LINE, CURVE), {LINE: Interval(-3, 3), CURVE: Interval()}),
    "away from 0": (select(less(3, absolute(x)), CURVE, LINE), {CURVE: Interval(), LINE: Interval(-3, 3)}),
    "twice": (
        select(less(x, -1), LINE, select(less(x, 0), CURVE, select(less(x, 1), LINE, BELL))),
        {LINE: Interval(-inf, 1), CURVE: Interval(-1, 0), BELL: Interval(1, inf)},
    ),
    "clipped": (minimum(maximum(LINE, 0), 1), {LINE: Interval(), constant(0): Interval(), constant(1): Interval()}),
    "at a point": (select(equal(x, 1), LINE, CURVE), {LINE: Interval(), CURVE: Interval()}),
    "by a parameter": (select(less(x, parameter("a")), LINE, CURVE), {LINE: Interval(), CURVE: Interval()}),
    "by another function": (select(less(BELL, 0), LINE, CURVE), {LINE: Interval(), CURVE: Interval()}),
    "read by the condition": (select(less(LINE, 0), LINE, CURVE), {CURVE: Interval()}),
    "read by another branch": (select(less(x, 0), LINE, LINE * CURVE), {LINE * CURVE: Interval(0, inf)}),
}


@pytest.mark.parametrize("name", CASES)
def test_branches(name: str) -> None:
    expression, expected = CASES[name]
    assert branches(expression) == expected


def test_many_branches_in_common() -> None:
    node: Node = LINE
    for level in range(200):  # 2²⁰⁰ ways through them
        node = select(less(x, level), select(less(x, -level), node, CURVE), node)
    assert branches(node) == {LINE: Interval(), CURVE: Interval(-199, 199)}


def test_reach() -> None:
    assert Interval(-3, 2).reach == 3
    assert Interval(-3).reach == inf

"""Comparisons of a line in x with a constant, as comparisons of x: max((x + 3) / 6, 0) < 1 is x < 3.

What is compared is then exact, and no arithmetic at all; a condition like this is what clipping leaves of a slope.
"""

from __future__ import annotations

from fractions import Fraction

from nonlin.emit.body import rounded
from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node, apply, constant, x
from nonlin.expression.polynomial import coefficients


def compared(operation: str, a: Node, b: Node) -> Node:
    """a < b or a ≤ b, with x on one side and a float32 number on the other where that says the same."""
    for node, other, is_left in ((a, b, True), (b, a, False)):
        bound = constant_value(other)
        if bound is not None:
            line, at, x_is_left = _solved(_unclipped(operation, node, bound, is_left=is_left), bound, is_left=is_left)
            return apply(operation, *((line, at) if x_is_left else (at, line)))
    return apply(operation, a, b)


def _solved(node: Node, bound: Fraction, *, is_left: bool) -> tuple[Node, Node, bool]:
    """x and where the line takes the bound, and whether x is on the left; else the node and the bound as they are."""
    terms = coefficients(node)
    slope = terms.get(1)
    if slope is None or not set(terms) <= {0, 1}:
        return node, constant(bound), is_left
    at = (bound - terms.get(0, Fraction(0))) / slope
    if Fraction(rounded(at, "float")) != at:
        return node, constant(bound), is_left
    return x, constant(at), (slope > 0) == is_left


def _unclipped(operation: str, node: Node, bound: Fraction, *, is_left: bool) -> Node:
    """u of max(u, c) or min(u, c) where c does not decide the comparison."""
    while node.op in ("maximum", "minimum"):
        clips = [(u, c) for u, c in (node.args, node.args[::-1]) if constant_value(c) is not None]
        if len(clips) != 1:
            return node
        u, c = clips[0]
        limit = constant_value(c) or Fraction(0)
        first, second = (limit, bound) if is_left else (bound, limit)
        holds = first < second if operation == "less" else first <= second
        # The comparison holds for both of a maximum that is to be smaller, for one of a minimum; else the other way.
        if holds != ((node.op == "maximum") == is_left):
            return node
        node = u
    return node

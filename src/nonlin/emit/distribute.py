"""Constant factors, moved to where they meet other constants: one rounding instead of several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial

from nonlin.emit.body import rounded
from nonlin.emit.comparisons import compared
from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node, apply, constant, mul, select, walk, x
from nonlin.expression.polynomial import factored


def distribute(expression: Node) -> Node:
    """The same function with c·(d·u) as (c·d)·u, u/c as (1/c)·u and c·select(…) as a selection between products.

    A line whose slope is no float is written around its root, and its comparison with a constant is one of x.
    """
    built: dict[Node, Node] = {}
    for node in walk(expression):
        arguments = [built[argument] for argument in node.args]
        built[node] = _REWRITTEN.get(node.op, partial(apply, node.op))(*arguments) if arguments else node
    return _around_root(built[expression])


def _quotient(a: Node, b: Node) -> Node:
    """a/c as (1/c)·a: a constant's inverse is a pair where it matters, and a division takes ten multiplications."""
    divisor = constant_value(b)
    return a / b if not divisor or constant_value(a) is not None else _product(constant(1 / divisor), a)


def _product(a: Node, b: Node) -> Node:
    """a·b, the constant first."""
    if constant_value(a) is None:
        a, b = b, a
    factor = constant_value(a)
    if factor is None or constant_value(b) is not None:
        return mul(a, b)
    if b.op == "mul" and (inner := constant_value(b.args[0])) is not None:
        return mul(constant(factor * inner), b.args[1])
    if b.op == "neg":
        return _product(constant(-factor), b.args[0])
    if b.op == "select":
        condition, when_true, when_false = b.args
        return select(condition, _product(a, when_true), _product(a, when_false))
    return mul(constant(factor), b)


def _around_root(node: Node) -> Node:
    """x/6 + 1/2 as (1/6)·(x + 3): no float holds 1/6, and rounding it would move the root."""
    line = factored(node) if node.op in ("add", "sub") else None
    if line is None or len(line.roots) != 1 or not line.roots[0] or _is_float(line.factor):
        return node
    return mul(constant(line.factor), x - line.roots[0]) if _is_float(line.roots[0]) else node


def _choice(operation: str, *arguments: Node) -> Node:
    return apply(operation, *map(_around_root, arguments))


def _is_float(value: Fraction) -> bool:
    return Fraction(rounded(value, "float")) == value


_REWRITTEN: Mapping[str, Callable[..., Node]] = {
    "mul": _product,
    "div": _quotient,
    **{operation: partial(_choice, operation) for operation in ("select", "minimum", "maximum")},
    "less": partial(compared, "less"),
    "less_equal": partial(compared, "less_equal"),
}

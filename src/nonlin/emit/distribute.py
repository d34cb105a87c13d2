"""Constant factors, moved to where they meet other constants: one rounding instead of several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node, apply, constant, mul, select, walk


def distribute(expression: Node) -> Node:
    """The same function with c·(d·u) as (c·d)·u, u/c as (1/c)·u and c·select(…) as a selection between products."""
    built: dict[Node, Node] = {}
    for node in walk(expression):
        arguments = [built[argument] for argument in node.args]
        built[node] = _REWRITTEN.get(node.op, partial(apply, node.op))(*arguments) if arguments else node
    return built[expression]


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


_REWRITTEN: Mapping[str, Callable[..., Node]] = {"mul": _product, "div": _quotient}

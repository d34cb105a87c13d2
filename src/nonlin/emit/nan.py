"""Which operands' NaN reaches the result by itself, so that the kernel need not look for it."""

from __future__ import annotations

from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import COMPARISONS, LEAVES, Node, walk

# Operations whose instructions make a number of a NaN, or may.
_SWALLOW = {"sign", "log", "power", *COMPARISONS}
_NOTHING: frozenset[str] = frozenset()


def carried(expression: Node) -> frozenset[str]:
    """Names of the operands for which NaN in gives NaN out in the lowered expression."""
    reaches: dict[Node, frozenset[str]] = {}
    for node in walk(expression):
        reaches[node] = _reaches(node, [reaches[argument] for argument in node.args])
    return reaches[expression]


def _reaches(node: Node, arguments: list[frozenset[str]]) -> frozenset[str]:
    if node.op in _SWALLOW:
        return _NOTHING
    if node.op in ("variable", "parameter"):
        return frozenset([str(node.name)])
    if node.op == "select":
        return arguments[1] & arguments[2]
    if node.op in ("maximum", "minimum"):
        return arguments[0]  # the comparison with NaN fails, which chooses the first argument
    if node.op == "mul" and not any(a.op in LEAVES or constant_value(a) is not None for a in node.args):
        return arguments[0] & arguments[1]  # a factor that has vanished makes the product zero, NaN or not
    if node.op == "mul" and constant_value(node.args[0]) is None and constant_value(node.args[1]) is None:
        leaf = 0 if node.args[0].op in LEAVES else 1
        return arguments[1 - leaf]
    return frozenset().union(*arguments)

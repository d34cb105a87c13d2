"""Derivatives of row functions: the product of a vector with the Jacobian, as an expression.

A row function's output element depends on every input of its row, so its derivative is a matrix. Training only
needs vᵀJ for the incoming gradient v, which reverse accumulation through the expression gives without the matrix.
"""

from __future__ import annotations

from functools import cache

from nonlin.expression import nodes as n
from nonlin.expression.differentiate import PARTIALS
from nonlin.expression.nodes import Node

GRADIENT = n.parameter("gradient")
"""The incoming gradient v in the expression `vector_jacobian` returns: a row, like x."""


def is_row(node: Node) -> bool:
    """Whether the expression reads a whole row (contains a row operation)."""
    return any(current.op in n.ROW_OPERATIONS for current in n.walk(node))


@cache
def vector_jacobian(node: Node) -> Node:
    """Σᵢ vᵢ ∂fᵢ/∂x for each x of the row, as an expression in x and `GRADIENT`."""
    order = list(n.walk(node))
    varies = _varies_along_row(order)
    adjoint: dict[Node, Node] = {node: GRADIENT if varies[node] else n.row_sum(GRADIENT)}
    for current in reversed(order):
        incoming = adjoint.get(current, n.zero)
        if incoming is n.zero or not current.args:
            continue
        for argument, contribution in _contributions(current, incoming):
            summed = varies[current] and not varies[argument]
            received = n.row_sum(contribution) if summed else contribution
            adjoint[argument] = adjoint.get(argument, n.zero) + received
    return adjoint.get(n.x, n.zero)


def _varies_along_row(order: list[Node]) -> dict[Node, bool]:
    varies: dict[Node, bool] = {}
    for current in order:
        reduces = current.op in n.ROW_OPERATIONS
        varies[current] = current is n.x or (not reduces and any(varies[a] for a in current.args))
    return varies


def _contributions(node: Node, incoming: Node) -> list[tuple[Node, Node]]:
    """What each argument receives from the gradient of the node."""
    if node.op == "row_sum":
        return [(node.args[0], incoming)]
    if node.op == "row_anchor" or node.op in n.COMPARISONS:
        return []
    if node.op == "select":
        condition, when_true, when_false = node.args
        return [(when_true, n.select(condition, incoming, 0)), (when_false, n.select(condition, 0, incoming))]
    partials = (rule(*node.args) for rule in PARTIALS[node.op])
    return [(argument, incoming * partial) for argument, partial in zip(node.args, partials, strict=True)]

"""Derivatives of row functions: the product of a vector with the Jacobian, as an expression.

A row function's output element depends on every input of its row, so its derivative is a matrix. Training only
needs vᵀJ for the incoming gradient v, which reverse accumulation through the expression gives without the matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from nonlin.expression import nodes as n
from nonlin.expression.differentiate import PARTIALS, chained
from nonlin.expression.nodes import Node

GRADIENT = n.parameter("gradient")
"""The incoming gradient v in the expression `vector_jacobian` returns: a row, like x."""

THRESHOLD_POWERS: Mapping[str, int] = {"row_threshold": 1, "row_square_threshold": 2}
"""The p for which the operation gives the τ with Σ max(u − τ, 0)ᵖ = 1."""


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
        reduces = current.op in n.ROW_OPERATIONS and current.op != "row_winner"
        varies[current] = current is n.x or (not reduces and any(varies[a] for a in current.args))
    return varies


def _contributions(node: Node, incoming: Node) -> list[tuple[Node, Node]]:
    """What each argument receives from the gradient of the node."""
    if node.op == "row_sum":
        return [(node.args[0], incoming)]
    if node.op in THRESHOLD_POWERS:
        weight = _slope_of_threshold(node)
        return [(node.args[0], incoming * (weight / n.row_sum(weight)))]
    if node.op in ("row_anchor", "row_winner") or node.op in n.COMPARISONS:
        return []
    if node.op == "select":
        condition, when_true, when_false = node.args
        return [(when_true, n.select(condition, incoming, 0)), (when_false, n.select(condition, 0, incoming))]
    partials = (rule(*node.args) for rule in PARTIALS[node.op])
    return [(argument, chained(partial, incoming)) for argument, partial in zip(node.args, partials, strict=True)]


def _slope_of_threshold(node: Node) -> Node:
    """To what ∂τ/∂u is proportional: max(u − τ, 0)ᵖ⁻¹, from Σ max(u − τ, 0)ᵖ = 1; the shares add up to 1."""
    above = node.args[0] - node
    return n.select(n.less(0, above), n.power(above, THRESHOLD_POWERS[node.op] - 1), 0)

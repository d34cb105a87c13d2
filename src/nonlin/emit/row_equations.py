"""What the notation of a row expression leaves out, and the equation it adds for each threshold."""

from __future__ import annotations

from nonlin.expression import nodes
from nonlin.expression.nodes import Node
from nonlin.expression.rows import THRESHOLD_POWERS


def thresholds(node: Node) -> list[Node]:
    """The thresholds in an expression."""
    return [n for n in nodes.walk(node) if n.op in THRESHOLD_POWERS]


def unshifted(node: Node) -> Node:
    """The expression without the shift of its row, where it has a sum or a threshold, on which the shift cancels."""
    inside = list(nodes.walk(node))
    if not any(n.op == "row_sum" or n.op in THRESHOLD_POWERS for n in inside):
        return node
    anchors = {n: nodes.zero for n in inside if n.op == "row_anchor"}
    return nodes.substitute(node, anchors | {n: n.args[0] for n in inside if n.op == "row_offset"})


def solved_by(tau: Node) -> Node:
    """Σ max(u − τ, 0)ᵖ = 1"""
    above = nodes.maximum(tau.args[0] - tau, 0)
    return nodes.equal(nodes.row_sum(nodes.power(above, THRESHOLD_POWERS[tau.op])), 1)

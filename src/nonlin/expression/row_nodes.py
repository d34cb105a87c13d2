"""Builders of the operations that are found by a search in the row: thresholds, and the place of the largest entry."""

from __future__ import annotations

from nonlin.expression.nodes import Node, make


def row_offset(a: Node, anchor: Node) -> Node:
    """a − anchor, and 0 where both are the same infinity: the limit as they grow together."""
    return make("row_offset", a, anchor)


def row_threshold(a: Node) -> Node:
    """The one τ for which Σ max(a − τ, 0) = 1 over the last axis, broadcast back over it."""
    return make("row_threshold", a)


def row_square_threshold(a: Node) -> Node:
    """The one τ for which Σ max(a − τ, 0)² = 1 over the last axis, broadcast back over it."""
    return make("row_square_threshold", a)


def row_winner(a: Node) -> Node:
    """1 at the first of the row's largest entries, 0 elsewhere; its derivative is zero."""
    return make("row_winner", a)

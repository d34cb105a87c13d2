"""Rows whose largest entry is infinite have a function of their own; in all others u − anchor is a subtraction.

Asking every entry whether it is that infinity takes 7 % of the time of a row, asking once takes none.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from nonlin.emit.body import hexadecimal
from nonlin.emit.row_pass import Row
from nonlin.expression.nodes import Node, make, substitute, walk


def anchors(expression: Node) -> Set[Node]:
    """The largest entries that are taken away with a limit where they are infinite."""
    return {node.args[1] for node in walk(expression) if node.op == "row_offset" and node.args[1].op == "row_anchor"}


def finite(expression: Node) -> Node:
    """The expression where all of `anchors` are finite."""
    known = anchors(expression)
    offsets = [node for node in walk(expression) if node.op == "row_offset" and node.args[1] in known]
    return substitute(expression, {node: make("sub", *node.args) for node in offsets})


def apart(row: Row) -> Row:
    """The function for rows with an infinite anchor: they are few, so that it need not know which are contiguous."""
    return replace(row, contiguous=False, infinite=True)


def leaving(lines: list[str], row: Row, tag: int) -> list[str]:
    """The pass `tag`, for an anchor, going on in that function where the anchor is infinite."""
    following, asked = f"label %pass.{tag + 1}", f"label %ask.{tag}"
    assert any(following in line for line in lines)
    number, suffix = ("float", "f32") if row.memory == "float" else ("double", "f64")
    return [
        *(line.replace(following, asked) for line in lines),
        f"ask.{tag}:",
        f"  %size.{tag} = call {number} @llvm.fabs.{suffix}({number} %total.{tag}.{number}.scalar)",
        f"  %is.infinite.{tag} = fcmp oeq {number} %size.{tag}, {hexadecimal(float('inf'))}",
        f"  br i1 %is.infinite.{tag}, label %infinite.{tag}, {following}",
        f"infinite.{tag}:",
        f"  call void @{apart(row).name}({row.arguments})",
        "  ret void",
    ]


def declaration(row: Row) -> str:
    """What `leaving` calls."""
    return "declare float @llvm.fabs.f32(float)" if row.memory == "float" else "declare double @llvm.fabs.f64(double)"

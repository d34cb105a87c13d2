"""Rows of e^v / Σe^v shifted by a power of two: which kernels do, and their values where that begins and ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.emit import row_shift
from nonlin.emit.rows import kernel_text
from nonlin.expression import oracle
from nonlin.expression.nodes import Node, exp, row_anchor, row_sum, walk, x
from nonlin.expression.row_nodes import row_offset
from nonlin.kernels import assemble

NEAR = row_shift.NEAR
FAR = 1e7  # where rounding to a multiple of ln 2 by adding a constant fails
QUOTIENTS = [
    name
    for name in nl.names(kind="row")
    if nl.get(name).expression.op == "div" and any(node.op == "exp" for node in walk(nl.get(name).expression))
]


def share(shifted: Node) -> Node:
    return exp(shifted) / row_sum(exp(shifted))


def edge_rows() -> list[Any]:
    """Largest entries around ±NEAR, with entries about as far below them as float32 can tell from nothing."""
    draw = np.random.default_rng(5)
    found = []
    for anchor in (0.0, 0.34657, 20.8, NEAR, np.nextafter(np.float32(NEAR), np.float32(0)), NEAR * 1.0001, FAR):
        for sign in (1, -1):
            below = np.concatenate([[0, 1e-6, 87.3, 88.0, 103.2, 103.97, 104.1, 300], draw.uniform(0, 105, 12)])
            found.append((sign * anchor - below).astype(np.float32))
    return found


def worst(function: Any, expression: Node) -> float:
    return max(
        float(oracle.ulp_error(function(row), oracle.row_value(expression, row), "float32").max())
        for row in edge_rows()
    )


def test_quotients_of_exponentials_are_shifted() -> None:
    assert len(QUOTIENTS) >= 2
    for name in QUOTIENTS:
        assert ".near(" in kernel_text(nl.get(name).expression, ("x",), "float32")
        assert ".near(" not in kernel_text(nl.get(name).expression, ("x",), "float64")
    assert ".near(" in kernel_text(share(x - row_anchor(x)), ("x",), "float32")
    assert ".near(" not in kernel_text(share(x - row_anchor(2 * x)), ("x",), "float32")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_infinity_is_asked_for_once_a_row(dtype: str) -> None:
    """In rows of finite entries the offset is the subtraction, with no instruction more in any loop."""
    anchor = row_anchor(x)
    plain, limit = (
        function_in(kernel_text(share(shifted), ("x",), dtype)) for shifted in (x - anchor, row_offset(x, anchor))
    )
    more = [line for line in limit if line not in plain]
    assert len(limit) - len(plain) == 7
    assert len(more) <= 8
    assert any("call void @row.infinite(" in line for line in more)
    assert "row.infinite" not in kernel_text(share(x - anchor), ("x",), dtype)


def function_in(text: str) -> list[str]:
    """The lines of the function for contiguous rows."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if "define internal void @row.contiguous(" in line)
    return lines[start : lines.index("}", start)]


@pytest.mark.parametrize("name", QUOTIENTS)
def test_values_where_the_shift_begins_and_ends(name: str) -> None:
    activation: Any = nl.get(name)
    towards = 1 if activation.facts.keeps_order else -1
    assert worst(lambda row: activation(towards * row), share(row_offset(x, row_anchor(x)))) <= 2


@pytest.mark.parametrize(("constant", "value"), [("NEAR", 2 * FAR), ("_REACH", 80.0)])
def test_a_shift_beyond_its_reach_is_seen(constant: str, value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    node = share(row_offset(x, row_anchor(x)))
    assert worst(assemble.row("right", node, ("x",)), node) <= 2
    monkeypatch.setattr(row_shift, constant, value)
    assert worst(assemble.row("planted", node, ("x",)), node) > 2

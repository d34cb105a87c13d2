"""Products of a vector with a row function's Jacobian, as expressions, against the oracle's own derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nonlin.catalog import DEFINITIONS
from nonlin.expression import nodes as n
from nonlin.expression import oracle
from nonlin.expression.nodes import Node, exp, row_anchor, row_sum, select, tanh, x
from nonlin.expression.numeric import evaluate
from nonlin.expression.rows import GRADIENT, is_row, vector_jacobian

ROW = [0.7, -1.3, 2.1, 0.2]
INCOMING = [1.5, -0.25, 0.5, 2.0]
ROWS: dict[str, Node] = {
    "sum": row_sum(x),
    "sum of a function": row_sum(tanh(x)),
    "a share": exp(x) / row_sum(exp(x)),
    "a shifted share": exp(x - row_anchor(x)) / row_sum(exp(x - row_anchor(x))),
    "distance from the mean": x - row_sum(x) / row_sum(n.exp(x - x)),
    "norm": x / n.sqrt(row_sum(x * x)),
    "sum of sums": row_sum(x * row_sum(tanh(x))),
    "piecewise": select(n.less(0, x), row_sum(x * x), tanh(x)),
    "no row at all": tanh(x) * x,
    "larger than a sum": n.maximum(x, row_sum(x) / 4),
} | {d.name: d.formula for d in DEFINITIONS.values() if d.kind == "row"}


def by_oracle(node: Node) -> list[float]:
    """Σᵢ vᵢ ∂fᵢ/∂xⱼ from the columns of the Jacobian the oracle finds."""
    columns = [oracle.row_derivative(node, ROW, j) for j in range(len(ROW))]
    return [float(sum(v * entry for v, entry in zip(INCOMING, column, strict=True))) for column in columns]


def product(node: Node) -> Any:
    found = vector_jacobian(node)
    return evaluate(found, np.array(ROW), {str(GRADIENT.name): np.array(INCOMING)})


@pytest.mark.parametrize("name", ROWS)
def test_product(name: str) -> None:
    np.testing.assert_allclose(product(ROWS[name]), by_oracle(ROWS[name]), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ROWS)
def test_which_are_rows(name: str) -> None:
    assert is_row(ROWS[name]) == (name != "no row at all")


def test_a_function_without_x_passes_no_gradient() -> None:
    assert vector_jacobian(n.tanh(n.parameter("a"))) is n.zero
    assert vector_jacobian(x) is GRADIENT


def test_the_measure_sees_a_wrong_product() -> None:
    wrong = product(ROWS["norm"]) * (1 + 1e-9)
    assert not np.allclose(wrong, by_oracle(ROWS["norm"]), rtol=1e-13, atol=1e-15)

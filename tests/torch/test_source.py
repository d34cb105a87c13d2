"""The source text of an expression: complete, and its functions have the mathematics' values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from nonlin.emit.torch import HELPERS, TENSORS, torch_source
from nonlin.expression import nodes as n
from nonlin.expression.numeric import evaluate
from nonlin.torch.programs import composed

POINTS = np.array([-3.0, -1.5, -0.25, 0.0, 0.5, 1.0, 2.5])
CONDITIONS = ("less", "less_equal", "equal")


def test_every_operation_has_a_text() -> None:
    assert set(TENSORS) == {*n.OPERATIONS, *n.COMPARISONS, *n.ROW_OPERATIONS}
    assert {h for h in HELPERS if h != "product"} <= {*n.OPERATIONS, *n.ROW_OPERATIONS}


def of_operation(op: str) -> n.Node:
    """The operation of x and a parameter, kept where it is defined."""
    p = n.parameter("p")
    if op in CONDITIONS:
        return n.select(n.apply(op, n.x, p), n.x, 1)
    if op == "select":
        return n.select(n.less(n.x, p), n.exp(n.x), n.constant(Fraction(1, 3)))
    first = n.exp(n.x) if op in ("log", "log1p", "sqrt", "power", "div") else n.x
    return n.apply(op, *(first, p)[: n.OPERATIONS[op]]) + 0 * p


@pytest.mark.parametrize("op", [*n.OPERATIONS, *n.COMPARISONS])
def test_each_operation_has_its_value(op: str) -> None:
    node, p = of_operation(op), 0.5
    got = composed(node, ("x", "p"))(torch.from_numpy(POINTS), torch.tensor(p, dtype=torch.float64))
    np.testing.assert_allclose(got.numpy(), evaluate(node, POINTS, {"p": p}), rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_constants_keep_the_dtype_and_nan(dtype: torch.dtype) -> None:
    x = torch.tensor([1.0, -1.0, float("nan")], dtype=dtype)
    for node in (n.one, n.select(n.less(n.x, 0), 0, 1), n.power(2, n.x), n.sqrt(n.pi) * n.sign(n.x)):
        result = composed(node, ("x",))(x)
        assert result.dtype == dtype
        assert torch.equal(result.isnan(), x.isnan())


def test_a_vanished_factor_beats_an_infinite_one() -> None:
    function = composed(n.x * n.exp(n.x), ("x",))
    assert function(torch.tensor([-float("inf"), -1e30, float("inf")])).tolist() == [0.0, 0.0, float("inf")]


def test_the_text_is_readable_and_has_no_unused_helper() -> None:
    text = torch_source(n.x * n.x + n.decimal("0.1"), ("x",), name="square")
    assert "def square(x):" in text
    assert "0.1" in text
    assert text.count("def ") == 1

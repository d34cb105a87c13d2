"""Polynomials are read off formulas, however they are written, and split into factors where the roots are rational."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from nonlin.expression.nodes import Node, constant, decimal, exp, parameter, sqrt, x
from nonlin.expression.numeric import evaluate
from nonlin.expression.polynomial import Factored, coefficients, factored

THIRD, SIXTH = Fraction(1, 3), Fraction(1, 6)
SPLIT: dict[str, tuple[Node, Fraction | int, tuple[Fraction | int, ...]]] = {
    "a line": ((x + 3) / 6, SIXTH, (-3,)),
    "a line as a sum": (x / 6 + Fraction(1, 2), SIXTH, (-3,)),
    "a line as a difference": (1 - 2 * x, -2, (Fraction(1, 2),)),
    "a slope": (constant(SIXTH) * (x + 3 + x), THIRD, (Fraction(-3, 2),)),
    "a parabola": (x * (x + 3) / 6, SIXTH, (-3, 0)),
    "a square": ((x + 1) ** 2 / 4, Fraction(1, 4), (-1, -1)),
    "a negative": (-(x * (2 - x)), 1, (2, 0)),
    "two roots": (x * x - x - 6, 1, (-2, 3)),
    "a cubic through 0": (x * x * (x - decimal("0.1")), 1, (Fraction(1, 10), 0, 0)),
}
NONE = {
    "a constant": constant(3),
    "nothing": x - x,
    "irrational roots": x * x - 2,
    "no roots": x * x + 1,
    "a cubic": x**3 - 2 * x + 1,
    "a parameter": parameter("a") * x,
    "a quotient": (x + 1) / (x + 2),
    "a function": x * exp(x),
    "a root": (x + 1) ** 0.5,
    "too high a power": x**9,
}


@pytest.mark.parametrize("name", SPLIT)
def test_factors(name: str) -> None:
    node, factor, roots = SPLIT[name]
    assert factored(node) == Factored(Fraction(factor), tuple(Fraction(root) for root in roots))


@pytest.mark.parametrize("name", SPLIT)
def test_the_product_is_the_formula(name: str) -> None:
    node = SPLIT[name][0]
    found = factored(node)
    assert found is not None
    points = np.linspace(-5, 5, 101)
    product = np.prod([points - float(root) for root in found.roots], axis=0) * float(found.factor)
    np.testing.assert_allclose(product, evaluate(node, points), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NONE)
def test_everything_else_has_none(name: str) -> None:
    assert factored(NONE[name]) is None


def test_coefficients_that_cancel_are_left_out() -> None:
    assert coefficients((x + 1) * (x - 1)) == {2: 1, 0: -1}
    assert coefficients((x + 1) ** 2 - 2 * x) == {2: 1, 0: 1}


def test_an_irrational_constant_is_no_obstacle() -> None:
    found = coefficients(sqrt(2) * x)
    assert set(found) == {1}
    assert abs(found[1] ** 2 - 2) < Fraction(1, 10**50)


def test_the_degree_is_bounded() -> None:
    node: Node = x + 1
    for _ in range(40):  # 2⁴⁰ terms if they were multiplied out
        node = node * node
    assert coefficients(node) == {}

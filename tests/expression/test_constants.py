"""Constant subexpressions: exact where they can be, 50 digits where they are roots and exponentials."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest

from nonlin.expression import nodes as n
from nonlin.expression import oracle
from nonlin.expression.constants import PI, constant_value
from nonlin.expression.nodes import Node, constant, decimal, parameter, x

EXACT: list[tuple[Node, Fraction]] = [
    (decimal("0.044715"), Fraction(44715, 10**6)),
    (n.make("add", constant(1), decimal("0.5")), Fraction(3, 2)),
    (n.make("sub", constant(1), constant(3)), Fraction(-2)),
    (n.make("mul", constant(6), constant(7)), Fraction(42)),
    (n.make("div", constant(1), constant(3)), Fraction(1, 3)),
    (n.make("neg", constant(2)), Fraction(-2)),
    (n.make("abs", constant(-2)), Fraction(2)),
    (n.power(constant(2), constant(-10)), Fraction(1, 1024)),
]


@pytest.mark.parametrize(("node", "value"), EXACT, ids=lambda e: repr(e))
def test_rational_values_are_exact(node: Node, value: Fraction) -> None:
    assert constant_value(node) == value


ROUNDED = [
    n.pi, n.sqrt(2 / n.pi), n.sqrt(constant(2)), n.exp(constant(-3)), n.exp(n.pi), n.log(constant(10)),
    n.power(constant(2), decimal("0.5")), 1 / n.sqrt(2 * n.pi), n.sqrt(n.exp(n.one)) * n.pi,
]  # fmt: skip


@pytest.mark.parametrize("node", ROUNDED, ids=lambda e: repr(e))
def test_the_others_have_fifty_digits(node: Node) -> None:
    with mpmath.workprec(400):
        value = constant_value(node)
        assert value is not None
        got = mpmath.mpf(value.numerator) / value.denominator
        wanted = mpmath.mpf(oracle.value(node, 0))
        assert abs(got / wanted - 1) < mpmath.mpf(10) ** -39  # what the oracle certifies
    assert float(value) == float(oracle.value(node, 0))


def test_pi_has_59_digits() -> None:
    with mpmath.workdps(80):
        assert abs(mpmath.mpf(PI.numerator) / PI.denominator - mpmath.pi) < mpmath.mpf(10) ** -58


@pytest.mark.parametrize(
    "node", [x, parameter("a"), x * 0.5, n.tanh(constant(1)), n.sqrt(constant(-1)), n.log(constant(0)),
             n.make("div", constant(1), constant(0)), n.log(constant(-1)), n.exp(n.exp(constant(100)))],
    ids=lambda e: repr(e),
)  # fmt: skip
def test_no_value_where_there_is_none(node: Node) -> None:
    assert constant_value(node) is None


def test_the_precision_of_decimal_arithmetic_is_left_alone() -> None:
    import decimal as standard

    before = standard.getcontext().prec
    constant_value(n.sqrt(n.pi))
    assert standard.getcontext().prec == before
    assert math.isclose(float(constant_value(n.sqrt(n.pi)) or 0), math.sqrt(math.pi))

"""Exact values of constant subexpressions: √(2/π) to 50 digits, not to the last bit of a float."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache

from nonlin.expression.nodes import Node

DIGITS = 60
PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def square_root(value: Fraction) -> Fraction:
    """√value to 60 digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return Fraction(_decimal(value).sqrt())


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1 and abs(exponent) <= 1024:
        return Fraction(base ** int(exponent))
    return Fraction(_decimal(base) ** _decimal(exponent))


_RULES: Mapping[str, Callable[..., Fraction]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "abs": abs,
    "sqrt": square_root,
    "exp": lambda a: Fraction(_decimal(a).exp()),
    "log": lambda a: Fraction(_decimal(a).ln()),
    "power": _power,
}


@cache  # a derivative shares its parts: without it, the walk takes time exponential in the depth
def constant_value(node: Node) -> Fraction | None:
    """The value of an expression without x and parameters, to 60 digits; None where it has either, or an
    operation that is left to the kernel (a tanh of a constant, say).
    """
    if node.op == "constant":
        return node.value
    if node.op == "pi":
        return PI
    if node.op not in _RULES:
        return None
    arguments = [constant_value(argument) for argument in node.args]
    if any(argument is None for argument in arguments):
        return None
    with localcontext() as context:
        context.prec = DIGITS
        try:
            return _RULES[node.op](*arguments)
        except (ArithmeticError, ValueError):
            return None

"""The argument of a sine, taken apart exactly: rate · u quarter turns, and a constant that is added.

Of sin(1.3 x) the rate is 1.3 · 2/π, of which huge x needs over a thousand bits; of sin(πx) it is the number 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor

from nonlin.emit.two_over_pi import TWO_OVER_PI
from nonlin.expression.constants import PI, constant_value
from nonlin.expression.nodes import LEAVES, Node, mul, neg, walk

_EXACT = Fraction(1, 10**50)  # constants have 60 digits
_LARGEST_DENOMINATOR = 10**6
_MOST = Fraction(2) ** 28  # a factor beyond it stays a part of u
# Of the table: entry j holds 48 bits of the rate, those of weight 2¹ to 2⁻⁴⁶ in 2^(16j − 64) · rate. They are what
# multiplies an integer below 2⁶⁹ and is worth less than four quarter turns; every third entry gives consecutive bits.
STEP, FIRST, BITS = 16, -64, 46
LARGEST = 1995  # the exponent of the last bit of a product of two doubles
ROWS = (LARGEST - FIRST) // STEP + 10


@dataclass(frozen=True)
class Angle:
    """±factor · u + eighths · π/4 + rest: u is the node `operand`, factor > 0, and the sign − if `negated`."""

    operand: Node
    factor: Fraction
    negated: bool
    eighths: int
    rest: Fraction

    @cached_property
    def rate(self) -> Fraction:
        """Quarter turns per unit of u; a rational number where the factor is a rational multiple of π."""
        multiple = (self.factor / PI).limit_denominator(_LARGEST_DENOMINATOR)
        if abs(multiple * PI - self.factor) < _EXACT * self.factor:
            return 2 * multiple
        return self.factor * TWO_OVER_PI

    @cached_property
    def table(self) -> tuple[float, ...]:
        """The bits of the rate, from where they matter for any finite u."""
        scaled = (self.rate * Fraction(2) ** (STEP * row + FIRST + BITS) for row in range(ROWS))
        return tuple(float(Fraction(floor(entry) % 2 ** (BITS + 2), 2**BITS)) for entry in scaled)

    @property
    def is_product(self) -> bool:
        """Whether u is an operand or a product of two: exact as a pair, and known even where it overflows."""
        factors = self.operand.args if self.operand.op == "mul" else (self.operand,)
        return all(factor.op in LEAVES for factor in factors)


def angle_of(node: Node) -> Angle:
    """The parts of the argument of a sine."""
    turning, offset = without_offset(node)
    operand, factor = _without_factor(turning)
    if not 1 / _MOST < abs(factor) < _MOST:
        operand, factor = turning, Fraction(1)
    return Angle(operand, abs(factor), factor < 0, *_in_eighths(offset))


def sines_need_pairs(expression: Node) -> bool:
    """Whether a sine in the expression has an argument that one double cannot hold for float32 operands."""
    waves = (node for node in walk(expression) if node.op in ("sin", "cos"))
    return not all(angle_of(node.args[0]).is_product for node in waves)


def without_offset(node: Node) -> tuple[Node, Fraction]:
    """(u, c) with node = u + c; c is 0 where the expression shows no constant term."""
    if node.op not in ("add", "sub"):
        return node, Fraction(0)
    first, second = node.args
    sign = 1 if node.op == "add" else -1
    if (value := constant_value(second)) is not None:
        return first, sign * value
    if (value := constant_value(first)) is not None:
        return second if sign > 0 else neg(second), value
    return node, Fraction(0)


def _in_eighths(offset: Fraction) -> tuple[int, Fraction]:
    """(n, rest) with offset = n · π/4 + rest; n is even where the rest is not zero."""
    count = round(offset / (PI / 4))
    if abs(offset - count * PI / 4) <= _EXACT * abs(offset):
        return count, Fraction(0)
    even = 2 * round(offset / (PI / 2))
    return even, offset - even * PI / 4


def _without_factor(node: Node) -> tuple[Node, Fraction]:
    """(u, c) with node = c · u and the constant c as large a part of it as shows."""
    return _FACTORS[node.op](*node.args) if node.op in _FACTORS else (node, Fraction(1))


def _of_product(a: Node, b: Node) -> tuple[Node, Fraction]:
    for constant, other in ((a, b), (b, a)):
        if value := constant_value(constant):
            rest, factor = _without_factor(other)
            return rest, factor * value
    (first, one), (second, two) = _without_factor(a), _without_factor(b)
    return mul(first, second), one * two


def _of_quotient(a: Node, b: Node) -> tuple[Node, Fraction]:
    rest, factor = _without_factor(a)
    value = constant_value(b)
    return (rest, factor / value) if value else (a / b, Fraction(1))


def _of_negation(a: Node) -> tuple[Node, Fraction]:
    rest, factor = _without_factor(a)
    return rest, -factor


def _of_power(a: Node, b: Node) -> tuple[Node, Fraction]:
    return _of_product(a, a) if constant_value(b) == 2 else (a**b, Fraction(1))


_FACTORS: Mapping[str, Callable[..., tuple[Node, Fraction]]] = {
    "mul": _of_product,
    "div": _of_quotient,
    "neg": _of_negation,
    "power": _of_power,
}

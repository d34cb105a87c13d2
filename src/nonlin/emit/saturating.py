"""Pieces in float32 arithmetic whose parts leave nothing to cancel: u / (c + |u|), its slope, tanh² and u − tanh(u).

Sums of two numbers ≥ 0, products and quotients add 2⁻²⁴ each, relative: less than one ulp, half an ulp the last of
them. No low part needs to take that up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from nonlin.emit.body import rounded
from nonlin.emit.distribute import distribute
from nonlin.emit.narrow import SHIFT, Narrow
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.emit.value import Value
from nonlin.expression.constants import constant_value
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node, apply, constant, x

_FULL = 2.0**60
"""From here on u / (c + |u|) is 1, whatever c; in the end it would be ∞ / ∞."""
_LARGEST = 2**20
_THIRD = Fraction(1, 3)


@dataclass(frozen=True)
class Found:
    """A function of u, an operand, with its constants."""

    u: Node
    c: Fraction = Fraction(0)
    factor: Fraction = Fraction(1)


class SaturatingInFloat(Narrow):
    """float32 arithmetic with the pieces."""

    def piece(self, node: Node, lower: Callable[[Node], Value]) -> Value | None:
        """The value of a node that is one of the pieces, of an argument without low part."""
        recognised = _recognised(node)
        if recognised is None:
            return None
        found, make = recognised
        u = lower(found.u)
        return make(self, u.high, found) if u.exact and u.low is None else None

    def _over_distance(self, u: str, found: Found) -> Value:
        """u / (c + |u|): one rounding of the sum and one of the quotient."""
        b = self.body
        size = self.at_most(b.abs(u), _FULL)
        quotient = b.div(size, b.add(size, b.constant(found.c)))
        return Value(b.intrinsic("copysign", quotient, u), bounded=True, error=1.5)

    def _over_squared_distance(self, u: str, found: Found) -> Value:
        """factor / (c + |u|)²; the square is scaled down, as it overflows before the result is nothing."""
        b = self.body
        distance, down = b.add(b.abs(u), b.constant(found.c)), b.constant(2.0**-SHIFT)
        square = b.mul(b.mul(distance, down), distance)
        return Value(b.mul(b.div(b.constant(found.factor), square), down), bounded=True, error=3.5)

    def _tanh_squared(self, u: str, _: Found) -> Value:
        """(1 − 2 / (1 + e^2|u|))²; below 0.9, where that cancels, u² + u⁴ P(u²)."""
        b = self.body
        inverse = self.inverse_of_double(u)
        tanh = b.sub(b.constant(1.0), b.add(inverse, inverse))
        square = b.mul(u, u)
        near = b.fma(b.mul(square, square), b.polynomial(POLYNOMIALS["tanh_squared"]["float"], square), square)
        small = b.compare("olt", b.abs(u), b.constant(0.9))
        return Value(b.select(small, near, b.mul(tanh, tanh)), bounded=True, error=2.0)

    def _minus_tanh(self, u: str, _: Found) -> Value:
        """u − tanh(u) = |u| − 1 + 2 / (1 + e^2|u|) with the sign of u; below 1, where that cancels, a series in u²."""
        b = self.body
        one, size = b.constant(1.0), b.abs(u)
        far = b.fma(self.inverse_of_double(u), b.constant(2.0), b.sub(size, one))
        small = b.compare("olt", size, one)
        return Value(b.select(small, self._cubic(u), b.intrinsic("copysign", far, u)), error=1.7)

    def _cubic(self, u: str) -> str:
        """u³ (1/3 + u² P(u²)), where u² and the sum in brackets keep their low parts."""
        b = self.body
        square = b.mul(u, u)
        square_low = b.fma(u, u, b.neg(square))
        rest = b.polynomial(POLYNOMIALS["minus_tanh"]["float"], square)
        first, first_low = b.constant(_THIRD), b.constant(_THIRD - Fraction(rounded(_THIRD, "float")))
        series = b.fma(square, rest, first)
        series_low = b.add(b.fma(square, rest, b.sub(first, series)), first_low)
        return b.mul(u, b.fma(square, series, b.fma(square, series_low, b.mul(square_low, series))))


def _distance(node: Node) -> Found | None:
    """u and c of c + |u| with a positive constant that a float32 holds."""
    for a, b in (node.args, node.args[::-1]) if node.op == "add" else ():
        if (c := _scale(a)) is not None and b.op == "abs":
            return Found(b.args[0], c)
    return None


def _scale(node: Node) -> Fraction | None:
    c = constant_value(node)
    moderate = c is not None and Fraction(1, _LARGEST) <= c <= _LARGEST
    return c if c is not None and moderate and Fraction(rounded(c, "float")) == c else None


def _as_over_distance(node: Node) -> Found | None:
    found = _distance(node.args[1]) if node.op == "div" else None
    return found if found is not None and found.u is node.args[0] else None


def _as_over_squared_distance(node: Node) -> Found | None:
    """k / d / d with d = c + |u|, or the slope of x / d with d = c + |x|, which is c / d²."""
    first = node.args[0] if node.args else node
    found = _distance(first.args[1]) if first.op == "div" else None
    if found is None:
        return None
    factor, distance = first.args
    if node.op == "div" and node.args[1] is distance and (k := _scale(factor)) is not None:
        return Found(found.u, found.c, k)
    is_slope = found.u is x and node is distribute(derivative(x / distance))
    return Found(x, found.c, found.c) if is_slope else None


def _as_tanh_squared(node: Node) -> Found | None:
    """tanh(u)², or 1 − 4 σ′(2u), which cancels."""
    if node.op in ("power", "mul") and node.args[0].op == "tanh":
        base, other = node.args
        return Found(base.args[0]) if other is (constant(2) if node.op == "power" else base) else None
    taken = _taken_from_one(node)
    if taken is None or taken.op != "mul" or taken.args[1].op != "logistic_slope" or taken.args[0] is not constant(4):
        return None
    (doubled,) = taken.args[1].args
    return Found(doubled.args[1]) if doubled.op == "mul" and doubled.args[0] is constant(2) else None


def _taken_from_one(node: Node) -> Node | None:
    """t of 1 − t."""
    if node.op not in ("add", "sub") or node.args[0] is not constant(1):
        return None
    second = node.args[1]
    if node.op == "sub":
        return second
    return second.args[0] if second.op == "neg" else None


def _as_minus_tanh(node: Node) -> Found | None:
    matches = node.op == "sub" and node.args[1] is apply("tanh", node.args[0])
    return Found(node.args[0]) if matches else None


_Make: TypeAlias = Callable[[SaturatingInFloat, str, Found], Value]
_PIECES: tuple[tuple[Callable[[Node], Found | None], _Make], ...] = (
    (_as_over_distance, SaturatingInFloat._over_distance),
    (_as_over_squared_distance, SaturatingInFloat._over_squared_distance),
    (_as_tanh_squared, SaturatingInFloat._tanh_squared),
    (_as_minus_tanh, SaturatingInFloat._minus_tanh),
)


def _recognised(node: Node) -> tuple[Found, _Make] | None:
    for recognise, make in _PIECES:
        if (found := recognise(node)) is not None:
            return found, make
    return None


def is_piece(expression: Node) -> bool:
    """Whether the expression is one of the pieces as a whole."""
    return _recognised(expression) is not None

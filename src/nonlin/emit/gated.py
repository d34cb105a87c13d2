"""Products of an operand and a function that vanishes, in float32 arithmetic.

The function arrives as 2^shift times its value, and the product leaves without the factor: a result in the subnormal
range is rounded once, and neither e^−100 nor 2¹⁰⁰ leaves the range of normal numbers on the way.
"""

from __future__ import annotations

from typing import Protocol

from nonlin.emit.body import Body
from nonlin.emit.value import Value

_LARGE = 2.0**90
"""Times 2^32 still a float."""


class _Maths(Protocol):
    """What a product needs of the arithmetic it belongs to."""

    body: Body

    def scaled(self, operand: Value, name: str) -> str:
        """operand · name, with the operand's low part."""

    def at_most(self, name: str, high: float) -> str:
        """min(name, high)."""


def product(maths: _Maths, operand: Value, function: Value, gone: float) -> Value:
    """operand · function. From `gone` on, e^−u times anything moderate is nothing."""
    if function.divisor is None or operand.low is not None:
        return _vanishing(maths, operand, function)
    if function.argument == operand.high:
        return _by_itself(maths, operand, function.divisor, function.shift, gone)
    return _by_another(maths, operand, function, function.divisor)


def _vanishing(maths: _Maths, operand: Value, function: Value) -> Value:
    """Shifted for all but huge operands, for which the function is as good as a constant."""
    b = maths.body
    down = b.constant(2.0**-function.shift)
    moderate = b.mul(maths.scaled(operand, function.high), down)
    huge = b.mul(operand.high, b.mul(function.high, down))
    is_huge = b.compare("olt", b.constant(_LARGE), b.abs(operand.high))
    result = b.select(str(function.gone), b.constant(0.0), b.select(is_huge, huge, moderate))
    return Value(result, vanishes=True, error=function.error + 0.6)


def _by_itself(maths: _Maths, operand: Value, divisor: str, shift: int, gone: float) -> Value:
    """x σ(x) = x / (1 + e^−x): beyond 20 it is x; below −110 the clamped x gives the zero."""
    b = maths.body
    negated = maths.at_most(b.neg(operand.high), gone)  # σ has computed it already
    moderate = b.mul(b.div(negated, divisor), b.constant(-(2.0**-shift)))
    full = b.compare("olt", b.constant(20.0), operand.high)
    return Value(b.select(full, operand.high, moderate), vanishes=True, error=1.9)


def _by_another(maths: _Maths, operand: Value, gate: Value, divisor: str) -> Value:
    """x σ(u) as one quotient, scaled before or after it."""
    b = maths.body
    one, down = b.constant(1.0), b.constant(2.0**-gate.shift)
    moderate = b.compare("olt", b.abs(operand.high), b.constant(_LARGE * 2.0**-30))
    before, after = b.select(moderate, one, down), b.select(moderate, down, one)
    result = b.mul(b.div(b.mul(operand.high, before), divisor), after)
    return Value(b.select(str(gate.gone), b.constant(0.0), result), vanishes=True, error=1.9)

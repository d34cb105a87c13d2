"""Arithmetic on `Value`: error-free sums and products, powers of two, and products that keep limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from nonlin.emit.body import Body
from nonlin.emit.value import Precision, Value
from nonlin.expression.nodes import Node

ROUND = float(3 * 2**51)
"""Adding this to a double of magnitude below 2^51 rounds it to an integer, which is then in the low bits."""
BIAS = 1023
# Below this power of two a factor is zero whatever a double multiplies it with.
NOTHING = -3000.0


class Arithmetic:
    """Operations on values in one body at one precision, in doubles."""

    def __init__(self, body: Body, precision: Precision):
        self.body, self.precision = body, precision

    def constant(self, value: Fraction | float) -> Value:
        """A constant, with its low part where pairs are kept."""
        high = float(value)
        rest = float(Fraction(value) - Fraction(high)) if self.precision.pairs and abs(high) < 1e300 else 0.0
        return Value(self.body.constant(high), self.body.constant(rest) if rest else None, bounded=True)

    def library(self, function: str, *arguments: str) -> str:
        """A call of the C library."""
        return self.body.library(function, *arguments)

    def piece(self, node: Node, lower: Callable[[Node], Value]) -> Value | None:
        """The value of a node that this arithmetic computes in one piece rather than from its arguments."""
        return None

    def results(self, expression: Node, x: Value, ulp: float) -> Mapping[Node, Value]:
        """Values of parts that this arithmetic computes otherwise where they are the result itself, not read on."""
        return {}

    def plain(self, value: Value) -> str:
        """The value as a single number: power of two multiplied in, low part added when the precision is wide."""
        name = value.high
        if self.precision.wide and value.low is not None:
            name = self.with_low(name, self.usable_low(value.low))
        return name if value.power is None else self.scale(name, value.power)

    def with_low(self, high: str, low: str) -> str:
        """high + low; a low part of 0 changes nothing, not even the sign of a high part of −0."""
        b = self.body
        return b.select(b.compare("oeq", low, b.constant(0.0)), high, b.add(high, low))

    def usable_low(self, low: str) -> str:
        """A low part; 0 where the high part is infinite and the low part NaN or infinite."""
        largest = self.body.constant(1e300)
        return self.body.select(self.body.compare("olt", self.body.abs(low), largest), low, self.body.constant(0.0))

    def flat(self, value: Value) -> Value:
        """The value without a power of two."""
        if value.power is None:
            return value
        if value.low is None or not self.precision.wide:
            return Value(self.plain(value), None, None, value.vanishes, value.bounded)
        low = self.scale(self.usable_low(value.low), value.power)
        return Value(self.scale(value.high, value.power), low, None, value.vanishes, value.bounded)

    def at_least(self, name: str, low: float) -> str:
        """max(name, low); NaN stays NaN."""
        lower = self.body.constant(low)
        return self.body.select(self.body.compare("olt", name, lower), lower, name)

    def at_most(self, name: str, high: float) -> str:
        """min(name, high); NaN stays NaN."""
        upper = self.body.constant(high)
        return self.body.select(self.body.compare("olt", upper, name), upper, name)

    def clamp(self, name: str, low: float, high: float) -> str:
        """NaN stays NaN."""
        return self.at_most(self.at_least(name, low), high)

    def power_of_two(self, exponent: str) -> str:
        """2^exponent for an integer in a double, −1023 (giving 0) to 1024 (giving ∞)."""
        return self.power_from_shifted(self.body.add(exponent, self.body.constant(ROUND)))

    def power_from_shifted(self, shifted: str) -> str:
        """2^n where `shifted` is n + ROUND."""
        b = self.body
        return b.from_bits(b.integer_op("shl", b.integer_op("add", b.bits(shifted), BIAS), 52))

    def scale(self, name: str, power: str) -> str:
        """name · 2^power in two steps, so that a subnormal result is rounded once."""
        first = self.clamp(power, -1000.0, 1000.0)
        rest = self.clamp(self.body.sub(power, first), -1000.0, 1000.0)
        return self.body.mul(self.body.mul(name, self.power_of_two(first)), self.power_of_two(rest))

    def neg(self, a: Value) -> Value:
        low = None if a.low is None else self.body.neg(a.low)
        return Value(self.body.neg(a.high), low, a.power, a.vanishes, a.bounded)

    def negative(self, u: Value) -> str:
        return self.body.compare("olt", u.high, self.body.constant(0.0))

    def magnitude(self, u: Value) -> Value:
        """|u|."""
        low = None if u.low is None else self.body.select(self.negative(u), self.body.neg(u.low), u.low)
        return Value(self.body.abs(u.high), low, u.power, u.vanishes, u.bounded)

    def add(self, a: Value, b: Value) -> Value:
        a, b, power = self._aligned(a, b)
        high = self.body.add(a.high, b.high)
        low = self._sum_error(a, b, high) if self.precision.pairs else None
        return Value(high, low, power, a.vanishes and b.vanishes, a.bounded and b.bounded)

    def _sum_error(self, a: Value, b: Value, high: str) -> str:
        """What high = fl(a + b) leaves out (Knuth's two-sum), plus the low parts."""
        body = self.body
        virtual = body.sub(high, a.high)
        error = body.add(body.sub(a.high, body.sub(high, virtual)), body.sub(b.high, virtual))
        for low in (a.low, b.low):
            error = error if low is None else body.add(error, low)
        return error

    def _aligned(self, a: Value, b: Value) -> tuple[Value, Value, str | None]:
        """Both with the larger of their powers of two."""
        if a.power == b.power:
            return a, b, a.power
        body = self.body
        first, second = (v.power or body.constant(0.0) for v in (a, b))
        power = body.select(body.compare("olt", first, second), second, first)
        return self._moved(a, first, power), self._moved(b, second, power), power

    def _moved(self, a: Value, old: str, new: str) -> Value:
        factor = self.power_of_two(self.clamp(self.body.sub(old, new), -1023.0, 0.0))
        low = None if a.low is None else self.body.mul(a.low, factor)
        return Value(self.body.mul(a.high, factor), low, new, a.vanishes, a.bounded)

    def mul(self, a: Value, b: Value) -> Value:
        """a·b; a factor that has vanished makes the product zero even where the other is infinite."""
        high = self.body.mul(a.high, b.high)
        low = self._product_error(a, b, high) if self.precision.pairs else None
        power = self._sum_of_powers(a.power, b.power)
        for one, other in ((a, b), (b, a)):
            if one.vanishes and not other.bounded:
                nothing, zero = self._is_nothing(one), self.body.constant(0.0)
                high = self.body.select(nothing, zero, high)
                low = None if low is None else self.body.select(nothing, zero, low)
        vanishes = a.vanishes or b.vanishes
        return Value(high, low, power, vanishes, a.bounded and b.bounded)

    def _product_error(self, a: Value, b: Value, high: str) -> str | None:
        """What high = fl(a·b) leaves out; nothing to keep for powers of two."""
        if any(self._is_power_of_two(v) for v in (a, b)):
            one, other = (a, b) if self._is_power_of_two(a) else (b, a)
            return None if other.low is None else self.body.mul(one.high, other.low)
        error = self.body.fma(a.high, b.high, self.body.neg(high))
        if a.low is not None:
            error = self.body.fma(a.low, b.high, error)
        return error if b.low is None else self.body.fma(a.high, b.low, error)

    def _is_power_of_two(self, value: Value) -> bool:
        return any(self.body.is_constant(value.high, s * 2.0**e) for e in range(-4, 5) for s in (1, -1))

    def _is_nothing(self, value: Value) -> str:
        if value.power is None:
            return self.body.compare("oeq", value.high, self.body.constant(0.0))
        return self.body.compare("olt", value.power, self.body.constant(NOTHING))

    def _sum_of_powers(self, a: str | None, b: str | None) -> str | None:
        return a or b if a is None or b is None else self.body.add(a, b)

    def div(self, a: Value, b: Value) -> Value:
        high = self.body.div(a.high, b.high)
        low = self._quotient_error(a, b, high) if self.precision.pairs else None
        power = self._sum_of_powers(a.power, None if b.power is None else self.body.neg(b.power))
        return Value(high, low, power, a.vanishes or not b.bounded, False)

    def _quotient_error(self, a: Value, b: Value, high: str) -> str:
        body = self.body
        remainder = body.fma(body.neg(high), b.high, a.high)
        if a.low is not None:
            remainder = body.add(remainder, a.low)
        if b.low is not None:
            remainder = body.fma(body.neg(high), b.low, remainder)
        return body.div(remainder, b.high)

    def select(self, condition: str, a: Value, b: Value) -> Value:
        body = self.body
        zero = body.constant(0.0)
        low = power = None
        if a.power is not None or b.power is not None:
            power = body.select(condition, a.power or zero, b.power or zero)
        if a.low is not None or b.low is not None:
            low = body.select(condition, a.low or zero, b.low or zero)
        high = body.select(condition, a.high, b.high)
        return Value(high, low, power, a.vanishes or b.vanishes, a.bounded and b.bounded)

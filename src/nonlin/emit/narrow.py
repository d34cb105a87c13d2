"""float32 results from float32 arithmetic: twice the elements per instruction, for expressions that can afford it.

Operands and their sums and products are kept as pairs, so the argument of a function is as good as exact; what the
functions and the products after them lose is added up in `Value.error`, and the kernel is only used while that stays
below the promised bound. Everything else raises `UnsupportedError` and is computed in float64 arithmetic instead.

Functions that vanish are returned as 2³² times their value, so that a result in the subnormal range is rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from nonlin.emit import gated
from nonlin.emit.arithmetic import Arithmetic
from nonlin.emit.body import Body, rounded
from nonlin.emit.exponential import LN2
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.emit.value import FLOAT, Value

ROUND = float(3 * 2**22)
"""Adding this to a float of magnitude below 2^22 rounds it to an integer, which is then in the low bits."""
BIAS, MANTISSA = 127, 23
SHIFT = 32
# Where e^-u times anything below 2^10 is nothing in float32; its largest power, 2^159, still fits with the shift.
GONE = 110.0
LN2_HIGH = Fraction(int(LN2 * 2**15), 2**15)  # n · LN2_HIGH is exact for |n| < 2^9
LN2_LOW = LN2 - LN2_HIGH
_DOWN = 2.0**-SHIFT
_GOOD_ENOUGH = 1.9
"""Below this error in units in the last place a low part is left out: it costs two operations or three."""


class UnsupportedError(Exception):
    """The expression needs float64 arithmetic."""


def of_low(u: Value) -> float:
    """What an argument with a low part adds to a function's error: one more rounding of the reduced argument."""
    return 0.4 if u.low else 0.0


class Narrow(Arithmetic):
    """Arithmetic and functions on floats. The errors beside the functions were measured over all inputs."""

    def __init__(self, body: Body):
        super().__init__(body, FLOAT)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise UnsupportedError(name)

    def library(self, function: str, *arguments: str) -> str:
        raise UnsupportedError(f"{function} of the C library takes doubles")

    def constant(self, value: Fraction | float) -> Value:
        high = rounded(value, "float")
        low = rounded(Fraction(value) - Fraction(high), "float") if abs(high) < 1e30 else 0.0
        name, rest = self.body.constant(high), self.body.constant(low) if low else None
        return Value(name, rest, bounded=True, exact=True, rough=abs(low / high) * 2**24 if low else 0.0)

    def plain(self, value: Value) -> str:
        name = value.high
        if value.whole is not None:
            return value.whole
        if value.low is not None:
            name = self.with_low(name, self.argument_low(value.low))
        return name if not value.shift else self.body.mul(name, self.body.constant(2.0**-value.shift))

    def flat(self, value: Value) -> Value:
        if not value.shift:
            return value
        return replace(value, high=self.plain(value), low=None, shift=0)

    def single(self, value: Value) -> Value:
        """The value without low part, which is added where it is worth it."""
        if value.low is None:
            return value
        if value.alone <= _GOOD_ENOUGH:
            return Value(value.high, bounded=value.bounded, error=value.alone)
        return Value(self.plain(value), bounded=value.bounded, error=value.error + 0.5)

    @staticmethod
    def _other(value: Value, high: str, **changes: Any) -> Value:
        """A value made from this one, which is no longer the inverse of its divisor."""
        return replace(value, high=high, divisor=None, argument=None, whole=None, **changes)

    def neg(self, a: Value) -> Value:
        low = None if a.low is None else self.body.neg(a.low)
        return self._other(a, self.body.neg(a.high), low=low)

    def magnitude(self, u: Value) -> Value:
        negative = self.body.compare("olt", u.high, self.body.constant(0.0))
        low = None if u.low is None else self.body.select(negative, self.body.neg(u.low), u.low)
        return self._other(u, self.body.abs(u.high), low=low)

    def add(self, a: Value, b: Value) -> Value:
        if not (a.exact and b.exact):
            raise UnsupportedError("a sum of function values may cancel")
        high = self.body.add(a.high, b.high)
        return Value(high, self._sum_error(a, b, high), bounded=a.bounded and b.bounded, exact=True)

    def mul(self, a: Value, b: Value) -> Value:
        if a.exact and b.exact:
            high, rough = self.body.mul(a.high, b.high), a.alone + b.alone + 0.5
            low = self._product_error(a, b, high)
            return Value(high, low, bounded=a.bounded and b.bounded, exact=True, rough=rough)
        operand, function = (a, b) if a.exact else (b, a)
        if operand.exact and self._is_moderate_constant(operand):
            error = function.error + operand.alone + 0.5
            if error <= _GOOD_ENOUGH:
                return self._other(function, self.body.mul(operand.high, function.high), error=error)
            scaled = self.scaled(operand, function.high)
            return self._other(function, scaled, error=function.error + 0.6)
        if operand.exact and not function.vanishes:
            high = self.scaled(operand, function.high)
            return Value(high, bounded=operand.bounded and function.bounded, error=function.error + 0.6)
        if not operand.exact or function.gone is None:
            raise UnsupportedError("a product whose factor may underflow before it does")
        return gated.product(self, operand, function, GONE)

    def _is_moderate_constant(self, value: Value) -> bool:
        known = self.body.constants.get(value.high)
        return known is not None and 2.0**-20 < abs(known) < 2.0**20

    def scaled(self, operand: Value, name: str) -> str:
        """operand · name, the operand's low part included."""
        b = self.body
        product = b.mul(operand.high, name)
        if operand.low is None:
            return product
        whole = b.fma(operand.high, name, b.mul(operand.low, name))
        if operand.high in b.constants:
            return whole
        return b.select(b.compare("oeq", operand.low, b.constant(0.0)), product, whole)  # −0 stays −0

    def div(self, a: Value, b: Value) -> Value:
        if not a.exact and a.bounded and not a.shift and b.exact and b.bounded:
            return self._over_sum(a, b)
        if not (a.exact and b.exact and b.bounded):
            raise UnsupportedError("a quotient of function values, or one that may be ∞/∞")
        high = self.body.div(a.high, b.high)
        return Value(high, self._quotient_error(a, b, high), exact=True)

    def _over_sum(self, function: Value, divisor: Value) -> Value:
        """function / divisor by the divisor's inverse as a pair, which a row computes once."""
        b = self.body
        inverse = b.div(b.constant(1.0), divisor.high)
        remainder = b.fma(b.neg(inverse), divisor.high, b.constant(1.0))
        if divisor.low is not None:
            remainder = b.fma(b.neg(inverse), divisor.low, remainder)
        low = b.mul(remainder, inverse)
        result = b.fma(function.high, inverse, b.mul(function.high, low))
        return Value(result, vanishes=True, error=function.error + 0.6)

    def select(self, condition: str, a: Value, b: Value) -> Value:
        body = self.body
        if a.exact and b.exact:
            zero = body.constant(0.0)
            low = body.select(condition, a.low or zero, b.low or zero) if a.low or b.low else None
            return Value(body.select(condition, a.high, b.high), low, bounded=a.bounded and b.bounded, exact=True)
        a, b = self.single(self.flat(a)), self.single(self.flat(b))
        return Value(
            body.select(condition, a.high, b.high),
            vanishes=a.vanishes or b.vanishes,
            bounded=a.bounded and b.bounded,
            error=max(a.error, b.error),
        )

    def argument_low(self, low: str) -> str:
        """The low part of an argument, with −1 or 1 for the NaN or ∞ of an infinite one."""
        b = self.body
        above = b.select(b.compare("olt", b.constant(-1.0), low), low, b.constant(-1.0))
        return b.select(b.compare("olt", above, b.constant(1.0)), above, b.constant(1.0))

    def _clamped(self, u: Value, low_end: float | None, high_end: float) -> str:
        if not u.exact:
            raise UnsupportedError("a function of a function")
        return self.at_most(u.high if low_end is None else self.at_least(u.high, low_end), high_end)

    def reduced(self, v: str, low: str | None = None, *, level: str = "whole") -> tuple[str, str]:
        """(n + ROUND, q) with e^(v + low) = 2ⁿ (1 + q).

        To `level`: "whole" is good beside the 1, "float" for q itself, "coarse" leaves a relative error of 2⁻²⁴ and
        n · 2⁻²⁶.
        """
        b = self.body
        shifted = b.fma(v, b.constant(1 / LN2), b.constant(ROUND))
        minus_n = b.neg(b.sub(shifted, b.constant(ROUND)))
        if level == "coarse":
            r = b.fma(minus_n, b.constant(LN2), v)
        elif low is None:
            r = b.fma(minus_n, b.constant(LN2_LOW), b.fma(minus_n, b.constant(LN2_HIGH), v))
        else:
            rest = b.fma(minus_n, b.constant(LN2_LOW), self.argument_low(low))
            r = b.add(b.fma(minus_n, b.constant(LN2_HIGH), v), rest)
        return shifted, b.fma(b.mul(r, r), b.polynomial(POLYNOMIALS["expm1"][level], r), r)

    def _power(self, shifted: str, offset: int = 0) -> str:
        """2^(n + offset)."""
        b = self.body
        return b.from_bits(b.integer_op("shl", b.integer_op("add", b.bits(shifted), BIAS + offset), MANTISSA))

    def _divisor(self, v: str, low: str | None) -> str:
        """2^−SHIFT (1 + eᵛ)."""
        b = self.body
        shifted, q = self.reduced(v, low)
        power = self._power(shifted, -SHIFT)
        start = b.add(power, b.constant(_DOWN))
        # 2²⁴ + 1 is no float: without this, x σ(x) at −16.7 is off by one more ulp.
        lost = b.sub(b.constant(_DOWN), b.sub(start, power))
        return b.add(start, b.fma(power, q, lost))

    def logistic(self, u: Value) -> Value:
        """1 / (1 + e^−u)."""
        b, away = self.body, self.neg(u)
        total = self._divisor(self.at_least(self._clamped(away, None, GONE), -60.0), away.low)
        return Value(
            b.div(b.constant(1.0), total),
            vanishes=True,
            bounded=True,
            shift=SHIFT,
            error=1.7 + of_low(u),
            gone=b.compare("olt", u.high, b.constant(-GONE)),
            divisor=total,
            argument=None if u.low else u.high,
            whole=b.div(b.constant(_DOWN), total),
        )

    def logistic_slope(self, u: Value) -> Value:
        """s − s² with s = σ(−|u|) ≤ 1/2."""
        b, u = self.body, self.magnitude(u)
        total = self._divisor(self._clamped(u, None, GONE), u.low)
        shifted, plain = (b.div(b.constant(number), total) for number in (1.0, _DOWN))
        return Value(
            b.fma(b.mul(shifted, b.constant(-_DOWN)), shifted, shifted),
            vanishes=True,
            bounded=True,
            shift=SHIFT,
            error=1.8 + of_low(u),
            gone=b.compare("olt", b.constant(GONE), u.high),
            whole=b.fma(b.neg(plain), plain, plain),
        )

    def inverse_of_double(self, u: str) -> str:
        """1 / (1 + e^2|u|)."""
        b = self.body
        size, one = b.abs(u), b.constant(1.0)
        shifted, q = self.reduced(self.at_most(b.add(size, size), 40.0), level="coarse")
        power = self._power(shifted)
        return b.div(one, b.fma(power, q, b.add(power, one)))

    def tanh_of_vanishing(self, u: Value) -> Value:
        """1 − 2 / (1 + e^2|u|) with the sign of u; below 0.55, where that cancels, u + u³ P(u²)."""
        b = self.body
        if u.low is not None or not u.exact:
            raise UnsupportedError("tanh of anything but an operand")
        one, inverse = b.constant(1.0), self.inverse_of_double(u.high)
        # Doubled by an addition: the multipliers are what this function waits for.
        far = b.sub(one, b.add(inverse, inverse))
        square = b.mul(u.high, u.high)
        near = b.fma(b.mul(u.high, square), b.polynomial(POLYNOMIALS["tanh"]["float"], square), u.high)
        small = b.compare("olt", b.abs(u.high), b.constant(0.55))
        return Value(b.intrinsic("copysign", b.select(small, near, far), u.high), bounded=True, error=1.45)

    def expm1(self, u: Value) -> Value:
        """Twice 2^(n−1) q + (2^(n−1) − 1/2), so that 2^n does not overflow before the result does; u where tiny."""
        b = self.body
        shifted, q = self.reduced(self._clamped(u, -20.0, 89.5), u.low, level="float")
        half = self._power(shifted, -1)
        result = b.fma(half, q, b.sub(half, b.constant(0.5)))
        tiny = b.compare("olt", b.abs(u.high), b.constant(2.0**-30))
        return Value(b.select(tiny, u.high, b.add(result, result)), error=1.7 if u.low else 0.9)

    def exp(self, u: Value) -> Value:
        """2^a (1 + q) · 2^(n−a) with a = n/2: neither factor leaves the range of normal numbers."""
        b = self.body
        if u.nonpositive:
            return self._decaying_exp(u)
        shifted, q = self.reduced(self._clamped(u, -GONE, 90.0), u.low)
        n = b.integer_op("sub", b.bits(shifted), 0x4B400000)  # the bits of ROUND
        first = b.integer_op("ashr", n, 1)
        rest = b.integer_op("sub", n, first)
        powers = [b.from_bits(b.integer_op("shl", b.integer_op("add", k, BIAS), MANTISSA)) for k in (first, rest)]
        return Value(b.mul(b.fma(powers[0], q, powers[0]), powers[1]), vanishes=True, error=1.1 + of_low(u))

    def _decaying_exp(self, u: Value) -> Value:
        """2^(n+24) (1 + q) · 2^−24, for u ≤ 0."""
        b = self.body
        shifted, q = self.reduced(self.at_least(u.high, -104.0), u.low)
        power = self._power(shifted, 24)
        result = b.mul(b.fma(power, q, power), b.constant(2.0**-24))
        return Value(result, vanishes=True, bounded=True, error=1.1)  # with its low part, over the rows tried

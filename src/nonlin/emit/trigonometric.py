"""Sine and cosine of any finite argument, without branches.

An angle factor · u is kπ/2 + r with |r| ≤ π/4 and r as a pair, so that sin r keeps its digits where the sine is
nearly 0. Up to 2²⁰ quarter turns, k times what u is in one is subtracted in three parts (Cody, Waite 1980, "Software
manual for the elementary functions"). Beyond, u = M·2ᵉ with an integer M, and of 2ᵉ times the rate (2/π, for the
factor 1) only the bits that make less than four quarter turns, and matter, are multiplied with M: 192 bits of a table
(Payne, Hanek 1983, "Radian reduction for trigonometric functions").

An offset of n·π/4 costs nothing and loses nothing: it is added to the number of quarter turns, where it is n/2.
"""

from __future__ import annotations

from fractions import Fraction

from nonlin.emit.angles import BITS, FIRST, STEP, Angle
from nonlin.emit.arithmetic import BIAS, ROUND, Arithmetic
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.emit.value import Value
from nonlin.expression.constants import PI

NEAR = 2.0**20  # quarter turns
LEADING_BITS = 33  # of the first of the three parts, so that its product with k is exact
SMALL = 2.0**-10  # from here on the table holds what M is multiplied with
LAST_BIT = BIAS + 52  # an exponent field of this value makes the significand an integer
_SIGN_AND_FRACTION = -(2**63) + 2**52 - 1
_ROUND_BITS = 0x4338000000000000  # the bits of ROUND
_ROWS_APART = (BITS + 2) // STEP  # from one entry that is multiplied to the next
_SHIFT = 520  # leaves the product of two doubles in range


class Trigonometry(Arithmetic):
    """The sine of a pair, or of a pair times a power of two that `turning_product` gave it."""

    def sine(self, u: Value, angle: Angle, eighths: int) -> Value:
        """sin(the angle of u + eighths · π/4); NaN where u is infinite."""
        b = self.body
        quarters, half = divmod(eighths + angle.eighths, 2)
        v = self._without_power(u)
        k, r = self._reduced(u, v, angle, half)
        if angle.rest:
            k, r = self._with_rest(k, r, angle.rest)
        turned = b.add(b.add(k, b.constant(float(quarters % 4))), b.constant(ROUND))
        result = self.select(b.lowest_bit(b.bits(turned)), self._cosine_core(r), self._sine_core(r))
        result = self._negated_in_second_half(result, turned)
        if not angle.rest and not (eighths + angle.eighths) % 4:
            result = self._zero_of(v, result)
        finite = b.compare("olt", b.abs(u.high), b.constant(float("inf")))
        return Value(b.select(finite, result.high, b.constant(float("nan"))), result.low, bounded=True)

    def turning_product(self, a: Value, b: Value) -> Value:
        """a · b, with a power of two where the product leaves the range of doubles, or nearly."""
        body = self.body
        fits = body.compare("olt", body.abs(body.mul(a.high, b.high)), body.constant(2.0**1000))
        factor = body.select(fits, body.constant(1.0), body.constant(2.0**-_SHIFT))
        power = body.select(fits, body.constant(0.0), body.constant(2.0 * _SHIFT))
        product = self.mul(*(Value(body.mul(value.high, factor)) for value in (a, b)))
        return Value(product.high, product.low, power)

    def _without_power(self, u: Value) -> Value:
        if u.power is None:
            return u
        return Value(self.scale(u.high, u.power), None if u.low is None else self.scale(u.low, u.power))

    def _negated_in_second_half(self, value: Value, shifted: str) -> Value:
        """The value with its sign changed where k modulo 4 is 2 or 3; `shifted` is k + ROUND."""
        b = self.body
        sign = b.integer_op("shl", b.integer_op("and", b.bits(shifted), 2), 62)
        high = b.from_bits(b.integer_op("xor", b.bits(value.high), sign))
        low = None if value.low is None else b.from_bits(b.integer_op("xor", b.bits(value.low), sign))
        return Value(high, low)

    def _zero_of(self, v: Value, result: Value) -> Value:
        """The result, u itself where that is zero: −0 stays −0."""
        b = self.body
        zero = b.constant(0.0)
        kept = v.high if v.low is None else b.select(b.compare("oeq", v.low, zero), v.high, result.high)
        return Value(b.select(b.compare("oeq", v.high, zero), kept, result.high), result.low)

    def _with_rest(self, k: str, r: Value, rest: Fraction) -> tuple[str, Value]:
        """(k, r) for an angle that is greater by `rest`."""
        b = self.body
        total = self.add(r, self.constant(rest))
        more = self._rounded(b.mul(total.high, b.constant(2 / PI)))
        r = self.add(total, self.mul(Value(b.neg(more)), self.constant(PI / 2)))
        return b.add(k, more), self._normal(r)

    def _normal(self, value: Value) -> Value:
        """The pair with all that fits in its high part."""
        if value.low is None:
            return value
        high = self.body.add(value.high, value.low)
        return Value(high, self.body.sub(value.low, self.body.sub(high, value.high)))

    def _sine_core(self, r: Value) -> Value:
        """r (1 + z (−1/6 + z S(z))) with z = r²."""
        z = self.mul(r, r)
        inner = self.add(self.constant(Fraction(-1, 6)), self._tail("sine", z))
        return self.add(r, self.mul(r, self.mul(z, inner)))

    def _cosine_core(self, r: Value) -> Value:
        """1 + z (−1/2 + z (1/24 + z C(z)))."""
        z = self.mul(r, r)
        inner = self.add(self.constant(Fraction(1, 24)), self._tail("cosine", z))
        inner = self.add(self.constant(Fraction(-1, 2)), self.mul(z, inner))
        return self.add(self.constant(1), self.mul(z, inner))

    def _tail(self, name: str, z: Value) -> Value:
        b = self.body
        return Value(b.mul(z.high, b.polynomial(POLYNOMIALS[name][self.precision.level], z.high)))

    def _rounded(self, name: str) -> str:
        """The nearest integer, below 2^51."""
        b = self.body
        return b.sub(b.add(name, b.constant(ROUND)), b.constant(ROUND))

    def _reduced(self, u: Value, v: Value, angle: Angle, half: int) -> tuple[str, Value]:
        """(k, r) with factor · u + half · π/4 = k · π/2 + r; v is u without a power of two, infinite on overflow."""
        b = self.body
        turns = b.fma(v.high, b.constant(angle.rate), b.constant(half / 2))
        near_k, near = self._from_near(v, turns, angle, half)
        far_k, far = self._from_far(u, v, angle, half)
        is_near = b.compare("olt", b.abs(turns), b.constant(NEAR))
        return b.select(is_near, near_k, far_k), self._normal(self.select(is_near, near, far))

    def _from_near(self, v: Value, turns: str, angle: Angle, half: int) -> tuple[str, Value]:
        b = self.body
        high, middle, low = _parts(1 / angle.rate)
        k = self._rounded(turns)
        minus = b.neg(b.sub(k, b.constant(half / 2)))
        r = self.add(Value(b.fma(minus, b.constant(high), v.high)), self.mul(Value(minus), Value(b.constant(middle))))
        if self.precision.pairs:
            r = self.add(r, Value(b.mul(minus, b.constant(low))))
        if v.low is not None:
            r = self.add(r, Value(v.low))
        return k, self.mul(r, self.constant(angle.factor))

    def _from_far(self, u: Value, v: Value, angle: Angle, half: int) -> tuple[str, Value]:
        """Where u is a pair, its low part too may be many turns."""
        k, turns = self._turns(u.high, v.high, u.power, angle, half)
        if u.low is not None and v.low is not None:
            other, rest = self._low_turns(u.low, v.low, u.power, angle)
            turns = self.add(turns, rest)
            last = self._rounded(turns.high)
            turns = self.add(turns, Value(self.body.neg(last)))
            k = self.body.add(self.body.add(k, other), last)
        return k, self.mul(turns, self.constant(PI / 2))

    def _low_turns(self, name: str, flat: str, power: str | None, angle: Angle) -> tuple[str, Value]:
        b = self.body
        k, turns = self._turns(name, flat, power, angle, 0)
        small = b.compare("olt", b.abs(flat), b.constant(SMALL))
        direct = self.mul(Value(flat), self.constant(angle.rate))
        return b.select(small, b.constant(0.0), k), self.select(small, direct, turns)

    def _turns(self, name: str, flat: str, power: str | None, angle: Angle, half: int) -> tuple[str, Value]:
        """(k, f) with (name · 2^power) · rate + half/2 = k + f modulo 4, |f| ≤ 1/2; `flat` is name · 2^power."""
        b = self.body
        products = self._products(*self._position(name, flat, power), angle.table)
        (first, first_low), (second, second_low) = products[:2]
        start = b.add(self._modulo_four(first), self._modulo_four(first_low))  # exact, as is all that follows
        start = b.add(start, b.constant(half / 2))
        k, following = self._rounded(start), self._rounded(second)
        one, other = Value(b.sub(start, k)), Value(b.sub(second, following))
        high = b.add(one.high, other.high)
        last = self._rounded(high)
        total = Value(b.sub(high, last))
        small = [products[2][0], second_low, self._sum_error(one, other, high)]
        small += [products[3][0], products[2][1]] if self.precision.pairs else []
        for term in small:
            total = self.add(total, Value(term))
        return b.add(b.add(k, following), last), total

    def _position(self, name: str, flat: str, power: str | None) -> tuple[str, str]:
        """(X, row): an integer X below 2^69 and the table's row with X · 2^(16·row − 64) = name · 2^power."""
        b = self.body
        usable = b.compare("ole", b.constant(SMALL), b.abs(flat))
        name = b.select(usable, name, b.constant(1.0))
        name = b.select(b.compare("olt", b.abs(name), b.constant(float("inf"))), name, b.constant(1.0))
        exponent = b.integer_op("and", b.integer_op("lshr", b.bits(name), 52), 2047)
        if power is not None:
            shifted = b.bits(b.add(b.select(usable, power, b.constant(0.0)), b.constant(ROUND)))
            exponent = b.integer_op("add", exponent, b.integer_op("sub", shifted, _ROUND_BITS))
        place = b.integer_op("add", exponent, -FIRST - LAST_BIT)
        step = b.integer_op("add", b.integer_op("and", place, STEP - 1), LAST_BIT)
        fraction = b.integer_op("and", b.bits(name), _SIGN_AND_FRACTION)
        whole = b.from_bits(b.integer_op("or", fraction, b.integer_op("shl", step, 52)))
        return whole, b.integer_op("lshr", place, STEP.bit_length() - 1)

    def _products(self, whole: str, row: str, table: tuple[float, ...]) -> list[tuple[str, str]]:
        """`whole` times four entries of the table, as pairs; their sum is known to 2^-121 modulo 4."""
        b = self.body
        products = []
        for index in range(4):
            entry = b.lookup(table, b.integer_op("add", row, index * _ROWS_APART))
            scaled = b.mul(whole, b.constant(2.0 ** (-STEP * _ROWS_APART * index)))
            high = b.mul(scaled, entry)
            products.append((high, b.fma(scaled, entry, b.neg(high))))
        return products

    def _modulo_four(self, name: str) -> str:
        b = self.body
        return b.fma(b.constant(-4.0), b.intrinsic("floor", b.mul(name, b.constant(0.25))), name)


def _parts(quarter: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """A quarter turn in three parts: few bits, a double, and what the two leave out."""
    unit = Fraction(2) ** (LEADING_BITS - (quarter.numerator.bit_length() - quarter.denominator.bit_length()))
    high = Fraction(int(quarter * unit)) / unit
    middle = Fraction(float(quarter - high))
    return high, middle, quarter - high - middle

"""Functions of one exponential: exp, expm1, σ, σ′ and tanh.

Every exponential is eᵘ = 2ⁿ (1 + q) with n = round(u / ln 2) and q = expm1(u − n ln 2) from a polynomial. σ, σ′ and
tanh are written so that the argument is −|u|: it never overflows, and functions of the same u share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from nonlin.emit.arithmetic import ROUND, Arithmetic
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.emit.value import Value

with localcontext() as _context:
    _context.prec = 60
    LN2 = Fraction(Decimal(2).ln())
LN2_HIGH = Fraction(int(LN2 * 2**40), 2**40)  # n · LN2_HIGH is exact for |n| < 2^12
LN2_LOW = Fraction(float(LN2 - LN2_HIGH))


@dataclass(frozen=True)
class Exponential:
    """eᵘ = 2^n (1 + q): `power` is n, `shifted` n + ROUND, `p` = 1 + q."""

    p: Value
    q: Value
    power: str
    shifted: str


class Exponentials(Arithmetic):
    """The exponential and what is made of one."""

    @property
    def one(self) -> Value:
        return self.constant(1)

    def polynomial(self, name: str, variable: str) -> str:
        return self.body.polynomial(POLYNOMIALS[name][self.precision.level], variable)

    def with_sign_of(self, value: Value, u: Value) -> Value:
        """A value ≥ 0 with the sign of u, −0 included."""
        low = None if value.low is None else self.body.select(self.negative(u), self.body.neg(value.low), value.low)
        return Value(self.body.intrinsic("copysign", value.high, u.high), low, None, value.vanishes, value.bounded)

    def exponential(self, u: Value, *, decays: bool = True) -> Exponential:
        """The core; `decays` promises u ≤ 0. Beyond the clamp the result is 0 or ∞ in every dtype this serves."""
        b = self.body
        low_end, high_end = (-5000.0, 5000.0) if self.precision.scaled else (-709.09, 709.8)
        high = self.at_least(u.high, low_end)
        high = high if decays else self.at_most(high, high_end)
        shifted = b.fma(high, b.constant(1 / LN2), b.constant(ROUND))
        n = b.sub(shifted, b.constant(ROUND))
        start = b.fma(b.neg(n), b.constant(LN2_HIGH), high)
        r = b.fma(b.neg(n), b.constant(LN2_LOW), start)
        if not self.precision.pairs:
            q = Value(b.fma(b.mul(r, r), self.polynomial("expm1", r), r))
            return Exponential(Value(b.add(b.constant(1.0), q.high)), q, n, shifted)
        rest = b.fma(b.neg(n), b.constant(LN2_LOW), b.sub(start, r))
        rest = rest if u.low is None else b.add(rest, self.argument_low(u.low))
        q = self._expm1_pair(r, b.fma(b.neg(n), b.constant(LN2 - LN2_HIGH - LN2_LOW), rest))
        return Exponential(self.add(self.one, q), q, n, shifted)

    def argument_low(self, low: str) -> str:
        """The low part of an exponent: 0 where it means nothing, because the exponent is clamped or infinite."""
        b = self.body
        return b.select(b.compare("olt", b.abs(low), b.constant(1.0)), low, b.constant(0.0))

    def _expm1_pair(self, r: str, rest: str) -> Value:
        """expm1(r + rest) = r + r²/2 + r³ P(r) + rest·eʳ, the first two terms without rounding error."""
        b = self.body
        square = b.mul(r, r)
        half, half_error = (b.mul(b.constant(0.5), v) for v in (square, b.fma(r, r, b.neg(square))))
        head = b.add(r, half)
        low = b.add(b.sub(half, b.sub(head, r)), half_error)
        if self.precision.wide:
            head, low = self._with_cube(r, square, half, half_error, head, low)
        else:
            low = b.fma(b.mul(r, square), self.polynomial("expm1", r), low)
        low = b.fma(rest, b.add(b.constant(1.0), b.add(head, low)), low)
        high = b.add(head, low)
        return Value(high, b.sub(low, b.sub(high, head)))

    def _with_cube(self, r: str, square: str, half: str, half_error: str, head: str, low: str) -> tuple[str, str]:
        """r³/6 added without rounding error too: an exponential of an exponential needs the bits."""
        b = self.body
        third, third_low = b.constant(Fraction(1, 3)), b.constant(Fraction(1, 3) - Fraction(1 / 3))
        cube = b.mul(r, half)
        cube_error = b.fma(r, half_error, b.fma(r, half, b.neg(cube)))
        sixth = b.mul(cube, third)
        sixth_error = b.fma(cube, third_low, b.fma(cube, third, b.neg(sixth)))
        sixth_error = b.fma(cube_error, third, sixth_error)
        total = b.add(head, sixth)
        low = b.add(low, b.add(b.sub(sixth, b.sub(total, head)), sixth_error))
        return total, b.fma(b.mul(square, square), self.polynomial("expm1_wide", r), low)

    def _times_power(self, value: Value, factor: str) -> Value:
        low = None if value.low is None else self.body.mul(value.low, factor)
        return Value(self.body.mul(value.high, factor), low)

    def whole(self, e: Exponential) -> Value:
        """eᵘ for u ≤ 0, flushed to zero below 2⁻¹⁰²²: it is about to be added to 1."""
        if not self.precision.scaled:
            return self._times_power(e.p, self.power_from_shifted(e.shifted))
        return self._times_power(e.p, self.power_of_two(self.at_least(e.power, -1023.0)))

    def decaying(self, factor: Value, e: Exponential, *, bounded: bool = True) -> Value:
        """factor · 2^n."""
        if self.precision.scaled:
            return Value(factor.high, factor.low, e.power, vanishes=True, bounded=bounded)
        return Value(self.body.mul(factor.high, self.power_from_shifted(e.shifted)), vanishes=True, bounded=bounded)

    def bounded(self, value: Value) -> Value:
        return Value(value.high, value.low, value.power, value.vanishes, bounded=True)

    def exp(self, u: Value) -> Value:
        e = self.exponential(u, decays=u.nonpositive)
        return self.decaying(e.p, e, bounded=u.nonpositive)

    def _minus_one(self, q: Value, scale: str) -> Value:
        """scale (1 + q) − 1 = scale·q + (scale − 1)."""
        less_one = self.body.sub(scale, self.body.constant(1.0))
        if not self.precision.pairs:
            return Value(self.body.fma(scale, q.high, less_one))
        return self.add(Value(less_one), self._times_power(q, scale))

    def expm1(self, u: Value) -> Value:
        """eᵘ − 1; from 2^1000 on, where it would overflow too early, in two factors."""
        b = self.body
        limited = Value(self.clamp(u.high, -60.0, 712.0), u.low)
        e = self.exponential(limited, decays=False)
        first = self.at_most(e.power, 1000.0)
        small = self._minus_one(e.q, self.power_of_two(first))
        result = self._times_power(small, self.power_of_two(b.sub(e.power, first)))
        zero = b.compare("oeq", u.high, b.constant(0.0))  # −0 stays −0
        return Value(b.select(zero, u.high, result.high), result.low, None, bounded=False)

    def logistic(self, u: Value) -> Value:
        e = self.exponential(self.neg(self.magnitude(u)))
        top = self.select(self.negative(u), self.decaying(e.p, e), self.one)
        return self.bounded(self.div(top, self.bounded(self.add(self.one, self.whole(e)))))

    def logistic_slope(self, u: Value) -> Value:
        e = self.exponential(self.neg(self.magnitude(u)))
        denominator = self.bounded(self.add(self.one, self.whole(e)))
        return self.bounded(self.div(self.decaying(e.p, e), self.mul(denominator, denominator)))

    def tanh(self, u: Value) -> Value:
        """−m / (2 + m) with m = expm1(−2|u|), the sign of u put back."""
        b = self.body
        u = self.flat(u)
        e = self.exponential(self.mul(self.constant(-2), self.magnitude(u)))
        if self.precision.scaled:
            scale = self.power_of_two(self.at_least(e.power, -1000.0))
        else:
            scale = self.power_from_shifted(e.shifted)
        m = self._minus_one(e.q, scale)
        quotient = self.div(self.neg(m), self.bounded(self.add(self.constant(2), m)))
        positive = Value(b.abs(quotient.high), quotient.low, bounded=True)
        return self.with_sign_of(positive, u)

    def tanh_of_vanishing(self, u: Value) -> Value:
        """tanh of an argument that carries a power of two: itself where it is tiny."""
        if u.power is None:
            made = self.tanh(u)
            return Value(made.high, made.low, None, u.vanishes, bounded=True)
        tiny = self.body.compare("olt", u.power, self.body.constant(-100.0))
        chosen = self.select(tiny, u, self.tanh(self.flat(u)))
        return Value(chosen.high, chosen.low, chosen.power, vanishes=True, bounded=True)

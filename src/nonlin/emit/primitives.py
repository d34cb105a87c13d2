"""The elementary functions of the kernels, from three cores: one exponential, one logarithm, one normal tail.

Every exponential is eᵘ = 2ⁿ (1 + q) with n = round(u / ln 2) and q = expm1(u − n ln 2) from a polynomial. σ, σ′, tanh,
softplus, Φ and φ are written so that their exponential has the argument −|u| or −u²/2: it never overflows, and
functions of the same u share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from nonlin.emit.arithmetic import ROUND, Arithmetic
from nonlin.emit.polynomials import NORMAL_TAIL, POLYNOMIALS
from nonlin.emit.value import Value

with localcontext() as _context:
    _context.prec = 60
    LN2 = Fraction(Decimal(2).ln())
LN2_HIGH = Fraction(int(LN2 * 2**40), 2**40)  # n · LN2_HIGH is exact for |n| < 2^12
PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")


@dataclass(frozen=True)
class Exponential:
    """eᵘ = 2^n (1 + q): `power` is n, `shifted` n + ROUND, `p` = 1 + q."""

    p: str
    q: str
    power: str
    shifted: str


class Primitives(Arithmetic):
    """The functions, on values."""

    def polynomial(self, name: str, variable: str) -> str:
        return self.body.polynomial(POLYNOMIALS[name][self.precision.level], variable)

    def exponential(self, u: Value, *, decays: bool = True) -> Exponential:
        """The core; `decays` promises u ≤ 0. Beyond the clamp the result is 0 or ∞ in every dtype this serves."""
        b = self.body
        low_end, high_end = (-5000.0, 5000.0) if self.precision.scaled else (-709.09, 709.8)
        high = self.at_least(u.high, low_end)
        high = high if decays else self.at_most(high, high_end)
        shifted = b.fma(high, b.constant(1 / LN2), b.constant(ROUND))
        n = b.sub(shifted, b.constant(ROUND))
        r = b.fma(b.neg(n), b.constant(LN2_HIGH), high)
        r = b.fma(b.neg(n), b.constant(LN2 - LN2_HIGH), r)
        q = b.fma(b.mul(r, r), self.polynomial("expm1", r), r)
        if u.low is not None:
            low = self._usable_low(u.low)
            q = b.add(q, b.fma(low, q, low))
        return Exponential(b.add(b.constant(1.0), q), q, n, shifted)

    def _usable_low(self, low: str) -> str:
        """The low part of an argument; 0 where the high part is infinite and the low part NaN or infinite."""
        b = self.body
        return b.select(b.compare("olt", b.abs(low), b.constant(1.0)), low, b.constant(0.0))

    def _whole(self, e: Exponential) -> str:
        """eᵘ as one number for u ≤ 0, flushed to zero below 2⁻¹⁰²²: it is about to be added to 1."""
        if not self.precision.scaled:
            return self.body.mul(e.p, self.power_from_shifted(e.shifted))
        return self.body.mul(e.p, self.power_of_two(self.at_least(e.power, -1023.0)))

    def _decaying(self, factor: str, e: Exponential, *, bounded: bool = True) -> Value:
        """factor · 2^n."""
        if self.precision.scaled:
            return Value(factor, None, e.power, vanishes=True, bounded=bounded)
        return Value(self.body.mul(factor, self.power_from_shifted(e.shifted)), vanishes=True, bounded=bounded)

    def exp(self, u: Value) -> Value:
        e = self.exponential(u, decays=False)
        return self._decaying(e.p, e, bounded=False)

    def expm1(self, u: Value) -> Value:
        """2^n q + (2^n − 1), halved so that 2^n does not overflow before the result does."""
        b = self.body
        limited = Value(self.clamp(u.high, -60.0, 712.0), u.low)
        e = self.exponential(limited, decays=False)
        half = self.power_of_two(b.sub(e.power, b.constant(1.0)))
        result = b.fma(half, e.q, b.sub(half, b.constant(0.5)))
        return Value(b.add(result, result), bounded=False)

    def _negative_magnitude(self, u: Value) -> tuple[str, Value]:
        """(u < 0, −|u|)."""
        b = self.body
        negative = b.compare("olt", u.high, b.constant(0.0))
        low = None if u.low is None else b.select(negative, u.low, b.neg(u.low))
        return negative, Value(b.neg(b.abs(u.high)), low)

    def logistic(self, u: Value) -> Value:
        b = self.body
        negative, magnitude = self._negative_magnitude(u)
        e = self.exponential(magnitude)
        one = b.constant(1.0)
        denominator = b.add(one, self._whole(e))
        left = self._decaying(e.p, e)
        top = b.select(negative, left.high, one)
        power = None if left.power is None else b.select(negative, left.power, b.constant(0.0))
        return Value(b.div(top, denominator), None, power, vanishes=True, bounded=True)

    def logistic_slope(self, u: Value) -> Value:
        b = self.body
        _, magnitude = self._negative_magnitude(u)
        e = self.exponential(magnitude)
        denominator = b.add(b.constant(1.0), self._whole(e))
        top = self._decaying(e.p, e)
        return Value(b.div(top.high, b.mul(denominator, denominator)), None, top.power, vanishes=True, bounded=True)

    def tanh(self, u: Value) -> Value:
        """−m / (2 + m) with m = expm1(−2|u|), the sign of u put back."""
        b = self.body
        u = self.flat(u)
        _, magnitude = self._negative_magnitude(u)
        two = b.constant(2.0)
        doubled = Value(b.mul(two, magnitude.high), None if magnitude.low is None else b.mul(two, magnitude.low))
        e = self.exponential(doubled)
        if self.precision.scaled:
            scale = self.power_of_two(self.clamp(e.power, -1000.0, 0.0))
        else:
            scale = self.power_from_shifted(e.shifted)
        m = b.fma(scale, e.q, b.sub(scale, b.constant(1.0)))
        result = b.intrinsic("copysign", b.div(m, b.add(two, m)), u.high)
        return Value(result, None, None, bounded=True)

    def tanh_of_vanishing(self, u: Value) -> Value:
        """tanh of an argument that carries a power of two: itself where it is tiny."""
        if u.power is None:
            return Value(self.tanh(u).high, vanishes=u.vanishes, bounded=True)
        tiny = self.body.compare("olt", u.power, self.body.constant(-100.0))
        chosen = self.select(tiny, u, self.tanh(self.flat(u)))
        return Value(chosen.high, None, chosen.power, vanishes=True, bounded=True)

    def softplus(self, u: Value) -> Value:
        """max(u, 0) + log1p(e^−|u|); below −40 it is eᵘ to the last bit."""
        b = self.body
        negative, magnitude = self._negative_magnitude(u)
        e = self.exponential(magnitude)
        zero = b.constant(0.0)
        whole = self._whole(e)
        positive_part = b.select(negative, zero, u.high)
        near = b.add(positive_part, self._log1p_core(whole))
        if u.low is not None:
            near = b.add(near, b.select(negative, zero, self._usable_low(u.low)))
        if not self.precision.scaled:
            return Value(near, vanishes=True)
        far = b.compare("olt", u.high, b.constant(-40.0))
        return Value(b.select(far, e.p, near), None, b.select(far, e.power, zero), vanishes=True)

    def normal_pdf(self, u: Value) -> Value:
        e = self._bell(u)
        return self._decaying(self.body.mul(e.p, self.body.constant(_INVERSE_ROOT_TWO_PI)), e)

    def normal_cdf(self, u: Value) -> Value:
        """Below 0 the tail e^(−u²/2) · P(z) / (|u| + shift); above 0 one minus it."""
        b = self.body
        e = self._bell(u)
        shift, middle, half = NORMAL_TAIL[self.precision.level]
        t = b.abs(u.high)
        distance = b.add(t, b.constant(shift))
        w = b.div(b.constant(1.0), distance)
        z = b.fma(w, b.constant(1 / Fraction(half)), b.constant(-Fraction(middle) / Fraction(half)))
        factor = b.mul(b.mul(e.p, w), self.polynomial("normal_tail", z))
        tail = self._decaying(factor, e)
        negative = b.compare("olt", u.high, b.constant(0.0))
        upper = Value(b.sub(b.constant(1.0), self.plain(tail)))
        chosen = self.select(negative, tail, upper)
        return Value(chosen.high, None, chosen.power, vanishes=True, bounded=True)

    def _bell(self, u: Value) -> Exponential:
        """e^(−u²/2)."""
        b = self.body
        limited = Value(self.clamp(u.high, -200.0, 200.0), None if u.low is None else self._usable_low(u.low))
        magnitude = Value(b.abs(limited.high), self._signed_low(limited))
        square = self.mul(magnitude, magnitude)
        half = b.constant(-0.5)
        low = None if square.low is None else b.mul(half, square.low)
        return self.exponential(Value(b.mul(half, square.high), low))

    def _signed_low(self, u: Value) -> str | None:
        if u.low is None:
            return None
        return self.body.select(self.body.compare("olt", u.high, self.body.constant(0.0)), self.body.neg(u.low), u.low)

    def erfc(self, u: Value) -> Value:
        """2 Φ(−√2 u)."""
        cdf = self.normal_cdf(self.mul(self.constant(-_ROOT_TWO), u))
        return Value(self.body.add(cdf.high, cdf.high), None, cdf.power, vanishes=True, bounded=True)

    def erf(self, u: Value) -> Value:
        """A polynomial in u² for |u| < 1/2, else 1 − erfc|u| with the sign of u."""
        b = self.body
        magnitude = Value(b.abs(u.high), self._signed_low(u))
        capped = b.select(b.compare("olt", magnitude.high, b.constant(0.5)), u.high, b.constant(0.5))
        near = b.mul(u.high, self.polynomial("erf", b.mul(capped, capped)))
        far = b.intrinsic("copysign", b.sub(b.constant(1.0), self.plain(self.erfc(magnitude))), u.high)
        small = b.compare("olt", magnitude.high, b.constant(0.5))
        return Value(b.select(small, near, far), bounded=True)

    def _log_parts(self, v: str) -> tuple[str, str]:
        """(n, m) with v = 2^n m and 1/√2 ≤ m < √2, for normal positive v."""
        b = self.body
        threshold = 0x3FE6A09E667F3BCD  # the bits of 1/√2
        offset = b.integer_op("sub", b.bits(v), threshold)
        exponent = b.integer_op("ashr", offset, 52)
        m = b.from_bits(b.integer_op("sub", b.bits(v), b.integer_op("shl", exponent, 52)))
        shifted = b.from_bits(b.integer_op("add", exponent, 0x4338000000000000))  # the bits of ROUND
        return b.sub(shifted, b.constant(ROUND)), m

    def _log_core(self, f: str, n: str) -> str:
        """log(2^n (1 + f)) by log(1 + f) = 2s + s³ L(s²), s = f / (2 + f)."""
        b = self.body
        s = b.div(f, b.add(b.constant(2.0), f))
        square = b.mul(s, s)
        # f − s (f − s² L) keeps the leading term f exact where 2s would carry the rounding of the division.
        series = b.sub(f, b.mul(s, b.sub(f, b.mul(square, self.polynomial("log", square)))))
        low = b.fma(n, b.constant(LN2 - LN2_HIGH), series)
        return b.fma(n, b.constant(LN2_HIGH), low)

    def _log1p_core(self, v: str) -> str:
        """log(1 + v) for finite v > −1."""
        b = self.body
        one = b.constant(1.0)
        n, _ = self._log_parts(b.add(one, v))
        scale = self.power_of_two(b.neg(n))
        return self._log_core(b.fma(v, scale, b.sub(scale, one)), n)

    def log(self, u: Value) -> Value:
        """Subnormal input is scaled up first; 0 → −∞, ∞ → ∞, negative → NaN. With a low part: log1p(u − 1)."""
        b = self.body
        v = self.plain(u)
        if u.low is not None:
            excess = b.add(b.sub(v, b.constant(1.0)), self._usable_low(u.low))
            return Value(self._at_log_ends(self._log1p_core(excess), excess, -1.0))
        tiny = b.compare("olt", v, b.constant(2.0**-1022))
        scaled = b.select(tiny, b.mul(v, b.constant(2.0**54)), v)
        n, m = self._log_parts(scaled)
        n = b.select(tiny, b.sub(n, b.constant(54.0)), n)
        result = self._log_core(b.sub(m, b.constant(1.0)), n)
        return Value(self._at_log_ends(result, v, 0.0))

    def log1p(self, u: Value) -> Value:
        v = self.plain(u)
        return Value(self._at_log_ends(self._log1p_core(v), v, -1.0), vanishes=u.vanishes)

    def _at_log_ends(self, result: str, v: str, pole: float) -> str:
        b = self.body
        infinity = b.constant(float("inf"))
        result = b.select(b.compare("oeq", v, infinity), infinity, result)
        result = b.select(b.compare("oeq", v, b.constant(pole)), b.constant(float("-inf")), result)
        return b.select(b.compare("olt", v, b.constant(pole)), b.constant(float("nan")), result)

    def sqrt(self, u: Value) -> Value:
        return Value(self.body.intrinsic("sqrt", self.plain(u)))


def _square_root(value: Fraction) -> Fraction:
    """√value to 60 digits."""
    with localcontext() as context:
        context.prec = 60
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


_ROOT_TWO = _square_root(Fraction(2))
_INVERSE_ROOT_TWO_PI = _square_root(1 / (2 * PI))

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
LN2_LOW = Fraction(float(LN2 - LN2_HIGH))
PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")


@dataclass(frozen=True)
class Exponential:
    """eᵘ = 2^n (1 + q): `power` is n, `shifted` n + ROUND, `p` = 1 + q."""

    p: Value
    q: Value
    power: str
    shifted: str


class Primitives(Arithmetic):
    """The functions, on values."""

    @property
    def one(self) -> Value:
        return self.constant(1)

    def polynomial(self, name: str, variable: str) -> str:
        return self.body.polynomial(POLYNOMIALS[name][self.precision.level], variable)

    def negative(self, u: Value) -> str:
        return self.body.compare("olt", u.high, self.body.constant(0.0))

    def magnitude(self, u: Value) -> Value:
        """|u|."""
        low = None if u.low is None else self.body.select(self.negative(u), self.body.neg(u.low), u.low)
        return Value(self.body.abs(u.high), low, u.power, u.vanishes, u.bounded)

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
        low = b.fma(b.mul(r, square), self.polynomial("expm1", r), low)
        low = b.fma(rest, b.add(b.constant(1.0), b.add(head, low)), low)
        high = b.add(head, low)
        return Value(high, b.sub(low, b.sub(high, head)))

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
        e = self.exponential(u, decays=False)
        return self.decaying(e.p, e, bounded=False)

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
        return self._times_power(small, self.power_of_two(b.sub(e.power, first)))

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

    def softplus(self, u: Value) -> Value:
        """max(u, 0) + log1p(e^−|u|); below −40 it is eᵘ to the last bit."""
        e = self.exponential(self.neg(self.magnitude(u)))
        usable = Value(u.high, None if u.low is None else self.argument_low(u.low))
        positive_part = self.select(self.negative(u), self.constant(0), usable)
        near = self.add(positive_part, Value(self._log1p_core(self.whole(e).high), bounded=True))
        if not self.precision.scaled:
            return Value(near.high, vanishes=True)
        far = self.body.compare("olt", u.high, self.body.constant(-40.0))
        chosen = self.select(far, self.decaying(e.p, e), near)
        return Value(chosen.high, chosen.low, chosen.power, vanishes=True)

    def normal_pdf(self, u: Value) -> Value:
        e = self._bell(u)
        return self.decaying(self.mul(e.p, self.constant(_INVERSE_ROOT_TWO_PI)), e)

    def normal_cdf(self, u: Value) -> Value:
        """Below 0 the tail e^(−u²/2) · P(z) / (|u| + shift); above 0 one minus it; near 0 a series where bits count."""
        b = self.body
        e = self._bell(u)
        tail = self.decaying(self.mul(e.p, self._mills(u)), e)
        upper = self.add(self.one, self.neg(self.flat(tail)))
        chosen = self.select(self.negative(u), tail, upper)
        if self.precision.pairs:
            near = b.compare("olt", b.abs(u.high), b.constant(1.0))
            chosen = self.select(near, self._normal_center(u), chosen)
        return Value(chosen.high, chosen.low, chosen.power, vanishes=True, bounded=True)

    def _mills(self, u: Value) -> Value:
        """(1 − Φ(t)) e^(t²/2) for t = |u|: P(z) w with w = 1 / (t + shift) and z linear in w."""
        shift, middle, half = (Fraction(part) for part in NORMAL_TAIL[self.precision.level])
        distance = self.add(self.bounded(self.magnitude(Value(u.high))), self.constant(shift))
        w = self.div(self.one, distance)
        if not self.precision.pairs:
            flat = self.body.fma(w.high, self.body.constant(1 / half), self.body.constant(-middle / half))
            return Value(self.body.mul(w.high, self.polynomial("normal_tail", flat)), bounded=True)
        z = self.add(self.mul(w, self.constant(1 / half)), self.constant(-middle / half))
        return self.bounded(self.mul(w, self.careful_polynomial("normal_tail", z)))

    def careful_polynomial(self, name: str, variable: Value) -> Value:
        """Horner's scheme whose last steps, where rounding errors matter most, are carried out in pairs."""
        coefficients = POLYNOMIALS[name][self.precision.level]
        careful = 5
        result = Value(self.body.polynomial(coefficients[careful:], variable.high))
        for coefficient in reversed(coefficients[:careful]):
            result = self.add(self.constant(coefficient), self.mul(variable, result))
        return result

    def _normal_center(self, u: Value) -> Value:
        """Φ(u) = 1/2 + (u − u³/6)/√(2π) + u⁵ P(u²) for |u| ≤ 1; only the last term is rounded."""
        square = self.mul(u, u)
        rest = self.mul(square, Value(self.polynomial("normal_center", square.high)))
        series = self.add(self.constant(-_INVERSE_ROOT_TWO_PI / 6), rest)
        series = self.add(self.constant(_INVERSE_ROOT_TWO_PI), self.mul(square, series))
        return self.add(self.constant(0.5), self.mul(u, series))

    def _bell(self, u: Value) -> Exponential:
        """e^(−u²/2)."""
        low = None if u.low is None else self.argument_low(u.low)
        limited = self.magnitude(Value(self.clamp(u.high, -200.0, 200.0), low))
        return self.exponential(self.mul(self.constant(-0.5), self.mul(limited, limited)))

    def erfc(self, u: Value) -> Value:
        """2 Φ(−√2 u)."""
        return self.bounded(self.mul(self.constant(2), self.normal_cdf(self.mul(self.constant(-_ROOT_TWO), u))))

    def erf(self, u: Value) -> Value:
        """A polynomial in u² for |u| < 1/2, else 1 − erfc|u| with the sign of u."""
        b = self.body
        magnitude = self.magnitude(u)
        small = b.compare("olt", magnitude.high, b.constant(0.5))
        capped = b.select(small, u.high, b.constant(0.5))
        near = Value(b.mul(u.high, self.polynomial("erf", b.mul(capped, capped))))
        far = self.add(self.one, self.neg(self.flat(self.erfc(magnitude))))
        return self.bounded(self.select(small, near, self.with_sign_of(far, u)))

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
            excess = b.add(b.sub(v, b.constant(1.0)), self.argument_low(u.low))
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

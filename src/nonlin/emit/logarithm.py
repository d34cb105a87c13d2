"""Functions of one logarithm: log, log1p and softplus."""

from __future__ import annotations

from nonlin.emit.arithmetic import ROUND
from nonlin.emit.exponential import LN2, LN2_HIGH, Exponentials
from nonlin.emit.value import Value


class Logarithms(Exponentials):
    """The logarithm and what is made of one."""

    def softplus(self, u: Value) -> Value:
        """max(u, 0) + log1p(e^−|u|); below −40 it is eᵘ to the last bit."""
        e = self.exponential(self.neg(self.magnitude(u)))
        usable = Value(u.high, None if u.low is None else self.argument_low(u.low))
        positive_part = self.select(self.negative(u), self.constant(0), usable)
        near = self.add(positive_part, Value(self._log1p_core(self.whole(e).high, huge=False), bounded=True))
        if not self.precision.scaled:
            return Value(near.high, vanishes=True)
        far = self.body.compare("olt", u.high, self.body.constant(-40.0))
        chosen = self.select(far, self.decaying(e.p, e), near)
        return Value(chosen.high, chosen.low, chosen.power, vanishes=True)

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

    def _log1p_core(self, v: str, *, huge: bool = True) -> str:
        """log(1 + v) for finite v > −1; without `huge`, for v < 2^1000. Above, n may be 1024 and 2⁻ⁿ subnormal."""
        b = self.body
        one = b.constant(1.0)
        n, _ = self._log_parts(b.add(one, v))
        exponent = n
        if huge:
            large = b.compare("olt", b.constant(2.0**1000), v)
            exponent = b.select(large, b.sub(n, b.constant(2.0)), n)
            v = b.select(large, b.mul(v, b.constant(0.25)), v)
        scale = self.power_of_two(b.neg(exponent))
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

"""Products and derivatives that float32 arithmetic cannot build from their parts, in one piece.

Φ(x) + x φ(x) cancels next to its zero and loses the digits; written around the zero, as e^(−x²/2) (t₀ − t) L(t), it
keeps them. A piece is recognised in the expression by its structure, whatever function it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nonlin.emit.narrow import SHIFT, Narrow, of_low
from nonlin.emit.polynomials import NORMAL_SLOPE_ZERO, POLYNOMIALS, RATIOS
from nonlin.emit.value import Value
from nonlin.expression.nodes import Node, apply, x

_DOWN = 2.0**-SHIFT


class Fused(Narrow):
    """float32 arithmetic with whole pieces."""

    def piece(self, node: Node, operand: Value) -> Value | None:
        """The value of a node that is one of the pieces; `operand` is x."""
        made = _PIECES.get(node)
        return None if made is None else made(self, operand)

    def softplus(self, u: Value) -> Value:
        """max(u, 0) + log(1 + t) with t = e^−|u| and log(1 + t) = t + t² P(t)."""
        b = self.body
        away = self.neg(self.magnitude(u))
        shifted, q = self._reduced(self._clamped(away, -104.0, 0.0), away.low)
        power = self._power(shifted, SHIFT)
        t = b.fma(power, q, power)
        down = b.constant(2.0**-SHIFT)
        flat = b.mul(t, down)
        log = b.fma(b.mul(t, flat), b.polynomial(POLYNOMIALS["log1p"]["float"], flat), t)
        negative, zero = b.compare("olt", u.high, b.constant(0.0)), b.constant(0.0)
        if u.low is None:
            return Value(b.fma(log, down, b.select(negative, zero, u.high)), error=1.9)
        low = b.fma(log, down, b.select(negative, zero, self.argument_low(u.low)))
        return Value(b.add(low, b.select(negative, zero, u.high)), error=1.9 + of_low(u))


    def _bell(self, t: str) -> tuple[str, str]:
        """(2^(n + SHIFT), q) with e^(−t²/2) = 2ⁿ (1 + q)."""
        b = self.body
        square, half = b.mul(t, t), b.constant(-0.5)
        rest = b.mul(half, b.fma(t, t, b.neg(square)))
        shifted, q = self._reduced(b.mul(half, square), rest, settled=True)
        return self._power(shifted, SHIFT), q

    def _ratio(self, name: str, t: str) -> tuple[str, str]:
        """A polynomial in (t − centre) / (t + shift), and what its last sum leaves out."""
        b = self.body
        centre, shift = RATIOS[name]
        first, *others = POLYNOMIALS[name]["float"]
        z = b.div(b.sub(t, b.constant(centre)), b.add(t, b.constant(shift)))
        rest = b.polynomial(tuple(others), z)
        value = b.fma(z, rest, b.constant(first))
        return value, b.fma(z, rest, b.sub(b.constant(first), value))

    def _x_times_cdf(self, x: Value) -> Value:
        """x Φ(x) = max(x, 0) − t Φ(−t) with t = |x|; below 1/2 from a series in x²."""
        b = self.body
        magnitude, zero = b.abs(x.high), b.constant(0.0)
        t = self.at_most(magnitude, 14.5)
        power, q = self._bell(t)
        gate, gate_low = self._ratio("normal_gate", t)
        tail = b.mul(b.add(b.fma(gate, q, gate_low), gate), power)
        far = b.fma(tail, b.constant(-_DOWN), b.select(b.compare("olt", x.high, zero), zero, x.high))
        series = b.polynomial(POLYNOMIALS["normal_near"]["float"], b.mul(x.high, x.high))
        near = b.mul(x.high, b.fma(x.high, series, b.constant(0.5)))
        small = b.compare("olt", magnitude, b.constant(0.5))
        return Value(b.select(small, near, far), error=1.9)

    def _cdf_gate_slope(self, x: Value) -> Value:
        """Φ(x) + x φ(x): e^(−t²/2) (t₀ − t) L(t) for x = −t, one less it for x = t."""
        b = self.body
        zero = NORMAL_SLOPE_ZERO
        t = self.at_most(b.abs(x.high), 14.75)
        distance = b.add(b.sub(b.constant(zero[0]), t), b.constant(zero[1]))
        power, q = self._bell(t)
        product = b.mul(distance, self._ratio("normal_slope", t)[0])
        left = b.mul(b.fma(product, q, product), power)
        negative = b.compare("olt", x.high, b.constant(0.0))
        sign = b.select(negative, b.constant(_DOWN), b.constant(-_DOWN))
        return Value(b.fma(left, sign, b.select(negative, b.constant(0.0), b.constant(1.0))), error=3.0)


_CDF, _PDF = apply("normal_cdf", x), apply("normal_pdf", x)
_PIECES: Mapping[Node, Callable[[Fused, Value], Value]] = {
    _CDF * x: Fused._x_times_cdf,
    _CDF + _PDF * x: Fused._cdf_gate_slope,
}

"""Products and derivatives that float32 arithmetic cannot build from their parts, in one piece.

Φ(x) + x φ(x) cancels next to its zero and loses the digits; written around the zero, as e^(−x²/2) (t₀ − t) L(t), it
keeps them. A piece is recognised in the expression by its structure, whatever function it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nonlin.emit.narrow import GONE, SHIFT, Narrow, of_low
from nonlin.emit.polynomials import NORMAL_SLOPE_ZERO, POLYNOMIALS, RATIOS
from nonlin.emit.value import Value
from nonlin.expression.constants import constant_value
from nonlin.expression.nodes import Node, apply, x

_DOWN = 2.0**-SHIFT


class Fused(Narrow):
    """float32 arithmetic with whole pieces."""

    def piece(self, node: Node, lower: Callable[[Node], Value]) -> Value | None:
        """The value of a node that is one of the pieces."""
        if (made := _PIECES.get(node)) is not None:
            return made(self, lower(x))
        if (parts := _logistic_gate_slope(node)) is not None:
            return self._logistic_gate_slope(*map(lower, parts))
        return None

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

    def _logistic_gate_slope(self, u: Value, w: Value) -> Value:
        """σ(u) + w σ(u) σ(−u) = g N / (1 + e)² with e = e^−|u|: g = e and N = 1 + w + e for u < 0, else 1 and 1 + e + w e.

        Next to its zero 1 + w and its sum with the power of two in e are exact, which leaves one rounding.
        """
        b = self.body
        one, negative = b.constant(1.0), b.compare("olt", u.high, b.constant(0.0))
        away = self.neg(self.magnitude(u))
        shifted, q = self._reduced(self._clamped(away, -GONE, 0.0), away.low)
        scaled_power = self._power(shifted, SHIFT)
        scaled = b.fma(scaled_power, q, scaled_power)
        down = b.constant(_DOWN)
        power, e = b.mul(scaled_power, down), b.mul(scaled, down)
        more = b.add(one, self.at_most(w.high, 1e30))
        low = b.mul(power, q) if w.low is None else b.fma(power, q, self.argument_low(w.low))
        left = b.add(b.add(more, power), low)
        left, right = b.mul(b.fma(left, q, left), scaled_power), b.fma(e, more, one)
        squared = b.add(one, b.fma(e, e, b.add(e, e)))
        product, after = b.select(negative, left, right), b.select(negative, down, one)
        result = b.mul(b.div(product, squared), after)
        gone = b.compare("olt", u.high, b.constant(-GONE))
        return Value(b.select(gone, b.constant(0.0), result), error=3.5)


def _logistic_gate_slope(node: Node) -> tuple[Node, Node] | None:
    """(u, w) where the node is σ(u) + w σ(u) σ(−u) with w = x u′(x), a polynomial of degree 3 at most."""
    if node.op != "add" or node.args[0].op != "logistic" or node.args[1].op != "mul":
        return None
    (u,), (slope, factor) = node.args[0].args, node.args[1].args
    if slope.op == "mul":
        slope, factor = slope.args[1], slope.args[0] * factor
    if factor is not x and x not in (u, *factor.args) or slope is not apply("logistic_slope", u):
        return None
    return (u, factor) if _degree(u) <= 3 >= _degree(factor) else None


def _degree(node: Node) -> float:
    """The degree of a polynomial in x, infinite for anything else."""
    if constant_value(node) is not None:
        return 0
    degrees = [_degree(argument) for argument in node.args]
    known = {"variable": 1, "neg": sum(degrees), "mul": sum(degrees), "add": max(degrees, default=0)}
    return known.get(node.op, float("inf"))


_CDF, _PDF = apply("normal_cdf", x), apply("normal_pdf", x)
_PIECES: Mapping[Node, Callable[[Fused, Value], Value]] = {
    _CDF * x: Fused._x_times_cdf,
    _CDF + _PDF * x: Fused._cdf_gate_slope,
}

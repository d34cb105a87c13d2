"""Products and derivatives that float32 arithmetic cannot build from their parts, in one piece.

Φ(x) + x φ(x) cancels next to its zero and loses the digits; written around the zero, as e^(−x²/2) (t₀ − t) L(t), it
keeps them. A piece is recognised in the expression by its structure, whatever function it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from nonlin.emit import factored
from nonlin.emit.branches import branches
from nonlin.emit.distribute import distribute
from nonlin.emit.exponential import LN2
from nonlin.emit.narrow import GONE, LN2_HIGH, LN2_LOW, ROUND, SHIFT, of_low
from nonlin.emit.polynomials import NORMAL_SLOPE_ZERO, POLYNOMIALS, RATIOS
from nonlin.emit.primitives import Primitives
from nonlin.emit.saturating import SaturatingInFloat
from nonlin.emit.value import Value
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node, apply, x
from nonlin.expression.polynomial import coefficients
from nonlin.expression.polynomial import factored as factors_of

_DOWN = 2.0**-SHIFT
_NOTHING = 150.0  # x e^-x from here on is nothing in float32


class FusedInFloat(SaturatingInFloat):
    """float32 arithmetic with whole pieces."""

    def results(self, expression: Node, x: Value, ulp: float) -> Mapping[Node, Value]:
        """The branches that are polynomials with rational roots, at the least cost their error allows."""
        made = {
            node: factored.in_float(self, x.high, polynomial, interval, ulp)
            for node, interval in branches(expression).items()
            if (polynomial := factors_of(node)) is not None
        }
        return {node: value for node, value in made.items() if value is not None}

    def piece(self, node: Node, lower: Callable[[Node], Value]) -> Value | None:
        """The value of a node that is one of the pieces."""
        if (made := _PIECES.get(node)) is not None:
            return made(self, lower(x))
        if (parts := _logistic_gate_slope(node)) is not None:
            return self._logistic_gate_slope(*map(lower, parts))
        if set(powers := coefficients(node)) == {1, 3}:
            return self._odd_cubic(lower(x), powers[1], powers[3])
        return super().piece(node, lower)

    def _odd_cubic(self, x: Value, first: Fraction, third: Fraction) -> Value:
        """x (a + b x²) as a pair: every rounding is put back but those of the low part itself."""
        b, alone, factor = self.body, self.constant(first), self.constant(third)
        square = b.mul(x.high, x.high)
        total = b.fma(factor.high, square, alone.high)
        product = b.sub(total, alone.high)
        low = b.add(b.fma(factor.high, square, b.neg(product)), b.sub(alone.high, b.sub(total, product)))
        low = b.fma(factor.high, b.fma(x.high, x.high, b.neg(square)), low)
        for rest, of in ((factor.low, square), (alone.low, b.constant(1.0))):
            low = low if rest is None else b.fma(rest, of, low)
        high = b.mul(x.high, total)
        return Value(high, b.fma(x.high, low, b.fma(x.high, total, b.neg(high))), exact=True)

    def softplus(self, u: Value) -> Value:
        """max(u, 0) + log(1 + t) with t = e^−|u| and log(1 + t) = t + t² P(t)."""
        b = self.body
        away = self.neg(self.magnitude(u))
        shifted, q = self.reduced(self._clamped(away, -104.0, 0.0), away.low)
        power = self._power(shifted, SHIFT)
        t = b.fma(power, q, power)
        down = b.constant(2.0**-SHIFT)
        flat = b.mul(t, down)
        log = b.fma(b.mul(t, flat), b.polynomial(POLYNOMIALS["log1p"]["float"], flat), t)
        negative, zero = b.compare("olt", u.high, b.constant(0.0)), b.constant(0.0)
        if u.low is None:
            return Value(b.fma(log, down, b.select(negative, zero, u.high)), error=1.95)
        low = b.fma(log, down, b.select(negative, zero, self.argument_low(u.low)))
        return Value(b.add(low, b.select(negative, zero, u.high)), error=1.95 + of_low(u))

    def _bell(self, t: str, square: str) -> tuple[str, str]:
        """(2^(n + SHIFT − 1), q) with e^(−t²/2) = 2ⁿ (1 − q/2); no factor of 1/2 costs a multiplication."""
        b = self.body
        shifted = b.fma(square, b.constant(-0.5 / LN2), b.constant(ROUND))
        n = b.sub(shifted, b.constant(ROUND))
        low = b.fma(n, b.constant(2 * LN2_LOW), b.fma(t, t, b.neg(square)))
        rest = b.add(b.fma(n, b.constant(2 * LN2_HIGH), square), low)
        coefficients = tuple((-0.5) ** (k + 1) * c for k, c in enumerate(POLYNOMIALS["expm1"]["whole"]))
        q = b.fma(b.mul(rest, rest), b.polynomial(coefficients, rest), rest)
        return self._power(shifted, SHIFT - 1), q

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
        """x Φ(x) = max(x, 0) − t Φ(−t) with t = |x|; below 0.7 from a series in x²."""
        b = self.body
        magnitude, zero = b.abs(x.high), b.constant(0.0)
        t = self.at_most(magnitude, 14.5)
        square = b.mul(t, t)
        power, q = self._bell(t, square)
        gate, gate_low = self._ratio("normal_gate", t)
        low = b.fma(b.neg(gate), q, b.add(gate_low, gate_low))
        tail = b.mul(b.add(low, b.add(gate, gate)), power)
        far = b.fma(tail, b.constant(-_DOWN), b.select(b.compare("olt", x.high, zero), zero, x.high))
        series = b.polynomial(POLYNOMIALS["normal_near"]["float"], square)
        near = b.mul(x.high, b.fma(x.high, series, b.constant(0.5)))
        small = b.compare("olt", magnitude, b.constant(0.7))
        return Value(b.select(small, near, far), error=1.92)

    def _cdf_gate_slope(self, x: Value) -> Value:
        """Φ(x) + x φ(x): e^(−t²/2) (t₀ − t) L(t) for x = −t, one less it for x = t."""
        b = self.body
        zero = NORMAL_SLOPE_ZERO
        t = self.at_most(b.abs(x.high), 14.75)
        distance = b.add(b.sub(b.constant(zero[0]), t), b.constant(zero[1]))
        power, q = self._bell(t, b.mul(t, t))
        product = b.mul(distance, self._ratio("normal_slope", t)[0])
        left = b.mul(b.fma(b.neg(product), q, b.add(product, product)), power)
        negative = b.compare("olt", x.high, b.constant(0.0))
        sign = b.select(negative, b.constant(_DOWN), b.constant(-_DOWN))
        return Value(b.fma(left, sign, b.select(negative, b.constant(0.0), b.constant(1.0))), error=3.4)

    def _logistic_gate_slope(self, u: Value, w: Value) -> Value:
        """σ(u) + w σ(u) σ(−u) = g N / (1 + e)² with e = e^−|u|.

        For u < 0 it has g = e and N = 1 + w + e, else g = 1 and N = 1 + e + w e.
        Next to its zero 1 + w and its sum with the power of two in e are exact, which leaves one rounding.
        """
        b = self.body
        one, negative = b.constant(1.0), b.compare("olt", u.high, b.constant(0.0))
        away = self.neg(self.magnitude(u))
        shifted, q = self.reduced(self._clamped(away, -GONE, 0.0), away.low, level="float")
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
        return Value(b.select(gone, b.constant(0.0), result), error=3.9)

    def _decay(self, magnitude: str) -> tuple[str, str, str]:
        """(2^(n + SHIFT), q, e) with e = e^−magnitude = 2ⁿ (1 + q); e is 0 from GONE on."""
        b = self.body
        shifted, q = self.reduced(b.neg(magnitude))
        power = self._power(shifted, SHIFT)
        return power, q, b.mul(b.fma(power, q, power), b.constant(_DOWN))

    def _tanh_softplus_gate(self, x: Value) -> Value:
        """x tanh(log(1 + eˣ)) = x (1 − c), with e = e^−|x|: c = 2e² / (1 + 2e + 2e²).

        For x < 0 it is x e (1 − c) with c = (e + e²) / d and d = 2 + 2e + e²; near 0, where c is large and with it what
        rounding does to it, 1 − c = 3/5 + (1 − e) (4/5 + 3/5 e) / d, for x > 0 with 2/5 + 6/5 e.
        """
        b = self.body
        within = self.clamp(x.high, -GONE, GONE)
        power, q, e = self._decay(b.abs(within))
        negative = b.compare("olt", x.high, b.constant(0.0))
        near = b.compare("olt", b.constant(0.5), e)
        one, two, double, share = b.constant(1.0), b.constant(2.0), b.add(e, e), self.constant(Fraction(3, 5))
        factor = b.select(
            negative, b.fma(e, b.constant(0.6), b.constant(0.8)), b.fma(e, b.constant(1.2), b.constant(0.4))
        )
        small = b.mul(b.sub(one, e), factor)
        above = b.select(negative, b.fma(e, b.neg(e), b.neg(e)), b.mul(b.neg(double), e))
        above = b.select(near, small, above)
        below = b.select(negative, b.add(two, b.fma(e, e, double)), b.add(one, b.fma(double, e, double)))
        part = b.mul(share.high, within)
        main = b.select(near, part, within)
        main_low = b.fma(str(share.low), within, b.fma(share.high, within, b.neg(part)))
        quotient = b.div(above, below)
        gated = b.fma(within, quotient, main)
        lost = b.fma(within, quotient, b.sub(main, gated))
        lost = b.add(lost, b.select(near, main_low, b.constant(0.0)))
        whole = b.add(b.fma(gated, b.select(negative, q, b.constant(0.0)), lost), gated)
        above = b.select(b.compare("olt", b.constant(GONE), x.high), x.high, whole)
        result = b.select(negative, b.mul(b.mul(whole, power), b.constant(_DOWN)), above)
        return Value(b.intrinsic("copysign", result, x.high), error=1.8)


class FusedInDouble(Primitives):
    """float64 arithmetic for float32 results, with the pieces that float32 arithmetic loses too much in."""

    def piece(self, node: Node, lower: Callable[[Node], Value]) -> Value | None:
        """The value of a node that is one of the pieces."""
        made = PIECES_IN_DOUBLE.get(node)
        return None if made is None else made(self, lower(x))

    def _tanh_softplus_gate_slope(self, x: Value) -> Value:
        """(x tanh(log(1 + eˣ)))′ = 1 + 2e² (2x (1 + e) − d) / d² with e = e^−|x| and d = 1 + 2e + 2e².

        For x < 0 it is e N / d² with d = 2 + 2e + e² and N = 4 (1 + x) + e (6 + 4x + e (4 + e)).
        """
        b = self.body
        within = self.clamp(x.high, -_NOTHING, _NOTHING)
        e = self.whole(self.exponential(self.neg(self.magnitude(Value(within))))).high
        one, two, four = (b.constant(number) for number in (1.0, 2.0, 4.0))
        negative = b.compare("olt", within, b.constant(0.0))
        linear = b.fma(e, b.add(four, e), b.fma(four, within, b.constant(6.0)))
        left = b.fma(e, linear, b.fma(four, within, four))
        double = b.add(e, e)
        below = b.select(negative, b.fma(e, e, b.add(two, double)), b.fma(double, e, b.add(one, double)))
        right = b.mul(double, b.fma(b.add(within, within), b.add(one, e), b.neg(below)))
        quotient = b.div(b.mul(e, b.select(negative, left, right)), b.mul(below, below))
        return Value(b.add(quotient, b.select(negative, b.constant(0.0), one)), vanishes=True)


def _logistic_gate_slope(node: Node) -> tuple[Node, Node] | None:
    """(u, w) where the node is the slope of x σ(u): σ(u) + w σ(u) σ(−u) with w = x u′(x).

    u has odd powers up to x³ with coefficients ≥ 0, so that |w| ≤ 3 |u|: the slope is nothing where e^−|u| is.
    """
    if node.op != "add" or node.args[0].op != "logistic" or node.args[1].op != "mul":
        return None
    (u,), (slope, factor) = node.args[0].args, node.args[1].args
    if slope.op == "mul":
        slope, factor = slope.args[1], slope.args[0] * factor
    if slope is not apply("logistic_slope", u):
        return None
    powers, slopes = coefficients(u), coefficients(factor)
    odd = powers and min(powers.values()) >= 0 and set(powers) <= {1, 3}
    return (u, factor) if odd and slopes == {i: i * c for i, c in powers.items()} else None


_TANH_SOFTPLUS = x * apply("tanh", apply("softplus", x))
_CDF, _PDF = apply("normal_cdf", x), apply("normal_pdf", x)
_PIECES: Mapping[Node, Callable[[FusedInFloat, Value], Value]] = {
    _CDF * x: FusedInFloat._x_times_cdf,
    _CDF + _PDF * x: FusedInFloat._cdf_gate_slope,
    distribute(_TANH_SOFTPLUS): FusedInFloat._tanh_softplus_gate,
}
PIECES_IN_DOUBLE: Mapping[Node, Callable[[FusedInDouble, Value], Value]] = {
    distribute(derivative(_TANH_SOFTPLUS, x)): FusedInDouble._tanh_softplus_gate_slope,
}

"""The elementary functions of the kernels; here those of the normal distribution, whose tail is one polynomial."""

from __future__ import annotations

from fractions import Fraction

from nonlin.emit.exponential import Exponential
from nonlin.emit.logarithm import Logarithms
from nonlin.emit.polynomials import NORMAL_TAIL, POLYNOMIALS
from nonlin.emit.trigonometric import Trigonometry
from nonlin.emit.value import Value
from nonlin.expression.constants import PI, square_root

_ROOT_TWO = square_root(Fraction(2))
_INVERSE_ROOT_TWO_PI = square_root(1 / (2 * PI))


class Primitives(Logarithms, Trigonometry):
    """Every function of the language, on values."""

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

    def sqrt(self, u: Value) -> Value:
        return Value(self.body.intrinsic("sqrt", self.plain(u)))

"""Truncated Taylor series with interval coefficients: f(x + t) = c₀ + c₁ t + … + cₙ tⁿ.

The n-th derivative is n! cₙ. The rules here are recurrences on coefficients (from y′ = u′ y for y = eᵘ, and so on),
written apart from the symbolic derivative rules so that the two can be held against each other. Tails are
computed from factors that do not cancel: the logistic function is carried together with its complement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpmath import libmp as raw

import nonlin.expression.oracle.intervals as iv
from nonlin.expression.oracle.functions import FUNCTIONS, pi
from nonlin.expression.oracle.intervals import Interval, UndefinedError

Series = list[Interval]
Rule = Callable[[Series, int], Series]
LARGEST_INTEGER_POWER = 2**20


def whole(number: int) -> Interval:
    return iv.point(raw.from_int(number))


def constant(value: Interval, length: int) -> Series:
    return [value] + [iv.ZERO] * (length - 1)


def add(a: Series, b: Series, prec: int) -> Series:
    return [iv.add(p, q, prec) for p, q in zip(a, b, strict=True)]


def neg(a: Series) -> Series:
    return [iv.neg(p) for p in a]


def sub(a: Series, b: Series, prec: int) -> Series:
    return add(a, neg(b), prec)


def scale(factor: Interval, a: Series, prec: int) -> Series:
    return [iv.mul(factor, p, prec) for p in a]


def _total(terms: list[tuple[Interval, Interval]], prec: int) -> Interval:
    total = iv.ZERO
    for p, q in terms:
        total = iv.add(total, iv.mul(p, q, prec), prec)
    return total


def mul(a: Series, b: Series, prec: int) -> Series:
    return [_total([(a[j], b[k - j]) for j in range(k + 1)], prec) for k in range(len(a))]


def div(a: Series, b: Series, prec: int) -> Series:
    quotient: Series = []
    for k in range(len(a)):
        known = _total([(b[j], quotient[k - j]) for j in range(1, k + 1)], prec)
        quotient.append(iv.div(iv.sub(a[k], known, prec), b[0], prec))
    return quotient


def _from_slope(k: int, outer: Series, u: Series, prec: int) -> Interval:
    """Coefficient k of y where y′ = outer · u′."""
    terms = [(iv.mul(whole(j), u[j], prec), outer[k - j]) for j in range(1, k + 1)]
    return iv.div(_total(terms, prec), whole(k), prec)


def integral(start: Interval, outer: Series, u: Series, prec: int) -> Series:
    return [start] + [_from_slope(k, outer, u, prec) for k in range(1, len(u))]


def exp(u: Series, prec: int) -> Series:
    y = [FUNCTIONS["exp"](u[0], prec)]
    for k in range(1, len(u)):
        y.append(_from_slope(k, y, u, prec))
    return y


def logistic_pair(u: Series, prec: int) -> tuple[Series, Series]:
    """σ(u) and σ(−u), from s′ = s r u′ and r = 1 − s."""
    s, r = [FUNCTIONS["logistic"](u[0], prec)], [FUNCTIONS["logistic"](iv.neg(u[0]), prec)]
    for k in range(1, len(u)):
        s.append(_from_slope(k, mul(s, r, prec), u, prec))
        r.append(iv.neg(s[k]))
    return s, r


def logistic_slope(u: Series, prec: int) -> Series:
    return mul(*logistic_pair(u, prec), prec)


def tanh(u: Series, prec: int) -> Series:
    """tanh′(u) = 4 σ(2u) σ(−2u)."""
    outer = scale(whole(4), logistic_slope(scale(iv.TWO, u, prec), prec), prec)
    return integral(FUNCTIONS["tanh"](u[0], prec), outer, u, prec)


def bell(u: Series, prec: int) -> Series:
    """e^(−u²/2)"""
    wide = iv.for_square(u[0][0], prec)
    return exp(scale(iv.neg(iv.HALF), mul(u, u, wide), wide), prec)


def error_function(sign: int) -> Rule:
    """erf (+1) and erfc (−1): the slope is ±2/√π e^(−u²)."""
    name = "erf" if sign > 0 else "erfc"

    def rule(u: Series, prec: int) -> Series:
        wide = iv.for_square(u[0][0], prec)
        slope = exp(neg(mul(u, u, wide)), prec)
        factor = iv.div(whole(2 * sign), FUNCTIONS["sqrt"](pi(prec), prec), prec)
        return integral(FUNCTIONS[name](u[0], prec), scale(factor, slope, prec), u, prec)

    return rule


def normal_pdf(u: Series, prec: int) -> Series:
    root = FUNCTIONS["sqrt"](iv.mul(iv.TWO, pi(prec), prec), prec)
    return [iv.div(c, root, prec) for c in bell(u, prec)]


def normal_cdf(u: Series, prec: int) -> Series:
    return integral(FUNCTIONS["normal_cdf"](u[0], prec), normal_pdf(u, prec), u, prec)


def reciprocal_slope(name: str, denominator: Rule) -> Rule:
    """Functions whose slope is 1 / denominator(u)."""

    def rule(u: Series, prec: int) -> Series:
        return integral(FUNCTIONS[name](u[0], prec), div(constant(iv.ONE, len(u)), denominator(u, prec), prec), u, prec)

    return rule


def one_plus(u: Series, prec: int) -> Series:
    return [iv.add(iv.ONE, u[0], prec), *u[1:]]


def sin_cos(u: Series, prec: int) -> tuple[Series, Series]:
    sine, cosine = [FUNCTIONS["sin"](u[0], prec)], [FUNCTIONS["cos"](u[0], prec)]
    for k in range(1, len(u)):
        following = _from_slope(k, cosine, u, prec), iv.neg(_from_slope(k, sine, u, prec))
        sine.append(following[0])
        cosine.append(following[1])
    return sine, cosine


def integer_power(a: Series, exponent: int, prec: int) -> Series:
    if exponent < 0:
        return div(constant(iv.ONE, len(a)), integer_power(a, -exponent, prec), prec)
    result, base = constant(iv.ONE, len(a)), a
    while exponent:
        result = mul(result, base, prec) if exponent & 1 else result
        base, exponent = mul(base, base, prec), exponent >> 1
    return result


def power(a: Series, b: Series, prec: int) -> Series:
    """aᵇ: by multiplication for a constant integer b, else e^(b log a) for a > 0."""
    if all(map(iv.is_zero, b[1:])) and iv.is_point(b[0]) and raw.mpf_floor(b[0][0]) == b[0][0]:
        exponent = raw.to_int(b[0][0])
        if abs(exponent) <= LARGEST_INTEGER_POWER:
            return integer_power(a, exponent, prec)
    if iv.is_zero(a[0]):
        return _power_of_zero(b, len(a))
    if iv.sign_of(a[0]) < 0:
        raise UndefinedError
    return exp(mul(b, RULES["log"](a, prec), prec), prec)


def _power_of_zero(b: Series, length: int) -> Series:
    """0ᵇ = 0 for b > 0, with slopes that vanish below order b."""
    if iv.sign_of(b[0]) <= 0 or (length > 1 and not raw.mpf_gt(b[0][0], raw.from_int(length - 1))):
        raise UndefinedError
    return constant(iv.ZERO, length)


def sqrt(a: Series, prec: int) -> Series:
    y = [FUNCTIONS["sqrt"](a[0], prec)]
    for k in range(1, len(a)):
        inner = _total([(y[j], y[k - j]) for j in range(1, k)], prec)
        y.append(iv.div(iv.sub(a[k], inner, prec), iv.mul(iv.TWO, y[0], prec), prec))
    return y


RULES: Mapping[str, Rule] = {
    "neg": lambda u, prec: neg(u),
    "exp": exp,
    "expm1": lambda u, prec: [FUNCTIONS["expm1"](u[0], prec), *exp(u, prec)[1:]],
    "log": reciprocal_slope("log", lambda u, prec: u),
    "log1p": reciprocal_slope("log1p", one_plus),
    "sqrt": sqrt,
    "tanh": tanh,
    "logistic": lambda u, prec: logistic_pair(u, prec)[0],
    "logistic_slope": logistic_slope,
    "softplus": lambda u, prec: integral(FUNCTIONS["softplus"](u[0], prec), logistic_pair(u, prec)[0], u, prec),
    "erf": error_function(+1),
    "erfc": error_function(-1),
    "normal_cdf": normal_cdf,
    "normal_pdf": normal_pdf,
    "sin": lambda u, prec: sin_cos(u, prec)[0],
    "cos": lambda u, prec: sin_cos(u, prec)[1],
    "atan": reciprocal_slope("atan", lambda u, prec: one_plus(mul(u, u, prec), prec)),
}
PAIR_RULES: Mapping[str, Callable[[Series, Series, int], Series]] = {
    "add": add,
    "sub": sub,
    "row_offset": sub,
    "mul": mul,
    "div": div,
    "power": power,
}

"""Polynomials with rational roots in float32 arithmetic: c (x − r₁) (x − r₂) … keeps every digit next to its roots.

A sum x − r rounds once and a product once, so few low parts are needed: x (x + 3) / 6 has an error of 1.5 ulp with
that of x + 3 and of 1/6 alone, and (x + 3) / 6 of 1.7 without any. Written out, with 1/2 + x/6, the digits of the
constants that a float32 has no room for would move the root.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import frexp, inf

from nonlin.emit.arithmetic import Arithmetic
from nonlin.emit.body import Body, rounded
from nonlin.emit.branches import Interval
from nonlin.emit.value import Value
from nonlin.expression.polynomial import Factored

_LARGEST = 2.0**20
"""No product of a few numbers up to this and down to its inverse leaves the range of normal float32 numbers."""


@dataclass(frozen=True)
class Plan:
    """How many of the sums keep their low parts, and whether the constant factor does."""

    sums: int
    factor: bool


def in_float(maths: Arithmetic, x: str, polynomial: Factored, interval: Interval, ulp: float) -> Value | None:
    """The polynomial for the x of the interval with an error below `ulp`; None where it takes more than this."""
    shifted = [root for root in polynomial.roots if root]
    if not shifted or not all(map(_is_moderate, (polynomial.factor, *shifted))) or not all(map(_is_float, shifted)):
        return None
    if len(polynomial.roots) > 1 and interval.reach > _LARGEST:
        return None
    finite = interval.reach < inf
    plans = (Plan(sums, factor) for sums, factor in product(range(1 + len(shifted) * finite), (False, finite)))
    for plan in plans:
        error = error_of(polynomial, plan)
        if error < ulp:
            return Value(_product(maths, x, polynomial, interval, plan), error=error)
    return None


def _is_moderate(value: Fraction) -> bool:
    return 1 / _LARGEST <= abs(value) <= _LARGEST


def _is_float(value: Fraction) -> bool:
    return Fraction(rounded(value, "float")) == value


def error_of(polynomial: Factored, plan: Plan) -> float:
    """A bound of the error in ulp.

    Every sum and product but the last adds 2⁻²⁴, relative, which is one ulp at most; the last is half an ulp off.
    Half an ulp of a sum is mantissa(c) halves of one of c times the sum.
    """
    c = polynomial.factor
    nearest = Fraction(rounded(c, "float"))
    of_factor = 0.0 if plan.factor else float(abs(nearest / c - 1) * 2**24)
    mantissa = 2 * frexp(abs(float(nearest)))[0]
    shifted = sum(1 for root in polynomial.roots if root)
    sums = shifted - plan.sums
    if len(polynomial.roots) == 1:
        return 0.5 + of_factor + sums * min(1.0, mantissa / 2)
    first_is_exact = mantissa == 1.0 and sums > 0
    return 0.5 + of_factor + sums + len(polynomial.roots) - 1 - first_is_exact


def _product(maths: Arithmetic, x: str, polynomial: Factored, interval: Interval, plan: Plan) -> str:
    """Factor by factor, x itself last: so its sign decides that of a zero, and only the last product underflows.

    The low parts are those of the last sums: a product by a power of two keeps no more of a sum than the sum itself.
    """
    b = maths.body
    c = polynomial.factor
    result = b.constant(c)
    low = b.constant(c - Fraction(rounded(c, "float"))) if plan.factor and not _is_float(c) else None
    shifted = [root for root in polynomial.roots if root]
    for index, root in enumerate(shifted):
        total = b.sub(x, b.constant(root))
        rest = _rest(maths, x, root, total, interval) if index >= len(shifted) - plan.sums else None
        result, low = _times(b, result, low, total, rest), None
    for _ in polynomial.roots[len(shifted) :]:
        result = b.mul(result, x)
    return result


def _times(b: Body, factor: str, factor_low: str | None, total: str, rest: str | None) -> str:
    """(factor + its low part) · (total + rest), rounded once."""
    if factor_low is None and rest is None:
        return b.mul(factor, total)
    small = b.mul(factor_low, total) if factor_low else None
    if rest is not None:
        small = b.fma(factor, rest, small) if small else b.mul(factor, rest)
    return b.fma(factor, total, str(small))


def _rest(maths: Arithmetic, x: str, root: Fraction, total: str, interval: Interval) -> str:
    """What total = fl(x − root) leaves out, in two steps where |x| ≤ |root| (Dekker), else in six (Knuth)."""
    b = maths.body
    shift = b.constant(-root)
    if interval.reach <= abs(root):
        return b.sub(x, b.sub(total, shift))
    virtual = b.sub(total, x)
    return b.add(b.sub(x, b.sub(total, virtual)), b.sub(shift, virtual))

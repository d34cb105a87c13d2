"""Interval arithmetic on arbitrary-precision numbers: every result encloses the mathematical value.

An interval is a pair (low, high) of mpmath's raw numbers. Sums, products and quotients are rounded outward, so an
exact result stays a single point; a transcendental result is widened by a few units of the working precision, so
that no trust is put in the last bits of the library. What cannot be decided at a working precision raises
`UndecidedError`, and the caller repeats the evaluation at twice the precision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import libmp as raw
from mpmath.libmp import fone, fzero, mpf_abs, mpf_ge, mpf_gt, mpf_le, mpf_lt, mpf_neg

Raw = Any  # mpmath's (sign, mantissa, exponent, bit count)
Interval = tuple[Raw, Raw]
PointFunction = Callable[[Raw, int], Interval]

DOWN, UP = "f", "c"
SLACK = 8  # bits of the working precision given up on each side of a transcendental value
HUGE_BITS = 10_000  # exp is never evaluated beyond ±2^10000: its result is only bounded there
FIRST_HUGE_BITS, FIRST_PRECISION = 64, 200  # the cheaper bound of a first attempt: 0.1 ms where the other takes 14 ms
ZERO: Interval = (fzero, fzero)
ONE: Interval = (fone, fone)
HALF: Interval = (raw.fhalf, raw.fhalf)
TWO: Interval = (raw.ftwo, raw.ftwo)


class UndecidedError(Exception):
    """The working precision is too low to tell two numbers apart."""


class UndefinedError(Exception):
    """The function has no real value here (the logarithm of −1, 0/0)."""


def point(number: Raw) -> Interval:
    return number, number


def rational(numerator: int, denominator: int, prec: int) -> Interval:
    """The enclosure of a fraction; a point when it is a binary number of at most 2000 bits."""
    if denominator & (denominator - 1) == 0 and abs(numerator).bit_length() <= 2000:
        return point(raw.from_man_exp(numerator, 1 - denominator.bit_length()))
    return raw.from_rational(numerator, denominator, prec, DOWN), raw.from_rational(numerator, denominator, prec, UP)


def huge_bits(prec: int) -> int:
    """exp(u) is only bounded for |u| ≥ 2^huge_bits."""
    return FIRST_HUGE_BITS if prec <= FIRST_PRECISION else HUGE_BITS


def is_point(a: Interval) -> bool:
    return bool(a[0] == a[1])


def is_zero(a: Interval) -> bool:
    return bool(a[0] == fzero and a[1] == fzero)


def sign_of(a: Interval) -> int:
    """−1, 0 or 1; `UndecidedError` where the interval holds zero and other numbers."""
    if mpf_gt(a[0], fzero):
        return 1
    if mpf_lt(a[1], fzero):
        return -1
    if is_zero(a):
        return 0
    raise UndecidedError


def hull(*points: Raw) -> Interval:
    low = high = points[0]
    for p in points[1:]:
        low, high = (p if mpf_lt(p, low) else low), (p if mpf_gt(p, high) else high)
    return low, high


def add(a: Interval, b: Interval, prec: int) -> Interval:
    low, high = raw.mpf_add(a[0], b[0], prec, DOWN), raw.mpf_add(a[1], b[1], prec, UP)
    return (raw.fninf if low == raw.fnan else low), (raw.finf if high == raw.fnan else high)


def neg(a: Interval) -> Interval:
    return mpf_neg(a[1]), mpf_neg(a[0])


def sub(a: Interval, b: Interval, prec: int) -> Interval:
    return add(a, neg(b), prec)


def _product(p: Raw, q: Raw, prec: int, rounding: str) -> Raw:
    return fzero if p == fzero or q == fzero else raw.mpf_mul(p, q, prec, rounding)


def mul(a: Interval, b: Interval, prec: int) -> Interval:
    if is_zero(a) or is_zero(b):
        return ZERO
    if is_point(a) and is_point(b):
        return raw.mpf_mul(a[0], b[0], prec, DOWN), raw.mpf_mul(a[0], b[0], prec, UP)
    pairs = [(p, q) for p in a for q in b]
    return hull(*(_product(p, q, prec, DOWN) for p, q in pairs))[0], hull(
        *(_product(p, q, prec, UP) for p, q in pairs)
    )[1]


def div(a: Interval, b: Interval, prec: int) -> Interval:
    """Quotient; `UndefinedError` for a divisor that is zero."""
    if sign_of(b) == 0:
        raise UndefinedError
    if is_zero(a):
        return ZERO
    inverse_low, inverse_high = raw.mpf_div(fone, b[1], prec, DOWN), raw.mpf_div(fone, b[0], prec, UP)
    if is_point(a) and is_point(b):
        return raw.mpf_div(a[0], b[0], prec, DOWN), raw.mpf_div(a[0], b[0], prec, UP)
    return mul(a, (inverse_low, inverse_high), prec)


def widened(value: Raw, prec: int) -> Interval:
    """The enclosure of a value known to about `prec` bits."""
    if value == fzero or value in (raw.finf, raw.fninf):
        return point(value)
    margin = raw.mpf_shift(mpf_abs(value), SLACK - prec)
    return raw.mpf_sub(value, margin, prec, DOWN), raw.mpf_add(value, margin, prec, UP)


def exact_at(where: Raw, function: Callable[[Raw, int], Raw]) -> PointFunction:
    """A point function from a library one, whose result is exact at one argument and at no other."""

    def enclose(u: Raw, prec: int) -> Interval:
        value = function(u, prec)
        return point(value) if u == where else widened(value, prec)

    return enclose


def increasing(function: PointFunction) -> Callable[[Interval, int], Interval]:
    def enclose(a: Interval, prec: int) -> Interval:
        low = function(a[0], prec)
        return low if is_point(a) else (low[0], function(a[1], prec)[1])

    return enclose


def decreasing(function: PointFunction) -> Callable[[Interval, int], Interval]:
    def enclose(a: Interval, prec: int) -> Interval:
        low = function(a[0], prec)
        return low if is_point(a) else (function(a[1], prec)[0], low[1])

    return enclose


def magnitude(u: Raw) -> int:
    """The exponent e with 2^(e−1) ≤ |u| < 2^e; huge for infinities, hugely negative for zero."""
    if u == fzero:
        return -(10**9)
    return int(u[2] + u[3]) if u[1] else 10**9


def for_square(u: Raw, prec: int) -> int:
    """The precision at which u² is known to an absolute 2^−prec, for use in an exponent."""
    return prec + 2 * max(0, min(magnitude(u), huge_bits(prec)))


def absolute(a: Interval) -> Interval:
    if mpf_ge(a[0], fzero):
        return a
    if mpf_le(a[1], fzero):
        return neg(a)
    return fzero, hull(mpf_neg(a[0]), a[1])[1]


def extreme(a: Interval, b: Interval, direction: int) -> Interval:
    """The enclosure of the larger (+1) or smaller (−1) of two numbers that may overlap."""
    if direction < 0:
        return neg(extreme(neg(a), neg(b), +1))
    return hull(a[0], b[0])[1], hull(a[1], b[1])[1]

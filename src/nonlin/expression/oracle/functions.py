"""Enclosures of the elementary functions, one table entry each: `FUNCTIONS[name](interval, precision)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpmath import libmp as raw
from mpmath.libmp import fone, fzero, mpf_neg

import nonlin.expression.oracle.intervals as iv
from nonlin.expression.oracle.intervals import Interval, Raw, UndecidedError, UndefinedError

TANH_LIMIT_BITS = 24  # beyond |u| = 2^24 tanh is ±1 to more digits than are ever asked for
WAVE_LIMIT_BITS = 2**14  # π to as many bits is computed in a millisecond, to 2^10000 bits never
ERFC_LIMIT_BITS = 20  # beyond |u| = 2^20 erfc is bounded by e^(−u²): below every floating-point format


def _exp_point(u: Raw, prec: int) -> Interval:
    bits = iv.huge_bits(prec)
    if iv.magnitude(u) > bits:  # |u| ≥ 2^bits, and e > 2
        return (fzero, raw.from_man_exp(1, -(2**bits))) if u[0] else (raw.from_man_exp(1, 2**bits), raw.finf)
    return iv.exact_at(fzero, raw.mpf_exp)(u, prec)


exp = iv.increasing(_exp_point)


def _expm1_point(u: Raw, prec: int) -> Interval:
    size = iv.magnitude(u)
    if u == fzero:
        return iv.ZERO
    if size < -prec:  # u < expm1(u) < u + u²
        return u, raw.mpf_add(u, raw.mpf_mul(u, u, prec, iv.UP), prec, iv.UP)
    return iv.sub(_exp_point(u, prec + max(0, -size)), iv.ONE, prec)


def _log_point(u: Raw, prec: int) -> Interval:
    if u == fzero:
        return iv.point(raw.fninf)
    if u[0]:
        raise UndefinedError
    return iv.exact_at(fone, raw.mpf_log)(u, prec)


def _log1p_point(u: Raw, prec: int) -> Interval:
    size = iv.magnitude(u)
    if size < -prec:  # u − u² < log1p(u) < u
        return (u, u) if u == fzero else (raw.mpf_sub(u, raw.mpf_mul(u, u, prec, iv.UP), prec, iv.DOWN), u)
    wider = prec + max(0, -size)
    return log(iv.add(iv.ONE, iv.point(u), wider + 2 * SPARE), wider)


SPARE = 16
log = iv.increasing(_log_point)
log1p = iv.increasing(_log1p_point)


def _sqrt_point(u: Raw, prec: int) -> Interval:
    if u[0]:
        raise UndefinedError
    return raw.mpf_sqrt(u, prec, iv.DOWN), raw.mpf_sqrt(u, prec, iv.UP)


def _tanh_point(u: Raw, prec: int) -> Interval:
    if iv.magnitude(u) <= TANH_LIMIT_BITS:
        return iv.exact_at(fzero, raw.mpf_tanh)(u, prec)
    least = raw.mpf_sub(fone, raw.mpf_shift(fone, -prec), prec, iv.DOWN)  # 1 − tanh u < 2 e^(−2u), far below 2^−prec
    return (mpf_neg(fone), mpf_neg(least)) if u[0] else (least, fone)


def _logistic_point(u: Raw, prec: int) -> Interval:
    decay = _exp_point(mpf_neg(u), prec)
    return iv.div(iv.ONE, iv.add(iv.ONE, decay, prec), prec)


def _logistic_slope_point(u: Raw, prec: int) -> Interval:
    return iv.mul(_logistic_point(u, prec), _logistic_point(mpf_neg(u), prec), prec)


def _softplus_point(u: Raw, prec: int) -> Interval:
    if u[0]:
        return log1p(_exp_point(u, prec), prec)
    return iv.add(iv.point(u), log1p(_exp_point(mpf_neg(u), prec), prec), prec)


def _erfc_point(u: Raw, prec: int) -> Interval:
    if iv.magnitude(u) <= ERFC_LIMIT_BITS:
        return iv.exact_at(fzero, raw.mpf_erfc)(u, prec)
    tail = fzero, exp(iv.neg(iv.mul(iv.point(u), iv.point(u), prec)), prec)[1]
    return iv.sub(iv.TWO, tail, prec) if u[0] else tail


def _normal_cdf_point(u: Raw, prec: int) -> Interval:
    if u == fzero:
        return iv.HALF
    scaled = iv.div(iv.point(mpf_neg(u)), SQRT(iv.TWO, prec), prec)
    return iv.mul(iv.HALF, erfc(scaled, prec), prec)


def _normal_pdf_point(u: Raw, prec: int) -> Interval:
    wide = iv.for_square(u, prec)
    bell = exp(iv.neg(iv.mul(iv.HALF, iv.mul(iv.point(u), iv.point(u), wide), wide)), prec)
    return iv.div(bell, SQRT(iv.mul(iv.TWO, pi(prec), prec), prec), prec)


def pi(prec: int) -> Interval:
    return iv.widened(raw.mpf_pi(prec), prec)


def even_peak(function: iv.PointFunction) -> Callable[[Interval, int], Interval]:
    """An even function that falls on both sides of zero."""
    falling = iv.decreasing(function)
    return lambda a, prec: falling(iv.absolute(a), prec)


def wave(function: Callable[[Raw, int], Raw]) -> Callable[[Interval, int], Interval]:
    """Sine and cosine, whose slope never exceeds one: the width of the argument bounds the change.

    An argument known to a turn at best, or beyond every format's squares, is not looked at: the result is in [−1, 1].
    """

    def enclose(a: Interval, prec: int) -> Interval:
        width = raw.mpf_sub(a[1], a[0], prec, iv.UP)
        if iv.magnitude(width) > 1 or max(map(iv.magnitude, a)) > WAVE_LIMIT_BITS:
            return mpf_neg(fone), fone
        value = iv.exact_at(fzero, function)(a[0], prec)
        return iv.add(value, (mpf_neg(width), width), prec)

    return enclose


def floor(a: Interval, prec: int) -> Interval:
    low, high = raw.mpf_floor(a[0]), raw.mpf_floor(a[1])
    if low != high:
        raise UndecidedError
    return iv.point(low)


SQRT = iv.increasing(_sqrt_point)
erfc = iv.decreasing(_erfc_point)

FUNCTIONS: Mapping[str, Callable[[Interval, int], Interval]] = {
    "exp": exp,
    "expm1": iv.increasing(_expm1_point),
    "log": log,
    "log1p": log1p,
    "sqrt": SQRT,
    "tanh": iv.increasing(_tanh_point),
    "logistic": iv.increasing(_logistic_point),
    "logistic_slope": even_peak(_logistic_slope_point),
    "softplus": iv.increasing(_softplus_point),
    "erf": iv.increasing(iv.exact_at(fzero, raw.mpf_erf)),
    "erfc": erfc,
    "normal_cdf": iv.increasing(_normal_cdf_point),
    "normal_pdf": even_peak(_normal_pdf_point),
    "sin": wave(raw.mpf_sin),
    "cos": wave(raw.mpf_cos),
    "atan": iv.increasing(iv.exact_at(fzero, raw.mpf_atan)),
    "floor": floor,
}

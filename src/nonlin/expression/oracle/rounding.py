"""From certified numbers to floating-point formats: correct rounding, and the distance in ulp."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from mpmath import libmp as raw
from numpy.typing import ArrayLike, NDArray

from nonlin.errors import InvalidValueError
from nonlin.expression.nodes import Node
from nonlin.expression.oracle.intervals import Interval, Raw, magnitude
from nonlin.expression.oracle.query import enclose


class Format(NamedTuple):
    """A binary floating-point format: bits of the significand, smallest and largest exponent of a normal number."""

    bits: int
    lowest: int
    highest: int


FORMATS: Mapping[str, Format] = {
    "float16": Format(11, -14, 15),
    "bfloat16": Format(8, -126, 127),
    "float32": Format(24, -126, 127),
    "float64": Format(53, -1022, 1023),
}


def format_of(dtype: Any) -> Format:
    name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", None) or str(dtype)
    if name not in FORMATS:
        raise InvalidValueError("no such floating-point format", received=name, choices=FORMATS)
    return FORMATS[name]


def spacing_exponent(number: Raw, form: Format) -> int:
    """log2 of the distance between neighbours of the format at this number (the subnormal one near zero)."""
    return max(magnitude(number) - 1, form.lowest) - (form.bits - 1)


def round_to(number: Raw, form: Format) -> float:
    """The number of the format nearest to an mpf, ties to even, as a float (which holds every such number)."""
    if number == raw.fzero or number in (raw.finf, raw.fninf, raw.fnan):
        return float(raw.to_float(number))
    sign, spacing = (-1.0 if number[0] else 1.0), spacing_exponent(number, form)
    if magnitude(number) > form.highest + 1:
        return sign * math.inf
    if magnitude(number) < spacing:  # below half of the smallest subnormal
        return sign * 0.0
    units = abs(raw.to_int(raw.mpf_nint(raw.mpf_shift(number, -spacing))))
    if units.bit_length() + spacing > form.highest + 1:
        return sign * math.inf
    return sign * math.ldexp(units, spacing)


def values(
    node: Node, xs: ArrayLike, order: int = 0, dtype: Any = np.float64, side: int | None = None, **parameters: Any
) -> NDArray[Any]:
    """f, or its derivative of some order, at each x, correctly rounded to the format: never by way of another format.

    Returns an array of the dtype (float32 for "bfloat16", which NumPy lacks). The sign of an exact zero is not
    defined: the oracle does not know −0. Raises `KinkError` where a derivative does not exist, unless
    a `side` is given.
    """
    form, array = format_of(dtype), np.asarray(xs)

    def rounded(answer: Interval) -> float | None:
        low, high = round_to(answer[0], form), round_to(answer[1], form)
        return low if low == high else None

    found = [enclose(node, x, rounded, order=order, side=side, parameters=parameters) for x in array.ravel()]
    filled = [math.nan if v is None else v for v in found]
    return np.array(filled, dtype="float32" if dtype == "bfloat16" else dtype).reshape(array.shape)


def ulp_error(got: ArrayLike, exact: Any, dtype: Any) -> NDArray[np.float64]:
    """|got − exact| / ulp(exact) with ulp(r) = 2^(max(⌊log₂|r|⌋, lowest exponent) − (bits − 1)), at each element.

    Total: NaN against NaN and an infinity against the same infinity are 0; NaN or an infinity against anything else
    is inf, except that an overflow (got = ±inf) is taken at twice the largest power of two, and an exact value beyond
    that at the same place, so that rounding up to infinity is no jump. −0 equals 0.
    """
    form, obtained = format_of(dtype), np.asarray(got, dtype=np.float64)
    wanted: Iterable[Any] = [exact] if obtained.ndim == 0 else np.asarray(exact, dtype=object).ravel()
    errors = [_distance(float(g), e, form) for g, e in zip(obtained.ravel(), wanted, strict=True)]
    return np.array(errors, dtype=np.float64).reshape(obtained.shape)


def _distance(got: float, exact: Any, form: Format) -> float:
    wanted = exact._mpf_ if hasattr(exact, "_mpf_") else raw.from_float(float(exact))
    if math.isnan(got) or wanted == raw.fnan:
        return 0.0 if math.isnan(got) and wanted == raw.fnan else math.inf
    if wanted in (raw.finf, raw.fninf):
        return 0.0 if raw.from_float(got) == wanted else math.inf
    edge = raw.from_man_exp(1, form.highest + 1)
    obtained = raw.from_float(got) if math.isfinite(got) else (edge if got > 0 else raw.mpf_neg(edge))
    if raw.mpf_ge(raw.mpf_abs(wanted), edge):
        wanted = raw.mpf_neg(edge) if wanted[0] else edge
    spacing = min(spacing_exponent(wanted, form), form.highest - (form.bits - 1))
    return float(raw.to_float(raw.mpf_shift(raw.mpf_abs(raw.mpf_sub(obtained, wanted, 100, "n")), -spacing)))

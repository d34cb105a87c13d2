"""The error of a value in ulp as a compiled loop, by the definition of `nonlin.expression.oracle.ulp_error`."""

from __future__ import annotations

from functools import cache

import numpy as np

from nonlin.emit.body import hexadecimal
from nonlin.emit.loops import loop_module
from nonlin.expression.oracle.rounding import FORMATS
from nonlin.kernels import build_ufunc

_BODY = """
; |got - wanted| / ulp(wanted); what overflows stands at twice the largest power of two.
define internal double @body(double %got, double %wanted) alwaysinline {{
  %size = call double @llvm.fabs.f64(double %wanted)
  %is.small = fcmp olt double %size, {least}
  %above = select i1 %is.small, double {least}, double %size
  %is.large = fcmp ogt double %above, {largest}
  %within = select i1 %is.large, double {largest}, double %above
  %bits = bitcast double %within to i64
  %exponent = and i64 %bits, 9218868437227405312
  %reciprocal = sub i64 {shifted}, %exponent
  %per.ulp = bitcast i64 %reciprocal to double
  %w.over = fcmp ogt double %wanted, {edge}
  %w.top = select i1 %w.over, double {edge}, double %wanted
  %w.under = fcmp olt double %w.top, {minus_edge}
  %w = select i1 %w.under, double {minus_edge}, double %w.top
  %g.over = fcmp ogt double %got, {edge}
  %g.top = select i1 %g.over, double {edge}, double %got
  %g.under = fcmp olt double %g.top, {minus_edge}
  %g = select i1 %g.under, double {minus_edge}, double %g.top
  %difference = fsub double %g, %w
  %distance = call double @llvm.fabs.f64(double %difference)
  %error = fmul double %distance, %per.ulp
  %infinite = fcmp oeq double %size, {infinity}
  %same = fcmp oeq double %got, %wanted
  %other = xor i1 %same, true
  %missed = and i1 %infinite, %other
  %not.numbers = fcmp uno double %got, %wanted
  %wrong = or i1 %missed, %not.numbers
  %result = select i1 %wrong, double {infinity}, double %error
  ret double %result
}}
declare double @llvm.fabs.f64(double)
"""
_BIAS = 2046  # exponent field of 1/2^e is this less the field of 2^e


@cache
def ulp_distance(dtype: str, floor: float = 0.0) -> np.ufunc:
    """A ufunc (got, wanted) -> error in ulp of `dtype`; both in float64, `wanted` standing for the exact value.

    No ulp is taken below that of `floor`. NaN on either side is an infinite error, on both, too: whoever calls knows
    where NaN is right.
    """
    form = FORMATS[dtype]
    edge = 2.0 ** (form.highest + 1)
    numbers = {
        "least": max(2.0**form.lowest, floor),
        "largest": 2.0**form.highest,
        "edge": edge,
        "minus_edge": -edge,
        "infinity": float("inf"),
    }
    texts = {name: hexadecimal(value) for name, value in numbers.items()}
    body = _BODY.format(**texts, shifted=(_BIAS + form.bits - 1) << 52)
    return build_ufunc("ulp_distance", "error in ulp", 2, {"float64": lambda: loop_module(body, 2, "float64")})

"""How each dtype lies in memory and in which type a kernel computes it, with the conversions as LLVM text."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Storage:
    """How one dtype lies in memory and in which type it is computed.

    `lanes` elements make one group; `load` and `store` name the conversion functions, empty when there is none.
    """

    memory: str
    compute: str
    size: int
    lanes: int
    load: str = ""
    store: str = ""


STORAGE: dict[str, Storage] = {
    "float64": Storage("double", "double", 8, 8),
    "float32": Storage("float", "float", 4, 16),
    "float16": Storage("i16", "float", 2, 16, load="half.load", store="half.store"),
    "bfloat16": Storage("i16", "float", 2, 16, load="bfloat.load", store="bfloat.store"),
}

_BFLOAT_CONVERSIONS = """
; In integers on purpose: the processor's own conversion to bfloat16 flushes subnormals to zero.
define internal float @bfloat.load(i16 %v) alwaysinline {
  %wide = zext i16 %v to i32
  %bits = shl i32 %wide, 16
  %r = bitcast i32 %bits to float
  ret float %r
}
define internal i16 @bfloat.store(float %v) alwaysinline {
  %bits = bitcast float %v to i32
  %high = lshr i32 %bits, 16
  %odd = and i32 %high, 1
  %half = add i32 %odd, 32767
  %sum = add i32 %bits, %half
  %rounded = lshr i32 %sum, 16
  %quiet = or i32 %high, 64
  %isnan = fcmp uno float %v, %v
  %chosen = select i1 %isnan, i32 %quiet, i32 %rounded
  %r = trunc i32 %chosen to i16
  ret i16 %r
}
"""

_HALF_HARDWARE = """
define internal float @half.load(i16 %v) alwaysinline {
  %h = bitcast i16 %v to half
  %r = fpext half %h to float
  ret float %r
}
define internal i16 @half.store(float %v) alwaysinline {
  %h = fptrunc float %v to half
  %r = bitcast half %h to i16
  ret i16 %r
}
"""

_HALF_SOFTWARE = """
; For processors without conversion instructions: there LLVM would call library functions that may not exist.
define internal float @half.load(i16 %v) alwaysinline {
  %bits = zext i16 %v to i32
  %magnitude = and i32 %bits, 32767
  %shifted = shl i32 %magnitude, 13
  %small = bitcast i32 %shifted to float
  %scaled = fmul float %small, 0x46F0000000000000
  %finite = bitcast float %scaled to i32
  %special = or i32 %shifted, 2139095040
  %isspecial = icmp uge i32 %magnitude, 31744
  %unsigned = select i1 %isspecial, i32 %special, i32 %finite
  %signbit = and i32 %bits, 32768
  %sign = shl i32 %signbit, 16
  %whole = or i32 %unsigned, %sign
  %r = bitcast i32 %whole to float
  ret float %r
}
define internal i16 @half.store(float %v) alwaysinline {
  %bits = bitcast float %v to i32
  %signbits = lshr i32 %bits, 16
  %sign = and i32 %signbits, 32768
  %magnitude = and i32 %bits, 2147483647
  %positive = bitcast i32 %magnitude to float
  ; subnormal halves: adding 0.5 lets the float adder round at 2^-24
  %aligned = fadd float %positive, 5.000000e-01
  %alignedbits = bitcast float %aligned to i32
  %subnormal = sub i32 %alignedbits, 1056964608
  ; normal halves: round to nearest even at bit 13, then rebias the exponent from 127 to 15
  %kept = lshr i32 %magnitude, 13
  %odd = and i32 %kept, 1
  %tie = add i32 %odd, 4095
  %sum = add i32 %magnitude, %tie
  %rebased = sub i32 %sum, 939524096
  %normal = lshr i32 %rebased, 13
  %issmall = icmp ult i32 %magnitude, 947912704
  %finite = select i1 %issmall, i32 %subnormal, i32 %normal
  %islarge = icmp uge i32 %magnitude, 1199566848
  %bounded = select i1 %islarge, i32 31744, i32 %finite
  %payload = and i32 %kept, 511
  %quiet = or i32 %payload, 32256
  %isnan = icmp ugt i32 %magnitude, 2139095040
  %unsigned = select i1 %isnan, i32 %quiet, i32 %bounded
  %whole = or i32 %unsigned, %sign
  %r = trunc i32 %whole to i16
  ret i16 %r
}
"""


def conversions(dtype: str, *, hardware: bool | None = None) -> str:
    """The functions between memory and arithmetic for `dtype`; empty for float32 and float64.

    `hardware=None` asks whether this processor converts float16 itself.
    """
    if dtype == "bfloat16":
        return _BFLOAT_CONVERSIONS
    if dtype == "float16":
        return _HALF_HARDWARE if (_converts_half() if hardware is None else hardware) else _HALF_SOFTWARE
    return ""


def _converts_half() -> bool:
    """Whether the processor has float16 conversion instructions (every ARM64, x86 since 2012)."""
    features = import_module("numpy._core._multiarray_umath").__cpu_features__
    return platform.machine().lower() in ("aarch64", "arm64") or bool(features.get("F16C"))

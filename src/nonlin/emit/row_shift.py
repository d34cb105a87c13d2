"""Rows of u / Σu with u = e^(v − anchor): the anchor taken as a power of two, so that nothing is subtracted from v.

e^v = 2ⁿ (1 + q), and with k = round(anchor / ln 2) every entry is multiplied by 2^−k, exactly: the quotient is the
same. It takes 13 of the 34 instructions per vector that the subtraction in pairs takes, and serves rows whose
largest entry is within ±NEAR, where n · ln 2 is still subtracted exactly; other rows take the general way.
"""

from __future__ import annotations

from nonlin.emit.body import Body, hexadecimal, rounded
from nonlin.emit.exponential import LN2
from nonlin.emit.lower import Lowering
from nonlin.emit.narrow import BIAS, MANTISSA, ROUND, SHIFT, Narrow
from nonlin.emit.row_pass import FLOATS, Pass, Row
from nonlin.expression.nodes import Node

NEAR = 200.0
_REACH = 105.0  # e^−105 is nothing in float32, and n − k + SHIFT is still in range
_FMA = "declare float @llvm.fma.f32(float, float, float)"
_ANCHOR = "%total.0.float.scalar"


def applies(row: Row, kept: Node | None) -> bool:
    """Whether the row is one of float32 whose kept expression is e^(v − the largest v)."""
    if row.memory != "float" or kept is None or kept.op != "exp" or kept.args[0].op != "sub":
        return False
    v, anchor = kept.args[0].args
    return anchor.op == "row_anchor" and anchor.args[0] is v


def chosen(lines: list[str], row: Row) -> list[str]:
    """The pass for the anchor, going on in the function for near rows where the anchor allows."""
    going_on = [
        f"  %anchor.size = call float @llvm.fabs.f32(float {_ANCHOR})",
        f"  %is.near = fcmp ole float %anchor.size, {hexadecimal(NEAR)}",
        "  br i1 %is.near, label %near, label %pass.1",
        "near:",
        f"  call void @{row.name}.near({row.arguments}, float {_ANCHOR})",
        "  ret void",
    ]
    assert lines[-1] == "  br label %pass.1"
    return [*lines[:-1], *going_on]


def opening(row: Row) -> list[str]:
    """The head of the function for near rows: where v is cut off, and the bias that takes 2^−k in."""
    scale = f"float {hexadecimal(rounded(1 / LN2, 'float'))}"
    return [
        f"define internal void @{row.name}.near({row.arguments}, float %anchor) noinline #0 {{",
        "entry:",
        f"  %cut = fsub float %anchor, {hexadecimal(_REACH)}",
        *FLOATS.splat("%cut.all", "%cut", "float"),
        f"  %k.shifted = call float @llvm.fma.f32(float %anchor, {scale}, float {hexadecimal(ROUND)})",
        "  %k.bits = bitcast float %k.shifted to i32",
        f"  %bias = sub i32 {BIAS + SHIFT}, %k.bits",
        *FLOATS.splat("%bias.all", "%bias", "i32"),
        "  br label %pass.1",
    ]


def summed(kept: Node, node: Node, row: Row, operands: dict[str, str]) -> tuple[list[str], list[str]]:
    """The pass that leaves 2^−k e^v in the output and adds it up, with its declarations."""
    this = Pass(row, FLOATS, "1")
    maths = Narrow(Body("float", FLOATS.count))
    b = maths.body
    v = maths.plain(Lowering(maths, operands).value(kept.args[0].args[0]))
    within = b.select(b.compare("olt", v, "%cut.all"), "%cut.all", v)
    shifted, q = maths.reduced(within)
    exponent = b.integer_op("add", b.bits(shifted), "%bias.all")
    power = b.from_bits(b.integer_op("shl", exponent, MANTISSA))
    result = b.mul(b.fma(power, q, power), b.constant(2.0**-SHIFT))
    body = [line.replace("%v", "%v1.") for line in b.lines]
    lines = this.loop(node, body, result.replace("%v", "%v1."), reads=row.operands, writes=True, positive=True)
    return lines, [*b.declarations, *this.declarations(), "declare float @llvm.fabs.f32(float)", _FMA]

"""Rows of u / Σu with u = e^(v − anchor), and of log(u / Σu): the anchor taken as a power of two.

e^v = 2ⁿ (1 + q), and with k = round(anchor / ln 2) every entry is multiplied by 2^−k, exactly: the quotient is the
same, and nothing is subtracted from v that would have to be kept in pairs. Where the anchor is so large that n · ln 2
is not exact, v − anchor is, wherever its exponential is not nothing. So one way serves all finite anchors, in the
arithmetic of the result; it counts on v being an operand or the negative of one.

The logarithm is v − (anchor + log(c + R)) for c entries equal to the anchor and R the sum of the others over the
largest: no digit is lost where one entry has nearly all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nonlin.emit.body import Body
from nonlin.emit.exponential import LN2
from nonlin.emit.polynomials import POLYNOMIALS
from nonlin.emit.row_sweep import FORMATS, Format, Step, Sweep
from nonlin.expression.nodes import Node, exp, log, row_anchor, row_sum, walk

_INFINITY = float("inf")


@dataclass(frozen=True)
class Share:
    """u / Σu or its logarithm for v = x or, `negated`, −x, in numbers of the type `memory`."""

    memory: str
    negated: bool
    logarithm: bool

    @property
    def form(self) -> Format:
        return FORMATS[self.memory]

    @property
    def careful(self) -> bool:
        """Whether to keep v − n ln 2 in two parts: where an error counts in the numerator and in the sum, of 2 ulp."""
        return self.memory == "float" and not self.logarithm

    def sweeps(self) -> tuple[Sweep, Sweep, Sweep]:
        """The largest entry; the sum; the result from what is made of them once a row.

        The last vector is filled up with v = −∞, which is nothing beside the smallest result.
        """
        wide = self.form.lanes.wide
        padding = _INFINITY if self.negated else -_INFINITY
        sums = ("<8 x double>", "<8 x double>", "i64") if self.logarithm else (wide, wide)
        used = ("away", "cut", "bias", *(["top"] if self.logarithm else []))
        unroll = 2 if self.memory == "float" else 1
        source = "x" if self.logarithm else "out"
        return (
            Sweep("largest", self.form, 4, "x", False, 0, (wide,), (), padding, self._largest),
            Sweep("sums", self.form, unroll, "x", not self.logarithm, 1, sums, used, padding, self._sums),
            Sweep("last", self.form, 4, source, True, 0, (), ("high", "low"), padding, self._last),
        )

    def _body(self) -> Body:
        return Body(self.form.lanes.number, self.form.lanes.count)

    def _entry(self, b: Body, loaded: str) -> str:
        return b.neg(loaded) if self.negated else loaded

    def _largest(self, tag: str, loaded: Sequence[str], carried: Sequence[str]) -> Step:
        b, largest = self._body(), carried[0]
        for name in loaded:
            v = self._entry(b, name)
            largest = b.select(b.compare("ogt", v, largest), v, largest)
        return Step(_own(b.lines, tag), (), _own([largest], tag))

    def _sums(self, tag: str, loaded: Sequence[str], carried: Sequence[str]) -> Step:
        """Stores 2^shift e^v and adds it up; for the logarithm, counts the largest and adds up the others."""
        b = self._body()
        powers, counted = [], list(carried[2:])
        for name in loaded:
            u = b.sub(self._entry(b, name), "%away.all")
            u = b.select(b.compare("olt", u, "%cut.all"), "%cut.all", u)
            power = self.power(b, u, "%bias.all")
            if self.logarithm:
                is_top = b.compare("oeq", u, "%top.all")
                power = b.select(is_top, b.constant(0.0), power)
                counted = [b.emit(f"add i64 {counted[0]}, {_ones(b, is_top)}")]
            powers.append(power)
        add = (_in_doubles if self.memory == "float" else _in_order) if self.logarithm else _from_above
        following = [*add(b, powers, carried[:2]), *counted]
        return Step(_own(b.lines, tag), _own(powers, tag), _own(following, tag))

    def power(self, b: Body, u: str, bias: str) -> str:
        """2^(shift − k) eᵘ for u that is v or, beyond `near`, v − anchor; `bias` takes in shift − k."""
        form = self.form
        shifted = b.fma(u, b.constant(1 / LN2), b.constant(form.round))
        minus_n = b.neg(b.sub(shifted, b.constant(form.round)))
        rough, low = b.fma(minus_n, b.constant(form.ln2_high), u), b.constant(LN2 - form.ln2_high)
        rest = b.mul(minus_n, low) if self.careful else None
        r = b.add(rough, rest) if rest else b.fma(minus_n, low, rough)
        power = b.from_bits(b.integer_op("shl", b.integer_op("add", b.bits(shifted), bias), form.mantissa))
        level = self.memory
        series = b.polynomial(POLYNOMIALS["expm1"][level], r)
        if level == "double":
            series = b.fma(r, series, b.constant(0.5))
        square = b.mul(r, r)
        q = b.add(rough, b.fma(square, series, rest)) if rest else b.fma(square, series, r)
        return b.fma(power, q, power)

    def _last(self, tag: str, loaded: Sequence[str], carried: Sequence[str]) -> Step:
        """u · (high + low) with the inverse of the sum, or v − high − low with the anchor and the logarithm."""
        b, results = self._body(), []
        for name in loaded:
            if self.logarithm:
                results.append(b.sub(b.sub(self._entry(b, name), "%high.all"), "%low.all"))
            else:
                results.append(b.fma(name, "%high.all", b.mul(name, "%low.all")))
        return Step(_own(b.lines, tag), _own(results, tag), carried)


def _own(texts: Sequence[str], tag: str) -> list[str]:
    return [text.replace("%v", f"%v.{tag}.") for text in texts]


def _ones(b: Body, mask: str) -> str:
    """How many lanes of a mask are true."""
    kind = f"i{b.lanes}"
    bits = b.emit(f"bitcast {b.truth} {mask} to {kind}")
    return b.emit(f"zext {kind} {b.emit(f'call {kind} @llvm.ctpop.{kind}({kind} {bits})')} to i64")


def _in_doubles(b: Body, powers: Sequence[str], sums: Sequence[str]) -> list[str]:
    """The lower and the upper lanes, each added to its sum in doubles; two floats first to one another."""
    one = powers[0] if len(powers) == 1 else b.add(*powers)
    following = []
    for half, total in enumerate(sums):
        order = ", ".join(f"i32 {8 * half + i}" for i in range(8))
        lanes = b.emit(f"shufflevector {b.kind} {one}, {b.kind} poison, <8 x i32> <{order}>")
        following.append(b.emit(f"fadd <8 x double> {total}, {b.emit(f'fpext <8 x float> {lanes} to <8 x double>')}"))
    return following


def _from_above(b: Body, powers: Sequence[str], sums: Sequence[str]) -> list[str]:
    """The same for a sum that started above any of the powers."""
    total, error = sums
    for power in powers:
        larger = b.add(total, power)
        error = b.add(error, b.sub(power, b.sub(larger, total)))
        total = larger
    return [total, error]


def _in_order(b: Body, powers: Sequence[str], sums: Sequence[str]) -> list[str]:
    """The sum, and what it leaves out: the larger summand first (Dekker)."""
    total, error = sums
    for power in powers:
        larger = b.compare("ogt", total, power)
        large, small = b.select(larger, total, power), b.select(larger, power, total)
        total = b.add(large, small)
        error = b.add(error, b.sub(small, b.sub(total, large)))
    return [total, error]


def recognised(expression: Node, operands: tuple[str, ...], memory: str) -> Share | None:
    """The expression as the share of an operand, if it is one."""
    for offset in (node for node in walk(expression) if node.op == "row_offset" and len(operands) == 1):
        v, anchor = offset.args
        operand = v.args[0] if v.op == "neg" else v
        u = exp(offset)
        shapes = {u / row_sum(u): False, offset - log(row_sum(u)): True}
        if operand.op == "variable" and anchor is row_anchor(v) and expression in shapes:
            return Share(memory, v.op == "neg", shapes[expression])
    return None

"""The function for a row's share: its three sweeps, and between them what is computed once a row, in doubles."""

from __future__ import annotations

from nonlin.emit.body import Body, hexadecimal
from nonlin.emit.primitives import Primitives
from nonlin.emit.row_copies import NAME, called, functions
from nonlin.emit.row_pass import two_sum
from nonlin.emit.row_search import total, total_of_pairs
from nonlin.emit.row_share import Share
from nonlin.emit.row_sweep import METADATA, SLOT, STATE, Sweep, place
from nonlin.emit.value import DOUBLE, SINGLE, Value

_WIDE = "<8 x double>"
_NAN, _INFINITY, _NOTHING, _ZERO = (hexadecimal(float(text)) for text in ("nan", "inf", "-inf", "0"))


def text(share: Share) -> str:
    """The function NAME(x, x.step, out, out.step, n) and everything it calls."""
    sweeps = share.sweeps()
    row, needed = _Row(share).text()
    declarations = dict.fromkeys([*needed, *(line for sweep in sweeps for line in sweep.declarations)])
    parts = [line for sweep in sweeps for line in sweep.text()]
    return "\n".join([*declarations, *parts, *functions(share.form), *row, METADATA])


class _Row:
    """Writes the lines of the row function."""

    def __init__(self, share: Share):
        self.share, self.form, self.lanes = share, share.form, share.form.lanes
        self.number, self.wide = self.lanes.number, self.lanes.wide
        self.size = SLOT // self.lanes.count
        self.single = share.memory == "float"
        self.maths = Primitives(Body("double"), SINGLE if self.single else DOUBLE)
        self.body = self.maths.body
        self._written = 0

    def text(self) -> tuple[list[str], list[str]]:
        """Its lines, and the declarations they need."""
        largest, sums, last = self.share.sweeps()
        totals = self._logarithm if self.share.logarithm else self._inverse
        lines = [
            f"define internal void @{NAME}(ptr %x, i64 %x.step, ptr %out, i64 %out.step, i64 %n) noinline #0 {{",
            "entry:",
            f"  %state = alloca {STATE}, align 64",
            *self._cleared(),
            f"  %x.dense = icmp eq i64 %x.step, {self.size}",
            f"  %out.dense = icmp eq i64 %out.step, {self.size}",
            "  %dense = and i1 %x.dense, %out.dense",
            *_swept(largest, "%dense"),
            *self._anchored(),
            *self._prepared(),
            *_swept(sums, "%simple"),
            *self._summed(),
            *totals(),
            *_swept(last, "%simple"),
            "  ret void",
            "}",
        ]
        return lines, [*self.body.declarations, f"declare {self.number} @{self._fabs}({self.number})"]

    @property
    def _fabs(self) -> str:
        return f"llvm.fabs.f{8 * self.size}"

    def _cleared(self) -> list[str]:
        """No largest entry and no sum yet, and nothing to be done to copies."""
        lines = [f"  %state.{slot} = getelementptr i8, ptr %state, i64 {slot * SLOT}" for slot in (1, 2, 3)]
        lines += [f"  store {_WIDE} zeroinitializer, ptr %state.{slot}, align 64" for slot in (1, 2, 3)]
        if not self.share.logarithm:
            lines.append(f"  store {self.wide} {self._above_all}, ptr %state.1, align 64")
        lines.append(f"  store {self.wide} splat ({self.number} {_NOTHING}), ptr %state, align 64")
        return [*lines, *self._put("pivot", _NAN, "unused"), *self._put("limit", _ZERO, "unused")]

    @property
    def _above_all(self) -> str:
        """Where the sum of exponentials starts, each of which is less than twice 2^shift."""
        return f"splat ({self.number} {hexadecimal(2.0 ** (self.form.shift + 2))})"

    def _put(self, name: str, value: str, tag: str = "put", kind: str = "") -> list[str]:
        return [
            f"  %{name}.{tag} = {place(self.form, name)}",
            f"  store {kind or self.number} {value}, ptr %{name}.{tag}, align {self.size}",
        ]

    def _put_double(self, name: str, value: str) -> list[str]:
        """A double as a parameter of the sweeps; %NAME.narrow, where those are floats."""
        if not self.single:
            return self._put(name, value)
        return [f"  %{name}.narrow = fptrunc double {value} to float", *self._put(name, f"%{name}.narrow")]

    def _new(self) -> list[str]:
        """What the body has written since it was last asked."""
        start, self._written = self._written, len(self.body.lines)
        return self.body.lines[start:]

    def _rounded(self, value: str) -> str:
        """A double rounded to the type of the sweeps."""
        b = self.body
        return b.emit(f"fpext float {b.emit(f'fptrunc double {value} to float')} to double") if self.single else value

    def _anchored(self) -> list[str]:
        """%anchor. An infinite one is taken away from copies, 0 from then on, and the row no longer %simple."""
        number, choose = self.number, "select i1 %finite"
        return [
            *self._largest_lane(),
            f"  %size = call {number} @{self._fabs}({number} %largest)",
            f"  %finite = fcmp olt {number} %size, {_INFINITY}",
            "  %simple = and i1 %dense, %finite",
            f"  %entry.of.it = {'fneg' if self.share.negated else 'freeze'} {number} %largest",
            f"  %pivot = {choose}, {number} {_NAN}, {number} %entry.of.it",
            f"  %limit = {choose}, {number} {_ZERO}, {number} %entry.of.it",
            *self._put("pivot", "%pivot"),
            *self._put("limit", "%limit"),
            f"  %own = {choose}, {number} %largest, {number} {_ZERO}",
            f"  %anchor = {'fpext float %own to double' if self.single else 'freeze double %own'}",
        ]

    def _largest_lane(self) -> list[str]:
        wide, count = self.wide, self.lanes.count
        lines, current, step = [f"  %largest.all = load {wide}, ptr %state, align 64"], "%largest.all", count // 2
        while step:
            order = ", ".join(f"i32 {(i + step) % count}" for i in range(count))
            moved, new = f"%moved.{step}", f"%largest.{step}"
            lines += [
                f"  {moved} = shufflevector {wide} {current}, {wide} poison, <{count} x i32> <{order}>",
                f"  {new}.is = fcmp ogt {wide} {moved}, {current}",
                f"  {new} = select {self.lanes.of('i1')} {new}.is, {wide} {moved}, {wide} {current}",
            ]
            current, step = new, step // 2
        return [*lines, f"  %largest = extractelement {wide} {current}, i32 0"]

    def _prepared(self) -> list[str]:
        """The parameters of the second sweep, and as `top` what the anchor's exponential is there."""
        b, form = self.body, self.form
        zero, near = b.constant(0.0), b.compare("ole", b.abs("%anchor"), b.constant(form.near))
        base, away = b.select(near, "%anchor", zero), b.select(near, zero, "%anchor")
        e = self.maths.exponential(Value(base), decays=False)
        scale = b.constant(2.0**form.shift)
        self.top = Value(b.mul(e.p.high, scale), b.mul(e.p.low, scale) if e.p.low else None)
        # Of the bits of n + ROUND only those of n are left when they move to the exponent.
        bias = b.integer_op("add", b.integer_op("sub", "0", b.bits(e.shifted)), form.bias + form.shift)
        cut = b.sub(base, b.constant(form.reach))
        lines = [*self._new(), f"  %bias.own = trunc i64 {bias} to i32"] if self.single else self._new()
        lines += self._put("bias", "%bias.own" if self.single else bias, kind=form.integer)
        for name, value in (("away", away), ("cut", cut), ("top", base)):
            lines += self._put_double(name, value)
        return lines + (self._missing() if self.share.careful else [])

    def _missing(self) -> list[str]:
        """%missing: what the second sweep will leave out of the largest entry, often nearly all of the sum."""
        scalar = Body("float")
        made = self.share.power(scalar, "%top.narrow", "%bias.own").replace("%v", "%made.")
        self.body.declarations |= scalar.declarations
        return [
            *(line.replace("%v", "%made.") for line in scalar.lines),
            f"  %made.top = fpext float {made} to double",
            f"  %missing = fsub double {self.top.high}, %made.top",
        ]

    def _summed(self) -> list[str]:
        """%sum and, for doubles, %sum.error."""
        if not self.share.logarithm:
            return self._summed_above()
        loads = [f"  %sum.{i} = load {_WIDE}, ptr %state.{i}, align 64" for i in (1, 2)]
        if not self.single:
            return [*loads, *total_of_pairs("%sum.1", "%sum.2", "%sum")]
        return [*loads, f"  %sum.both = fadd {_WIDE} %sum.1, %sum.2", *total("%sum.both", "%sum")]

    def _summed_above(self) -> list[str]:
        wide = self.wide
        lines = [f"  %{name} = load {wide}, ptr %state.{i}, align 64" for i, name in ((1, "above"), (2, "left.out"))]
        lines.append(f"  %added = fsub {wide} %above, {self._above_all}")
        if not self.single:
            return [*lines, *total_of_pairs("%added", "%left.out", "%sum")]
        current = ""
        for name in ("added", "left.out"):
            for half in (0, 1):
                part = f"%{name}.{half}"
                order = ", ".join(f"i32 {8 * half + i}" for i in range(8))
                lines.append(f"  {part}.narrow = shufflevector {wide} %{name}, {wide} poison, <8 x i32> <{order}>")
                lines.append(f"  {part} = fpext <8 x float> {part}.narrow to {_WIDE}")
                if current:
                    lines.append(f"  {part}.all = fadd {_WIDE} {current}, {part}")
                current = f"{part}.all" if current else part
        return [*lines, *total(current, "%sum.made"), "  %sum = fadd double %sum.made, %missing"]

    def _inverse(self) -> list[str]:
        """1 / sum as high + low."""
        b = self.body
        one = b.constant(1.0)
        high = b.div(one, "%sum")
        if self.single:
            low = b.sub(high, self._rounded(high))
        else:
            low = b.mul(high, b.fma(b.neg(high), "%sum.error", b.fma(b.neg(high), "%sum", one)))
        return [*self._new(), *self._put_double("high", high), *self._put_double("low", low)]

    def _logarithm(self) -> list[str]:
        """anchor + log1p(c − 1 + R) as high + low."""
        b, maths = self.body, self.maths
        ratio = maths.div(Value("%sum", None if self.single else "%sum.error"), self.top)
        others = b.add(ratio.high, ratio.low) if ratio.low else ratio.high
        log = maths.plain(maths.log1p(Value(b.add(b.sub("%count", b.constant(1.0)), others))))
        lines = ["  %counted = load i64, ptr %state.3, align 64", "  %count = uitofp i64 %counted to double"]
        lines += [*self._new(), *two_sum("double", "%anchor", log, "%whole", "%below")]
        high = self._rounded("%whole")
        low = b.add(b.sub("%anchor", high), log) if self.single else "%below"
        return [*lines, *self._new(), *self._put_double("high", high), *self._put_double("low", low)]


def _swept(sweep: Sweep, simple: str) -> list[str]:
    """The sweep over the whole row where that is `simple`, else over copies."""
    name = sweep.name
    return [
        f"  br i1 {simple}, label %{name}.whole, label %{name}.pieces",
        f"{name}.whole:",
        f"  call void @{name}(ptr %x, ptr %out, i64 %n, ptr %state)",
        f"  br label %{name}.done",
        f"{name}.pieces:",
        f"  {called(sweep)}",
        f"  br label %{name}.done",
        f"{name}.done:",
    ]

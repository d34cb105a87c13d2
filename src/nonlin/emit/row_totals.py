"""The function for a row's share: its three sweeps, and between them what is computed once a row, in doubles."""

from __future__ import annotations

from nonlin.emit.arithmetic import ROUND
from nonlin.emit.body import Body, hexadecimal
from nonlin.emit.exponential import LN2
from nonlin.emit.primitives import Primitives
from nonlin.emit.row_copies import called, functions
from nonlin.emit.row_pass import two_sum
from nonlin.emit.row_search import total, total_of_pairs
from nonlin.emit.row_share import Share
from nonlin.emit.row_sweep import METADATA, SLOT, STATE, Sweep, place
from nonlin.emit.value import DOUBLE, SINGLE, Value

NAME = "row.share"
_WIDE = "<8 x double>"
_NAN, _INFINITY = hexadecimal(float("nan")), hexadecimal(float("inf"))


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
        self.share, self.form = share, share.form
        self.number, self.single = share.form.lanes.number, share.memory == "float"
        self.maths = Primitives(Body("double"), SINGLE if self.single else DOUBLE)
        self.body = self.maths.body
        self._written = 0

    def text(self) -> tuple[list[str], list[str]]:
        largest, sums, last = self.share.sweeps()
        lines = [
            f"define internal void @{NAME}(ptr %x, i64 %x.step, ptr %out, i64 %out.step, i64 %n) noinline #0 {{",
            "entry:",
            f"  %state = alloca {STATE}, align 64",
            *self._clear(),
            f"  %x.dense = icmp eq i64 %x.step, {SLOT // self.form.lanes.count}",
            f"  %out.dense = icmp eq i64 %out.step, {SLOT // self.form.lanes.count}",
            "  %dense = and i1 %x.dense, %out.dense",
            *_swept(largest, "%dense"),
            *self._anchored(),
            *_swept(sums, "%simple"),
            *(self._logarithm() if self.share.logarithm else self._inverse()),
            *_swept(last, "%simple"),
            "  ret void",
            "}",
        ]
        return lines, [*self.body.declarations]

    def _clear(self) -> list[str]:
        """No largest entry and no sum yet, and nothing to be done to copies."""
        lines = [f"  store {self.form.lanes.wide} splat ({self.number} {hexadecimal(-float('inf'))}), ptr %state, align 64"]
        for slot in (1, 2, 3):
            lines.append(f"  %state.{slot} = getelementptr i8, ptr %state, i64 {slot * SLOT}")
            lines.append(f"  store {_WIDE} zeroinitializer, ptr %state.{slot}, align 64")
        if not self.share.logarithm:
            lines.append(f"  store {self.form.lanes.wide} splat ({self.number} {hexadecimal(2.0**(self.form.shift+2))}), ptr %state.1, align 64")
        return [*lines, *self._put("pivot", _NAN, "plain"), *self._put("limit", hexadecimal(0.0), "plain")]

    def _put(self, name: str, value: str, tag: str = "set", kind: str = "") -> list[str]:
        return [
            f"  %{name}.{tag} = {place(self.form, name)}",
            f"  store {kind or self.number} {value}, ptr %{name}.{tag}, align {SLOT // self.form.lanes.count}",
        ]

    def _put_double(self, name: str, value: str) -> list[str]:
        """A double as a parameter of the sweeps."""
        narrowed = [f"  %{name}.narrow = fptrunc double {value} to float"] if self.single else []
        return [*narrowed, *self._put(name, f"%{name}.narrow" if self.single else value)]

    def _new(self) -> list[str]:
        """What the body has written since it was last asked."""
        start, self._written = self._written, len(self.body.lines)
        return self.body.lines[start:]

    def _anchored(self) -> list[str]:
        """The parameters of the second sweep; an infinite anchor is taken away from copies, and is 0 from then on."""
        sign = "fneg" if self.share.negated else "freeze"
        b, form = self.body, self.form
        prepared = self._prepared()
        return [
            *self._largest_lane(),
            f"  %size = call {self.number} @llvm.fabs.{'f32' if self.single else 'f64'}({self.number} %largest)",
            f"  %finite = fcmp olt {self.number} %size, {_INFINITY}",
            "  %simple = and i1 %dense, %finite",
            f"  %signed = {sign} {self.number} %largest",
            f"  %pivot = select i1 %finite, {self.number} {_NAN}, {self.number} %signed",
            f"  %limit = select i1 %finite, {self.number} {hexadecimal(0.0)}, {self.number} %signed",
            *self._put("pivot", "%pivot"),
            *self._put("limit", "%limit"),
            f"  %own = select i1 %finite, {self.number} %largest, {self.number} {hexadecimal(0.0)}",
            f"  %anchor = {'fpext float %own to double' if self.single else 'freeze double %own'}",
            *prepared,
        ]

    def _largest_lane(self) -> list[str]:
        lanes = self.form.lanes
        lines, current = [f"  %largest.all = load {lanes.wide}, ptr %state, align 64"], "%largest.all"
        step = lanes.count // 2
        while step:
            order = ", ".join(f"i32 {(i + step) % lanes.count}" for i in range(lanes.count))
            moved, new = f"%moved.{step}", f"%largest.{step}"
            lines.append(f"  {moved} = shufflevector {lanes.wide} {current}, {lanes.wide} poison, <{lanes.count} x i32> <{order}>")
            lines.append(f"  {new}.is = fcmp ogt {lanes.wide} {moved}, {current}")
            lines.append(f"  {new} = select {lanes.of('i1')} {new}.is, {lanes.wide} {moved}, {lanes.wide} {current}")
            current, step = new, step // 2
        return [*lines, f"  %largest = extractelement {lanes.wide} {current}, i32 0"]

    def _prepared(self) -> list[str]:
        b, form = self.body, self.form
        near = b.compare("ole", b.abs("%anchor"), b.constant(form.near))
        zero = b.constant(0.0)
        base, away = b.select(near, "%anchor", zero), b.select(near, zero, "%anchor")
        e = self.maths.exponential(Value(base), decays=False)
        scale = b.constant(2.0**form.shift)
        self.top = Value(b.mul(e.p.high, scale), b.mul(e.p.low, scale) if e.p.low else None)
        shifted = e.shifted
        # Of the bits of n + ROUND only those of n are left when they move to the exponent.
        bias = b.integer_op("add", b.integer_op("sub", "0", b.bits(shifted)), form.bias + form.shift)
        cut = b.sub(base, b.constant(form.reach))
        lines = self._new()
        if self.single:
            lines.append(f"  %bias.narrow = trunc i64 {bias} to i32")
        lines += self._put("bias", "%bias.narrow" if self.single else bias, kind=form.integer)
        for name, value in (("away", away), ("cut", cut), ("top", base)):
            lines += self._put_double(name, value)
        if self.single and not self.share.logarithm:
            scalar = Body("float")
            made = self.share.power(scalar, "%top.narrow", "%bias.narrow")
            self.body.declarations |= scalar.declarations
            lines += [line.replace("%v", "%top.v") for line in scalar.lines]
            lines.append(f"  %top.made = fpext float {made.replace('%v', '%top.v')} to double")
            lines.append(f"  %top.missing = fsub double {self.top.high}, %top.made")
        return lines

    def _summed(self) -> list[str]:
        """%sum and, for doubles, %sum.error."""
        wide, number = self.form.lanes.wide, self.number
        if self.share.logarithm:
            loads = [f"  %sum.{i} = load {_WIDE}, ptr %state.{i}, align 64" for i in (1, 2)]
            if not self.single:
                return [*loads, *total_of_pairs("%sum.1", "%sum.2", "%sum")]
            return [*loads, f"  %sum.both = fadd {_WIDE} %sum.1, %sum.2", *total("%sum.both", "%sum")]
        loads = [f"  %{name} = load {wide}, ptr %state.{i}, align 64" for i, name in ((1, "above"), (2, "missed"))]
        loads.append(f"  %made = fsub {wide} %above, splat ({number} {hexadecimal(2.0**(self.form.shift+2))})")
        if not self.single:
            return [*loads, *total_of_pairs("%made", "%missed", "%sum")]
        parts = []
        for name in ("made", "missed"):
            for half in (0, 1):
                order = ", ".join(f"i32 {8 * half + i}" for i in range(8))
                loads.append(f"  %{name}.{half}.n = shufflevector {wide} %{name}, {wide} poison, <8 x i32> <{order}>")
                loads.append(f"  %{name}.{half} = fpext <8 x float> %{name}.{half}.n to {_WIDE}")
                parts.append(f"%{name}.{half}")
        loads.append(f"  %sum.made.1 = fadd {_WIDE} {parts[0]}, {parts[1]}")
        loads.append(f"  %sum.made.2 = fadd {_WIDE} {parts[2]}, {parts[3]}")
        loads.append(f"  %sum.made.3 = fadd {_WIDE} %sum.made.1, %sum.made.2")
        return [*loads, *total("%sum.made.3", "%sum.made"), "  %sum = fadd double %sum.made, %top.missing"]

    def _inverse(self) -> list[str]:
        """1 / sum as high + low."""
        b = self.body
        one = b.constant(1.0)
        high = b.div(one, "%sum")
        if self.single:
            rounded = b.emit(f"fpext float {b.emit(f'fptrunc double {high} to float')} to double")
            low = b.sub(high, rounded)
        else:
            rest = b.fma(b.neg(high), "%sum.error", b.fma(b.neg(high), "%sum", one))
            low = b.mul(high, rest)
        return [*self._summed(), *self._new(), *self._put_double("high", high), *self._put_double("low", low)]

    def _logarithm(self) -> list[str]:
        """anchor + log1p(c − 1 + R) as high + low."""
        b, maths = self.body, self.maths
        ratio = maths.div(Value("%sum", None if self.single else "%sum.error"), self.top)
        others = b.sub("%count", b.constant(1.0))
        rest = b.add(others, ratio.high if ratio.low is None else b.add(ratio.high, ratio.low))
        log = maths.plain(maths.log1p(Value(rest)))
        lines = [*self._summed(), *self._counted(), *self._new()]
        lines += two_sum("double", "%anchor", log, "%whole", "%missing")
        if not self.single:
            return [*lines, *self._put("high", "%whole"), *self._put("low", "%missing")]
        high = b.emit(f"fpext float {b.emit('fptrunc double %whole to float')} to double")
        low = b.add(b.sub("%anchor", high), log)
        return [*lines, *self._new(), *self._put_double("high", high), *self._put_double("low", low)]

    def _counted(self) -> list[str]:
        lanes = self.form.lanes
        kind, suffix = lanes.of(self.form.integer), f"v{lanes.count}{self.form.integer}"
        name = f"@llvm.vector.reduce.add.{suffix}"
        self.body.declarations[f"declare {self.form.integer} {name}({kind})"] = None
        return [
            f"  %counts = load {kind}, ptr %state.3, align 64",
            f"  %counted = call {self.form.integer} {name}({kind} %counts)",
            f"  %count = uitofp {self.form.integer} %counted to double",
        ]


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

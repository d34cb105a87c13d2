"""One pass over contiguous entries of a row: whole vectors first, what is left under a mask.

Accumulators and the parameters of the row are in memory, so that a row may be swept in pieces: whole multiples of
`Sweep.unroll` vectors and, last, whatever remains. Its result does not depend on where it is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import nonlin.emit.arithmetic as wide
import nonlin.emit.exponential as exponential
import nonlin.emit.narrow as narrow
from nonlin.emit.body import hexadecimal
from nonlin.emit.row_pass import DOUBLES, FLOATS, Lanes

SLOT = 64  # bytes
SCALARS = 4
"""The slot of the state in which `PARAMETERS` begin; those before it hold accumulators."""
PARAMETERS = ("away", "cut", "bias", "top", "high", "low", "pivot", "limit")
STATE = "[6 x <8 x double>]"
# Loops as they are written: unrolled once more they only take longer to compile.
METADATA = """!90 = distinct !{!90, !91, !92}
!91 = !{!"llvm.loop.unroll.disable"}
!92 = !{!"llvm.loop.vectorize.width", i32 1}"""
ONCE = ", !llvm.loop !90"


@dataclass(frozen=True)
class Format:
    """How e^v is computed in numbers of one type: 2^shift e^v, exact where v is cut off at `reach` below the largest.

    n · ln2_high is exact for the n of |v| ≤ near + reach. Beyond `near`, the difference from the largest entry is
    exact or more than `reach`, which half of `near` is.
    """

    lanes: Lanes
    integer: str
    bias: int
    mantissa: int
    round: float
    ln2_high: Fraction
    shift: int
    reach: float
    near: float


FORMATS = {
    "float": Format(FLOATS, "i32", narrow.BIAS, narrow.MANTISSA, narrow.ROUND, narrow.LN2_HIGH, 60, 125.0, 250.0),
    "double": Format(DOUBLES, "i64", wide.BIAS, 52, wide.ROUND, exponential.LN2_HIGH, 200, 800.0, 1600.0),
}


@dataclass(frozen=True)
class Step:
    """What one round of a loop does: its lines, the vectors to store, the accumulators afterwards."""

    lines: Sequence[str]
    results: Sequence[str]
    following: Sequence[str]


@dataclass(frozen=True)
class Sweep:
    """The function `name`(x, out, n, state): reads `source`, "x" or "out", and stores into out where it `writes`.

    `carried` are the types of its accumulators, from the slot `first` on; `parameters` those it uses, as vectors
    %NAME.all; `body` gives the `Step` for a tag, the vectors loaded and the accumulators; `padding` fills up the last.
    """

    name: str
    format: Format
    unroll: int
    source: str
    writes: bool
    first: int
    carried: tuple[str, ...]
    parameters: tuple[str, ...]
    padding: float
    body: Callable[[str, Sequence[str], Sequence[str]], Step]

    @cached_property
    def _suffix(self) -> str:
        lanes = self.format.lanes
        return f"v{lanes.count}f{SLOT * 8 // lanes.count}.p0"

    @property
    def declarations(self) -> list[str]:
        vector, mask = self.format.lanes.wide, self.format.lanes.of("i1")
        bits = f"i{self.format.lanes.count}"
        return [
            "declare i64 @llvm.umin.i64(i64, i64)",
            f"declare {bits} @llvm.ctpop.{bits}({bits})",
            f"declare {vector} @llvm.masked.load.{self._suffix}(ptr, i32, {mask}, {vector})",
            f"declare void @llvm.masked.store.{self._suffix}({vector}, ptr, i32, {mask})",
        ]

    def text(self) -> list[str]:
        lanes = self.format.lanes
        return [
            f"define internal void @{self.name}(ptr %x, ptr %out, i64 %n, ptr %state) noinline #0 {{",
            "entry:",
            *[line for name in self.parameters for line in _parameter(self.format, name)],
            *[line for i, kind in enumerate(self.carried) for line in self._start(i, kind)],
            f"  %whole = and i64 %n, -{self.unroll * lanes.count}",
            "  %many = icmp ne i64 %whole, 0",
            "  br i1 %many, label %main, label %ready",
            *self._main(),
            "ready:",
            "  %j.ready = phi i64 [0, %entry], [%j.main.next, %main]",
            *self._merged("ready", "%start.{}", "entry", self._main_step.following, "main"),
            "  %left = icmp ult i64 %j.ready, %n",
            "  br i1 %left, label %tail, label %done",
            *self._tail(),
            "done:",
            *self._merged("done", "%carried.ready.{}", "ready", self._tail_step.following, "tail"),
            *[f"  store {kind} %carried.done.{i}, ptr %slot.{i}, align 64" for i, kind in enumerate(self.carried)],
            "  ret void",
            "}",
        ]

    def _start(self, i: int, kind: str) -> list[str]:
        return [
            f"  %slot.{i} = getelementptr i8, ptr %state, i64 {(self.first + i) * SLOT}",
            f"  %start.{i} = load {kind}, ptr %slot.{i}, align 64",
        ]

    def _merged(self, block: str, one: str, before: str, others: Sequence[str], after: str) -> list[str]:
        return [
            f"  %carried.{block}.{i} = phi {kind} [{one.format(i)}, %{before}], [{others[i]}, %{after}]"
            for i, kind in enumerate(self.carried)
        ]

    def _step(self, block: str, count: int) -> Step:
        loaded = [f"%loaded.{block}.{i}" for i in range(count)]
        return self.body(block, loaded, [f"%carried.{block}.{i}" for i in range(len(self.carried))])

    @cached_property
    def _main_step(self) -> Step:
        return self._step("main", self.unroll)

    @cached_property
    def _tail_step(self) -> Step:
        return self._step("tail", 1)

    def _main(self) -> list[str]:
        step, lanes, size = self._main_step, self.format.lanes, SLOT // self.format.lanes.count
        lines = ["main:", "  %j.main = phi i64 [0, %entry], [%j.main.next, %main]"]
        lines += self._merged("main", "%start.{}", "entry", step.following, "main")
        for i in range(self.unroll):
            lines.append(f"  %j.main.{i} = add i64 %j.main, {i * lanes.count}")
            lines += self._address(f"main.{i}", f"%j.main.{i}")
            lines.append(f"  %loaded.main.{i} = load {lanes.wide}, ptr %{self.source}.main.{i}, align {size}")
        lines += step.lines
        if self.writes:
            for i, result in enumerate(step.results):
                lines.append(f"  store {lanes.wide} {result}, ptr %out.main.{i}, align {size}")
        return [
            *lines,
            f"  %j.main.next = add i64 %j.main, {self.unroll * lanes.count}",
            "  %more.main = icmp ult i64 %j.main.next, %whole",
            f"  br i1 %more.main, label %main, label %ready{ONCE}",
        ]

    def _tail(self) -> list[str]:
        step, lanes, size = self._tail_step, self.format.lanes, SLOT // self.format.lanes.count
        lines = ["tail:", "  %j.tail = phi i64 [%j.ready, %ready], [%j.tail.next, %tail]"]
        lines += self._merged("tail", "%carried.ready.{}", "ready", step.following, "tail")
        lines += [*_mask(lanes), *self._address("tail.0", "%j.tail")]
        filler = f"splat ({lanes.number} {hexadecimal(self.padding)})"
        where = f"i32 {size}, {lanes.of('i1')} %mask"
        lines.append(
            f"  %loaded.tail.0 = call {lanes.wide} @llvm.masked.load.{self._suffix}(ptr %{self.source}.tail.0, "
            f"{where}, {lanes.wide} {filler})"
        )
        lines += step.lines
        if self.writes:
            stored = f"{lanes.wide} {step.results[0]}, ptr %out.tail.0"
            lines.append(f"  call void @llvm.masked.store.{self._suffix}({stored}, {where})")
        return [
            *lines,
            f"  %j.tail.next = add i64 %j.tail, {lanes.count}",
            "  %more.tail = icmp ult i64 %j.tail.next, %n",
            f"  br i1 %more.tail, label %tail, label %done{ONCE}",
        ]

    def _address(self, tag: str, j: str) -> list[str]:
        names = {self.source, "out"} if self.writes else {self.source}
        number = self.format.lanes.number
        return [f"  %{name}.{tag} = getelementptr {number}, ptr %{name}, i64 {j}" for name in sorted(names)]


def _mask(lanes: Lanes) -> list[str]:
    """%mask: the lanes before the row's end. Compared in 32 bits: one instruction where 64 bits take four."""
    places = ", ".join(f"i32 {i}" for i in range(lanes.count))
    return [
        "  %rest = sub i64 %n, %j.tail",
        f"  %rest.capped = call i64 @llvm.umin.i64(i64 %rest, i64 {lanes.count})",
        "  %rest.few = trunc i64 %rest.capped to i32",
        *lanes.splat("%rest.each", "%rest.few", "i32"),
        f"  %mask = icmp ugt {lanes.of('i32')} %rest.each, <{places}>",
    ]


def place(form: Format, name: str) -> str:
    """The address of a parameter in the state, as a constant number of bytes."""
    return f"getelementptr i8, ptr %state, i64 {SCALARS * SLOT + PARAMETERS.index(name) * SLOT // form.lanes.count}"


def _parameter(form: Format, name: str) -> list[str]:
    kind = form.integer if name == "bias" else form.lanes.number
    return [
        f"  %{name}.at = {place(form, name)}",
        f"  %{name} = load {kind}, ptr %{name}.at, align {SLOT // form.lanes.count}",
        *form.lanes.splat(f"%{name}.all", f"%{name}", kind),
    ]

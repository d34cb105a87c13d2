"""Rows that are not contiguous, or whose largest entry is infinite, by way of a contiguous copy of them.

Rows side by side, as along any axis but the last, are copied together: their entries lie in the same cache lines.
"""

from __future__ import annotations

from nonlin.emit.body import hexadecimal
from nonlin.emit.row_sweep import ONCE, SLOT, Format, Sweep, place

NAME = "row.share"
"""The function of one row."""
LENGTH = 1024
"""Entries copied at a time: a multiple of what any sweep takes at once."""


TILE = 1 << 16
"""Bytes of the rows copied together."""
_TOGETHER = 16


def functions(form: Format) -> list[str]:
    """`each`, which calls a sweep on one copy after another, `tiles`, which copies several rows, and what they call."""
    number, size = form.lanes.number, SLOT // form.lanes.count
    return [*_each(form), *_gather(number), *_scatter(number, size), *_tiles(number, size), *_moved(number, size)]


def apart(names: tuple[str, ...], size: int) -> list[str]:
    """Lines of the loop over rows that leave it to `tiles` where the rows are not contiguous, but short enough."""
    arguments = ", ".join(f"ptr %{name}.start, i64 %{name}.outer, i64 %{name}.step" for name in names)
    return [
        f"  %long = icmp ugt i64 %n, {_longest(size)}",
        f"  %alone = or i1 %long, %{names[-1]}.all",
        "  br i1 %alone, label %each, label %together",
        "together:",
        f"  call void @tiles({arguments}, i64 %n, i64 %rows)",
        "  br label %end",
    ]


def _longest(size: int) -> int:
    return TILE // size - SLOT // size


def called(sweep: Sweep) -> str:
    """The call that does what calling `sweep` would do if the row were contiguous."""
    flags = ", ".join(f"i1 {str(flag).lower()}" for flag in (sweep.source == "out", sweep.writes))
    arguments = "ptr %x, i64 %x.step, ptr %out, i64 %out.step, i64 %n, ptr %state"
    return f"call void @each(ptr @{sweep.name}, {arguments}, {flags})"


def _each(form: Format) -> list[str]:
    number = form.lanes.number
    buffer = f"alloca [{LENGTH} x {number}], align 64"
    plain = f"{number} {hexadecimal(float('nan'))}, {number} {hexadecimal(0.0)}"
    return [
        "define internal void @each(ptr %sweep, ptr %x, i64 %x.step, ptr %out, i64 %out.step, i64 %n, ptr %state, "
        "i1 %reads, i1 %writes) noinline #0 {",
        "entry:",
        f"  %in = {buffer}",
        f"  %made = {buffer}",
        *[
            line
            for name in ("pivot", "limit")
            for line in (
                f"  %{name}.at = {place(form, name)}",
                f"  %{name} = load {number}, ptr %{name}.at, align {SLOT // form.lanes.count}",
            )
        ],
        "  br label %piece",
        "piece:",
        "  %j = phi i64 [0, %entry], [%j.next, %swept]",
        "  %left = sub i64 %n, %j",
        f"  %few = call i64 @llvm.umin.i64(i64 %left, i64 {LENGTH})",
        *[
            line
            for name in ("x", "out")
            for line in (
                f"  %{name}.offset = mul i64 %j, %{name}.step",
                f"  %{name}.from = getelementptr i8, ptr %{name}, i64 %{name}.offset",
            )
        ],
        "  br i1 %reads, label %again, label %first",
        "first:",
        f"  call void @gather(ptr %x.from, i64 %x.step, ptr %in, i64 %few, {number} %pivot, {number} %limit)",
        "  br label %copied",
        "again:",
        f"  call void @gather(ptr %out.from, i64 %out.step, ptr %made, i64 %few, {plain})",
        "  br label %copied",
        "copied:",
        "  call void %sweep(ptr %in, ptr %made, i64 %few, ptr %state)",
        "  br i1 %writes, label %back, label %swept",
        "back:",
        "  call void @scatter(ptr %made, ptr %out.from, i64 %out.step, i64 %few)",
        "  br label %swept",
        "swept:",
        "  %j.next = add i64 %j, %few",
        "  %more = icmp ult i64 %j.next, %n",
        "  br i1 %more, label %piece, label %end",
        "end:\n  ret void\n}",
    ]


def _gather(number: str) -> list[str]:
    """Copies u − limit, and 0 where u is the pivot."""
    return [
        f"define internal void @gather(ptr %from, i64 %step, ptr %to, i64 %n, {number} %pivot, {number} %limit) "
        "noinline #0 {",
        "entry:\n  br label %next",
        "next:",
        "  %j = phi i64 [0, %entry], [%j.next, %next]",
        "  %offset = mul i64 %j, %step",
        "  %at = getelementptr i8, ptr %from, i64 %offset",
        f"  %u = load {number}, ptr %at, align 1",
        f"  %is.pivot = fcmp oeq {number} %u, %pivot",
        f"  %difference = fsub {number} %u, %limit",
        f"  %copy = select i1 %is.pivot, {number} {hexadecimal(0.0)}, {number} %difference",
        f"  %to.at = getelementptr {number}, ptr %to, i64 %j",
        f"  store {number} %copy, ptr %to.at, align 4",
        "  %j.next = add i64 %j, 1",
        "  %more = icmp ult i64 %j.next, %n",
        f"  br i1 %more, label %next, label %end{ONCE}",
        "end:\n  ret void\n}",
    ]


def _scatter(number: str, size: int) -> list[str]:
    return [
        "define internal void @scatter(ptr %from, ptr %to, i64 %step, i64 %n) noinline #0 {",
        "entry:\n  br label %next",
        "next:",
        "  %j = phi i64 [0, %entry], [%j.next, %next]",
        "  %offset = mul i64 %j, %step",
        "  %at = getelementptr i8, ptr %to, i64 %offset",
        f"  %from.at = getelementptr {number}, ptr %from, i64 %j",
        f"  %u = load {number}, ptr %from.at, align {size}",
        f"  store {number} %u, ptr %at, align 1",
        "  %j.next = add i64 %j, 1",
        "  %more = icmp ult i64 %j.next, %n",
        f"  br i1 %more, label %next, label %end{ONCE}",
        "end:\n  ret void\n}",
    ]


def _tiles(number: str, size: int) -> list[str]:
    """Rows in the buffer are one cache line further apart than they are long: powers of two share their places."""
    return [
        "define internal void @tiles(ptr %x, i64 %x.outer, i64 %x.step, ptr %out, i64 %out.outer, i64 %out.step, "
        "i64 %n, i64 %rows) noinline #0 {",
        "entry:",
        f"  %tile = alloca [{TILE} x i8], align 64",
        f"  %length = mul i64 %n, {size}",
        f"  %pitch = add i64 %length, {SLOT}",
        f"  %fitting = udiv i64 {TILE}, %pitch",
        f"  %most = call i64 @llvm.umin.i64(i64 %fitting, i64 {_TOGETHER})",
        "  br label %some",
        "some:",
        "  %i = phi i64 [0, %entry], [%i.next, %back]",
        "  %left = sub i64 %rows, %i",
        "  %few = call i64 @llvm.umin.i64(i64 %left, i64 %most)",
        "  %x.offset = mul i64 %i, %x.outer",
        "  %x.from = getelementptr i8, ptr %x, i64 %x.offset",
        f"  call void @moved(ptr %x.from, i64 %x.outer, i64 %x.step, ptr %tile, i64 %pitch, i64 {size}, "
        "i64 %n, i64 %few)",
        "  br label %row",
        "row:",
        "  %k = phi i64 [0, %some], [%k.next, %row]",
        "  %offset = mul i64 %k, %pitch",
        "  %at = getelementptr i8, ptr %tile, i64 %offset",
        f"  call void @{NAME}(ptr %at, i64 {size}, ptr %at, i64 {size}, i64 %n)",
        "  %k.next = add i64 %k, 1",
        "  %others = icmp ult i64 %k.next, %few",
        "  br i1 %others, label %row, label %back",
        "back:",
        "  %out.offset = mul i64 %i, %out.outer",
        "  %out.from = getelementptr i8, ptr %out, i64 %out.offset",
        f"  call void @moved(ptr %tile, i64 %pitch, i64 {size}, ptr %out.from, i64 %out.outer, i64 %out.step, "
        "i64 %n, i64 %few)",
        "  %i.next = add i64 %i, %few",
        "  %more = icmp ult i64 %i.next, %rows",
        "  br i1 %more, label %some, label %end",
        "end:\n  ret void\n}",
    ]


def _moved(number: str, size: int) -> list[str]:
    """Copies some rows, entry by entry of all of them."""
    return [
        "define internal void @moved(ptr %from, i64 %from.outer, i64 %from.step, ptr %to, i64 %to.outer, i64 %to.step, "
        "i64 %n, i64 %rows) noinline #0 {",
        "entry:\n  br label %entries",
        "entries:",
        "  %j = phi i64 [0, %entry], [%j.next, %done]",
        "  %from.j = mul i64 %j, %from.step",
        "  %to.j = mul i64 %j, %to.step",
        "  %from.at = getelementptr i8, ptr %from, i64 %from.j",
        "  %to.at = getelementptr i8, ptr %to, i64 %to.j",
        "  br label %next",
        "next:",
        "  %i = phi i64 [0, %entries], [%i.next, %next]",
        "  %from.i = mul i64 %i, %from.outer",
        "  %to.i = mul i64 %i, %to.outer",
        "  %source = getelementptr i8, ptr %from.at, i64 %from.i",
        "  %target = getelementptr i8, ptr %to.at, i64 %to.i",
        f"  %u = load {number}, ptr %source, align 1",
        f"  store {number} %u, ptr %target, align 1",
        "  %i.next = add i64 %i, 1",
        "  %more.rows = icmp ult i64 %i.next, %rows",
        f"  br i1 %more.rows, label %next, label %done{ONCE}",
        "done:",
        "  %j.next = add i64 %j, 1",
        "  %more = icmp ult i64 %j.next, %n",
        "  br i1 %more, label %entries, label %end",
        "end:\n  ret void\n}",
    ]

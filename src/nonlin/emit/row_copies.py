"""Sweeping a row that is not contiguous, or whose largest entry is infinite, by way of a contiguous copy of it."""

from __future__ import annotations

from nonlin.emit.body import hexadecimal
from nonlin.emit.row_sweep import ONCE, SLOT, Format, Sweep, place

LENGTH = 1024
"""Entries copied at a time: a multiple of what any sweep takes at once."""


def functions(form: Format) -> list[str]:
    """The functions `each`, which calls a sweep on one copy after another, `gather` and `scatter`."""
    return [*_each(form), *_gather(form.lanes.number), *_scatter(form.lanes.number, SLOT // form.lanes.count)]


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

"""The frame around a scalar body: LLVM text of a NumPy ufunc inner loop.

A caller writes one scalar function, `define internal float @body(float %x, float %p0) alwaysinline`, and
`loop_module` puts the loop around it. Shape of the result, and the reason:

- Elements go through in *groups* of `lanes` (512 bits): an inner loop of constant length that the loop vectoriser
  turns into straight vector code without a scalar remainder. Vector and scalar code never mix, so the result of an
  element does not depend on its neighbours, its alignment, its stride or the number of threads.
- Contiguous operands are read and written in place. Whatever is left (a tail shorter than one group, strided,
  reversed or mixed operands) is copied through small stack buffers and takes the same vector code.
- Parameters with step 0 are loaded once and stay in a register.
- Accesses are declared parallel: NumPy hands over operands that are either disjoint or exactly the same (`out=x`)
  and copies everything else first. An alias check at run time would send `out=x` to slow code.
- The floating-point status flags are restored at the end, so NumPy has no reason to print a warning.
"""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.emit.body import hexadecimal, rounded
from nonlin.emit.frame import ATTRIBUTES, entry_point
from nonlin.emit.storage import STORAGE, Storage, conversions
from nonlin.emit.walk import converted, parameters_text, walk_text
from nonlin.errors import InvalidValueError

__all__ = ["ATTRIBUTES", "entry_point", "loop_module"]

_COPIES = """
define internal void @gather(ptr %buffer, ptr %source, i64 %step, i64 %count) noinline #0 {{
entry:
  %full = and i64 %count, -{lanes}
  %pad = getelementptr {memory}, ptr %buffer, i64 %full
  call void @llvm.memset.p0.i64(ptr align {size} %pad, i8 0, i64 {group_bytes}, i1 false)
  br label %copy
copy:
  %i = phi i64 [0, %entry], [%next, %copy]
  %offset = mul i64 %i, %step
  %from = getelementptr i8, ptr %source, i64 %offset
  %to = getelementptr {memory}, ptr %buffer, i64 %i
  %value = load {memory}, ptr %from, align {size}
  store {memory} %value, ptr %to, align {size}
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, %count
  br i1 %done, label %end, label %copy, !llvm.loop !2
end:
  ret void
}}
define internal void @scatter(ptr %buffer, ptr %target, i64 %step, i64 %count) noinline #0 {{
entry:
  br label %copy
copy:
  %i = phi i64 [0, %entry], [%next, %copy]
  %offset = mul i64 %i, %step
  %from = getelementptr {memory}, ptr %buffer, i64 %i
  %to = getelementptr i8, ptr %target, i64 %offset
  %value = load {memory}, ptr %from, align {size}
  store {memory} %value, ptr %to, align {size}
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, %count
  br i1 %done, label %end, label %copy, !llvm.loop !2
end:
  ret void
}}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
"""

_METADATA = """
!0 = distinct !{}
!1 = distinct !{!1, !3, !4, !5, !6}
!2 = distinct !{!2, !7, !6}
!3 = !{!"llvm.loop.parallel_accesses", !0}
!4 = !{!"llvm.loop.vectorize.enable", i1 true}
!5 = !{!"llvm.loop.interleave.count", i32 1}
!6 = !{!"llvm.loop.unroll.disable"}
!7 = !{!"llvm.loop.vectorize.enable", i1 false}
!8 = distinct !{!8, !3, !6, !7}
"""


def loop_module(body_text: str, operands: int, dtype: str, *, name: str = "loop", usual: Sequence[float] = ()) -> str:
    """LLVM module with the ufunc inner loop `name` around the scalar function `@body` in `body_text`.

    `operands` counts the inputs, x first and then the parameters; every operand and the result have `dtype`.
    `@body` takes and returns `STORAGE[dtype].compute`: double for float64, float for the three others.
    The function must be free of memory access and of calls other than LLVM intrinsics that become instructions.
    With `usual`, `body_text` also holds `@body.usual`, a function of x alone that is used where the parameters have
    these values and stand still.

    Raises InvalidValueError for a dtype without storage or for no operand at all.
    """
    if dtype not in STORAGE:
        raise InvalidValueError("no loop for this dtype", received=repr(dtype), choices=STORAGE)
    if operands < 1:
        raise InvalidValueError("a loop needs at least one operand", received=operands)
    storage = STORAGE[dtype]
    group_bytes = storage.lanes * storage.size
    parts = [
        body_text,
        conversions(dtype),
        _COPIES.format(memory=storage.memory, size=storage.size, lanes=storage.lanes, group_bytes=group_bytes),
        _groups(storage, operands, uniform=True),
        _groups(storage, 1, uniform=True, suffix=".usual") if usual else "",
        _groups(storage, operands, uniform=False) if operands > 1 else "",
        _dispatch(storage, usual) if usual else "",
        walk_text(storage, operands, ".chosen" if usual else ""),
        entry_point("walk", name=name),
        ATTRIBUTES,
        _metadata(body_text),
    ]
    return "\n".join(part.strip("\n") for part in parts if part) + "\n"


def _metadata(body_text: str) -> str:
    """Asked to vectorise a call of the C library, LLVM would complain on standard error."""
    calls_library = "nounwind memory(none)" in body_text
    return _METADATA.replace("i1 true", "i1 false") if calls_library else _METADATA


def _dispatch(storage: Storage, usual: Sequence[float]) -> str:
    """Takes the loop for the usual parameter values where the parameters have them."""
    kind, operands = storage.compute, len(usual) + 1
    values = parameters_text(operands, f", {kind} %p{{p}}.in", "")
    tests, same = [], "true"
    for index, value in enumerate(usual):
        literal = hexadecimal(rounded(value, kind))
        tests.append(f"  %equal.{index} = fcmp oeq {kind} %p{index}.in, {literal}")
        tests.append(f"  %same.{index} = and i1 {same}, %equal.{index}")
        same = f"%same.{index}"
    lines = "\n".join(tests)
    return f"""
define internal void @groups.uniform.chosen(ptr %x.in{values}, ptr %out, i64 %blocks) noinline #0 {{
{lines}
  br i1 {same}, label %usual, label %general
usual:
  call void @groups.uniform.usual(ptr %x.in, ptr %out, i64 %blocks)
  ret void
general:
  call void @groups.uniform(ptr %x.in{values}, ptr %out, i64 %blocks)
  ret void
}}
"""


def _groups(storage: Storage, operands: int, *, uniform: bool, suffix: str = "") -> str:
    """The vectorised core: `blocks` whole groups, with parameters as values (`uniform`) or as arrays."""
    compute, memory, size = storage.compute, storage.memory, storage.size
    slot = f"getelementptr inbounds {memory}, ptr"
    access = f"align {size}, !llvm.access.group !0"
    kind = compute if uniform else "ptr"
    parameters = parameters_text(operands, f", {kind} %p{{p}}.in", "")
    lines = [f"  %x.at = {slot} %x.in, i64 %i", f"  %x.raw = load {memory}, ptr %x.at, {access}"]
    lines += converted(storage, "x")
    arguments = [f"{compute} %x"]
    for index in range(operands - 1):
        p = f"p{index}"
        if uniform:
            arguments.append(f"{compute} %{p}.in")
            continue
        lines += [f"  %{p}.at = {slot} %{p}.in, i64 %i", f"  %{p}.raw = load {memory}, ptr %{p}.at, {access}"]
        lines += converted(storage, p)
        arguments.append(f"{compute} %{p}")
    lines += [f"  %y = call {compute} @body{suffix}({', '.join(arguments)})"]
    y = "%y"
    if storage.store:
        lines.append(f"  %y.raw = call {memory} @{storage.store}({compute} %y)")
        y = "%y.raw"
    body = "\n".join([*lines, f"  %out.at = {slot} %out, i64 %i", f"  store {memory} {y}, ptr %out.at, {access}"])
    name = f"groups.uniform{suffix}" if uniform else "groups.arrays"
    return f"""
define internal void @{name}(ptr %x.in{parameters}, ptr %out, i64 %blocks) noinline #0 {{
entry:
  br label %group
group:
  %block = phi i64 [0, %entry], [%block.next, %group.end]
  %first = mul nuw nsw i64 %block, {storage.lanes}
  br label %element
element:
  %lane = phi i64 [0, %group], [%lane.next, %element]
  %i = add nuw nsw i64 %first, %lane
{body}
  %lane.next = add nuw nsw i64 %lane, 1
  %group.full = icmp eq i64 %lane.next, {storage.lanes}
  br i1 %group.full, label %group.end, label %element, !llvm.loop !1
group.end:
  %block.next = add nuw nsw i64 %block, 1
  %all = icmp eq i64 %block.next, %blocks
  br i1 %all, label %end, label %group, !llvm.loop !8
end:
  ret void
}}
"""

"""The frame around a scalar body: LLVM text of a NumPy ufunc inner loop.

A caller writes one scalar function, `define internal float @body(float %x, float %p0) alwaysinline`, and
`loop_module` puts the loop around it. Shape of the result, and the reason:

- Elements go through in *groups* of `lanes` (512 bits): an inner loop of constant length that the loop vectoriser
  turns into straight vector code without a scalar remainder. Vector and scalar code never mix, so the result of an
  element does not depend on its neighbours, its alignment, its stride or the number of threads.
- Contiguous operands are read and written in place. Whatever is left (a tail shorter than one group, strided,
  reversed or mixed operands) is copied through small stack buffers and takes the same vector code.
- Results too large for any cache are written past the caches (`stream.py`).
- Parameters with step 0 are loaded once and stay in a register.
- Accesses are declared parallel: NumPy hands over operands that are either disjoint or exactly the same (`out=x`)
  and copies everything else first. An alias check at run time would send `out=x` to slow code.
- The floating-point status flags are restored at the end, so NumPy has no reason to print a warning.
"""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.emit.body import hexadecimal, rounded
from nonlin.emit.copies import copies_text
from nonlin.emit.frame import ATTRIBUTES, entry_point
from nonlin.emit.storage import STORAGE, Storage, conversions
from nonlin.emit.stream import stream_text
from nonlin.emit.walk import Operands, converted, parameters_text, walk_text
from nonlin.errors import InvalidValueError

__all__ = ["ATTRIBUTES", "entry_point", "loop_module"]

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
!9 = !{i32 1}
!10 = !{!"branch_weights", i32 1, i32 100}
"""


def loop_module(
    body_text: str, operands: int, dtype: str, *, parameters: str = "", name: str = "loop", usual: Sequence[float] = ()
) -> str:
    """LLVM module with the ufunc inner loop `name` around the scalar function `@body` in `body_text`.

    `operands` counts the inputs, x first and then the parameters; x and the result have `dtype`, the parameters
    `parameters` (the same where it is empty), which must be computed in the same type.
    `@body` takes and returns `STORAGE[dtype].compute`: double for float64, float for the three others.
    The function must be free of memory access, but for tables of constants, and of calls other than LLVM intrinsics
    that become instructions.
    With `usual`, `body_text` also holds `@body.usual`, a function of x alone that is used where the parameters have
    these values and stand still.

    Raises InvalidValueError for a dtype without storage or for no operand at all.
    """
    if dtype not in STORAGE:
        raise InvalidValueError("no loop for this dtype", received=repr(dtype), choices=STORAGE)
    if operands < 1:
        raise InvalidValueError("a loop needs at least one operand", received=operands)
    storage = STORAGE[dtype]
    inputs = [storage, *[STORAGE[parameters or dtype]] * (operands - 1)]
    parts = [
        body_text,
        *(conversions(kind) for kind in dict.fromkeys([dtype, parameters or dtype])),
        copies_text(inputs),
        _groups(inputs, uniform=True),
        _groups(inputs[:1], uniform=True, suffix=".usual") if usual else "",
        _groups(inputs, uniform=False) if operands > 1 else "",
        _dispatch(storage, usual) if usual else "",
        walk_text(inputs, ".chosen" if usual else ""),
        stream_text(storage, operands),
        entry_point("choose", name=name),
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
    values = parameters_text(operands, f", {kind} %p{{p}}.in")
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


def _loaded(storage: Storage, operand: str) -> list[str]:
    """Element `%i` of an operand, in the type of the arithmetic."""
    return [
        f"  %{operand}.at = getelementptr inbounds {storage.memory}, ptr %{operand}.in, i64 %i",
        f"  %{operand}.raw = load {storage.memory}, ptr %{operand}.at, align {storage.size}, !llvm.access.group !0",
        *converted(storage, operand),
    ]


def _direction(storage: Storage) -> str:
    """`%start` and `%stride`: from the last group to the first where the result lies a little ahead of x.

    A processor compares the addresses of loads with those of stores before them by their last 12 bits alone. With
    the result 64 bytes ahead of x, as two arrays allocated one after the other often are, every load would wait for
    the store before it, whatever page that is in: up to 1.5 times as long for 65,536 float32 values (AMD EPYC).
    """
    return f"""\
  %x.address = ptrtoint ptr %x.in to i64
  %out.address = ptrtoint ptr %out to i64
  %distance = sub i64 %out.address, %x.address
  %behind = sub i64 %distance, 1
  %page = and i64 %behind, 4095
  %backwards = icmp ult i64 %page, 2047
  %others = sub nuw nsw i64 %blocks, 1
  %last = mul nuw nsw i64 %others, {storage.lanes}
  %start = select i1 %backwards, i64 %last, i64 0
  %stride = select i1 %backwards, i64 -{storage.lanes}, i64 {storage.lanes}"""


def _groups(inputs: Operands, *, uniform: bool, suffix: str = "") -> str:
    """The vectorised core: `blocks` whole groups, with parameters as values (`uniform`) or as arrays."""
    storage = inputs[0]
    compute, memory = storage.compute, storage.memory
    parameters = parameters_text(len(inputs), f", {compute if uniform else 'ptr'} %p{{p}}.in")
    lines, arguments = _loaded(storage, "x"), [f"{compute} %x"]
    for index, kind in enumerate(inputs[1:]):
        lines += [] if uniform else _loaded(kind, f"p{index}")
        arguments.append(f"{compute} %p{index}{'.in' if uniform else ''}")
    lines += [f"  %y = call {compute} @body{suffix}({', '.join(arguments)})"]
    y = "%y"
    if storage.store:
        lines.append(f"  %y.raw = call {memory} @{storage.store}({compute} %y)")
        y = "%y.raw"
    lines.append(f"  %out.at = getelementptr inbounds {memory}, ptr %out, i64 %i")
    lines.append(f"  store {memory} {y}, ptr %out.at, align {storage.size}, !llvm.access.group !0")
    body = "\n".join(lines)
    name = f"groups.uniform{suffix}" if uniform else "groups.arrays"
    return f"""
define internal void @{name}(ptr %x.in{parameters}, ptr %out, i64 %blocks) noinline #0 {{
entry:
{_direction(storage)}
  br label %group
group:
  %block = phi i64 [0, %entry], [%block.next, %group.end]
  %first = phi i64 [%start, %entry], [%first.next, %group.end]
  br label %element
element:
  %lane = phi i64 [0, %group], [%lane.next, %element]
  %i = add nsw i64 %first, %lane
{body}
  %lane.next = add nuw nsw i64 %lane, 1
  %group.full = icmp eq i64 %lane.next, {storage.lanes}
  br i1 %group.full, label %group.end, label %element, !llvm.loop !1
group.end:
  %first.next = add nsw i64 %first, %stride
  %block.next = add nuw nsw i64 %block, 1
  %all = icmp eq i64 %block.next, %blocks
  br i1 %all, label %end, label %group, !llvm.loop !8
end:
  ret void
}}
"""

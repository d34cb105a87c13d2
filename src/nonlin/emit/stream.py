"""Results larger than any cache: written past the caches, so that memory is not read only to be overwritten.

A block is computed into a buffer on the stack and copied out with non-temporal stores. From 64 MB up, the identity
then moves 1.5 times as much (AMD EPYC, one or two threads): a plain store first reads the line it replaces.

How large the result is, its loop knows by the number of elements, or by its last argument: where it is called for a
slice, that is the number of the whole result's elements as a pointer, and null where NumPy calls.
"""

from __future__ import annotations

from nonlin.emit.storage import Storage

STREAM_BYTES = 1 << 25
"""A result of at least this size is streamed; below it may be in a cache, or be wanted there by whoever reads it."""
_BLOCK = 4096

_STREAM = """
define internal void @choose(ptr %args, ptr %dimensions, ptr %steps, ptr %data) noinline #0 {{
entry:
  %n = load i64, ptr %dimensions, align 8
  %sliced = ptrtoint ptr %data to i64
  %whole = call i64 @llvm.umax.i64(i64 %n, i64 %sliced)
  %large = icmp uge i64 %whole, {least}
  br i1 %large, label %check, label %plain, !prof !10
check:
  %x = load ptr, ptr %args, align 8
  %out.at = getelementptr ptr, ptr %args, i64 {last}
  %out = load ptr, ptr %out.at, align 8
  %step.at = getelementptr i64, ptr %steps, i64 {last}
  %step = load i64, ptr %step.at, align 8
  %together = icmp eq i64 %step, {size}
  %elsewhere = icmp ne ptr %x, %out
  %address = ptrtoint ptr %out to i64
  %back = sub i64 0, %address
  %lead.bytes = and i64 %back, 63
  %odd = and i64 %lead.bytes, {odd}
  %aligned = icmp eq i64 %odd, 0
  %both = and i1 %together, %elsewhere
  %fit = and i1 %both, %aligned
  br i1 %fit, label %start, label %plain
plain:
  call void @walk(ptr %args, ptr %dimensions, ptr %steps)
  ret void
start:
  %buffer = alloca [{block_bytes} x i8], align 64
  %places = alloca [{operands} x ptr], align 16
  %number = alloca i64, align 8
  %target.at = getelementptr ptr, ptr %places, i64 {last}
  %lead = lshr exact i64 %lead.bytes, {shift}
{operand_loads}
  br label %piece
piece:
  %position = phi i64 [0, %start], [%position.next, %computed], [%position.next, %copied]
  %limit = phi i64 [%lead, %start], [{block}, %computed], [{block}, %copied]
  %offset = shl nuw i64 %position, {shift}
  %left = sub nuw i64 %n, %position
  %count = call i64 @llvm.umin.i64(i64 %left, i64 %limit)
  %position.next = add nuw i64 %position, %count
  %streamed = icmp eq i64 %count, {block}
  %target = getelementptr i8, ptr %out, i64 %offset
  %place = select i1 %streamed, ptr %buffer, ptr %target
  store i64 %count, ptr %number, align 8
  store ptr %place, ptr %target.at, align 8
{moves}
  call void @walk(ptr %places, ptr %number, ptr %steps)
  br i1 %streamed, label %before.copy, label %computed
computed:
  %all = icmp eq i64 %left, %count
  br i1 %all, label %last, label %piece
before.copy:
  %ahead = getelementptr i8, ptr %x, i64 %offset
  br label %line
line:
  %at = phi i64 [0, %before.copy], [%at.next, %line]
  %from = getelementptr i8, ptr %buffer, i64 %at
  %to = getelementptr i8, ptr %target, i64 %at
  %value = load <8 x i64>, ptr %from, align 64
  store <8 x i64> %value, ptr %to, align 64, !nontemporal !9
  %at.next = add nuw i64 %at, 64
  %later = add nuw i64 %at, {block_bytes}
  %soon = getelementptr i8, ptr %ahead, i64 %later
  call void @llvm.prefetch.p0(ptr %soon, i32 0, i32 3, i32 1)
  %done = icmp eq i64 %at.next, {block_bytes}
  br i1 %done, label %copied, label %line, !llvm.loop !2
copied:
  %finished = icmp eq i64 %left, %count
  br i1 %finished, label %last, label %piece
last:
  fence seq_cst ; such stores wait for no other: without it another thread could see old values
  ret void
}}
declare i64 @llvm.umax.i64(i64, i64)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
"""
_LOAD = """\
  %arg.at.{i} = getelementptr ptr, ptr %args, i64 {i}
  %arg.{i} = load ptr, ptr %arg.at.{i}, align 8
  %step.at.{i} = getelementptr i64, ptr %steps, i64 {i}
  %step.{i} = load i64, ptr %step.at.{i}, align 8
  %to.{i} = getelementptr ptr, ptr %places, i64 {i}"""
_MOVE = """\
  %moved.{i} = mul i64 %position, %step.{i}
  %from.{i} = getelementptr i8, ptr %arg.{i}, i64 %moved.{i}
  store ptr %from.{i}, ptr %to.{i}, align 8"""


def stream_text(storage: Storage, operands: int) -> str:
    """`@choose`: `@walk`, by blocks through a buffer where the result is large, in one piece and not in place."""
    return _STREAM.format(
        least=STREAM_BYTES // storage.size,
        last=operands,
        operands=operands + 1,
        size=storage.size,
        odd=storage.size - 1,
        shift=storage.size.bit_length() - 1,
        block=_BLOCK // storage.size,
        block_bytes=_BLOCK,
        operand_loads="\n".join(_LOAD.format(i=i) for i in range(operands)),
        moves="\n".join(_MOVE.format(i=i) for i in range(operands)),
    )

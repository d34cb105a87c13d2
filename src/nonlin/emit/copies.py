"""Between operands and the stack buffers that hold whatever is not taken in place."""

from __future__ import annotations

from collections.abc import Iterable

from nonlin.emit.storage import Storage

# A tail in one piece, at most one group, moves as one masked vector: 20 ns less for eight elements than one by one.
_COPIES = """
define internal void @gather.{memory}(ptr %buffer, ptr %source, i64 %step, i64 %count) noinline #0 {{
entry:
  %together = icmp eq i64 %step, {size}
  %few = icmp ule i64 %count, {lanes}
  %masked = and i1 %together, %few
  br i1 %masked, label %tail, label %pad
tail:
  %mask = call {mask} @llvm.get.active.lane.mask.v{lanes}i1.i64(i64 0, i64 %count)
  %some = call {vector} @llvm.masked.load.{suffix}.p0(ptr %source, i32 {size}, {mask} %mask, {vector} zeroinitializer)
  store {vector} %some, ptr %buffer, align {size}
  ret void
pad:
  %full = and i64 %count, -{lanes}
  %end.at = getelementptr {memory}, ptr %buffer, i64 %full
  call void @llvm.memset.p0.i64(ptr align {size} %end.at, i8 0, i64 {group_bytes}, i1 false)
  br label %copy
copy:
  %i = phi i64 [0, %pad], [%next, %copy]
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
define internal void @scatter.{memory}(ptr %buffer, ptr %target, i64 %step, i64 %count) noinline #0 {{
entry:
  %together = icmp eq i64 %step, {size}
  %few = icmp ule i64 %count, {lanes}
  %masked = and i1 %together, %few
  br i1 %masked, label %tail, label %copy
tail:
  %mask = call {mask} @llvm.get.active.lane.mask.v{lanes}i1.i64(i64 0, i64 %count)
  %some = load {vector}, ptr %buffer, align {size}
  call void @llvm.masked.store.{suffix}.p0({vector} %some, ptr %target, i32 {size}, {mask} %mask)
  ret void
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
declare {vector} @llvm.masked.load.{suffix}.p0(ptr, i32, {mask}, {vector})
declare void @llvm.masked.store.{suffix}.p0({vector}, ptr, i32, {mask})
"""
_DECLARATIONS = """
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare <{lanes} x i1> @llvm.get.active.lane.mask.v{lanes}i1.i64(i64, i64)
"""
_SUFFIXES = {"double": "f64", "float": "f32", "i16": "i16"}


def copies_text(storages: Iterable[Storage]) -> str:
    """`@gather.T` (count elements from memory into a buffer, zeros up to a whole group) and `@scatter.T` (back)."""
    distinct = {storage.memory: storage for storage in storages}
    lanes = next(iter(distinct.values())).lanes
    return "".join([*map(_copies, distinct.values()), _DECLARATIONS.format(lanes=lanes)])


def _copies(storage: Storage) -> str:
    lanes = storage.lanes
    return _COPIES.format(
        memory=storage.memory,
        size=storage.size,
        lanes=lanes,
        group_bytes=lanes * storage.size,
        mask=f"<{lanes} x i1>",
        vector=f"<{lanes} x {storage.memory}>",
        suffix=f"v{lanes}{_SUFFIXES[storage.memory]}",
    )

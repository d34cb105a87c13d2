"""Between operands and the stack buffers that hold whatever is not taken in place."""

from __future__ import annotations

from collections.abc import Iterable

from nonlin.emit.storage import Storage

# A tail in one piece, at most one group, moves as one masked vector: 20 ns less for eight elements than one by one.
# One function for both directions: every function of a module costs 2 ms of compilation.
_COPY = """
define internal void @copy.{memory}(ptr %to, i64 %to.step, ptr %from, i64 %from.step, i64 %count, i64 %kept)
    noinline #0 {{
entry:
  %to.together = icmp eq i64 %to.step, {size}
  %from.together = icmp eq i64 %from.step, {size}
  %together = and i1 %to.together, %from.together
  %few = icmp ule i64 %count, {lanes}
  %masked = and i1 %together, %few
  br i1 %masked, label %tail, label %apart
tail:
  %mask = call {mask} @llvm.get.active.lane.mask.v{lanes}i1.i64(i64 0, i64 %count)
  %fills = icmp eq i64 %kept, {lanes}
  br i1 %fills, label %fill, label %empty
fill:
  %some = call {vector} @llvm.masked.load.{suffix}.p0(ptr %from, i32 {size}, {mask} %mask, {vector} zeroinitializer)
  store {vector} %some, ptr %to, align {size} ; whole, or the load that follows would wait for memory
  ret void
empty:
  %all = load {vector}, ptr %from, align {size}
  call void @llvm.masked.store.{suffix}.p0({vector} %all, ptr %to, i32 {size}, {mask} %mask)
  ret void
apart:
  %padded = icmp ne i64 %kept, %count
  br i1 %padded, label %pad, label %element
pad:
  %full = and i64 %count, -{lanes}
  %end.at = getelementptr {memory}, ptr %to, i64 %full
  store {vector} zeroinitializer, ptr %end.at, align {size}
  br label %element
element:
  %i = phi i64 [0, %apart], [0, %pad], [%next, %element]
  %from.offset = mul i64 %i, %from.step
  %from.at = getelementptr i8, ptr %from, i64 %from.offset
  %to.offset = mul i64 %i, %to.step
  %to.at = getelementptr i8, ptr %to, i64 %to.offset
  %value = load {memory}, ptr %from.at, align {size}
  store {memory} %value, ptr %to.at, align {size}
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, %count
  br i1 %done, label %end, label %element, !llvm.loop !2
end:
  ret void
}}
declare {vector} @llvm.masked.load.{suffix}.p0(ptr, i32, {mask}, {vector})
declare void @llvm.masked.store.{suffix}.p0({vector}, ptr, i32, {mask})
"""
_DECLARATIONS = """
declare <{lanes} x i1> @llvm.get.active.lane.mask.v{lanes}i1.i64(i64, i64)
"""
_SUFFIXES = {"double": "f64", "float": "f32", "i16": "i16"}


def copies_text(storages: Iterable[Storage]) -> str:
    """`@copy.T`: `count` elements; up to `kept`, a whole number of groups where it is not `count`, zeros follow."""
    distinct = {storage.memory: storage for storage in storages}
    lanes = next(iter(distinct.values())).lanes
    return "".join([*map(_copy, distinct.values()), _DECLARATIONS.format(lanes=lanes)])


def _copy(storage: Storage) -> str:
    lanes = storage.lanes
    return _COPY.format(
        memory=storage.memory,
        size=storage.size,
        lanes=lanes,
        mask=f"<{lanes} x i1>",
        vector=f"<{lanes} x {storage.memory}>",
        suffix=f"v{lanes}{_SUFFIXES[storage.memory]}",
    )


def gather(storage: Storage, i: int) -> str:
    """Call that fills buffer `i` from the operand; `%whole.count` is the number of elements in whole groups."""
    ends = f"ptr %buffer.{i}, i64 {storage.size}, ptr %at.{i}, i64 %step.{i}"
    return f"  call void @copy.{storage.memory}({ends}, i64 %count, i64 %whole.count)"


def scatter(storage: Storage, i: int) -> str:
    """Call that empties buffer `i` into the operand."""
    ends = f"ptr %at.{i}, i64 %step.{i}, ptr %buffer.{i}, i64 {storage.size}"
    return f"  call void @copy.{storage.memory}({ends}, i64 %count, i64 %count)"

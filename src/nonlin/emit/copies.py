"""Between operands and the stack buffers that hold whatever is not taken in place."""

from __future__ import annotations

from collections.abc import Iterable

from nonlin.emit.storage import Storage

# One function for both directions: every function of a module costs 2 ms of compilation.
_COPY = """
define internal void @copy.{memory}(ptr %to, i64 %to.step, ptr %from, i64 %from.step, i64 %count) noinline #0 {{
entry:
  br label %element
element:
  %i = phi i64 [0, %entry], [%next, %element]
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
"""


def copies_text(storages: Iterable[Storage]) -> str:
    """`@copy.T`: one element or more."""
    distinct = {storage.memory: storage for storage in storages}
    return "".join(_COPY.format(memory=storage.memory, size=storage.size) for storage in distinct.values())


def gather(storage: Storage, i: int) -> str:
    """Call that fills buffer `i` with `%count` elements of the operand."""
    return f"  call void @copy.{storage.memory}({_buffer(storage, i)}, {_operand(i)}, i64 %count)"


def scatter(storage: Storage, i: int) -> str:
    """Call that empties buffer `i` into the operand."""
    return f"  call void @copy.{storage.memory}({_operand(i)}, {_buffer(storage, i)}, i64 %count)"


def _buffer(storage: Storage, i: int) -> str:
    return f"ptr %buffer.{i}, i64 {storage.size}"


def _operand(i: int) -> str:
    return f"ptr %at.{i}, i64 %step.{i}"

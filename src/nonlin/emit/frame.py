"""What every exported loop has: its signature, its attributes, and status flags left as they were."""

from __future__ import annotations

import platform
from dataclasses import dataclass

ATTRIBUTES = 'attributes #0 = { nounwind "prefer-vector-width"="512" "no-builtins" }'
"""512-bit vectors where the processor has them; no loop may become a call of memcpy, which would need a linker."""


@dataclass(frozen=True)
class _Status:
    """Text that keeps the floating-point status flags as they were, for one processor family."""

    declarations: str
    save: str
    restore: str


_STATUS: dict[str, _Status] = {
    "x86": _Status(
        "declare void @llvm.x86.sse.stmxcsr(ptr)\ndeclare void @llvm.x86.sse.ldmxcsr(ptr)",
        "  %status = alloca i32, align 4\n  call void @llvm.x86.sse.stmxcsr(ptr %status)",
        "  call void @llvm.x86.sse.ldmxcsr(ptr %status)",
    ),
    "arm": _Status(
        "declare i64 @llvm.aarch64.get.fpsr()\ndeclare void @llvm.aarch64.set.fpsr(i64)",
        "  %status = call i64 @llvm.aarch64.get.fpsr()",
        "  call void @llvm.aarch64.set.fpsr(i64 %status)",
    ),
    "other": _Status(
        "declare i32 @fegetenv(ptr)\ndeclare i32 @fesetenv(ptr)",
        "  %status = alloca [1024 x i8], align 16\n  %saved = call i32 @fegetenv(ptr %status)",
        "  %restored = call i32 @fesetenv(ptr %status)",
    ),
}
_FAMILIES = {"x86_64": "x86", "amd64": "x86", "i686": "x86", "aarch64": "arm", "arm64": "arm"}


def entry_point(callee: str, *, name: str = "loop", machine: str | None = None) -> str:
    """The exported inner loop `name`: keeps the status flags and calls `callee` with the same arguments.

    `callee` must be `noinline`, or arithmetic could move across the reading of the flags.
    """
    status = _STATUS[_FAMILIES.get((machine or platform.machine()).lower(), "other")]
    return f"""
{status.declarations}
define void @{name}(ptr %args, ptr %dimensions, ptr %steps, ptr %data) #0 {{
{status.save}
  call void @{callee}(ptr %args, ptr %dimensions, ptr %steps, ptr %data)
{status.restore}
  ret void
}}
"""

"""How a loop walks over NumPy's operands: in place where they are contiguous, else through buffers on the stack.

`operands` is one `Storage` for each input: x, then the parameters. The result is stored as x is.
"""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.emit.copies import gather, scatter
from nonlin.emit.storage import Storage

Operands = Sequence[Storage]

BUFFER_GROUPS = 16
"""Groups of lanes in one stack buffer: 1 KiB an operand."""
FEW = 4096
"""Up to so many elements, contiguous operands go to their groups at once: 14 ns of 260 for a call on eight."""


def start_text(operands: Operands, suffix: str) -> str:
    """`@start`: a small call on contiguous operands with uniform parameters is one call, all else is `@choose`'s.

    So is one element, whose steps may be anything: NumPy gives 0.

    No arithmetic in here, so that it may become part of the exported loop.
    """
    last = len(operands)
    lines = [
        *_loaded(operands),
        *_all_of("uniform", [f"%still.{i}" for i in range(1, last)]),
        *_all_of("contiguous", ["%unit.0", f"%unit.{last}", "%uniform"]),
        "  %easy = or i1 %contiguous, %single",
        "  %direct = and i1 %easy, %few",
        "  br i1 %direct, label %at.once, label %otherwise",
        "at.once:",
        _groups_call(operands, f"uniform{suffix}", "arg", "%n"),
        "  ret void",
        "otherwise:",
        "  call void @choose(ptr %args, ptr %dimensions, ptr %steps, ptr %data)",
        "  ret void",
    ]
    text = "\n".join(lines)
    return f"""
define internal void @start(ptr %args, ptr %dimensions, ptr %steps, ptr %data) alwaysinline #0 {{
entry:
  %n = load i64, ptr %dimensions, align 8
  %n.less = sub i64 %n, 1
  %few = icmp ult i64 %n.less, {FEW} ; and one at least: only then may parameters be read
  %single = icmp eq i64 %n, 1
{text}
}}
"""


def walk_text(operands: Operands, suffix: str) -> str:
    """`@walk`: NumPy's operands in place, or by `@buffered` where they are not contiguous."""
    last = len(operands)
    parameters = range(1, last)
    lines = [
        *_loaded(operands),
        *_all_of("uniform", [f"%still.{i}" for i in parameters]),
        *_all_of("arrays", [f"%unit.{i}" for i in parameters]),
        "  %usable = or i1 %uniform, %arrays",
        *_all_of("contiguous", ["%unit.0", f"%unit.{last}", "%usable"]),
        "  br i1 %contiguous, label %in.place, label %apart",
        "in.place:",
        *_run(operands, "arg", "%n", suffix),
        "done:",
        "  ret void",
        "apart:",
        "  call void @buffered(ptr %args, i64 %n, ptr %steps)",
        "  ret void",
    ]
    text = "\n".join(lines)
    return f"""
define internal void @walk(ptr %args, ptr %dimensions, ptr %steps) noinline #0 {{
entry:
  %n = load i64, ptr %dimensions, align 8
  %nothing = icmp eq i64 %n, 0
  br i1 %nothing, label %end, label %some
end:
  ret void
some:
{text}
}}
"""


def buffered_text(operands: Operands, suffix: str) -> str:
    """`@buffered`: any operands, one element at least, through buffers; uniform parameters stay where they are.

    Not optimised: that saves 6 ms of compilation where there is a parameter, and costs a small call 4 ns.
    """
    lanes, last = operands[0].lanes, len(operands)
    lines = [
        *_buffers(operands),
        *_loaded(operands),
        *_all_of("uniform", [f"%still.{i}" for i in range(1, last)]),
        "  br label %next",
        "next:",
        "  %position = phi i64 [0, %entry], [%position.next, %done]",
        "  %left = sub i64 %n, %position",
        f"  %count = call i64 @llvm.umin.i64(i64 %left, i64 {BUFFER_GROUPS * lanes})",
    ]
    for i in range(last + 1):
        lines += [
            f"  %moved.{i} = mul i64 %position, %step.{i}",
            f"  %at.{i} = getelementptr i8, ptr %arg.{i}, i64 %moved.{i}",
        ]
    text = "\n".join(
        [
            *lines,
            gather(operands[0], 0),
            "  br i1 %uniform, label %gathered, label %gather.parameters",
            "gather.parameters:",
            *[gather(operands[i], i) for i in range(1, last)],
            "  br label %gathered",
            "gathered:",
            *_run(operands, "buffer", "%count", suffix),
            "done:",
            scatter(operands[0], last),
            "  %position.next = add i64 %position, %count",
            "  %finished = icmp eq i64 %position.next, %n",
            "  br i1 %finished, label %end, label %next",
        ]
    )
    return f"""
define internal void @buffered(ptr %args, i64 %n, ptr %steps) noinline optnone #0 {{
entry:
{text}
end:
  ret void
}}
declare i64 @llvm.umin.i64(i64, i64)
"""


def _everything(operands: Operands) -> list[tuple[int, Storage]]:
    """Every operand and the output, which comes last."""
    return list(enumerate([*operands, operands[0]]))


def _buffers(operands: Operands) -> list[str]:
    capacity = BUFFER_GROUPS * operands[0].lanes
    return [f"  %buffer.{i} = alloca [{capacity} x {s.memory}], align 64" for i, s in _everything(operands)]


def _loaded(operands: Operands) -> list[str]:
    """The address and the step of each operand, and whether its elements lie side by side or are all the same."""
    lines = []
    for i, storage in _everything(operands):
        lines += [
            f"  %arg.at.{i} = getelementptr ptr, ptr %args, i64 {i}",
            f"  %arg.{i} = load ptr, ptr %arg.at.{i}, align 8",
            f"  %step.at.{i} = getelementptr i64, ptr %steps, i64 {i}",
            f"  %step.{i} = load i64, ptr %step.at.{i}, align 8",
            f"  %unit.{i} = icmp eq i64 %step.{i}, {storage.size}",
            f"  %still.{i} = icmp eq i64 %step.{i}, 0",
        ]
    return lines


def _all_of(name: str, conditions: list[str]) -> list[str]:
    """Instructions that leave the conjunction of `conditions` in `%name`; true for none."""
    lines, value = [], "true"
    for index, condition in enumerate(conditions):
        result = f"%{name}" if index == len(conditions) - 1 else f"%{name}.{index}"
        lines.append(f"  {result} = and i1 {value}, {condition}")
        value = result
    return lines or [f"  %{name} = or i1 true, true"]


def _run(operands: Operands, prefix: str, count: str, suffix: str) -> list[str]:
    """Calls the core on operands `%prefix.i`; parameters that all stand still are read where NumPy has them."""
    uniform = _groups_call(operands, f"uniform{suffix}", prefix, count)
    if len(operands) == 1:
        return [uniform, "  br label %done"]
    return [
        "  br i1 %uniform, label %run.uniform, label %run.arrays",
        *("run.uniform:", uniform, "  br label %done"),
        *("run.arrays:", _groups_call(operands, "arrays", prefix, count), "  br label %done"),
    ]


def _groups_call(operands: Operands, kind: str, prefix: str, count: str) -> str:
    parameters = "arg" if kind != "arrays" else prefix
    places = [prefix, *[parameters] * (len(operands) - 1), prefix]
    return f"  call void @groups.{kind}({', '.join(f'ptr %{p}.{i}' for i, p in enumerate(places))}, i64 {count})"

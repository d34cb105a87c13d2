"""How a loop walks over NumPy's operands: whole groups in place, whatever is left through buffers on the stack.

`operands` is one `Storage` for each input: x, then the parameters. The result is stored as x is.
"""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.emit.copies import gather, scatter
from nonlin.emit.storage import Storage

Operands = Sequence[Storage]

BUFFER_GROUPS = 16
"""Groups of lanes in one stack buffer: 1 KiB an operand."""


def parameters_text(operands: int, template: str) -> str:
    """`template` filled in for each parameter operand, p0 being operand 1."""
    return "".join(template.format(p=i, operand=i + 1) for i in range(operands - 1))


def converted(storage: Storage, operand: str) -> list[str]:
    """The instruction from memory to arithmetic; a bit-for-bit copy costs nothing and keeps one shape of text."""
    if storage.load:
        return [f"  %{operand} = call {storage.compute} @{storage.load}({storage.memory} %{operand}.raw)"]
    return [f"  %{operand} = bitcast {storage.memory} %{operand}.raw to {storage.compute}"]


def walk_text(operands: Operands, suffix: str) -> str:
    """Splits NumPy's operands into whole groups taken in place and a rest taken through buffers."""
    lines = [*_operands(operands), *_plan(operands), "prepare:"]
    for i, storage in enumerate(operands[1:]):
        p = f"p{i}"
        lines += [f"  %{p}.raw = load {storage.memory}, ptr %arg.{i + 1}, align {storage.size}"]
        lines += converted(storage, p)
    lines += ["  %some = icmp ne i64 %direct, 0", "  br i1 %some, label %in.place, label %rest"]
    lines += [
        "in.place:",
        *_run(operands, "arg", "%direct", "place", suffix),
        "place.done:",
        "  br label %rest",
    ]
    text = "\n".join([*lines, *_rest(operands, suffix)])
    return f"""
define internal void @walk(ptr %args, ptr %dimensions, ptr %steps) noinline #0 {{
entry:
{text}
}}
declare i64 @llvm.umin.i64(i64, i64)
"""


def _operands(operands: Operands) -> list[str]:
    """A buffer, the address and the step of every operand and the output, which comes last."""
    everything = list(enumerate([*operands, operands[0]]))
    capacity = (BUFFER_GROUPS + 1) * operands[0].lanes
    lines = [f"  %buffer.{i} = alloca [{capacity} x {storage.memory}], align 64" for i, storage in everything]
    for i, storage in everything:
        lines += [
            f"  %arg.at.{i} = getelementptr ptr, ptr %args, i64 {i}",
            f"  %arg.{i} = load ptr, ptr %arg.at.{i}, align 8",
            f"  %step.at.{i} = getelementptr i64, ptr %steps, i64 {i}",
            f"  %step.{i} = load i64, ptr %step.at.{i}, align 8",
            f"  %unit.{i} = icmp eq i64 %step.{i}, {storage.size}",
            f"  %still.{i} = icmp eq i64 %step.{i}, 0",
        ]
    return lines


def _plan(operands: Operands) -> list[str]:
    """How many groups can be taken in place: all whole ones when everything is contiguous, else none."""
    parameters = range(1, len(operands))
    return [
        *_all_of("uniform", [f"%still.{i}" for i in parameters]),
        *_all_of("arrays", [f"%unit.{i}" for i in parameters]),
        "  %usable = or i1 %uniform, %arrays",
        *_all_of("contiguous", ["%unit.0", f"%unit.{len(operands)}", "%usable"]),
        "  %n = load i64, ptr %dimensions, align 8",
        f"  %whole = udiv i64 %n, {operands[0].lanes}",
        "  %direct = select i1 %contiguous, i64 %whole, i64 0",
        f"  %start = mul nuw nsw i64 %direct, {operands[0].lanes}",
        "  %nothing = icmp eq i64 %n, 0",
        "  br i1 %nothing, label %end, label %prepare",
    ]


def _rest(operands: Operands, suffix: str) -> list[str]:
    """From `%start` to the end through the buffers, a buffer's length at a time."""
    lanes, last = operands[0].lanes, len(operands)
    lines = [
        "rest:",
        "  %position = phi i64 [%start, %prepare], [%start, %place.done], [%position.next, %buffered.done]",
        "  %left = sub i64 %n, %position",
        "  %finished = icmp eq i64 %left, 0",
        "  br i1 %finished, label %end, label %buffered",
        "buffered:",
        f"  %count = call i64 @llvm.umin.i64(i64 %left, i64 {BUFFER_GROUPS * lanes})",
        f"  %count.up = add i64 %count, {lanes - 1}",
        f"  %blocks = udiv i64 %count.up, {lanes}",
        f"  %whole.count = mul nuw i64 %blocks, {lanes}",
    ]
    for i in range(last + 1):
        lines += [
            f"  %moved.{i} = mul i64 %position, %step.{i}",
            f"  %at.{i} = getelementptr i8, ptr %arg.{i}, i64 %moved.{i}",
        ]
    return [
        *lines,
        gather(operands[0], 0),
        "  br i1 %uniform, label %gathered, label %gather.parameters",
        "gather.parameters:",
        *[gather(operands[i], i) for i in range(1, last)],
        "  br label %gathered",
        "gathered:",
        *_run(operands, "buffer", "%blocks", "buffered", suffix),
        "buffered.done:",
        scatter(operands[0], last),
        "  %position.next = add i64 %position, %count",
        "  br label %rest",
        "end:",
        "  ret void",
    ]


def _all_of(name: str, conditions: list[str]) -> list[str]:
    """Instructions that leave the conjunction of `conditions` in `%name`; true for none."""
    lines, value = [], "true"
    for index, condition in enumerate(conditions):
        result = f"%{name}" if index == len(conditions) - 1 else f"%{name}.{index}"
        lines.append(f"  {result} = and i1 {value}, {condition}")
        value = result
    return lines or [f"  %{name} = or i1 true, true"]


def _run(operands: Operands, prefix: str, blocks: str, label: str, suffix: str) -> list[str]:
    """Calls the core on operands `%prefix.i`, with the parameters as values where they all stand still."""
    values = parameters_text(len(operands), f", {operands[0].compute} %p{{p}}")
    pointers = parameters_text(len(operands), f", ptr %{prefix}.{{operand}}")
    ends = f", ptr %{prefix}.{len(operands)}, i64 {blocks}"
    uniform = f"  call void @groups.uniform{suffix}(ptr %{prefix}.0{values}{ends})"
    if len(operands) == 1:
        return [uniform, f"  br label %{label}.done"]
    arrays = f"  call void @groups.arrays(ptr %{prefix}.0{pointers}{ends})"
    return [
        f"  br i1 %uniform, label %{label}.uniform, label %{label}.arrays",
        *(f"{label}.uniform:", uniform, f"  br label %{label}.done"),
        *(f"{label}.arrays:", arrays, f"  br label %{label}.done"),
    ]

"""The vectorised core: a scalar body over contiguous elements, a group of lanes at a time.

A group is moved between memory and a place on the stack as one vector, the last one under a mask of the lanes there
are. An inner loop of constant length computes from place to place; the loop vectoriser turns it into straight vector
code, and the places into registers. So whole groups and the rest share one copy of the code: an element's result
cannot depend on where it stands, and a body is compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonlin.emit.body import hexadecimal, rounded
from nonlin.emit.storage import Storage

Operands = Sequence[Storage]

_GROUPS = """
define internal void @groups.{name}({arguments}) noinline #0 {{
entry:
{start}
{direction}
  br label %group
group:
  %first = phi i64 [%start, %entry], [%first.next, %store]
  %left = phi i64 [%n, %entry], [%left.next, %store]
  %whole = icmp uge i64 %left, {lanes}
  br i1 %whole, label %load, label %load.rest, !prof !8
load:
{loads}
  br label %loaded
load.rest:
  %left.small = trunc i64 %left to i8
  %there = call {mask} @llvm.get.active.lane.mask.v{lanes}i1.i8(i8 0, i8 %left.small)
{masked_loads}
  br label %loaded
loaded:
  %mask = phi {mask} [poison, %load], [%there, %load.rest]
{arrived}
  br label %element
element:
  %lane = phi i64 [0, %loaded], [%lane.next, %element]
{body}
  %lane.next = add nuw nsw i64 %lane, 1
  %group.full = icmp eq i64 %lane.next, {lanes}
  br i1 %group.full, label %computed, label %element, !llvm.loop !1
computed:
  %y.group = load {vector}, ptr %y.lanes, align 64
  br i1 %whole, label %store, label %store.rest, !prof !8
store:
  %y.first = getelementptr {memory}, ptr %y.in, i64 %first
  store {vector} %y.group, ptr %y.first, align {size}
  %first.next = add i64 %first, %stride
  %left.next = sub nuw i64 %left, {lanes}
  %more = icmp ne i64 %left.next, 0
  br i1 %more, label %group, label %end, !prof !8, !llvm.loop !2
store.rest:
  %y.last = getelementptr {memory}, ptr %y.in, i64 %rest
  call void @llvm.masked.store.{suffix}.p0({vector} %y.group, ptr %y.last, i32 {size}, {mask} %mask)
  ret void
end:
  ret void
}}
"""
# A processor compares the addresses of loads with those of stores before them by their last 12 bits alone. With the
# result 64 bytes ahead of x, as two arrays allocated one after the other often are, every load would wait for the store
# before it, whatever page that is in: up to 1.5 times as long for 65,536 float32 values (AMD EPYC).
_DIRECTION = """\
  %x.address = ptrtoint ptr %x.in to i64
  %y.address = ptrtoint ptr %y.in to i64
  %distance = sub i64 %y.address, %x.address
  %behind = sub i64 %distance, 1
  %page = and i64 %behind, 4095
  %backwards = icmp ult i64 %page, 2047
  %rest = and i64 %n, -{lanes}
  %top = sub i64 %rest, {lanes}
  %start = select i1 %backwards, i64 %top, i64 0
  %stride = select i1 %backwards, i64 -{lanes}, i64 {lanes}"""
_SUFFIXES = {"double": "f64", "float": "f32", "i16": "i16"}


def groups_text(inputs: Operands, *, uniform: bool, suffix: str = "") -> str:
    """`@groups.uniform` or `@groups.arrays`: `n` elements, one at least, of each operand and the output.

    Whole groups go from the last to the first where the result lies a little ahead of x, the rest comes at the end.
    `uniform`: of each parameter there is one element. `suffix` is that of the body and of the function.
    """
    output, operands = inputs[0], {"x": inputs[0], **{f"p{i}": kind for i, kind in enumerate(inputs[1:])}}
    moving = {"x": inputs[0]} if uniform else operands
    still = {name: storage for name, storage in operands.items() if name not in moving}
    everything = {**moving, "y": output}
    arguments = [*(f"ptr %{name}.in" for name in operands), "ptr %y.in", "i64 %n"]
    lanes = output.lanes
    return _GROUPS.format(
        name=f"uniform{suffix}" if uniform else "arrays",
        arguments=", ".join(arguments),
        start=_lines(*map(_place, everything, everything.values()), *map(_single, still, still.values())),
        direction=_DIRECTION.format(lanes=lanes),
        loads=_lines(*map(_load, moving, moving.values())),
        masked_loads=_lines(*map(_masked_load, moving, moving.values())),
        arrived=_lines(*map(_arrived, moving, moving.values()), *map(_placed, moving, moving.values())),
        body=_body(operands, moving, output, suffix),
        mask=_mask(output),
        lanes=lanes,
        size=output.size,
        memory=output.memory,
        vector=_vector(output),
        suffix=_suffix(output),
    )


def usual_text(storages: Operands, usual: Sequence[float]) -> str:
    """`@groups.uniform.chosen`: takes the loop for the usual parameter values where the parameters have them."""
    kind, names = storages[0].compute, [f"p{index}" for index in range(len(usual))]
    pointers = "".join(f", ptr %{name}.in" for name in names)
    tests, same = [], "true"
    for name, storage, value in zip(names, storages[1:], usual, strict=True):
        tests.append(_single(name, storage))
        tests.append(f"  %equal.{name} = fcmp oeq {kind} %{name}, {hexadecimal(rounded(value, kind))}")
        tests.append(f"  %same.{name} = and i1 {same}, %equal.{name}")
        same = f"%same.{name}"
    return f"""
define internal void @groups.uniform.chosen(ptr %x.in{pointers}, ptr %y.in, i64 %n) noinline #0 {{
{_lines(*tests)}
  br i1 {same}, label %usual, label %general
usual:
  call void @groups.uniform.usual(ptr %x.in, ptr %y.in, i64 %n)
  ret void
general:
  call void @groups.uniform(ptr %x.in{pointers}, ptr %y.in, i64 %n)
  ret void
}}
"""


def masked_text(storages: Operands) -> str:
    """Declarations of the masked loads and stores."""
    distinct = {storage.memory: storage for storage in storages}.values()
    lanes, mask = storages[0].lanes, _mask(storages[0])
    return _lines(f"declare {mask} @llvm.get.active.lane.mask.v{lanes}i1.i8(i8, i8)", *map(_declarations, distinct))


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _vector(storage: Storage) -> str:
    return f"<{storage.lanes} x {storage.memory}>"


def _mask(storage: Storage) -> str:
    return f"<{storage.lanes} x i1>"


def _suffix(storage: Storage) -> str:
    return f"v{storage.lanes}{_SUFFIXES[storage.memory]}"


def _declarations(storage: Storage) -> str:
    vector, mask, suffix = _vector(storage), _mask(storage), _suffix(storage)
    return f"""declare {vector} @llvm.masked.load.{suffix}.p0(ptr, i32, {mask}, {vector})
declare void @llvm.masked.store.{suffix}.p0({vector}, ptr, i32, {mask})"""


def _place(name: str, storage: Storage) -> str:
    return f"  %{name}.lanes = alloca {_vector(storage)}, align 64"


def _single(name: str, storage: Storage) -> str:
    return _lines(
        f"  %{name}.raw = load {storage.memory}, ptr %{name}.in, align {storage.size}", _converted(name, storage)
    )


def _load(name: str, storage: Storage) -> str:
    return _lines(
        f"  %{name}.first = getelementptr {storage.memory}, ptr %{name}.in, i64 %first",
        f"  %{name}.whole = load {_vector(storage)}, ptr %{name}.first, align {storage.size}",
    )


def _masked_load(name: str, storage: Storage) -> str:
    """With an address of its own: a shared one would take an instruction in the loop over whole groups."""
    vector, place = _vector(storage), f"ptr %{name}.last, i32 {storage.size}"
    return _lines(
        f"  %{name}.last = getelementptr {storage.memory}, ptr %{name}.in, i64 %rest",
        f"  %{name}.rest = call {vector} @llvm.masked.load.{_suffix(storage)}.p0"
        f"({place}, {_mask(storage)} %there, {vector} zeroinitializer)",
    )


def _arrived(name: str, storage: Storage) -> str:
    return f"  %{name}.group = phi {_vector(storage)} [%{name}.whole, %load], [%{name}.rest, %load.rest]"


def _placed(name: str, storage: Storage) -> str:
    return f"  store {_vector(storage)} %{name}.group, ptr %{name}.lanes, align 64"


def _converted(name: str, storage: Storage) -> str:
    """The instruction from memory to arithmetic; a bit-for-bit copy costs nothing and keeps one shape of text."""
    if storage.load:
        return f"  %{name} = call {storage.compute} @{storage.load}({storage.memory} %{name}.raw)"
    return f"  %{name} = bitcast {storage.memory} %{name}.raw to {storage.compute}"


def _body(operands: Mapping[str, Storage], moving: Mapping[str, Storage], output: Storage, suffix: str) -> str:
    """One element, from the places to the output's place."""
    compute, memory = output.compute, output.memory
    arguments = ", ".join(f"{compute} %{name}" for name in operands)
    lines = [*map(_element, moving, moving.values()), f"  %y = call {compute} @body{suffix}({arguments})"]
    y = "%y"
    if output.store:
        lines.append(f"  %y.raw = call {memory} @{output.store}({compute} %y)")
        y = "%y.raw"
    lines.append(f"  %y.at = getelementptr inbounds {memory}, ptr %y.lanes, i64 %lane")
    return _lines(*lines, f"  store {memory} {y}, ptr %y.at, align {output.size}")


def _element(name: str, storage: Storage) -> str:
    return _lines(
        f"  %{name}.at = getelementptr inbounds {storage.memory}, ptr %{name}.lanes, i64 %lane",
        f"  %{name}.raw = load {storage.memory}, ptr %{name}.at, align {storage.size}",
        _converted(name, storage),
    )

"""The LLVM text of a row kernel: one pass over the row for each reduction, one more for the result.

Written in vectors of eight doubles with masked loads and stores, and the partial sums of the eight lanes are added
in a fixed order: a row's result is the same whatever its stride, alignment or neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

from nonlin.emit.body import Body
from nonlin.emit.loops import ATTRIBUTES, entry_point
from nonlin.emit.lower import Lowering
from nonlin.emit.primitives import Primitives
from nonlin.emit.storage import STORAGE
from nonlin.emit.value import DOUBLE, SINGLE, Precision, Value
from nonlin.expression.nodes import ROW_OPERATIONS, Node, walk

LANES = 8
_WIDE = f"<{LANES} x double>"
_MASK = f"<{LANES} x i1>"
_OFFSETS = f"<{LANES} x i64>"


@dataclass(frozen=True)
class _Row:
    """What the text of one row function depends on."""

    operands: tuple[str, ...]
    memory: str
    size: int
    contiguous: bool

    @property
    def vector(self) -> str:
        return f"<{LANES} x {self.memory}>"

    @property
    def name(self) -> str:
        return "row.contiguous" if self.contiguous else "row.strided"

    @property
    def arguments(self) -> str:
        pointers = [f"ptr %{name}, i64 %{name}.step" for name in (*self.operands, "out")]
        return ", ".join([*pointers, "i64 %n"])

    def load(self, name: str, tag: str) -> list[str]:
        """Lines giving %name.tag: eight elements as doubles, zero beyond the row's end."""
        address, lines = self._address(name, tag)
        operation = "load" if self.contiguous else "gather"
        pointer = "p0" if self.contiguous else f"v{LANES}p0"
        kind = f"v{LANES}f{self.size * 8}"
        lines.append(
            f"  %{name}.{tag}.raw = call {self.vector} @llvm.masked.{operation}.{kind}.{pointer}({address}, "
            f"i32 {self.size}, {_MASK} %mask.{tag}, {self.vector} zeroinitializer)"
        )
        target = f"%{name}.{tag}"
        widen = "fpext" if self.memory == "float" else "bitcast"
        return [*lines, f"  {target} = {widen} {self.vector} {target}.raw to {_WIDE}"]

    def store(self, value: str, tag: str) -> list[str]:
        address, lines = self._address("out", tag)
        operation = "store" if self.contiguous else "scatter"
        pointer = "p0" if self.contiguous else f"v{LANES}p0"
        kind = f"v{LANES}f{self.size * 8}"
        narrow = "fptrunc" if self.memory == "float" else "bitcast"
        lines.append(f"  %narrow = {narrow} {_WIDE} {value} to {self.vector}")
        lines.append(
            f"  call void @llvm.masked.{operation}.{kind}.{pointer}({self.vector} %narrow, {address}, "
            f"i32 {self.size}, {_MASK} %mask.{tag})"
        )
        return lines

    def _address(self, name: str, tag: str) -> tuple[str, list[str]]:
        target = f"%{name}.{tag}.at"
        if self.contiguous:
            return f"ptr {target}", [f"  {target} = getelementptr {self.memory}, ptr %{name}, i64 %j.{tag}"]
        return f"<{LANES} x ptr> {target}", [
            f"  %{name}.{tag}.by0 = insertelement {_OFFSETS} poison, i64 %{name}.step, i32 0",
            f"  %{name}.{tag}.by = shufflevector {_OFFSETS} %{name}.{tag}.by0, {_OFFSETS} poison, "
            f"<{LANES} x i32> zeroinitializer",
            f"  %{name}.{tag}.offset = mul {_OFFSETS} %lanes.{tag}, %{name}.{tag}.by",
            f"  {target} = getelementptr i8, ptr %{name}, {_OFFSETS} %{name}.{tag}.offset",
        ]

    def declarations(self) -> list[str]:
        kind = f"v{LANES}f{self.size * 8}"
        pointer, address = ("p0", "ptr") if self.contiguous else (f"v{LANES}p0", f"<{LANES} x ptr>")
        load, store = ("load", "store") if self.contiguous else ("gather", "scatter")
        return [
            f"declare {self.vector} @llvm.masked.{load}.{kind}.{pointer}({address}, i32, {_MASK}, {self.vector})",
            f"declare void @llvm.masked.{store}.{kind}.{pointer}({self.vector}, {address}, i32, {_MASK})",
        ]


def kernel_text(expression: Node, operands: tuple[str, ...], dtype: str) -> str:
    """LLVM module whose function `loop` is NumPy's generalised inner loop "(n),…->(n)" of a row expression."""
    storage = STORAGE[dtype]
    parts, declarations = [], dict[str, None]()
    for contiguous in (True, False):
        row = _Row(operands, storage.memory, storage.size, contiguous)
        text, needed = _row_function(expression, row, DOUBLE if dtype == "float64" else SINGLE)
        parts.append(text)
        declarations.update(dict.fromkeys([*needed, *row.declarations()]))
    walker = _walker(operands, storage.size)
    return "\n".join([*declarations, *parts, walker, entry_point("walk"), ATTRIBUTES, ""])


def _row_function(expression: Node, row: _Row, precision: Precision) -> tuple[str, list[str]]:
    lines = [f"define internal void @{row.name}({row.arguments}) noinline #0 {{", "entry:", "  br label %pass.0"]
    declarations: list[str] = []
    known: dict[Node, Value] = {}
    reductions = [node for node in walk(expression) if node.op in ROW_OPERATIONS]
    for index, node in enumerate([*reductions, None]):
        source = expression if node is None else node.args[0]
        body = Body("double", LANES)
        lowering = Lowering(Primitives(body, precision), {name: f"%{name}.{index}" for name in row.operands}, known)
        value = lowering.value(source)
        result = lowering.maths.plain(value)
        body_lines = [line.replace("%v", f"%v{index}.") for line in body.lines]
        final = result.replace("%v", f"%v{index}.")
        lines += _pass(node, row, index, body_lines, final)
        declarations += body.declarations
        if node is not None:
            known[node] = _reduced(node, index)
    return "\n".join([*lines, "  ret void", "}"]), declarations


def _reduced(node: Node, index: int) -> Value:
    low = f"%rest.{index}" if node.op == "row_sum" else None
    return Value(f"%total.{index}", low, bounded=node.op == "row_sum")


def _pass(node: Node | None, row: _Row, index: int, body: list[str], result: str) -> list[str]:
    """One loop over the row: a reduction (`node`) or, last, the result."""
    tag = str(index)
    start = "splat (double 0xFFF0000000000000)" if node and node.op == "row_anchor" else "zeroinitializer"
    carried = [
        f"  %sum.{tag} = phi {_WIDE} [{start}, %pass.{tag}], [%sum.{tag}.next, %step.{tag}]",
        f"  %error.{tag} = phi {_WIDE} [zeroinitializer, %pass.{tag}], [%error.{tag}.next, %step.{tag}]",
    ]
    return [
        f"pass.{tag}:",
        f"  br label %step.{tag}",
        f"step.{tag}:",
        f"  %j.{tag} = phi i64 [0, %pass.{tag}], [%j.{tag}.next, %step.{tag}]",
        *(carried if node else []),
        *_lanes(tag),
        *[line for name in row.operands for line in row.load(name, tag)],
        *body,
        *(_accumulate(node, tag, result) if node else row.store(result, tag)),
        f"  %j.{tag}.next = add nuw nsw i64 %j.{tag}, {LANES}",
        f"  %more.{tag} = icmp ult i64 %j.{tag}.next, %n",
        f"  br i1 %more.{tag}, label %step.{tag}, label %done.{tag}",
        f"done.{tag}:",
        *([*_combine(node, tag), f"  br label %pass.{index + 1}"] if node else []),
    ]


def _lanes(tag: str) -> list[str]:
    ramp = ", ".join(f"i64 {i}" for i in range(LANES))
    return [
        *_splat(f"%j.{tag}.all", f"%j.{tag}", "i64", _OFFSETS),
        f"  %lanes.{tag} = add {_OFFSETS} %j.{tag}.all, <{ramp}>",
        *_splat(f"%n.{tag}", "%n", "i64", _OFFSETS),
        f"  %mask.{tag} = icmp ult {_OFFSETS} %lanes.{tag}, %n.{tag}",
    ]


def _splat(target: str, source: str, kind: str, vector: str) -> list[str]:
    return [
        f"  {target}.0 = insertelement {vector} poison, {kind} {source}, i32 0",
        f"  {target} = shufflevector {vector} {target}.0, {vector} poison, <{LANES} x i32> zeroinitializer",
    ]


def _accumulate(node: Node, tag: str, result: str) -> list[str]:
    total, following = f"%sum.{tag}", f"%sum.{tag}.next"
    if node.op == "row_anchor":
        return [
            f"  %candidate.{tag} = fcmp ogt {_WIDE} {result}, {total}",
            f"  %larger.{tag} = and {_MASK} %candidate.{tag}, %mask.{tag}",
            f"  {following} = select {_MASK} %larger.{tag}, {_WIDE} {result}, {_WIDE} {total}",
            f"  %error.{tag}.next = fadd {_WIDE} %error.{tag}, zeroinitializer",
        ]
    return [
        f"  %term.{tag} = select {_MASK} %mask.{tag}, {_WIDE} {result}, {_WIDE} zeroinitializer",
        *_two_sum(_WIDE, total, f"%term.{tag}", following, f"%left.{tag}"),
        f"  %error.{tag}.next = fadd {_WIDE} %error.{tag}, %left.{tag}",
    ]


def _two_sum(kind: str, a: str, b: str, total: str, error: str) -> list[str]:
    """total + error = a + b exactly (Knuth)."""
    return [
        f"  {total} = fadd {kind} {a}, {b}",
        f"  {error}.b = fsub {kind} {total}, {a}",
        f"  {error}.a = fsub {kind} {total}, {error}.b",
        f"  {error}.da = fsub {kind} {a}, {error}.a",
        f"  {error}.db = fsub {kind} {b}, {error}.b",
        f"  {error} = fadd {kind} {error}.da, {error}.db",
    ]


def _combine(node: Node, tag: str) -> list[str]:
    """The lanes' partial results in lane order, spread over a vector again."""
    lines = [f"  %lane.{tag}.{i} = extractelement {_WIDE} %sum.{tag}.next, i32 {i}" for i in range(LANES)]
    if node.op == "row_anchor":
        for i in range(1, LANES):
            previous = f"%lane.{tag}.0" if i == 1 else f"%top.{tag}.{i - 1}"
            lines.append(f"  %is.{tag}.{i} = fcmp ogt double %lane.{tag}.{i}, {previous}")
            lines.append(f"  %top.{tag}.{i} = select i1 %is.{tag}.{i}, double %lane.{tag}.{i}, double {previous}")
        return [*lines, *_splat(f"%total.{tag}", f"%top.{tag}.{LANES - 1}", "double", _WIDE)]
    lines += [f"  %miss.{tag}.{i} = extractelement {_WIDE} %error.{tag}.next, i32 {i}" for i in range(LANES)]
    errors = [f"%miss.{tag}.{i}" for i in range(LANES)]
    for i in range(1, LANES):
        previous = f"%lane.{tag}.0" if i == 1 else f"%part.{tag}.{i - 1}"
        lines += _two_sum("double", previous, f"%lane.{tag}.{i}", f"%part.{tag}.{i}", f"%slip.{tag}.{i}")
        errors.append(f"%slip.{tag}.{i}")
    for i, error in enumerate(errors[1:], 1):
        previous = errors[0] if i == 1 else f"%missing.{tag}.{i - 1}"
        lines.append(f"  %missing.{tag}.{i} = fadd double {previous}, {error}")
    total, rest = f"%part.{tag}.{LANES - 1}", f"%missing.{tag}.{len(errors) - 1}"
    return [*lines, *_splat(f"%total.{tag}", total, "double", _WIDE), *_splat(f"%rest.{tag}", rest, "double", _WIDE)]


def _walker(operands: tuple[str, ...], size: int) -> str:
    """The loop over rows; args, dimensions and steps as NumPy gives them to a generalised ufunc."""
    names = (*operands, "out")
    count = len(names)
    lines = ["define internal void @walk(ptr %args, ptr %dimensions, ptr %steps) noinline #0 {", "entry:"]
    lines.append("  %rows = load i64, ptr %dimensions, align 8")
    lines.append("  %n.at = getelementptr i64, ptr %dimensions, i64 1\n  %n = load i64, ptr %n.at, align 8")
    for i, name in enumerate(names):
        lines.append(f"  %{name}.arg = getelementptr ptr, ptr %args, i64 {i}")
        lines.append(f"  %{name}.start = load ptr, ptr %{name}.arg, align 8")
        for what, place in (("outer", i), ("step", count + i)):
            lines.append(f"  %{name}.{what}.at = getelementptr i64, ptr %steps, i64 {place}")
            lines.append(f"  %{name}.{what} = load i64, ptr %{name}.{what}.at, align 8")
        lines.append(f"  %{name}.dense = icmp eq i64 %{name}.step, {size}")
    previous = "true"
    for name in names:
        lines.append(f"  %{name}.all = and i1 {previous}, %{name}.dense")
        previous = f"%{name}.all"
    arguments = ", ".join([f"ptr %{name}, i64 %{name}.step" for name in names] + ["i64 %n"])
    lines += [
        "  %empty.rows = icmp eq i64 %rows, 0",
        "  %empty.row = icmp eq i64 %n, 0",
        "  %empty = or i1 %empty.rows, %empty.row",
        "  br i1 %empty, label %end, label %each",
        "each:",
        "  %i = phi i64 [0, %entry], [%i.next, %next]",
    ]
    for name in names:
        lines.append(f"  %{name}.offset = mul i64 %i, %{name}.outer")
        lines.append(f"  %{name} = getelementptr i8, ptr %{name}.start, i64 %{name}.offset")
    lines += [
        f"  br i1 {previous}, label %dense, label %sparse",
        f"dense:\n  call void @row.contiguous({arguments})\n  br label %next",
        f"sparse:\n  call void @row.strided({arguments})\n  br label %next",
        "next:",
        "  %i.next = add nuw nsw i64 %i, 1",
        "  %more = icmp ult i64 %i.next, %rows",
        "  br i1 %more, label %each, label %end",
        "end:\n  ret void\n}",
    ]
    return "\n".join(lines)

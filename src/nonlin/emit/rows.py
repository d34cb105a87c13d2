"""The LLVM text of a row kernel: one pass over the row for each reduction, one more for the result.

Sums carry their rounding errors and add the lanes' partial sums in a fixed order: a row's result is the same whatever
its stride, alignment or neighbours. float32 rows are computed in float32 arithmetic, pass by pass, where its error
allows, else in float64. Shares of a row and their logarithms have kernels of their own.
"""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass, replace

import nonlin.emit.row_copies as row_copies
import nonlin.emit.row_infinite as row_infinite
import nonlin.emit.row_share as row_share
import nonlin.emit.row_totals as row_totals
import nonlin.emit.row_winner as row_winner
from nonlin.emit.arithmetic import Arithmetic
from nonlin.emit.body import Body
from nonlin.emit.frame import ATTRIBUTES, entry_point
from nonlin.emit.lower import Lowering
from nonlin.emit.narrow import Narrow, UnsupportedError
from nonlin.emit.primitives import Primitives
from nonlin.emit.row_pass import DOUBLES, FLOATS, Pass, Row
from nonlin.emit.row_search import FMA, Threshold
from nonlin.emit.storage import STORAGE
from nonlin.emit.value import DOUBLE, SINGLE, WIDE, Value
from nonlin.expression.nodes import ROW_OPERATIONS, Node, walk
from nonlin.expression.rows import THRESHOLD_POWERS

# The error, in units in the last place, up to which a pass may use float32 arithmetic.
_ULP = 1.8


def kernel_text(expression: Node, operands: tuple[str, ...], dtype: str) -> str:
    """LLVM module whose function `loop` is NumPy's generalised inner loop "(n),…->(n)" of a row expression."""
    storage = STORAGE[dtype]
    if share := row_share.recognised(expression, operands, storage.memory):
        together = row_copies.apart((*operands, "out"), storage.size)
        walker = _walker(operands, storage.size, (row_copies.NAME, row_copies.NAME), together)
        return "\n".join([row_totals.text(share), walker, entry_point("walk"), ATTRIBUTES, ""])
    parts, declarations = [], dict[str, None]()
    rows = [Row(operands, storage.memory, storage.size, contiguous) for contiguous in (True, False)]
    functions = [(row_infinite.finite(expression), row) for row in rows]
    leaves = row_infinite.anchors(expression)
    if leaves:
        functions.append((expression, row_infinite.apart(rows[0])))
    for computed, row in functions:
        text, needed = _row_function(computed, row, frozenset() if row.infinite else leaves)
        parts.append(text)
        declarations.update(dict.fromkeys(needed))
    walker = _walker(operands, storage.size, (rows[0].name, rows[1].name), ["  br label %each"])
    return "\n".join([*declarations, *parts, walker, entry_point("walk"), ATTRIBUTES, ""])


def _row_function(expression: Node, row: Row, leaves: Set[Node]) -> tuple[str, list[str]]:
    """The function for a row; where one of the anchors `leaves` is infinite, another function goes on."""
    lines = [f"define internal void @{row.name}({row.arguments}) noinline #0 {{", "entry:", "  br label %pass.0"]
    declarations: list[str] = []
    reductions = [node for node in walk(expression) if node.op in ROW_OPERATIONS]
    for index, node in enumerate([*reductions, None]):
        step = _Step(expression, node)
        text, needed = _pass(step, row, reductions[:index])
        if node in leaves:
            text = row_infinite.leaving(text, row, index)
            declarations.append(row_infinite.declaration(row))
        lines += text
        declarations += needed
    return "\n".join([*lines, "  ret void", "}"]), declarations


@dataclass(frozen=True)
class _Step:
    """What one pass is for: the reduction `node`, or the result."""

    expression: Node
    node: Node | None

    @property
    def source(self) -> Node:
        return self.expression if self.node is None else self.node.args[0]


def _pass(step: _Step, row: Row, done: list[Node]) -> tuple[list[str], list[str]]:
    """One pass, in floats if possible; `done` are the reductions of the passes before it."""
    tag = str(len(done))
    is_search = step.node is not None and step.node.op in THRESHOLD_POWERS
    if row.memory == "float" and not _has_threshold(step.expression):
        with suppress(UnsupportedError):
            maths = Narrow(Body("float", FLOATS.count))
            return _computed(step, Pass(row, FLOATS, tag), maths, done)
    this = Pass(row, DOUBLES, tag)
    return _searched(step, this, done) if is_search else _computed(step, this, _doubles(step, row), done)


def _has_threshold(expression: Node) -> bool:
    return any(node.op in THRESHOLD_POWERS for node in walk(expression))


def _doubles(step: _Step, row: Row) -> Arithmetic:
    precision = SINGLE if row.memory == "float" else WIDE if _has_threshold(step.expression) else DOUBLE
    return Primitives(Body("double", DOUBLES.count), precision)


def _computed(step: _Step, this: Pass, maths: Arithmetic, done: list[Node]) -> tuple[list[str], list[str]]:
    marks, value = _value(step, this, maths, done)
    if value.error > _ULP:
        raise UnsupportedError(f"an error of {value.error} ulp")
    result = _own(maths.plain(value), this)
    body = [*marks, *_lines(maths, this)]
    needed = [*maths.body.declarations, *this.declarations()]
    if step.node is not None and step.node.op == "row_winner":
        loads = [line for name in this.row.operands for line in this.load(name)]
        return row_winner.search(this, [*loads, *body], result), [*needed, *row_winner.declarations(this)]
    return this.loop(step.node, body, result), needed


def _value(step: _Step, this: Pass, maths: Arithmetic, done: list[Node]) -> tuple[list[str], Value]:
    """What the pass is for, computed by `maths` from what is loaded; and lines to come before those of `maths`."""
    lines, known = [], dict[Node, Value]()
    for index, reduction in enumerate(done):
        if reduction.op == "row_winner":
            marks, name = row_winner.marked(str(index), this)
            lines += marks
            known[reduction] = Value(name, bounded=True, exact=True)
        else:
            known[reduction] = _known(reduction, index, this)
    make = _LoweringInFull if maths.precision.wide else Lowering
    lowering = make(maths, {name: f"%{name}.{this.tag}" for name in this.row.operands}, known)
    return lines, lowering.value(step.source)


class _LoweringInFull(Lowering):
    """Compares numbers with their low parts: beside its threshold, an entry's distance from it is all low part."""

    def _lower(self, node: Node) -> Value:
        if node.op != "maximum":
            return super()._lower(node)
        a, b = self.flat_arguments(node)
        return self.maths.select(self.body.compare("olt", self.maths.plain(a), self.maths.plain(b)), b, a)


def _own(text: str, this: Pass) -> str:
    """The text with this pass's own names for what it computes."""
    return text.replace("%v", f"%v{this.tag}.")


def _lines(maths: Arithmetic, this: Pass) -> list[str]:
    return [_own(line, this) for line in maths.body.lines]


def _known(reduction: Node, index: int, this: Pass) -> Value:
    """The result of an earlier pass."""
    number, is_threshold = this.lanes.number, reduction.op in THRESHOLD_POWERS
    in_two = reduction.op == "row_sum" or (is_threshold and this.row.memory == "double")
    low = f"%rest.{index}.{number}" if in_two else None
    return Value(f"%total.{index}.{number}", low, bounded=in_two or is_threshold, exact=True)


def _searched(step: _Step, this: Pass, done: list[Node]) -> tuple[list[str], list[str]]:
    """The pass for a threshold, which goes over the row several times and computes its entries anew each time."""
    declarations = [*this.declarations(), FMA]

    def lowered(inner: Pass) -> tuple[list[str], Value]:
        maths = _doubles(step, inner.row)
        marks, value = _value(step, inner, maths, done)
        value = maths.flat(value)
        low = maths.usable_low(value.low) if value.low else None
        value = replace(value, high=_own(value.high, inner), low=_own(low, inner) if low else None)
        declarations.extend(maths.body.declarations)
        loads = [line for name in inner.row.operands for line in inner.load(name)]
        return [*loads, *marks, *_lines(maths, inner)], value

    assert step.node is not None
    pairs = this.row.memory == "double"
    return Threshold(this, THRESHOLD_POWERS[step.node.op], pairs, lowered).text(), declarations


def _walker(operands: tuple[str, ...], size: int, functions: tuple[str, str], start: list[str]) -> str:
    """The loop over rows; args, dimensions and steps as NumPy gives them to a generalised ufunc.

    `functions` are for a contiguous row and one that is not; `start` begins the loop, or does without.
    """
    contiguous, strided = functions
    names = (*operands, "out")
    arguments = ", ".join([f"ptr %{name}, i64 %{name}.step" for name in names] + ["i64 %n"])
    dense = [f"%{name}.all" for name in names]
    lines = [
        "define internal void @walk(ptr %args, ptr %dimensions, ptr %steps, ptr %data) noinline #0 {",
        "entry:",
        "  %rows = load i64, ptr %dimensions, align 8",
        "  %n.at = getelementptr i64, ptr %dimensions, i64 1\n  %n = load i64, ptr %n.at, align 8",
        *_operands(names, size),
        "  %empty.rows = icmp eq i64 %rows, 0",
        "  %empty.row = icmp eq i64 %n, 0",
        "  %empty = or i1 %empty.rows, %empty.row",
        "  br i1 %empty, label %end, label %start",
        "start:",
        *start,
        "each:",
        "  %i = phi i64 [0, %start], [%i.next, %next]",
    ]
    for name in names:
        lines.append(f"  %{name}.offset = mul i64 %i, %{name}.outer")
        lines.append(f"  %{name} = getelementptr i8, ptr %{name}.start, i64 %{name}.offset")
    lines += [
        f"  br i1 {dense[-1]}, label %dense, label %sparse",
        f"dense:\n  call void @{contiguous}({arguments})\n  br label %next",
        f"sparse:\n  call void @{strided}({arguments})\n  br label %next",
        "next:",
        "  %i.next = add nuw nsw i64 %i, 1",
        "  %more = icmp ult i64 %i.next, %rows",
        "  br i1 %more, label %each, label %end",
        "end:\n  ret void\n}",
    ]
    return "\n".join(lines)


def _operands(names: tuple[str, ...], size: int) -> list[str]:
    """Start, step between rows and step within a row of every operand; %NAME.all: all up to it are contiguous."""
    lines, previous = [], "true"
    for i, name in enumerate(names):
        lines.append(f"  %{name}.arg = getelementptr ptr, ptr %args, i64 {i}")
        lines.append(f"  %{name}.start = load ptr, ptr %{name}.arg, align 8")
        for what, place in (("outer", i), ("step", len(names) + i)):
            lines.append(f"  %{name}.{what}.at = getelementptr i64, ptr %steps, i64 {place}")
            lines.append(f"  %{name}.{what} = load i64, ptr %{name}.{what}.at, align 8")
        lines.append(f"  %{name}.dense = icmp eq i64 %{name}.step, {size}")
        lines.append(f"  %{name}.all = and i1 {previous}, %{name}.dense")
        previous = f"%{name}.all"
    return lines

"""One pass of a row kernel: a loop over a row in vectors, with masked loads and stores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nonlin.expression.nodes import Node


@dataclass(frozen=True)
class Lanes:
    """A vector of 512 bits: how many numbers of which type."""

    number: str
    count: int

    @property
    def wide(self) -> str:
        return self.of(self.number)

    def of(self, kind: str) -> str:
        return f"<{self.count} x {kind}>"

    def splat(self, target: str, source: str, kind: str) -> list[str]:
        """Lines that fill the vector `target` with `source`."""
        vector = self.of(kind)
        return [
            f"  {target}.one = insertelement {vector} poison, {kind} {source}, i32 0",
            f"  {target} = shufflevector {vector} {target}.one, {vector} poison, <{self.count} x i32> zeroinitializer",
        ]


FLOATS, DOUBLES = Lanes("float", 16), Lanes("double", 8)


@dataclass(frozen=True)
class Row:
    """What the text of one row function depends on."""

    operands: tuple[str, ...]
    memory: str
    size: int
    contiguous: bool
    infinite: bool = False

    @property
    def name(self) -> str:
        return "row.infinite" if self.infinite else "row.contiguous" if self.contiguous else "row.strided"

    @property
    def arguments(self) -> str:
        pointers = [f"ptr %{name}, i64 %{name}.step" for name in (*self.operands, "out")]
        return ", ".join([*pointers, "i64 %n"])


@dataclass(frozen=True)
class Pass:
    """The loop number `tag` of a row, in `lanes`."""

    row: Row
    lanes: Lanes
    tag: str

    @cached_property
    def stored(self) -> str:
        return self.lanes.of(self.row.memory)

    @cached_property
    def mask(self) -> str:
        return self.lanes.of("i1")

    @property
    def _suffix(self) -> str:
        count = self.lanes.count
        return f"v{count}f{self.row.size * 8}." + ("p0" if self.row.contiguous else f"v{count}p0")

    @property
    def _addresses(self) -> str:
        return "ptr" if self.row.contiguous else self.lanes.of("ptr")

    def declarations(self) -> list[str]:
        load, store = ("load", "store") if self.row.contiguous else ("gather", "scatter")
        mask, stored, addresses = self.mask, self.stored, self._addresses
        return [
            "declare i64 @llvm.umin.i64(i64, i64)",
            f"declare {self.stored} @llvm.masked.{load}.{self._suffix}({addresses}, i32, {mask}, {stored})",
            f"declare void @llvm.masked.{store}.{self._suffix}({stored}, {addresses}, i32, {mask})",
        ]

    def lane_numbers(self) -> list[str]:
        """%lanes.tag: the places in the row; %mask.tag: those before its end."""
        tag, offsets, count = self.tag, self.lanes.of("i64"), self.lanes.count
        places, short = (", ".join(f"{kind} {i}" for i in range(count)) for kind in ("i64", "i32"))
        return [
            *self.lanes.splat(f"%j.{tag}.all", f"%j.{tag}", "i64"),
            f"  %lanes.{tag} = add {offsets} %j.{tag}.all, <{places}>",
            # Compared in 32 bits, how many are left: one instruction where 64 bits take four.
            f"  %left.{tag}.all = sub i64 %n, %j.{tag}",
            f"  %left.{tag}.capped = call i64 @llvm.umin.i64(i64 %left.{tag}.all, i64 {count})",
            f"  %left.{tag}.few = trunc i64 %left.{tag}.capped to i32",
            *self.lanes.splat(f"%left.{tag}.each", f"%left.{tag}.few", "i32"),
            f"  %mask.{tag} = icmp ugt {self.lanes.of('i32')} %left.{tag}.each, <{short}>",
        ]

    def load(self, name: str) -> list[str]:
        """Lines giving %name.tag: elements as this pass computes with them, zero beyond the row's end."""
        target = f"%{name}.{self.tag}"
        operation = "load" if self.row.contiguous else "gather"
        called = f"{self.stored} @llvm.masked.{operation}.{self._suffix}"
        return [
            *self._address(name),
            f"  {target}.raw = call {called}({self._addresses} {target}.at, i32 {self.row.size}, "
            f"{self.mask} %mask.{self.tag}, {self.stored} zeroinitializer)",
            f"  {target} = {self._conversion('fpext')} {self.stored} {target}.raw to {self.lanes.wide}",
        ]

    def store(self, value: str) -> list[str]:
        """Lines that write `value`."""
        operation = "store" if self.row.contiguous else "scatter"
        return [
            *self._address("out"),
            f"  %stored.{self.tag} = {self._conversion('fptrunc')} {self.lanes.wide} {value} to {self.stored}",
            f"  call void @llvm.masked.{operation}.{self._suffix}({self.stored} %stored.{self.tag}, {self._addresses} "
            f"%out.{self.tag}.at, i32 {self.row.size}, {self.mask} %mask.{self.tag})",
        ]

    def _conversion(self, operation: str) -> str:
        return "bitcast" if self.row.memory == self.lanes.number else operation

    def _address(self, name: str) -> list[str]:
        target, offsets = f"%{name}.{self.tag}", self.lanes.of("i64")
        if self.row.contiguous:
            return [f"  {target}.at = getelementptr {self.row.memory}, ptr %{name}, i64 %j.{self.tag}"]
        return [
            *self.lanes.splat(f"{target}.by", f"%{name}.step", "i64"),
            f"  {target}.offset = mul {offsets} %lanes.{self.tag}, {target}.by",
            f"  {target}.at = getelementptr i8, ptr %{name}, {offsets} {target}.offset",
        ]

    def loop(self, node: Node | None, body: list[str], result: str) -> list[str]:
        """A reduction (`node`) over the row, or what fills `out`."""
        tag, wide = self.tag, self.lanes.wide
        lowest = f"splat ({self.lanes.number} 0xFFF0000000000000)"
        start = lowest if node and node.op == "row_anchor" else "zeroinitializer"
        carried = [
            f"  %sum.{tag} = phi {wide} [{start}, %pass.{tag}], [%sum.{tag}.next, %step.{tag}]",
            f"  %error.{tag} = phi {wide} [zeroinitializer, %pass.{tag}], [%error.{tag}.next, %step.{tag}]",
        ][: 1 if start == lowest else 2]
        return [
            f"pass.{tag}:",
            f"  br label %step.{tag}",
            f"step.{tag}:",
            f"  %j.{tag} = phi i64 [0, %pass.{tag}], [%j.{tag}.next, %step.{tag}]",
            *(carried if node else []),
            *self.lane_numbers(),
            *[line for name in self.row.operands for line in self.load(name)],
            *body,
            *(self._accumulate(node, result) if node else []),
            *([] if node else self.store(result)),
            f"  %j.{tag}.next = add nuw nsw i64 %j.{tag}, {self.lanes.count}",
            f"  %more.{tag} = icmp ult i64 %j.{tag}.next, %n",
            f"  br i1 %more.{tag}, label %step.{tag}, label %done.{tag}",
            f"done.{tag}:",
            *([*self._combine(node), f"  br label %pass.{int(tag) + 1}"] if node else []),
        ]

    def _accumulate(self, node: Node, result: str) -> list[str]:
        tag, wide, mask = self.tag, self.lanes.wide, self.mask
        total, following = f"%sum.{tag}", f"%sum.{tag}.next"
        if node.op == "row_anchor":
            return [
                f"  %candidate.{tag} = fcmp ogt {wide} {result}, {total}",
                f"  %larger.{tag} = and {mask} %candidate.{tag}, %mask.{tag}",
                f"  {following} = select {mask} %larger.{tag}, {wide} {result}, {wide} {total}",
            ]
        return [
            f"  %term.{tag} = select {mask} %mask.{tag}, {wide} {result}, {wide} zeroinitializer",
            *two_sum(wide, total, f"%term.{tag}", following, f"%left.{tag}"),
            f"  %error.{tag}.next = fadd {wide} %error.{tag}, %left.{tag}",
        ]

    def _combine(self, node: Node) -> list[str]:
        """The lanes' partial results in lane order: %whole.tag and, for sums, what it leaves out, %over.tag."""
        tag, number, last = self.tag, self.lanes.number, self.lanes.count - 1
        lines = [
            f"  %lane.{tag}.{i} = extractelement {self.lanes.wide} %sum.{tag}.next, i32 {i}" for i in range(last + 1)
        ]
        if node.op == "row_anchor":
            return [*lines, *self._largest(), *self._spread(f"%top.{tag}.{last}", None)]
        lines += [
            f"  %slip.{tag}.{i} = extractelement {self.lanes.wide} %error.{tag}.next, i32 {i}" for i in range(last + 1)
        ]
        errors = [f"%slip.{tag}.{i}" for i in range(last + 1)]
        for i in range(1, last + 1):
            previous = f"%lane.{tag}.0" if i == 1 else f"%part.{tag}.{i - 1}"
            lines += two_sum(number, previous, f"%lane.{tag}.{i}", f"%part.{tag}.{i}", f"%miss.{tag}.{i}")
            errors.append(f"%miss.{tag}.{i}")
        for i, error in enumerate(errors[1:], 1):
            previous = errors[0] if i == 1 else f"%missing.{tag}.{i - 1}"
            lines.append(f"  %missing.{tag}.{i} = fadd {number} {previous}, {error}")
        return [*lines, *self._spread(f"%part.{tag}.{last}", f"%missing.{tag}.{len(errors) - 1}")]

    def _largest(self) -> list[str]:
        tag, number = self.tag, self.lanes.number
        lines = []
        for i in range(1, self.lanes.count):
            previous = f"%lane.{tag}.0" if i == 1 else f"%top.{tag}.{i - 1}"
            lines.append(f"  %is.{tag}.{i} = fcmp ogt {number} %lane.{tag}.{i}, {previous}")
            lines.append(f"  %top.{tag}.{i} = select i1 %is.{tag}.{i}, {number} %lane.{tag}.{i}, {number} {previous}")
        return lines

    def _spread(self, total: str, rest: str | None) -> list[str]:
        """The reduction for passes in floats and in doubles: %total.tag.number and %rest.tag.number."""
        tag, lines = self.tag, []
        for lanes in (FLOATS, DOUBLES) if self.row.memory == "float" else (DOUBLES,):
            for what, source in (("total", total), ("rest", rest)):
                if source is None:
                    continue
                scalar = f"%{what}.{tag}.{lanes.number}.scalar"
                operation = "fadd" if lanes == self.lanes else "fpext" if lanes == DOUBLES else "fptrunc"
                if operation == "fadd":
                    lines.append(f"  {scalar} = fadd {lanes.number} {source}, 0x8000000000000000")
                else:
                    lines.append(f"  {scalar} = {operation} {self.lanes.number} {source} to {lanes.number}")
                lines += lanes.splat(f"%{what}.{tag}.{lanes.number}", scalar, lanes.number)
        return lines


def two_sum(kind: str, a: str, b: str, total: str, error: str) -> list[str]:
    """total + error = a + b exactly (Knuth)."""
    return [
        f"  {total} = fadd {kind} {a}, {b}",
        f"  {error}.b = fsub {kind} {total}, {a}",
        f"  {error}.a = fsub {kind} {total}, {error}.b",
        f"  {error}.da = fsub {kind} {a}, {error}.a",
        f"  {error}.db = fsub {kind} {b}, {error}.b",
        f"  {error} = fadd {kind} {error}.da, {error}.db",
    ]

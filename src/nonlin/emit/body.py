"""A scalar function body as LLVM text: one line per instruction, equal instructions written once.

Instructions are numbered by their text, so a subexpression that two parts of a formula share (one exponential for
Φ and φ, say) is computed once whatever route leads to it. No fast-math flag is ever set: what is written is what
is computed, and the vector and scalar versions of a loop agree to the last bit.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from zlib import crc32

_INTRINSICS = {"fma": 3, "fabs": 1, "sqrt": 1, "floor": 1, "copysign": 2}


def hexadecimal(value: float) -> str:
    """A floating-point constant as LLVM writes it: the bits of the double, exact for float too."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def rounded(value: Fraction | float, kind: str) -> float:
    """The nearest number of the type `kind` ("double" or "float")."""
    nearest = float(value)
    if kind == "double" or nearest in (float("inf"), float("-inf")):
        return nearest
    return float(struct.unpack("<f", struct.pack("<f", nearest))[0])


class Body:
    """Collects instructions on numbers of one type, or on vectors of `lanes` of them; every method returns a name."""

    def __init__(self, number: str, lanes: int = 0):
        self.number, self.lanes = number, lanes
        self.kind = self._wide(number)
        self.integer = self._wide("i64" if number == "double" else "i32")
        self.truth = self._wide("i1")
        self.suffix = (f"v{lanes}" if lanes else "") + ("f64" if number == "double" else "f32")
        self.lines: list[str] = []
        self.declarations: dict[str, None] = {}
        self._names: dict[str, str] = {}
        self.constants: dict[str, float] = {}
        self._negated: dict[str, str] = {}

    def _wide(self, kind: str) -> str:
        return f"<{self.lanes} x {kind}>" if self.lanes else kind

    def _filled(self, kind: str, literal: str) -> str:
        return f"splat ({kind} {literal})" if self.lanes else literal

    def emit(self, text: str) -> str:
        """One instruction; the same text gives the same name."""
        name = self._names.get(text)
        if name is None:
            name = self._names[text] = f"%v{len(self.lines)}"
            self.lines.append(f"  {name} = {text}")
        return name

    def constant(self, value: Fraction | float) -> str:
        nearest = rounded(value, self.number)
        text = self._filled(self.number, hexadecimal(nearest))
        self.constants[text] = nearest
        return text

    def is_constant(self, name: str, value: float) -> bool:
        return self.constants.get(name) == value

    def add(self, a: str, b: str) -> str:
        return self.emit(f"fadd {self.kind} {a}, {b}")

    def sub(self, a: str, b: str) -> str:
        return self.emit(f"fsub {self.kind} {a}, {b}")

    def mul(self, a: str, b: str) -> str:
        if self.is_constant(a, 1.0):
            return b
        return a if self.is_constant(b, 1.0) else self.emit(f"fmul {self.kind} {a}, {b}")

    def div(self, a: str, b: str) -> str:
        return self.emit(f"fdiv {self.kind} {a}, {b}")

    def neg(self, a: str) -> str:
        if a in self._negated:
            return self._negated[a]
        if a in self.constants:
            return self.constant(-self.constants[a])
        name = self.emit(f"fneg {self.kind} {a}")
        self._negated[name] = a
        return name

    def intrinsic(self, operation: str, *arguments: str) -> str:
        typed = ", ".join(f"{self.kind} {argument}" for argument in arguments)
        signature = ", ".join([self.kind] * _INTRINSICS[operation])
        self.declarations[f"declare {self.kind} @llvm.{operation}.{self.suffix}({signature})"] = None
        return self.emit(f"call {self.kind} @llvm.{operation}.{self.suffix}({typed})")

    def library(self, function: str, *arguments: str) -> str:
        """A call of the C library, one element at a time: right, and slow."""
        typed = ", ".join(f"{self.kind} {argument}" for argument in arguments)
        signature = ", ".join([self.kind] * len(arguments))
        self.declarations[f"declare {self.kind} @{function}({signature}) nounwind memory(none)"] = None
        return self.emit(f"call {self.kind} @{function}({typed})")

    def fma(self, a: str, b: str, c: str) -> str:
        return self.intrinsic("fma", a, b, c)

    def abs(self, a: str) -> str:
        return self.intrinsic("fabs", self._negated.get(a, a))

    def compare(self, predicate: str, a: str, b: str) -> str:
        """`predicate` is LLVM's: olt, ole, oeq (false on NaN), uno (true on NaN)."""
        return self.emit(f"fcmp {predicate} {self.kind} {a}, {b}")

    def select(self, condition: str, when_true: str, when_false: str) -> str:
        if when_true == when_false:
            return when_true
        return self.emit(f"select {self.truth} {condition}, {self.kind} {when_true}, {self.kind} {when_false}")

    def bits(self, a: str) -> str:
        return self.emit(f"bitcast {self.kind} {a} to {self.integer}")

    def from_bits(self, a: str) -> str:
        return self.emit(f"bitcast {self.integer} {a} to {self.kind}")

    def integer_op(self, operation: str, a: str, b: str | int) -> str:
        second = self._filled("i64" if self.number == "double" else "i32", str(b)) if isinstance(b, int) else b
        return self.emit(f"{operation} {self.integer} {a}, {second}")

    def lowest_bit(self, integer: str) -> str:
        """Whether an integer is odd."""
        return self.emit(f"trunc {self.integer} {integer} to {self.truth}")

    def lookup(self, table: tuple[float, ...], index: str) -> str:
        """The entry of a table of doubles at an integer index; a vector gathers."""
        entries = ", ".join(f"double {hexadecimal(entry)}" for entry in table)
        name = f"table.{crc32(entries.encode()):08x}"
        self.declarations[f"@{name} = private unnamed_addr constant [{len(table)} x double] [{entries}]"] = None
        at = f"getelementptr inbounds [{len(table)} x double], ptr @{name}, i64 0, {self.integer} {index}"
        if not self.lanes:
            # The group says what alias analysis need not find out: that no store of the loop changes the table.
            return self.emit(f"load double, ptr {self.emit(at)}, align 8, !llvm.access.group !0")
        pointers, truths = self._wide("ptr"), self._filled("i1", "true")
        gather = f"@llvm.masked.gather.v{self.lanes}f64.v{self.lanes}p0"
        self.declarations[f"declare {self.kind} {gather}({pointers}, i32, {self.truth}, {self.kind})"] = None
        lanes = f"{pointers} {self.emit(at)}, i32 8, {self.truth} {truths}, {self.kind} poison"
        return self.emit(f"call {self.kind} {gather}({lanes})")

    def polynomial(self, coefficients: tuple[float, ...], variable: str) -> str:
        """Horner's scheme, constant term first."""
        result = self.constant(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            result = self.fma(result, variable, self.constant(coefficient))
        return result

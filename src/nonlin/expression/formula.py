"""Parse formulas that users type into expressions. Nothing is ever evaluated: names are looked up in tables.

The grammar is Python's (`ast.parse`), what may appear in it is decided here. A name that is neither a function nor
x, pi or e becomes a parameter.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from nonlin.errors import FormulaError
from nonlin.expression import nodes
from nonlin.expression.nodes import Node
from nonlin.expression.text import CALLS, to_text
from nonlin.expression.tokens import Source, fail, read

__all__ = ["parse", "to_text"]

DEEPEST = 200  # operations inside one another
LARGEST_NUMBER_BITS = 10_000

SYNONYMS: Mapping[str, str] = {
    "max": "maximum", "min": "minimum", "where": "select", "pow": "power", "ln": "log", "arctan": "atan",
    "expit": "logistic", "sigmoid": "logistic", "σ": "logistic", "Phi": "normal_cdf", "Φ": "normal_cdf",
    "phi": "normal_pdf", "φ": "normal_pdf", "absolute": "abs", "fabs": "abs", "sgn": "sign",
}  # fmt: skip
# name in a formula -> op; every operation that is a function is known by its own name too.
FUNCTIONS: Mapping[str, str] = {**{op: op for op in CALLS}, "power": "power", **SYNONYMS}
NAMES: Mapping[str, Node] = {"x": nodes.x, "pi": nodes.pi, "π": nodes.pi, "e": nodes.exp(1)}
ARITHMETIC: Mapping[type, str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "power"}
# comparison -> (op, whether its operands are exchanged, whether it is denied)
COMPARISONS: Mapping[type, tuple[str, bool, bool]] = {
    ast.Lt: ("less", False, False),
    ast.Gt: ("less", True, False),
    ast.LtE: ("less_equal", False, False),
    ast.GtE: ("less_equal", True, False),
    ast.Eq: ("equal", False, False),
    ast.NotEq: ("equal", False, True),
}
COUNTS: Mapping[str, int] = {**nodes.OPERATIONS, **nodes.ROW_OPERATIONS}


def parse(formula: str) -> Node:
    """The expression of a formula such as "x * tanh(softplus(x))", "max(0, x) + a*min(0, x)" or "x if x > 0 else 0".

    Raises `FormulaError`, which points at the column, for anything that is not a formula of the language.
    """
    source = read(formula)
    try:
        tree = ast.parse(source.python, mode="eval")
    except SyntaxError as error:
        _refuse_grammar(source, error)
    except (RecursionError, MemoryError):
        raise FormulaError(f"a formula nests at most {DEEPEST} operations", fix="split it into smaller parts") from None
    return _Reader(source).value(tree.body, 0)


# How Python's grammar puts it -> how we do.
COMPLAINTS: Mapping[str, tuple[str, str]] = {
    "was never closed": ("this bracket is never closed", "add a )"),
    "unmatched": ("this bracket closes nothing", "remove it, or add a ( before it"),
    "expected 'else'": ("this choice has no else", "write: a if x > 0 else b"),
    "nested": (f"a formula nests at most {DEEPEST} operations", "split it into smaller parts"),
}
OTHERWISE = ("the formula does not continue like this", "every sign needs a value on both sides, and a product its *")


def _refuse_grammar(source: Source, error: SyntaxError) -> NoReturn:
    rule, fix = next((own for theirs, own in COMPLAINTS.items() if theirs in error.msg), OTHERWISE)
    fail(source.typed, source.column_of((error.offset or 0) - 1), rule, fix=fix)


@dataclass(frozen=True)
class _Reader:
    source: Source

    def refuse(self, at: ast.expr, rule: str, choices: tuple[str, ...] = (), fix: str | None = None) -> NoReturn:
        fail(self.source.typed, self.source.column(at.col_offset), rule, choices=choices, fix=fix)

    def value(self, at: ast.expr, depth: int) -> Node:
        """The expression at a place in the tree."""
        if depth > DEEPEST:
            self.refuse(at, f"a formula nests at most {DEEPEST} operations")
        reader = READERS.get(type(at))
        if reader is None:
            self.refuse(at, "this is not part of a formula", fix="use + - * / **, functions, where(...) and names")
        node = reader(self, at, depth + 1)
        if node.value is not None and max(map(int.bit_length, node.value.as_integer_ratio())) > LARGEST_NUMBER_BITS:
            self.refuse(at, "this number is too large to be worked with")
        return node

    def number(self, at: ast.Constant, depth: int) -> Node:
        if type(at.value) is not int:
            self.refuse(at, f"{at.value!r} is not a number")
        return nodes.decimal(self.source.numbers[at.value])

    def name(self, at: ast.Name, depth: int) -> Node:
        if at.id in NAMES:
            return NAMES[at.id]
        if at.id in FUNCTIONS:
            self.refuse(at, f"{at.id} is a function", fix=f"write {at.id}(x)")
        return nodes.parameter(at.id)

    def arithmetic(self, at: ast.BinOp, depth: int) -> Node:
        op = ARITHMETIC.get(type(at.op))
        if op is None:
            self.refuse(at, "this sign is not part of a formula", fix="use + - * / **")
        if op == "power" and isinstance(at.left, ast.Name) and at.left.id == "e":
            return nodes.exp(self.value(at.right, depth))
        return nodes.apply(op, self.value(at.left, depth), self.value(at.right, depth))

    def unary(self, at: ast.UnaryOp, depth: int) -> Node:
        if isinstance(at.op, ast.Not):
            self.lone_condition(at, depth)
        inner = self.value(at.operand, depth)
        return nodes.neg(inner) if isinstance(at.op, ast.USub) else inner

    def call(self, at: ast.Call, depth: int) -> Node:
        if not isinstance(at.func, ast.Name):
            self.refuse(at, "only a named function can be applied", fix="write * for a product")
        op = FUNCTIONS.get(at.func.id)
        if op is None:
            self.unknown_function(at, at.func.id)
        if at.keywords or any(isinstance(a, ast.Starred) for a in at.args):
            self.refuse(at, f"{at.func.id} takes plain values")
        many = op in ("minimum", "maximum") and len(at.args) > 1
        if len(at.args) != COUNTS[op] and not many:
            self.refuse(at, f"{at.func.id} takes {COUNTS[op]} value{'s' * (COUNTS[op] > 1)}, not {len(at.args)}")
        if op == "select":
            return self.choose(at.args[0], self.value(at.args[1], depth), self.value(at.args[2], depth), depth)
        values = [self.value(argument, depth) for argument in at.args]
        result = nodes.apply(op, *values[: COUNTS[op]])
        for further in values[COUNTS[op] :]:
            result = nodes.apply(op, result, further)
        return result

    def unknown_function(self, at: ast.Call, name: str) -> NoReturn:
        nearest = difflib.get_close_matches(name, FUNCTIONS, n=1)
        fix = f"did you mean {nearest[0]}?" if nearest else f"if it is a factor, write {name}*(…)"
        self.refuse(at, f"{name} is not a function of the language", choices=tuple(sorted(FUNCTIONS)), fix=fix)

    def conditional(self, at: ast.IfExp, depth: int) -> Node:
        return self.choose(at.test, self.value(at.body, depth), self.value(at.orelse, depth), depth)

    def lone_condition(self, at: ast.expr, depth: int) -> NoReturn:
        self.refuse(at, "a comparison is not a value", fix="choose with it: where(x > 0, 1, 0)")

    def choose(self, test: ast.expr, yes: Node, no: Node, depth: int) -> Node:
        """`yes` where the condition holds, else `no`; 0 < x < 1, and, or, not become nested choices."""
        if depth > DEEPEST:
            self.refuse(test, f"a formula nests at most {DEEPEST} operations")
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.choose(test.operand, no, yes, depth + 1)
        if isinstance(test, ast.BoolOp):
            every, result = isinstance(test.op, ast.And), yes if isinstance(test.op, ast.And) else no
            for part in reversed(test.values):
                result = (
                    self.choose(part, result, no, depth + 1) if every else self.choose(part, yes, result, depth + 1)
                )
            return result
        if not isinstance(test, ast.Compare):
            self.refuse(test, "a condition is needed here", fix="write a comparison such as x > 0")
        values = [self.value(part, depth) for part in (test.left, *test.comparators)]
        result = yes
        for left, sign, right in reversed(list(zip(values, test.ops, values[1:], strict=False))):
            if type(sign) not in COMPARISONS:
                self.refuse(test, "this comparison is not part of a formula", fix="use < <= > >= == or !=")
            op, exchanged, denied = COMPARISONS[type(sign)]
            condition = nodes.make(op, right, left) if exchanged else nodes.make(op, left, right)
            result = nodes.select(condition, no, result) if denied else nodes.select(condition, result, no)
        return result


READERS: Mapping[type, Callable[..., Node]] = {
    ast.Constant: _Reader.number,
    ast.Name: _Reader.name,
    ast.BinOp: _Reader.arithmetic,
    ast.UnaryOp: _Reader.unary,
    ast.Call: _Reader.call,
    ast.IfExp: _Reader.conditional,
    ast.Compare: _Reader.lone_condition,
    ast.BoolOp: _Reader.lone_condition,
}

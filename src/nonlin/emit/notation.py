"""How mathematicians write an expression: a tree of boxes, which LaTeX and MathML then set each in their own way.

Written for the eye, not for a machine: x·x·x is x³, a + (−b) is a − b, a constant of more than eight digits is cut with
an ellipsis, nested choices are one list of cases, a row's shift is left out, and a threshold is τ with its equation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from nonlin.emit.row_equations import solved_by, thresholds, unshifted
from nonlin.expression import nodes
from nonlin.expression.nodes import Node
from nonlin.expression.rows import is_row
from nonlin.expression.text import number_text

# How tightly a box binds; an operand that binds less tightly is put in parentheses.
CHOOSES, ADDS, MULTIPLIES, RAISES, STANDS_ALONE = range(5)
ROW_INDICES = "ijklmnpq"
MOST_DIGITS, DIGITS_KEPT = 8, 6

GREEK: Mapping[str, str] = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "lambd": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "omega": "ω",
}  # fmt: skip
SHORT: Mapping[str, str] = {**GREEK, "negative_slope": "a", "weight": "w", "threshold": "t"}


@dataclass(frozen=True)
class Box:
    """Something to set: its kind (see `KINDS`), the boxes inside it, its text, and how tightly it binds."""

    kind: str
    parts: tuple[Box, ...] = ()
    text: str = ""
    binding: int = STANDS_ALONE


# Every kind of box; a target must be able to set each of them.
KINDS = frozenset({
    "number", "letter", "label", "word", "sign", "row", "fraction", "power", "index", "root", "fence", "cases", "sum",
    "maximum_over", "call",
})  # fmt: skip


def sign(text: str) -> Box:
    return Box("sign", text=text)


NEGATIVE = sign("negative")  # the sign before a single value


def letter(text: str) -> Box:
    return Box("letter", text=text)


def row(*parts: Box, binding: int = STANDS_ALONE) -> Box:
    return Box("row", parts, binding=binding)


def fence(inner: Box, marks: str = "()") -> Box:
    return Box("fence", (inner,), marks)


def at_least(box: Box, binding: int) -> Box:
    return box if box.binding >= binding else fence(box)


def number(value: Fraction) -> Box:
    """A non-negative constant."""
    text, _ = number_text(value)
    if "/" in text:
        top, bottom = text.split("/")
        return Box("fraction", (Box("number", text=top), Box("number", text=bottom)), binding=MULTIPLIES)
    if len(text.replace(".", "").lstrip("0")) > MOST_DIGITS and "." in text:
        start = len(text) - len(text.lstrip("0."))
        text = text[: max(start + DIGITS_KEPT, text.index(".") + 2) + (start == 0)] + "…"
    return Box("number", text=text)


def symbol_of(name: str) -> Box:
    """The symbol of a parameter: a Greek or single letter, with a trailing number as index; else its name upright."""
    stem = name.rstrip("0123456789")
    if stem and stem != name:
        return Box("index", (symbol_of(stem.rstrip("_") or stem), Box("number", text=name[len(stem) :])))
    short = SHORT.get(name, name)
    return letter(short) if len(short) == 1 else Box("label", text=name)


def symbols(node: Node) -> dict[str, Box]:
    """The symbol of each parameter; two that would share a letter keep their names."""
    chosen = {name: symbol_of(name) for name in nodes.parameters(node)}
    taken = [*chosen.values(), letter("x"), letter("e")]
    return {
        name: box if taken.count(box) == 1 or len(name) == 1 else Box("label", text=name)
        for name, box in chosen.items()
    }


def layout(node: Node) -> Box:
    """The boxes of an expression."""
    node, has_index = unshifted(node), is_row(node)
    taus = thresholds(node)
    named = {tau: symbol_of("tau" + str(i) * (len(taus) > 1)) for i, tau in enumerate(taus, 1)}
    notation = Notation(symbols(node), has_index, thresholds=named)
    equations = [part for tau in taus for part in (sign("with"), notation.box(solved_by(tau)))]
    return row(notation.box(node), *equations) if equations else notation.box(node)


@dataclass(frozen=True)
class Notation:
    """What the boxes of a node depend on: parameters' symbols, and the index that x carries inside sums over a row."""

    symbols: Mapping[str, Box]
    has_index: bool = False
    depth: int = 0
    thresholds: Mapping[Node, Box] = field(default_factory=dict)

    def box(self, node: Node) -> Box:
        return RULES[node.op](self, node)

    def boxes(self, node: Node) -> list[Box]:
        return [self.box(argument) for argument in node.args]

    def variable(self, node: Node) -> Box:
        x = letter(node.name or "")
        return Box("index", (x, letter(ROW_INDICES[self.depth % len(ROW_INDICES)]))) if self.has_index else x

    def inner(self) -> Notation:
        return replace(self, depth=self.depth + 1)


def _constant(notation: Notation, node: Node) -> Box:
    value = node.value or Fraction(0)
    return number(value) if value >= 0 else row(NEGATIVE, number(-value), binding=ADDS)


def _negative(node: Node) -> Node | None:
    """u for a node that is −u, else None."""
    if node.value is not None:
        return nodes.neg(node) if node.value < 0 else None
    if node.op == "mul" and node.args[0].value is not None and node.args[0].value < 0:
        return nodes.neg(node.args[0]) * node.args[1]
    return node.args[0] if node.op == "neg" else None


def _sum(notation: Notation, node: Node) -> Box:
    left, right = node.args
    minus = node.op != "add"
    positive = _negative(right)
    if positive is not None:
        right, minus = positive, not minus
    second = at_least(notation.box(right), MULTIPLIES if minus else ADDS)
    return row(at_least(notation.box(left), ADDS), sign("−" if minus else "+"), second, binding=ADDS)


def _factors(node: Node) -> list[Node]:
    return [f for argument in node.args for f in _factors(argument)] if node.op == "mul" else [node]


def _starts_with_digit(box: Box) -> bool:
    return box.kind == "number" or (box.kind in ("power", "row") and _starts_with_digit(box.parts[0]))


def _product(notation: Notation, node: Node) -> Box:
    counts: dict[Node, int] = {}
    for factor in _factors(node):
        counts[factor] = counts.get(factor, 0) + 1
    parts: list[Box] = []
    for position, (factor, count) in enumerate(counts.items()):
        box = notation.box(nodes.power(factor, count))
        last = position == len(counts) - 1
        box = box if last and box.kind in ("cases", "sum") else at_least(box, MULTIPLIES)
        if parts:
            parts.append(sign("·" if _starts_with_digit(box) or box.kind == "fraction" else "times"))
        parts.append(box)
    return row(*parts, binding=MULTIPLIES) if len(parts) > 1 else parts[0]


def _negation(notation: Notation, node: Node) -> Box:
    return row(NEGATIVE, at_least(notation.box(node.args[0]), MULTIPLIES), binding=ADDS)


def _quotient(notation: Notation, node: Node) -> Box:
    positive = _negative(node.args[0])
    top, bottom = notation.box(positive or node.args[0]), notation.box(node.args[1])
    fraction = Box("fraction", (top, bottom), binding=MULTIPLIES)
    return fraction if positive is None else row(NEGATIVE, fraction, binding=ADDS)


def _power(notation: Notation, node: Node) -> Box:
    base, exponent = node.args
    if exponent.value == Fraction(1, 2):
        return Box("root", (notation.box(base),))
    return Box("power", (at_least(notation.box(base), STANDS_ALONE), notation.box(exponent)), binding=RAISES)


def _exponential(notation: Notation, node: Node) -> Box:
    return Box("power", (letter("e"), notation.box(node.args[0])), binding=RAISES)


def _choice(notation: Notation, node: Node) -> Box:
    """One list of cases: value, condition, value, condition, …, and the value otherwise."""
    parts: list[Box] = []
    while node.op == "select":
        condition, value, node = node.args
        parts += [notation.box(value), notation.box(condition)]
    return Box("cases", (*parts, notation.box(node)), binding=CHOOSES)


def _comparison(plain: str, turned: str) -> Rule:
    def rule(notation: Notation, node: Node) -> Box:
        left, right = notation.boxes(node)
        if node.args[0].value is not None and node.args[1].value is None:
            return row(right, sign(turned), left, binding=CHOOSES)
        return row(left, sign(plain), right, binding=CHOOSES)

    return rule


def _call(name: Box) -> Rule:
    return lambda notation, node: Box("call", (name, *notation.boxes(node)))


def _word(text: str) -> Rule:
    return _call(Box("word", text=text))


def _row_sum(notation: Notation, node: Node) -> Box:
    body = notation.inner().box(node.args[0])
    index = letter(ROW_INDICES[(notation.depth + 1) % len(ROW_INDICES)])
    return Box("sum", (index, at_least(body, MULTIPLIES)), binding=ADDS)


def _row_anchor(notation: Notation, node: Node) -> Box:
    index = letter(ROW_INDICES[(notation.depth + 1) % len(ROW_INDICES)])
    return Box("maximum_over", (index, at_least(notation.inner().box(node.args[0]), MULTIPLIES)), binding=MULTIPLIES)


def _row_winner(notation: Notation, node: Node) -> Box:
    """1 where this entry's index is that of the largest."""
    index = letter(ROW_INDICES[notation.depth % len(ROW_INDICES)])
    largest = Box("call", (Box("word", text="argmax"), notation.inner().box(node.args[0])))
    return Box("cases", (ONE, row(index, sign("="), largest, binding=CHOOSES), ZERO), binding=CHOOSES)


def _threshold(notation: Notation, node: Node) -> Box:
    return notation.thresholds[node]


Rule = Callable[[Notation, Node], Box]
ZERO = Box("number", text="0")
ONE = Box("number", text="1")
RULES: Mapping[str, Rule] = {
    "constant": _constant,
    "pi": lambda notation, node: letter("π"),
    "variable": lambda notation, node: notation.variable(node),
    "parameter": lambda notation, node: notation.symbols[node.name or ""],
    "add": _sum,
    "sub": _sum,
    "mul": _product,
    "div": _quotient,
    "neg": _negation,
    "exp": _exponential,
    "expm1": lambda notation, node: row(_exponential(notation, node), sign("−"), ONE, binding=ADDS),
    "log": _word("log"),
    "log1p": lambda notation, node: Box("call", (Box("word", text="log"), notation.box(nodes.add(1, node.args[0])))),
    "sqrt": lambda notation, node: Box("root", tuple(notation.boxes(node))),
    "power": _power,
    "tanh": _word("tanh"),
    "logistic": _call(letter("σ")),
    "logistic_slope": _call(letter("σ′")),
    "softplus": _word("softplus"),
    "erf": _word("erf"),
    "erfc": _word("erfc"),
    "normal_cdf": _call(letter("Φ")),
    "normal_pdf": _call(letter("φ")),
    "minimum": _word("min"),
    "maximum": _word("max"),
    "abs": lambda notation, node: fence(notation.box(node.args[0]), "||"),
    "sign": _word("sgn"),
    "floor": lambda notation, node: fence(notation.box(node.args[0]), "⌊⌋"),
    "sin": _word("sin"),
    "cos": _word("cos"),
    "atan": _word("arctan"),
    "select": _choice,
    "less": _comparison("<", ">"),
    "less_equal": _comparison("≤", "≥"),
    "equal": _comparison("=", "="),
    "row_sum": _row_sum,
    "row_anchor": _row_anchor,
    "row_offset": _sum,
    "row_threshold": _threshold,
    "row_square_threshold": _threshold,
    "row_winner": _row_winner,
}

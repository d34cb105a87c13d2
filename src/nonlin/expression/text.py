"""Print an expression as a formula a user could have typed: `parse(to_text(node))` gives the same node back."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from nonlin.expression.nodes import Node, walk

# How tightly an operation binds; an operand that binds less tightly is put in parentheses.
COMPARES, ADDS, MULTIPLIES, NEGATES, RAISES, STANDS_ALONE = range(6)
Text = tuple[str, int]

# op -> (sign between the operands, binding, least binding of the left operand, of the right operand)
INFIX: Mapping[str, tuple[str, int, int, int]] = {
    "add": (" + ", ADDS, ADDS, MULTIPLIES),
    "sub": (" - ", ADDS, ADDS, MULTIPLIES),
    "mul": (" * ", MULTIPLIES, MULTIPLIES, NEGATES),
    "div": (" / ", MULTIPLIES, MULTIPLIES, NEGATES),
    "power": ("**", RAISES, STANDS_ALONE, NEGATES),
    "less": (" < ", COMPARES, ADDS, ADDS),
    "less_equal": (" <= ", COMPARES, ADDS, ADDS),
    "equal": (" == ", COMPARES, ADDS, ADDS),
}
TURNED: Mapping[str, str] = {"less": " > ", "less_equal": " >= "}  # with the operands exchanged
# op -> the function's name in a formula
CALLS: Mapping[str, str] = {
    "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "sqrt": "sqrt",
    "tanh": "tanh", "logistic": "sigmoid", "logistic_slope": "logistic_slope", "softplus": "softplus",
    "erf": "erf", "erfc": "erfc", "normal_cdf": "Phi", "normal_pdf": "phi",
    "minimum": "min", "maximum": "max", "abs": "abs", "sign": "sign", "floor": "floor",
    "sin": "sin", "cos": "cos", "atan": "atan", "select": "where",
    "row_sum": "row_sum", "row_anchor": "row_anchor", "row_offset": "row_offset", "row_threshold": "row_threshold",
    "row_square_threshold": "row_square_threshold", "row_winner": "row_winner",
}  # fmt: skip
COVERED = frozenset({*INFIX, *CALLS, "neg"})
MOST_DIGITS = 40  # a constant with a longer decimal form is printed as a fraction


def number_text(value: Fraction) -> Text:
    """An exact constant: "0.044715" where a short decimal is exact, else "1/3"."""
    decimal = _decimal(value)
    if decimal is not None:
        return decimal, NEGATES if value < 0 else STANDS_ALONE
    return f"{value.numerator}/{value.denominator}", MULTIPLIES


def _decimal(value: Fraction) -> str | None:
    if value.denominator == 1:
        text = str(value.numerator)
        zeros = len(text) - len(text.rstrip("0"))
        return text if zeros < 7 else f"{text[:-zeros]}e{zeros}"
    for digits in range(1, MOST_DIGITS + 1):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
            return f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}"
    return None


def _enclosed(text: Text, least: int) -> str:
    return text[0] if text[1] >= least else f"({text[0]})"


def _infix(node: Node, left: Text, right: Text) -> Text:
    sign, binding, least_left, least_right = INFIX[node.op]
    first, second = node.args
    if node.op in TURNED and first.value is not None and second.value is None:
        left, right, sign = right, left, TURNED[node.op]
    return _enclosed(left, least_left) + sign + _enclosed(right, least_right), binding


def _text(node: Node, known: Mapping[Node, Text]) -> Text:
    if node.op == "constant" and node.value is not None:
        return number_text(node.value)
    if not node.args:
        return node.name or node.op, STANDS_ALONE
    operands = [known[argument] for argument in node.args]
    if node.op == "neg":
        return "-" + _enclosed(operands[0], NEGATES), NEGATES
    if node.op in INFIX:
        return _infix(node, operands[0], operands[1])
    return f"{CALLS[node.op]}({', '.join(text for text, _ in operands)})", STANDS_ALONE


def to_text(node: Node) -> str:
    """The formula, with no more parentheses than it needs: "x * tanh(softplus(x))", "where(x > 0, x, alpha * x)"."""
    known: dict[Node, Text] = {}
    for current in walk(node):
        known[current] = _text(current, known)
    return known[node][0]

"""Equal formulas that lose fewer digits: log(1 + exp(u)) is softplus(u), 1 − tanh(u) is 2σ(−2u).

People write activations as they stand in papers. Computed as written, many cancel or overflow in a tail. The table
lists such patterns and what to compute in their place; each entry is an identity over the real numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from nonlin.expression import nodes
from nonlin.expression.constants import constant_value
from nonlin.expression.formula import parse
from nonlin.expression.nodes import Node

# (pattern, replacement) in the order they are tried. a and u stand for any expression, c for a positive constant.
# A quotient is found with a further factor in its numerator too.
RULES: tuple[tuple[str, str], ...] = (
    ("(exp(u) - exp(-u)) / (exp(u) + exp(-u))", "tanh(u)"),
    ("(exp(u) - 1) / (exp(u) + 1)", "tanh(u / 2)"),
    ("(1 - exp(-u)) / (1 + exp(-u))", "tanh(u / 2)"),
    ("((1 + exp(u))**2 - 1) / ((1 + exp(u))**2 + 1)", "tanh(softplus(u))"),
    ("exp(u) / (1 + exp(u))**2", "logistic_slope(u)"),
    ("exp(u) / (1 + exp(u))", "sigmoid(u)"),
    ("a / (1 + exp(u))", "a * sigmoid(-u)"),
    ("a / (1 + exp(u))**2", "a * sigmoid(-u)**2"),
    ("log(1 + exp(u))", "softplus(u)"),
    ("log1p(exp(u))", "softplus(u)"),
    ("log(sigmoid(u))", "-softplus(-u)"),
    ("u - softplus(u)", "-softplus(-u)"),
    ("log(1 + u)", "log1p(u)"),
    ("log(1 - u)", "log1p(-u)"),
    ("exp(u) - 1", "expm1(u)"),
    ("1 - exp(u)", "-expm1(u)"),
    ("1 - tanh(u)**2", "4 * logistic_slope(2 * u)"),
    ("1 + tanh(u)", "2 * sigmoid(2 * u)"),
    ("1 - tanh(u)", "2 * sigmoid(-2 * u)"),
    ("tanh(u) - 1", "-2 * sigmoid(-2 * u)"),
    ("2 * sigmoid(u) - 1", "tanh(u / 2)"),
    ("sigmoid(u) * sigmoid(-u)", "logistic_slope(u)"),
    ("sigmoid(u) * (1 - sigmoid(u))", "logistic_slope(u)"),
    ("1 - sigmoid(u)", "sigmoid(-u)"),
    ("sigmoid(u) - 1", "-sigmoid(-u)"),
    ("1 + erf(u / sqrt(2))", "2 * Phi(u)"),
    ("1 - erf(u / sqrt(2))", "2 * Phi(-u)"),
    ("1 + erf(u * sqrt(1/2))", "2 * Phi(u)"),
    ("1 - erf(u * sqrt(1/2))", "2 * Phi(-u)"),
    ("erfc(u / sqrt(2))", "2 * Phi(-u)"),
    ("1 + erf(u)", "erfc(-u)"),
    ("1 - erf(u)", "erfc(u)"),
    ("1 - erfc(u)", "erf(u)"),
    ("1 - Phi(u)", "Phi(-u)"),
    # As typed, the rule for |u| gives the slope 0 at u = 0, and the function has the slope 1.
    ("sign(u) * log1p(abs(u))", "where(u < 0, -log1p(-u), log1p(u))"),
    ("sign(u) * log(1 + abs(u))", "where(u < 0, -log1p(-u), log1p(u))"),
    ("sqrt(1 + u) - 1", "u / (sqrt(1 + u) + 1)"),
    ("u + sqrt(u**2 + c)", "where(u < 0, c / (sqrt(u**2 + c) - u), u + sqrt(u**2 + c))"),
)
FACTOR, POSITIVE = "a", "c"

Found = Mapping[str, Node]
_NOTHING: Found = MappingProxyType({})


@cache
def stable(node: Node) -> Node:
    """An equal expression in which every pattern of the table is replaced; the node itself where there is none.

    From the outside in, so that the largest pattern is found first; then what the replaced parts make together.
    """
    replaced = _replaced(node)
    if replaced is not None:
        return replaced
    arguments = tuple(stable(argument) for argument in node.args)
    if all(new is old for new, old in zip(arguments, node.args, strict=True)):
        return node
    rebuilt = _tidy_one(nodes.apply(node.op, *arguments))
    return _replaced(rebuilt) or rebuilt


def _replaced(node: Node) -> Node | None:
    for pattern, replacement in _table():
        found = next(_matches(pattern, node, _NOTHING), None)
        if found is not None:
            letters = {nodes.parameter(name): stable(part) for name, part in found.items()}
            return tidy(nodes.substitute(replacement, letters))
    return None


@cache
def _table() -> tuple[tuple[Node, Node], ...]:
    table: list[tuple[Node, Node]] = []
    for rule in RULES:
        pattern, replacement = map(parse, rule)
        table.append((pattern, replacement))
        if pattern.op == "div" and FACTOR not in nodes.parameters(pattern):
            factor, (numerator, denominator) = nodes.parameter(FACTOR), pattern.args
            table.append((factor * numerator / denominator, factor * replacement))
    return tuple(table)


def _matches(pattern: Node, node: Node, found: Found) -> Iterator[Found]:
    """Every way to read the node as the pattern that agrees with what its letters stand for so far."""
    if pattern.op == "parameter":
        yield from _letter(str(pattern.name), node, found)
    elif not nodes.parameters(pattern):
        if _equal_constants(pattern, node):
            yield found
    elif pattern.op == "neg":
        yield from _matches(pattern.args[0], negated(node), found)
    elif pattern.op == node.op:
        for arguments in _orders(node):
            yield from _all_match(pattern.args, arguments, found)
    elif _is_square(pattern) and node.op == "mul" and node.args[0] is node.args[1]:
        yield from _matches(pattern.args[0], node.args[0], found)


def _letter(name: str, node: Node, found: Found) -> Iterator[Found]:
    if name in found:
        if found[name] is node or negated(found[name]) is negated(node):
            yield found
    elif name == POSITIVE:
        value = constant_value(node)
        if value is not None and value > 0:
            yield {**found, name: node}
    else:
        yield {**found, name: node}


def _equal_constants(pattern: Node, node: Node) -> bool:
    value = constant_value(pattern)
    return value is not None and value == constant_value(node)


def _is_square(node: Node) -> bool:
    return node.op == "power" and node.args[1] is nodes.constant(2)


def _orders(node: Node) -> tuple[tuple[Node, ...], ...]:
    return (node.args, node.args[::-1]) if node.op in ("add", "mul") else (node.args,)


def _all_match(patterns: tuple[Node, ...], arguments: tuple[Node, ...], found: Found) -> Iterator[Found]:
    if not patterns:
        yield found
        return
    for first in _matches(patterns[0], arguments[0], found):
        yield from _all_match(patterns[1:], arguments[1:], first)


def negated(node: Node) -> Node:
    """−node, with the sign moved into a constant factor where it has one: −2·x for 2·x."""
    if node.op in ("mul", "div"):
        first, second = node.args
        if first.value is not None or first.op == "neg":
            return nodes.apply(node.op, nodes.neg(first), second)
        if second.value is not None or second.op == "neg":
            return nodes.apply(node.op, first, nodes.neg(second))
        inner = negated(first)
        return nodes.neg(node) if inner.op == "neg" else nodes.apply(node.op, inner, second)
    return nodes.neg(node)


def tidy(node: Node) -> Node:
    """The expression with signs and constant factors drawn together, as the replacements leave some behind."""
    built: dict[Node, Node] = {}
    for current in nodes.walk(node):
        arguments = [built[argument] for argument in current.args]
        built[current] = _tidy_one(nodes.apply(current.op, *arguments)) if arguments else current
    return built[node]


def _tidy_one(node: Node) -> Node:
    if node.op == "neg":
        return negated(node.args[0])
    if node.op not in ("mul", "div"):
        return node
    factor, rest = _factor(node)
    return nodes.neg(rest) if factor is nodes.constant(-1) else nodes.mul(factor, rest)


def _factor(node: Node) -> tuple[Node, Node]:
    """A product or quotient as constant · rest; the constant is 1 where that would not be exact in binary."""
    if node.value is not None:
        return node, nodes.one
    if node.op not in ("mul", "div"):
        return nodes.one, node
    (first, left), (second, right) = map(_factor, node.args)
    if node.op == "mul":
        return nodes.mul(first, second), nodes.mul(left, right)
    factor = nodes.div(first, second)
    exact = right is nodes.one and factor.value is not None and factor.value.denominator.bit_count() == 1
    return (factor, left) if exact else (nodes.one, node)

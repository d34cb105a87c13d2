"""Every entry of the table of stable forms is an identity, is found as people type it, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from nonlin.expression import nodes, oracle
from nonlin.expression.formula import parse
from nonlin.expression.nodes import Node
from nonlin.expression.rewrite import POSITIVE, RULES, stable
from nonlin.expression.text import to_text

POINTS = 25


def differences(pattern: Node, replacement: Node) -> list[dict[str, float]]:
    """The random values of the letters for which the two sides are not the same number, or not both undefined."""
    random, different = np.random.default_rng(11), []
    for scale in (0.5, 2.0, 8.0):
        for _ in range(POINTS):
            letters = {name: float(random.normal(0, scale)) for name in nodes.parameters(pattern)}
            letters |= {name: abs(value) for name, value in letters.items() if name == POSITIVE}
            left = oracle.value(pattern, 0, **letters)
            right = oracle.value(replacement, 0, **letters)
            both_undefined = left != left and right != right
            if not both_undefined and not abs(left - right) <= abs(left) * oracle.CONTEXT.mpf(10) ** -35:
                different.append(letters)
    return different


@pytest.mark.parametrize("rule", RULES, ids=[pattern for pattern, _ in RULES])
def test_each_rule_is_an_identity(rule: tuple[str, str]) -> None:
    pattern, replacement = map(parse, rule)
    assert set(nodes.parameters(replacement)) <= set(nodes.parameters(pattern))
    assert differences(pattern, replacement) == []


@pytest.mark.parametrize("rule", RULES, ids=[pattern for pattern, _ in RULES])
def test_each_rule_is_applied(rule: tuple[str, str]) -> None:
    values = {nodes.parameter("u"): nodes.x, nodes.parameter("a"): nodes.x, nodes.parameter("c"): nodes.constant(3)}
    pattern = nodes.substitute(parse(rule[0]), values)
    rewritten = stable(pattern)
    assert rewritten is not pattern
    for x in (-2.5, -0.5, 0.25, 2.5):
        exact = oracle.value(pattern, x)
        assert exact != exact or abs(exact - oracle.value(rewritten, x)) <= abs(exact) * 1e-30


def test_a_false_rule_is_seen() -> None:
    assert differences(parse("1 + tanh(u)"), parse("2 * sigmoid(u)")) != []
    assert differences(parse("log(1 + u)"), parse("softplus(u)")) != []


@pytest.mark.parametrize(
    ("typed", "computed"),
    [
        ("x * tanh(log(1 + exp(x)))", "x * tanh(softplus(x))"),
        ("x / (exp(-x) + 1)", "x * sigmoid(x)"),
        ("x / (1 + e^(-1.702 * x))", "x * sigmoid(1.702 * x)"),
        ("1 / (1 + exp(-x / 3))", "sigmoid(x / 3)"),
        ("x * exp(x) / (1 + exp(x))", "x * sigmoid(x)"),
        ("log(exp(b * x) + 1) / b", "softplus(b * x) / b"),
        ("(e^x - e^-x) / (e^x + e^-x)", "tanh(x)"),
        ("2 / (1 + exp(-2*x)) - 1", "tanh(x)"),
        ("0.5 * x * (1 + erf(x / sqrt(2)))", "x * Phi(x)"),
        ("x / 2 * (1 + erf(x * sqrt(0.5)))", "x * Phi(x)"),
        ("x * (1 - erf(-x / 2**0.5)) / 2", "x * Phi(x)"),
        ("0.5 * x * (1 + tanh(x))", "x * sigmoid(2 * x)"),
        ("x if x > 0 else exp(x) - 1", "where(x > 0, x, expm1(x))"),
        ("log(1 / (1 + exp(-x)))", "-softplus(-x)"),
        ("1/(1+exp(-x)) * (1 - 1/(1+exp(-x)))", "logistic_slope(x)"),
        ("x * ((1 + exp(x))^2 - 1) / ((1 + exp(x))^2 + 1)", "x * tanh(softplus(x))"),
        ("sqrt(x*x + 1) - 1", "x * x / (sqrt(1 + x * x) + 1)"),
    ],
)
def test_what_people_type(typed: str, computed: str) -> None:
    assert to_text(stable(parse(typed))) == computed


@pytest.mark.parametrize("typed", ["x", "x * sigmoid(x)", "log(2 + exp(x))", "1 + exp(x)", "x*0.5", "2 * x / 3 * 4"])
def test_other_formulas_are_left_as_they_are(typed: str) -> None:
    assert stable(parse(typed)) is parse(typed)


def test_letters_must_agree() -> None:
    for typed in ("(exp(x) - exp(-x)) / (exp(x) + exp(-2*x))", "sigmoid(x) * sigmoid(-2*x)", "x + sqrt(x**2 - 3)"):
        assert stable(parse(typed)) is parse(typed)


def test_a_formula_that_shares_its_parts_is_rewritten_once_each() -> None:
    node = parse("log(1 + exp(x))")
    for _ in range(100):
        node = node + node
    assert stable(node) is not node

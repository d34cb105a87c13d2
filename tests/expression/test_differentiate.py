"""The derivative rules against the oracle, which differentiates by other means: every rule, every definition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nonlin.catalog import DEFINITIONS, Definition
from nonlin.expression import nodes, oracle
from nonlin.expression.differentiate import PARTIALS, derivative
from nonlin.expression.nodes import Node, apply, constant, parameter, x

ROUGH = ("abs", "sign", "floor", "minimum", "maximum")
UNARY = [op for op, count in nodes.OPERATIONS.items() if count == 1 and op not in ROUGH]
BINARY = [op for op, count in nodes.OPERATIONS.items() if count == 2 and op not in ROUGH]
CURVES = [d for d in DEFINITIONS.values() if d.kind == "elementwise"]
# Inside every smooth piece of every definition, in its middle and far into its tails.
POINTS = (0.3, -0.3, 1.7, -1.7, 12.5, -12.5, -37.25, 150.0, -700.0, 1e-300, -1e-300)


def agree(
    symbolic: Node,
    node: Node,
    at: float,
    order: int,
    values: Mapping[str, float] = MappingProxyType({}),
    wrt: str = "x",
) -> bool:
    """Whether the symbolic derivative has the value the oracle finds for the derivative, to 30 digits."""
    used = {name: values[name] for name in nodes.parameters(symbolic)}
    got, wanted = oracle.value(symbolic, at, **used), oracle.derivative(node, at, order, wrt=wrt, **values)
    return bool(abs(got - wanted) <= oracle.CONTEXT.mpf(10) ** -30 * abs(wanted))


def test_every_operation_has_a_rule_per_argument() -> None:
    assert {op: len(rules) for op, rules in PARTIALS.items()} | {"select": 3} == dict(nodes.OPERATIONS)


@pytest.mark.parametrize("op", UNARY)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("at", [0.37, 1.9, 5.5])
def test_rules_of_one_argument(op: str, order: int, at: float) -> None:
    inner = apply(op, constant(2) * x)
    assert agree(derivative(inner, order=order), inner, at, order)


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("order", [1, 2])
def test_rules_of_two_arguments(op: str, order: int) -> None:
    for node in (apply(op, x, 3), apply(op, 3, x), apply(op, x, x * x + 1)):
        assert agree(derivative(node, order=order), node, 0.7, order)


@pytest.mark.parametrize("op", ["minimum", "maximum"])
def test_at_a_tie_the_second_argument_wins(op: str) -> None:
    for node in (apply(op, x, 0), apply(op, 0, x)):
        assert oracle.value(derivative(node), 1 if op == "maximum" else -1) == 1
        assert oracle.value(derivative(node), -1 if op == "maximum" else 1) == 0
    assert oracle.value(derivative(apply(op, x, 0)), 0) == 0
    assert oracle.value(derivative(apply(op, 0, x)), 0) == 1


def test_rules_of_steps() -> None:
    assert [int(oracle.value(derivative(apply("abs", x)), at)) for at in (-2, 0, 2)] == [-1, 0, 1]
    assert [int(oracle.value(derivative(apply(op, x)), at)) for op in ("sign", "floor") for at in (-2.5, 0.5)] == [
        0
    ] * 4


@pytest.mark.parametrize("definition", CURVES, ids=lambda d: d.name)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_definitions_in_x(definition: Definition, order: int) -> None:
    symbolic = derivative(definition.formula, order=order)
    wrong = [at for at in POINTS if not agree(symbolic, definition.formula, at, order, definition.defaults)]
    assert wrong == []


@pytest.mark.parametrize("definition", [d for d in CURVES if d.parameters], ids=lambda d: d.name)
def test_definitions_in_their_parameters(definition: Definition) -> None:
    for name in definition.defaults:
        symbolic = derivative(definition.formula, parameter(name))
        missed = [p for p in POINTS if not agree(symbolic, definition.formula, p, 1, definition.defaults, name)]
        assert missed == []


def test_an_unselected_branch_is_never_seen() -> None:
    node = nodes.select(nodes.less(0, x), x, apply("exp", -x) * apply("log", x))
    for order in (1, 2):
        assert math.isfinite(oracle.value(derivative(node, order=order), 1e6))


SMOOTH = sorted(set(UNARY) - {"log", "sqrt", "log1p"})
COUNTS = {"add": 2, "sub": 2, "mul": 2, "div": 2, "power": 2, "minimum": 2, "maximum": 2, "row_offset": 2}
SEEN: set[str] = set()


def _grow(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Compositions with a value almost everywhere: roots, logarithms and powers are taken of a softplus."""
    positive = children.map(nodes.softplus)
    return st.one_of(
        st.builds(apply, st.sampled_from(SMOOTH), children),
        st.builds(apply, st.sampled_from(["log", "sqrt", "log1p"]), positive),
        st.builds(apply, st.sampled_from(sorted(set(COUNTS) - {"power", "div"})), children, children),
        st.builds(apply, st.sampled_from(["power", "div"]), positive, children),
        st.builds(lambda u, v, w: nodes.select(nodes.less(u, 0), v, w), children, children, children),
        st.builds(apply, st.sampled_from(["abs", "sign", "floor"]), children),
    )


ATOMS = st.one_of(st.just(x), st.just(x), st.just(parameter("a")), st.integers(-30, 30).map(lambda k: constant(k / 8)))
EXPRESSIONS = st.recursive(ATOMS, _grow, max_leaves=6)
VALUES = {"a": 0.75}


@settings(max_examples=400)
@given(EXPRESSIONS, st.integers(-400, 400).map(lambda k: k / 128 + 1 / 1009), st.sampled_from(["x", "a"]))
def test_compositions(node: Node, at: float, wrt: str) -> None:
    """Derivatives of random compositions in x and in a parameter, where there is one and it is not beyond reach."""
    used = {name: VALUES[name] for name in nodes.parameters(node)}
    assume(wrt in {"x", *used})
    symbolic = derivative(node, x if wrt == "x" else parameter(wrt))
    try:
        wanted = oracle.derivative(node, at, 1, wrt=wrt, **used)
        got = oracle.value(symbolic, at, **{name: VALUES[name] for name in nodes.parameters(symbolic)})
    except oracle.OracleError:
        assume(False)
    assume(math.isfinite(wanted) and math.isfinite(float(oracle.value(node, at, **used))))
    SEEN.update(current.op for current in nodes.walk(node))
    assert abs(got - wanted) <= oracle.CONTEXT.mpf(10) ** -30 * abs(wanted) + oracle.CONTEXT.mpf(2) ** -1100


def test_the_compositions_had_every_operation() -> None:
    if not SEEN:
        test_compositions()
    assert set(nodes.OPERATIONS) <= SEEN


def test_a_wrong_derivative_is_told_from_a_right_one() -> None:
    node = apply("tanh", x)
    assert agree(derivative(node), node, 0.7, 1)
    assert not agree(derivative(node) * constant(1.0000000001), node, 0.7, 1)
    assert not agree(derivative(node, order=2), node, 0.7, 1)

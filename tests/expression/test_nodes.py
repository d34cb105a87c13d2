"""Nodes: interned, immutable, simplified by their builders, walked and substituted without recursion."""

from __future__ import annotations

import copy
import gc
import pickle
from fractions import Fraction

import pytest

from nonlin.catalog import DEFINITIONS
from nonlin.expression import nodes as n
from nonlin.expression.nodes import Node, x

a, b = n.parameter("a"), n.parameter("b")
EVERY = {**n.OPERATIONS, **n.COMPARISONS, **n.ROW_OPERATIONS}


def built(op: str) -> Node:
    if op == "select":
        return n.select(n.less(x, a), x, b)
    return n.apply(op, *(x, a)[: EVERY[op]])


@pytest.mark.parametrize("op", EVERY)
def test_the_same_expression_is_the_same_object(op: str) -> None:
    assert built(op) is built(op)
    assert built(op).op == op
    assert len(built(op).args) == EVERY[op]
    assert built(op) is not n.substitute(built(op), {x: a + 1})


@pytest.mark.parametrize("op", EVERY)
def test_copies_and_pickles_are_the_same_object(op: str) -> None:
    node = built(op)
    assert copy.copy(node) is copy.deepcopy(node) is node
    assert all(pickle.loads(pickle.dumps(node, p)) is node for p in range(2, pickle.HIGHEST_PROTOCOL + 1))


@pytest.mark.parametrize("op", [op for op in n.OPERATIONS if hasattr(n, op)])
def test_the_named_builder_and_apply_agree(op: str) -> None:
    assert getattr(n, op)(*built(op).args) is built(op)


def test_leaves() -> None:
    assert n.constant(0.1) is n.constant(Fraction(0.1)) is not n.decimal("0.1")
    assert n.decimal("0.1").value == Fraction(1, 10)
    assert n.constant(2) is n.constant(2.0)
    assert (x.op, a.op, n.pi.op, n.one.op) == ("variable", "parameter", "pi", "constant")
    assert {x.op, a.op, n.pi.op, n.one.op} == set(n.LEAVES)
    assert n.parameter("a") is a is not b


SIMPLER: list[tuple[Node, Node]] = [
    (x + 0, x), (0 + x, x), (x - 0, x), (0 - x, -x), (x * 1, x), (1 * x, x), (x * 0, n.zero), (x / 1, x),
    (n.zero / x, n.zero), (n.neg(n.neg(x)), x), (x**1, x), (x**0, n.one),
    (n.constant(2) + 3, n.constant(5)), (n.constant(2) - 3, n.constant(-1)), (n.constant(2) * 3, n.constant(6)),
    (n.constant(1) / 3, n.constant(Fraction(1, 3))), (-n.constant(2), n.constant(-2)),
    (n.select(n.less(x, 0), a, a), a),
]  # fmt: skip


@pytest.mark.parametrize(("node", "simple"), SIMPLER, ids=lambda node: repr(node))
def test_builders_simplify(node: Node, simple: Node) -> None:
    assert node is simple


def test_what_is_not_exact_is_left_alone() -> None:
    assert (n.one / 0).op == "div"
    assert (x - x).op == "sub"
    assert (x + a) is not (a + x)


def test_operators_take_numbers_on_either_side() -> None:
    assert 2 + x is n.add(2, x)
    assert 2 - x is n.sub(2, x)
    assert 2 * x is n.mul(2, x)
    assert 2 / x is n.div(2, x)
    assert x / 2 is n.div(x, 2)
    assert -x is n.neg(x)


def test_a_node_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        x.op = "sub"  # type: ignore[misc]


def test_walk_gives_arguments_first_and_each_node_once() -> None:
    node = n.tanh(x + a) * (x + a)
    order = list(n.walk(node))
    assert len(order) == len(set(order)) == 5
    assert order[-1] is node
    assert all(order.index(arg) < order.index(current) for current in order for arg in current.args)


def test_deep_expressions_do_not_exhaust_the_stack() -> None:
    node = x
    for _ in range(20_000):
        node = n.tanh(node)
    assert sum(1 for _ in n.walk(node)) == 20_001
    assert n.parameters(n.substitute(node, {x: a})) == ("a",)


def test_parameters_in_order_of_first_use() -> None:
    assert n.parameters(b * x + a * b) == ("b", "a")
    assert n.parameters(x + n.pi) == ()


def test_substitute_rebuilds_through_the_builders() -> None:
    assert n.substitute(a * x + b, {a: n.one, b: n.zero}) is x
    assert n.substitute(n.tanh(x + a), {x + a: b}) is n.tanh(b)
    node = n.select(n.less(x, a), x, b)
    assert n.substitute(node, {}) is node


def test_unused_nodes_are_freed() -> None:
    gc.collect()
    before = len(n._interned)
    node = n.tanh(n.constant(Fraction(123_456_789, 987_654_321)) * x)
    assert len(n._interned) == before + 3
    del node
    gc.collect()
    assert len(n._interned) == before


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)
def test_definitions_use_the_language_and_nothing_else(definition: object) -> None:
    for node in n.walk(definition.formula):  # type: ignore[attr-defined]
        assert node.op in (*EVERY, *n.LEAVES)
        assert len(node.args) == EVERY.get(node.op, 0)

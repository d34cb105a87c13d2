"""Rules that follow from facts hold for functions the advisor has never heard of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

import nonlin
from nonlin import registry
from nonlin.activation import Activation
from nonlin.advisor import Advice
from nonlin.advisor.from_facts import FACT_RULES, gradient_factor
from nonlin.advisor.question import TASKS
from nonlin.advisor.rules import RULES

# formula -> the question that must bring up the rule, and the rule
UNKNOWN_FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "no-slope": ("sign(x)", {}),
    "one-straight-line": ("3 * x + 1", {}),
    "gradient-shrinks": ("0.5 + 0.25 * tanh(x / 3)", {"network": "mlp", "depth": 20}),
    "can-die": ("max(x - 1, 0)", {"symptoms": "dead_units"}),
    "saturates": ("x / sqrt(1 + x * x)", {"symptoms": "saturated_units"}),
    "range-misses-targets": ("log(1 + exp(x))", {"task": "regression"}),
}


@pytest.fixture
def probe() -> Iterator[str]:
    """A name to define; forgotten afterwards."""
    yield "advice_probe"
    registry._defined.pop("advice_probe", None)


def codes_against(name: str, said: dict[str, Any]) -> set[str]:
    """The rules against a function, named or counted."""
    advice = nonlin.choose(**said)
    named = {r.code for a in advice.avoid if a.name == name for r in a.reasons}
    return named | {also.reason.code for also in advice.also_avoid if name in also.names}


@pytest.mark.parametrize("code", UNKNOWN_FUNCTIONS)
def test_an_unknown_function_is_judged_by_its_facts(code: str, probe: str) -> None:
    formula, said = UNKNOWN_FUNCTIONS[code]
    nonlin.define(probe, formula)
    assert code in codes_against(probe, said)
    assert probe not in {a.name for a in nonlin.choose(**said).avoid}


@pytest.mark.parametrize("code", UNKNOWN_FUNCTIONS)
def test_a_function_of_the_question_is_named(code: str, probe: str) -> None:
    formula, said = UNKNOWN_FUNCTIONS[code]
    nonlin.define(probe, formula)
    advice = nonlin.choose(**said, tried=probe)
    assert code in {r.code for a in advice.avoid if a.name == probe for r in a.reasons}
    assert not any(probe in also.names for also in advice.also_avoid)


@pytest.mark.parametrize("code", UNKNOWN_FUNCTIONS)
def test_a_healthy_function_is_not_accused(code: str, probe: str) -> None:
    said = UNKNOWN_FUNCTIONS[code][1]
    nonlin.define(probe, "x + 0.5 * sin(x)")
    assert code not in codes_against(probe, said)


def test_every_fact_rule_is_tried() -> None:
    others = {"row-function-hidden", "was-tried"}
    assert {rule.code for rule in FACT_RULES} == {*UNKNOWN_FUNCTIONS, *others}


def test_row_functions_are_for_outputs() -> None:
    for name in nonlin.names(kind="row"):
        assert "row-function-hidden" in codes_against(name, {})


def test_a_function_that_was_tried_falls_behind() -> None:
    first = nonlin.choose(network="mlp").hidden[0]
    again = {s.name: s for s in nonlin.choose(network="mlp", tried=first.name).hidden}[first.name]
    assert again.rank == max(s.rank for s in nonlin.choose(network="mlp", tried=first.name).hidden)
    assert "was-tried" in {reason.code for reason in again.reasons}


def shrinking() -> list[Activation]:
    elementwise = map(nonlin.get, nonlin.names(kind="elementwise"))
    return [a for a in elementwise if 0 < a.facts.chi < 0.5]


def test_the_gradient_is_computed_for_the_depth() -> None:
    assert shrinking()
    for depth in (10, 50):
        advice = nonlin.choose(network="mlp", depth=depth)
        named = {a.name: r.text for a in advice.avoid for r in a.reasons if r.code == "gradient-shrinks"}
        counted = [also for also in advice.also_avoid if also.reason.code == "gradient-shrinks"]
        for name, words in named.items():
            assert f"{depth} layers multiply the gradient by {nonlin.get(name).facts.chi ** (depth / 2):.1e}." in words
        (rest,) = counted
        largest = max(nonlin.get(name).facts.chi for name in rest.names) ** (depth / 2)
        assert rest.reason.text.startswith(f"{len(rest.names)} more")
        assert f"{largest:.1e} or less" in rest.reason.text
        assert {*named, *rest.names} == {a.name for a in shrinking()}


def test_few_functions_are_named() -> None:
    """However many the registry holds, what is printed are those of the rules or the question."""
    known = {name for rule in RULES for name in rule.names}
    for task, network in product(TASKS, ("mlp", "cnn")):
        assert {a.name for a in nonlin.choose(task, network, depth=20).avoid} <= known


PLAIN = {"network": "mlp", "depth": 20}


@pytest.mark.parametrize(
    "said", [{"depth": 2}, {"depth": None}, {"normalization": "batch"}, {"residual": True}], ids=str
)
def test_figures_of_depth_are_for_deep_plain_networks(said: dict[str, Any]) -> None:
    codes = {"gradient-shrinks", "default-linear-init"}
    assert codes <= codes_of(nonlin.choose(**PLAIN))
    assert not codes & codes_of(nonlin.choose(**{**PLAIN, **said}))


def codes_of(advice: Advice) -> set[str]:
    avoided = {r.code for item in advice.avoid for r in item.reasons}
    return avoided | {r.code for r in advice.init.reasons} | {also.reason.code for also in advice.also_avoid}


def test_gradient_factor_by_hand() -> None:
    assert gradient_factor(0.25, 2) == pytest.approx(0.25)
    assert gradient_factor(1.0, 100) == 1.0


def test_pytorch_s_default_start_of_a_scale_free_function() -> None:
    """For a function with E f² = E f′² = ½ each layer takes a factor 1/6 of the mean square: 6⁻¹⁰ over 20 layers."""
    advice = nonlin.choose(network="mlp", depth=20)
    facts = nonlin.get(advice.hidden[0].name).facts
    assert (facts.second_moment, facts.slope_second_moment) == pytest.approx((0.5, 0.5))
    reason = next(r for r in advice.init.reasons if r.code == "default-linear-init")
    assert f"{6.0**-10:.1e}" in reason.text

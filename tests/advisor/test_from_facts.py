"""Rules that follow from facts hold for functions the advisor has never heard of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import nonlin
from nonlin import registry
from nonlin.activation import Activation
from nonlin.advisor.from_facts import FACT_RULES, gradient_factor

# formula -> the question that must bring up the rule, and the rule
UNKNOWN_FUNCTIONS = {
    "no-slope": ("sign(x)", {}),
    "one-straight-line": ("3 * x + 1", {}),
    "gradient-shrinks": ("0.5 + 0.25 * tanh(x / 3)", {"network": "mlp"}),
    "can-die": ("max(x - 1, 0)", {"symptoms": "dead_units"}),
    "saturates": ("x / sqrt(1 + x * x)", {"symptoms": "saturated_units"}),
    "range-misses-targets": ("log(1 + exp(x))", {"task": "regression"}),
}


@pytest.fixture
def probe() -> Iterator[str]:
    """A name to define; forgotten afterwards."""
    yield "advice_probe"
    registry._defined.pop("advice_probe", None)


def codes_against(name: str, said: dict[str, str]) -> set[str]:
    return {r.code for a in nonlin.choose(**said).avoid if a.name == name for r in a.reasons}


@pytest.mark.parametrize("code", UNKNOWN_FUNCTIONS)
def test_an_unknown_function_is_judged_by_its_facts(code: str, probe: str) -> None:
    formula, said = UNKNOWN_FUNCTIONS[code]
    nonlin.define(probe, formula)
    assert code in codes_against(probe, said)


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
    for activation in shrinking():
        for depth in (5, 50):
            avoided = nonlin.choose(network="mlp", depth=depth).avoid
            texts = [r.text for a in avoided for r in a.reasons if r.code == "gradient-shrinks"]
            assert f"{activation.name} × {activation.facts.chi ** (depth / 2):.1e} over {depth} layers" in texts[0]
    assert shrinking()


def test_shallow_networks_do_not_lose_the_gradient() -> None:
    avoided = nonlin.choose(network="mlp", depth=2).avoid
    assert "gradient-shrinks" not in {r.code for a in avoided for r in a.reasons}


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


@pytest.mark.parametrize("said", [{"normalization": "batch"}, {"residual": True}, {"network": "transformer"}], ids=str)
def test_nothing_is_predicted_beyond_plain_networks(said: dict[str, str]) -> None:
    codes = {r.code for r in nonlin.choose(**said).init.reasons}
    assert "default-linear-init" not in codes

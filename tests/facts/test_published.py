"""Figures published or computed elsewhere, in published.toml, to every digit they print."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nonlin
from nonlin.expression.formula import parse
from nonlin.expression.nodes import Node
from nonlin.facts import (
    Facts,
    correlation_map,
    dead_share,
    facts_of,
    fixed_point,
    gradient_factor,
    gradient_profile,
    length_map,
    moment_jacobian,
)

PUBLISHED = tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))
MOMENTS = ("second_moment", "slope_second_moment", "gain", "backward_gain", "chi", "correlation_floor")


def function(row: Mapping[str, Any]) -> tuple[Node, dict[str, float]]:
    """Expression and parameter values of a row: by name from the registry, or its formula."""
    if "formula" in row:
        return parse(row["formula"]), {}
    activation = nonlin.get(row["name"])
    return activation.expression, activation.parameters | row.get("parameters", {})


def as_printed(value: float, text: str) -> bool:
    """Whether the value rounds to the printed digits: at most half a unit of the last one away, 1 % of it for luck."""
    digits, _, exponent = text.partition("e")
    decimals = len(digits.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - decimals)
    return abs(value - float(text)) <= 0.505 * unit


def _label(row: Mapping[str, Any]) -> str:
    return str(row.get("name", row.get("formula")))


def facts_for(row: Mapping[str, Any]) -> Facts:
    return facts_of(*function(row))


@pytest.mark.parametrize(
    ("text", "right", "wrong"), [(".500", 0.5004, 0.501), ("1.7e-8", 1.65e-8, 1.6e-8), ("1", 1.4, 2)]
)
def test_as_printed_can_fail(text: str, right: float, wrong: float) -> None:
    assert as_printed(right, text)
    assert not as_printed(wrong, text)


@pytest.mark.parametrize("row", PUBLISHED["moments"], ids=_label)
def test_moments(row: Mapping[str, Any]) -> None:
    facts = facts_for(row)
    computed = {name: getattr(facts, name) for name in MOMENTS if name in row}
    assert {name: value for name, value in computed.items() if not as_printed(value, row[name])} == {}
    assert len(computed) >= 5
    assert as_printed(facts.chi_1(1 / 3), row["chi_at_third"])


@pytest.mark.parametrize("row", PUBLISHED["saturation"], ids=_label)
def test_saturation(row: Mapping[str, Any]) -> None:
    left, right = facts_for(row).saturation
    assert (left.low, right.high) == (-math.inf, math.inf)
    assert as_printed(-left.high, row["beyond"])
    assert as_printed(right.low, row["beyond"])


@pytest.mark.parametrize("row", PUBLISHED["vanishing"], ids=_label)
def test_vanishing_gradient(row: Mapping[str, Any]) -> None:
    expression, parameters = function(row)
    variance, squared = 1.0, 1.0
    for _ in range(20):
        squared *= gradient_factor(expression, parameters, variance=variance, sigma_w2=1 / 3)
        variance = length_map(expression, parameters, variance=variance, sigma_w2=1 / 3)
    assert as_printed(math.sqrt(squared), row["gradient"])
    # The profile starts at the input instead: a mean square of 3 makes the first pre-activations' variance 1.
    profile = gradient_profile(expression, parameters, sigma_w2=1 / 3, depth=21, input_second_moment=3.0)
    assert profile.gradient_rms[0] == pytest.approx(math.sqrt(squared), rel=1e-9)
    assert profile.gradient_rms[-1] == profile.weight_gradient_rms[-1] == 1.0


def test_fixed_point() -> None:
    row = PUBLISHED["fixed_point"]
    found = fixed_point(*function(row))
    assert found is not None
    assert found.attracting
    for name in ("mean", "variance", "spectral_norm"):
        assert getattr(found, name) == pytest.approx(float(row[name]), abs=3e-5)
    np.testing.assert_allclose(found.jacobian, np.array(row["jacobian"], dtype=float), atol=1e-6)
    assert facts_for(row).second_moment == pytest.approx(1.0, abs=1e-13)
    assert facts_for(row).zero_centered


def test_jacobian_is_the_slope_of_the_map() -> None:
    expression, parameters = function(PUBLISHED["fixed_point"])
    weights = {"weight_sum": 0.3, "weight_square_sum": 1.2}
    jacobian = moment_jacobian(expression, parameters, mean=0.1, variance=0.9, **weights)
    step = 1e-5
    for column, name in enumerate(("mean", "variance")):
        at = {"mean": 0.1, "variance": 0.9}
        up, down = (
            np.array(nonlin.facts.moment_map(expression, parameters, **(at | {name: at[name] + s}), **weights))
            for s in (step, -step)
        )
        np.testing.assert_allclose(jacobian[:, column], (up - down) / (2 * step), atol=1e-9)


def test_dead_units_by_depth() -> None:
    row = PUBLISHED["dead_units"]
    expression, parameters = function(row)
    correlation, shares = 0.0, {}
    for layer in range(1, 31):
        shares[layer] = dead_share(correlation)
        correlation = correlation_map(expression, parameters, correlation=correlation, sigma_w2=row["sigma_w2"])
    wrong = {n: shares[int(n)] for n, text in row["share_in_layer"].items() if not as_printed(shares[int(n)], text)}
    assert wrong == {}


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9, 0.99])
def test_correlation_map_in_closed_form(correlation: float) -> None:
    """Cho and Saul 2009: (√(1 − c²) + (π − arccos c) c) / π, for weights of variance 2/fan_in."""
    expression, parameters = function(PUBLISHED["dead_units"])
    expected = (math.sqrt(1 - correlation**2) + (math.pi - math.acos(correlation)) * correlation) / math.pi
    computed = correlation_map(expression, parameters, correlation=correlation, sigma_w2=2.0)
    assert computed == pytest.approx(expected, abs=1e-12)


def test_an_impossible_network_is_refused() -> None:
    with pytest.raises(nonlin.errors.InvalidValueError, match="at least one layer"):
        gradient_profile(*function(PUBLISHED["fixed_point"]), sigma_w2=1.0, depth=0)

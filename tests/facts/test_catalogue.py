"""Every elementwise activation's facts, against the contract, at its default parameters and others; and row facts."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from typing import Any

import numpy as np
import pytest

from nonlin.catalog import DEFINITIONS, Definition
from nonlin.errors import InvalidValueError
from nonlin.expression import nodes
from nonlin.expression.numeric import evaluate
from nonlin.facts import Asymptote, Facts, Interval, Kink, facts_of, row_facts_of
from nonlin.facts.curve import bind
from nonlin.facts.derive import _facts
from tests.facts.contract import broken_promises

ELEMENTWISE = [d for d in DEFINITIONS.values() if d.kind == "elementwise"]
ROWS = [d for d in DEFINITIONS.values() if d.kind == "row"]
OTHER_VALUES = (0.5, 1.5)


def _cases() -> list[Any]:
    cases = [pytest.param(d, d.defaults, id=d.name) for d in ELEMENTWISE]
    for d in ELEMENTWISE:
        for value in OTHER_VALUES if d.parameters else ():
            assert all(p.admits(value) for p in d.parameters)
            cases.append(pytest.param(d, dict.fromkeys(d.defaults, value), id=f"{d.name}, {value}"))
    return cases


def facts_for(definition: Definition) -> Facts:
    return facts_of(definition.derivative(), definition.defaults)


def test_the_catalogue_is_covered() -> None:
    assert len(ELEMENTWISE) >= 10
    assert {d.name for d in DEFINITIONS.values() if d not in ELEMENTWISE + ROWS} == {
        d.name for d in DEFINITIONS.values() if d.gated or d.kind == "mirror"
    }


@pytest.mark.parametrize(("definition", "parameters"), _cases())
def test_contract(definition: Definition, parameters: dict[str, float]) -> None:
    facts = facts_of(definition.derivative(), parameters)
    assert broken_promises(facts, bind(definition.derivative(), parameters)) == set()


@pytest.mark.parametrize("definition", ELEMENTWISE, ids=lambda d: d.name)
def test_facts_agree_with_each_other(definition: Definition) -> None:
    facts = facts_for(definition)
    assert facts.bounded == (facts.bounded_below and facts.bounded_above)
    assert facts.lipschitz == (math.inf if facts.jumps else facts.max_slope)
    assert (facts.smoothness == -1) == bool(facts.jumps)
    assert (facts.smoothness == 0) == (bool(facts.kinks) and not facts.jumps)
    assert not facts.strictly_monotonic or facts.monotonic in ("increasing", "decreasing")
    assert facts.gain == pytest.approx(facts.second_moment**-0.5)
    assert facts.chi == pytest.approx(facts.chi_1(facts.gain**2))
    assert facts.value_at_zero in facts.range
    assert not facts.levels or (facts.levels[0] in facts.range and facts.max_slope == 0)


@pytest.mark.parametrize("definition", ELEMENTWISE, ids=lambda d: d.name)
def test_readable_as_text_and_as_json(definition: Definition) -> None:
    facts = facts_for(definition)
    text = str(facts)
    assert all(label in text for label in ("range", "kinks", "saturated", "init gain", "χ₁"))
    assert "e-1" not in text, "rounding noise is printed"
    assert "nan" not in text
    read = json.loads(json.dumps(facts.to_dict(), allow_nan=False))
    assert read["gain"] == facts.gain
    assert float(read["range"]["high"]) == facts.range.high
    assert {field.name for field in dataclasses.fields(facts)} <= set(read)


@pytest.mark.parametrize("definition", ELEMENTWISE, ids=lambda d: d.name)
def test_quick_and_kept(definition: Definition) -> None:
    def seconds() -> float:
        _facts.cache_clear()
        start = time.perf_counter()
        facts_for(definition)
        return time.perf_counter() - start

    # Measured: 1 to 30 ms. The bar leaves room for a machine that is busy with the other tests.
    assert min(seconds() for _ in range(3)) < 0.1
    assert facts_for(definition) is facts_for(definition)


def _planted(facts: Facts) -> dict[str, Facts]:
    """One record per fact, each wrong in that fact alone."""
    low = Interval(facts.range.low, 0.123) if facts.range.high > 0.2 else Interval(-9.0, facts.range.high)
    changed = {"increasing": "decreasing", "none": "increasing"}
    wrong: dict[str, Any] = {
        "range": low,
        "monotonic": changed.get(facts.monotonic, "none"),
        "curvature": "convex" if facts.curvature != "convex" else "concave",
        "max_slope": 1.0 if math.isinf(facts.max_slope) else facts.max_slope * 1.01 + 0.01,
        "limits": (facts.limits[0] + 0.01, 0.7),
        "asymptotes": tuple(dataclasses.replace(a, intercept=a.intercept + 1e-3) for a in facts.asymptotes)
        or (Asymptote(1, 1.0, 0.0),),
        "saturation": facts.saturation[1:] if facts.saturation else (Interval(-0.5, 0.5),),
        "dead_region": () if facts.dead_region else (Interval(1.0, 2.0),),
        "kinks": facts.kinks[1:] if facts.kinks else (Kink(1.0, 0.0, 1.0, 0.0),),
        "mean": facts.mean + 1e-6,
        "second_moment": facts.second_moment * 1.000001,
        "slope_second_moment": facts.slope_second_moment + 1e-6,
    }
    return {name: dataclasses.replace(facts, **{name: value}) for name, value in wrong.items()}


@pytest.mark.parametrize("definition", ELEMENTWISE, ids=lambda d: d.name)
def test_the_contract_catches_planted_mistakes(definition: Definition) -> None:
    planted = _planted(facts_for(definition))
    missed = {
        n
        for n, facts in planted.items()
        if n not in broken_promises(facts, bind(definition.derivative(), definition.defaults))
    }
    assert missed == set()


@pytest.mark.parametrize("definition", ROWS, ids=lambda d: d.name)
def test_row_functions(definition: Definition) -> None:
    facts = row_facts_of(definition.formula, definition.defaults)
    assert facts.shift_invariant
    assert facts.permutation_equivariant
    mirrored = nodes.substitute(definition.formula, {nodes.x: -nodes.x})
    assert facts.keeps_order != row_facts_of(mirrored, definition.defaults).keeps_order
    # A normaliser gives probabilities, or their logarithms.
    assert facts.sums_to_one == facts.non_negative
    one_hot = np.array([30.0, -30.0])
    sparse = bool((evaluate(definition.formula, one_hot, definition.defaults) == 0.0).any()) and facts.non_negative
    assert facts.range == (Interval(0.0, 1.0, sparse, sparse) if facts.non_negative else Interval(-math.inf, 0.0))
    assert json.loads(json.dumps(facts.to_dict()))["sums_to_one"] == facts.sums_to_one
    assert "range of each output" in str(facts)


def test_a_row_that_keeps_nothing() -> None:
    facts = row_facts_of(-(nodes.x * nodes.x) / nodes.row_sum(nodes.x * nodes.x))
    assert not facts.sums_to_one
    assert not facts.shift_invariant
    assert not facts.keeps_order
    assert facts.permutation_equivariant


def test_wrong_use_is_explained() -> None:
    with pytest.raises(InvalidValueError, match="use row_facts_of"):
        facts_of(nodes.row_sum(nodes.x))
    with pytest.raises(InvalidValueError, match="no value for 'slope'"):
        facts_of(nodes.parameter("slope") * nodes.x)

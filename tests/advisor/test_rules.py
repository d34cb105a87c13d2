"""The rule table as a whole: names resolve, sources exist, every record can be reached, every choice matters."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest

import nonlin
from nonlin.advisor import matching
from nonlin.advisor.conditions import AtLeast, AtMost, OneOf
from nonlin.advisor.from_facts import FACT_RULES, FactRule
from nonlin.advisor.matching import describe, suggestions
from nonlin.advisor.question import CHOICES, FIELDS, HINTS, OTHER_NAMES
from nonlin.advisor.recipes import INITS, LOSSES, READINGS
from nonlin.advisor.rule import Contradiction, Rule, Strength
from nonlin.advisor.rules import CONTRADICTIONS, RULES
from nonlin.advisor.sources import SOURCES
from nonlin.errors import InvalidValueError, UnknownNameError
from tests.advisor.questions import smallest

NAMED_ELSEWHERE: dict[str, Collection[str]] = {"loss": LOSSES, "init": INITS}
RECORDS: tuple[Rule | FactRule | Contradiction, ...] = (*RULES, *FACT_RULES, *CONTRADICTIONS)


def codes_in(value: Any) -> set[str]:
    """The code of every reason anywhere in the advice."""
    if isinstance(value, dict):
        own = {value["code"]} if "kind" in value and "code" in value else set()
        return own.union(*map(codes_in, value.values()))
    return set().union(*map(codes_in, value)) if isinstance(value, list) else set()


def test_the_table_is_used_whole() -> None:
    assert vars(matching)["RULES"] is RULES
    assert len(RULES) > 40


def test_codes_are_unique() -> None:
    codes = [record.code for record in RECORDS]
    assert [code for code, times in Counter(codes).items() if times > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_names_resolve(rule: Rule) -> None:
    assert bool(rule.names) == (rule.place != "note")
    for name in rule.names:
        if rule.place in NAMED_ELSEWHERE:
            assert name in NAMED_ELSEWHERE[rule.place]
        else:
            title, code, _ = describe(name)
            assert title
            assert code


def test_a_name_that_nothing_knows_is_an_error() -> None:
    with pytest.raises(UnknownNameError):
        describe("no_such_activation")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_sources_exist_and_the_reason_is_a_sentence(rule: Rule) -> None:
    assert rule.sources
    assert set(rule.sources) <= set(SOURCES)
    assert rule.reason.endswith(".")


def test_every_source_is_cited() -> None:
    cited = {key for rule in RULES for key in rule.sources} | {"pytorch-init", "definition"}
    assert cited == set(SOURCES)


def reach(rule: Rule) -> None:
    advice = nonlin.choose(**smallest(rule.when))
    assert rule.code in codes_in(advice.to_dict())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_can_be_reached(rule: Rule) -> None:
    reach(rule)


def test_a_rule_that_cannot_be_reached_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Rule("planted", "note", (), "A.", ("definition",), (("depth", AtLeast(10)), ("depth", AtMost(5))))
    monkeypatch.setattr(matching, "RULES", (*RULES, planted))
    with pytest.raises(AssertionError):
        reach(planted)


@pytest.mark.parametrize("contradiction", CONTRADICTIONS, ids=lambda c: c.code)
def test_every_contradiction_is_refused(contradiction: Contradiction) -> None:
    said = smallest(contradiction.when)
    with pytest.raises(InvalidValueError) as caught:
        nonlin.choose(**said)
    assert caught.value.rule == contradiction.rule
    assert caught.value.fix == contradiction.fix
    assert all(f"{field}={value!r}" in str(caught.value) for field, value in said.items())


def test_a_contradiction_needs_all_of_its_parts() -> None:
    for contradiction in CONTRADICTIONS:
        for field, value in smallest(contradiction.when).items():
            nonlin.choose(**{field: value})


def values_used(field: str) -> set[object]:
    conditions = [c for record in RECORDS for f, c in record.when if f == field]
    values = [c.values if isinstance(c, OneOf) else c.example() for c in conditions]
    return {item for value in values for item in (value if isinstance(value, tuple) else (value,))}


@pytest.mark.parametrize("field", CHOICES)
def test_every_choice_is_read_by_some_rule(field: str) -> None:
    assert set(CHOICES[field]) <= values_used(field)


def test_conditions_name_fields_and_choices_that_exist() -> None:
    for record in RECORDS:
        assert {field for field, _ in record.when} <= set(FIELDS), record.code
    for field, choices in CHOICES.items():
        assert values_used(field) - {None} <= set(choices)


def test_other_names_and_hints_lead_to_choices() -> None:
    for field, others in OTHER_NAMES.items():
        assert set(others.values()) <= set(CHOICES[field])
        assert not set(others) & set(CHOICES[field])
        assert not set(HINTS.get(field, {})) & {*others, *CHOICES[field]}


def test_registered_outputs_say_how_to_read_them() -> None:
    outputs = {name for rule in RULES if rule.place == "output" for name in rule.names}
    assert set(READINGS) == outputs


def test_a_limit_caps_and_equal_strength_ties() -> None:
    first, second, third = nonlin.names()[:3]
    one = Rule("one", "hidden", (first, second), "A.", ("definition",))
    two = Rule("two", "hidden", (third,), "B.", ("definition",), strength=Strength.ALTERNATIVE)
    cap = dataclasses.replace(two, code="cap", names=(second,), limit=True)
    ranked = suggestions("hidden", (one, two, cap))
    assert [(s.name, s.rank) for s in ranked] == [(first, 1), (second, 2), (third, 2)]
    assert ranked[0].tied_with == ()
    assert ranked[1].tied_with == (third,)
    assert [r.code for r in ranked[1].reasons] == ["one", "cap"]
    assert [s.name for s in suggestions("hidden", (one, two, cap), refused=[first])] == [second, third]

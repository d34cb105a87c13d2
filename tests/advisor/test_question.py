"""Input is checked: other names are understood, and what cannot be meant gets a sentence with the choices."""

from __future__ import annotations

from typing import Any

import pytest

import nonlin
from nonlin.advisor.question import CHOICES, FIELDS, OTHER_NAMES
from nonlin.errors import InvalidTypeError, InvalidValueError, NonlinError, UnknownNameError

OTHERS = [(field, other, meant) for field, names in OTHER_NAMES.items() for other, meant in names.items()]


def refusal(**said: Any) -> NonlinError:
    with pytest.raises(NonlinError) as caught:
        nonlin.choose(**said)
    return caught.value


def test_nothing_said_is_general_advice() -> None:
    advice = nonlin.choose()
    assert advice.hidden
    assert advice.output is None
    assert advice.loss is None


@pytest.mark.parametrize(("field", "other", "meant"), OTHERS, ids=[f"{f}-{o}" for f, o, _ in OTHERS])
def test_other_names_mean_the_choice(field: str, other: str, meant: str) -> None:
    found = getattr(nonlin.choose(**{field: other}).question, field)
    assert found in (meant, (meant,))


@pytest.mark.parametrize("field", CHOICES)
def test_spelling_is_forgiven(field: str) -> None:
    choice = CHOICES[field][-1]
    spelt = f" {choice.replace('_', '-').title()} "
    assert nonlin.choose(**{field: spelt}) == nonlin.choose(**{field: choice})


@pytest.mark.parametrize("field", CHOICES)
def test_an_unknown_word_shows_all_choices_and_the_nearest(field: str) -> None:
    choice = CHOICES[field][0]
    error = refusal(**{field: f"{choice}x"})
    assert isinstance(error, InvalidValueError)
    assert error.choices == CHOICES[field]
    assert f"'{choice}x'" in str(error)
    assert error.fix is not None
    assert repr(choice) in error.fix


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize("value", [3, 2.5, b"word", object()], ids=lambda value: type(value).__name__)
def test_a_wrong_type_is_refused(field: str, value: object) -> None:
    assert isinstance(refusal(**{field: value}), InvalidTypeError)


def test_an_ambiguous_task_is_asked_back() -> None:
    error = refusal(task="Classification")
    assert error.fix is not None
    assert all(kind in error.fix for kind in ("binary", "multiclass", "multilabel"))


def test_an_unknown_keyword_shows_all_keywords_and_the_nearest() -> None:
    error = refusal(normalisation="batch")
    assert isinstance(error, InvalidTypeError)
    assert error.choices == FIELDS
    assert error.fix == "did you mean 'normalization'?"


@pytest.mark.parametrize("depth", [0, -3])
def test_depth_is_at_least_one(depth: int) -> None:
    error = refusal(depth=depth)
    assert isinstance(error, InvalidValueError)
    assert error.received == depth


@pytest.mark.parametrize("said", [{"depth": 2.0}, {"depth": True}, {"depth": "3"}, {"residual": 1}], ids=str)
def test_numbers_and_truth_are_not_guessed(said: dict[str, object]) -> None:
    assert isinstance(refusal(**said), InvalidTypeError)


@pytest.mark.parametrize("field", ["tried", "output"])
def test_an_unknown_activation_is_refused(field: str) -> None:
    assert isinstance(refusal(**{field: "no_such_activation"}), UnknownNameError)
    assert isinstance(refusal(**{field: 3}), InvalidTypeError)


def test_activations_are_known_by_any_name_and_as_objects() -> None:
    for name in nonlin.names():
        activation = nonlin.get(name)
        spelt = [activation, *activation.aliases]
        assert nonlin.choose(tried=spelt).question.tried == (name,)


def test_the_answer_does_not_depend_on_how_a_list_is_given() -> None:
    symptom = CHOICES["symptoms"][0]
    assert (
        nonlin.choose(symptoms=symptom)
        == nonlin.choose(symptoms=[symptom, symptom])
        == nonlin.choose(symptoms={symptom})
    )


def test_an_output_that_does_not_suit_the_task_is_refused() -> None:
    """For each task: what the advice says to avoid at the output is refused as a plan, what it suggests is taken."""
    for task in CHOICES["task"]:
        advice = nonlin.choose(task)
        assert advice.output is not None
        assert nonlin.choose(task, output=advice.output.name).output == advice.output
        for avoided in (item for item in advice.avoid if item.where == "output"):
            error = refusal(task=task, output=avoided.name)
            assert isinstance(error, InvalidValueError)
            assert avoided.reasons[0].text in error.rule
            assert advice.output.name in error.choices

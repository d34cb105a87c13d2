"""Refuses a question that cannot be answered because its parts exclude each other."""

from __future__ import annotations

from collections.abc import Sequence

from nonlin.advisor.conditions import all_hold
from nonlin.advisor.matching import at
from nonlin.advisor.question import Question
from nonlin.advisor.rule import Rule
from nonlin.advisor.rules import CONTRADICTIONS
from nonlin.errors import InvalidValueError


def refuse(question: Question, fired: Sequence[Rule]) -> None:
    """Raise InvalidValueError for contradictory inputs, or for an output activation that cannot serve the task."""
    for contradiction in CONTRADICTIONS:
        if all_hold(contradiction.when, question):
            fields = [field for field, _ in contradiction.when]
            raise InvalidValueError(contradiction.rule, received=_said(question, fields), fix=contradiction.fix)
    if question.output is not None:
        _refuse_output(question, fired)


def _refuse_output(question: Question, fired: Sequence[Rule]) -> None:
    against = [rule for rule in at("avoid-output", fired) if question.output in rule.names]
    if against:
        suited = [name for rule in at("output", fired) for name in rule.names]
        raise InvalidValueError(
            f"{question.output} does not suit the output of task {question.task}. {against[0].reason}",
            received=_said(question, ("task", "output")), choices=suited,
            fix=f"use output={suited[0]!r}, or leave output out" if suited else None,
        )  # fmt: skip


def _said(question: Question, fields: Sequence[str]) -> str:
    return ", ".join(f"{field}={getattr(question, field)!r}" for field in fields)

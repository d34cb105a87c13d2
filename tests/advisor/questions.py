"""Questions for tests: the smallest one that reaches a rule, and a grid over everything that may be asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from nonlin.advisor.conditions import When
from nonlin.advisor.question import CHOICES, TASKS
from nonlin.errors import InvalidValueError

ALL_NETWORKS = (None, *CHOICES["network"])


def smallest(conditions: When) -> dict[str, Any]:
    """The keywords of choose() that make all conditions hold, and say nothing else."""
    examples = {field: condition.example() for field, condition in conditions}
    return {field: value for field, value in examples.items() if value is not None}


def grid() -> Iterator[dict[str, Any]]:
    """Every task, network, kind of normalisation, symptom and priority, at three depths; contradictions included."""
    symptoms = ((), *((symptom,) for symptom in CHOICES["symptoms"]), CHOICES["symptoms"])
    for task, network, normalization in product((None, *TASKS), ALL_NETWORKS, (None, "none", "batch", "layer")):
        yield {"task": task, "network": network, "normalization": normalization}
    for network, depth, symptom in product(ALL_NETWORKS, (None, 1, 100), symptoms):
        yield {"network": network, "depth": depth, "symptoms": symptom}
    for network, priority, data in product(ALL_NETWORKS, CHOICES["priority"], CHOICES["data"]):
        yield {"network": network, "priority": priority, "data": data, "task": "binary"}


def answerable(choose: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """The grid's questions with their advice, leaving out those that are refused as contradictory."""
    for asked in grid():
        try:
            yield asked, choose(**asked)
        except InvalidValueError:
            continue

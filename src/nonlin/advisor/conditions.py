"""When a rule applies: small conditions on the fields of a question, and nothing else.

A field that was not said is None. No condition but `OneOf` with None among its values, or `or_unsaid`, holds for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Condition(Protocol):
    """A test of one field. `example` is a value that passes it, so that every rule can be reached in a test."""

    def holds(self, value: object) -> bool: ...

    def example(self) -> object: ...


@dataclass(frozen=True)
class OneOf:
    """The field is one of these values."""

    values: tuple[object, ...]

    def holds(self, value: object) -> bool:
        return value in self.values

    def example(self) -> object:
        return self.values[0]


@dataclass(frozen=True)
class AtLeast:
    """The field is a number, and not below `low`."""

    low: int
    or_unsaid: bool = False

    def holds(self, value: object) -> bool:
        return value >= self.low if isinstance(value, int) else self.or_unsaid

    def example(self) -> object:
        return self.low


@dataclass(frozen=True)
class AtMost:
    """The field is a number, and not above `high`."""

    high: int
    or_unsaid: bool = False

    def holds(self, value: object) -> bool:
        return value <= self.high if isinstance(value, int) else self.or_unsaid

    def example(self) -> object:
        return self.high


@dataclass(frozen=True)
class Has:
    """The field is a tuple that contains `value`."""

    value: str

    def holds(self, value: object) -> bool:
        return isinstance(value, tuple) and self.value in value

    def example(self) -> object:
        return (self.value,)


When = tuple[tuple[str, Condition], ...]


def when(**fields: object) -> When:
    """The conditions that must all hold; a bare value means "is this", a tuple "is one of these"."""
    return tuple((field, _condition(wanted)) for field, wanted in fields.items())


def _condition(wanted: object) -> Condition:
    if isinstance(wanted, OneOf | AtLeast | AtMost | Has):
        return wanted
    return OneOf(wanted if isinstance(wanted, tuple) else (wanted,))


def all_hold(conditions: When, question: object) -> bool:
    """Whether every condition holds for the question's fields."""
    return all(condition.holds(getattr(question, field)) for field, condition in conditions)

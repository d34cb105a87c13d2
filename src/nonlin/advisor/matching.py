"""From rules that apply to ranked suggestions. One function for every place; no rule is known here by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nonlin.advisor.conditions import all_hold
from nonlin.advisor.from_facts import derived_rules
from nonlin.advisor.question import Question
from nonlin.advisor.recipes import READINGS
from nonlin.advisor.records import AlsoAvoid, Avoid, Reason, Suggestion
from nonlin.advisor.rule import Layer, Place, Role, Rule, Strength
from nonlin.advisor.rules import RULES
from nonlin.advisor.sources import SOURCES
from nonlin.registry import get

_AVOIDED: tuple[tuple[Layer, Place], ...] = (("hidden", "avoid-hidden"), ("output", "avoid-output"))


def fire(question: Question) -> tuple[Rule, ...]:
    """Every rule that applies: those of the tables, then those that follow from facts."""
    return (*(rule for rule in RULES if all_hold(rule.when, question)), *derived_rules(question))


def at(place: Place, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules of one place."""
    return tuple(rule for rule in rules if rule.place == place)


def reason_of(rule: Rule) -> Reason:
    """The rule's statement with its sources looked up; its kind is that of the first source."""
    sources = tuple(SOURCES[key] for key in rule.sources)
    return Reason(rule.code, rule.reason, sources[0].kind, sources)


def suggestions(place: Role, rules: Sequence[Rule], refused: Iterable[str] = ()) -> tuple[Suggestion, ...]:
    """The names suggested for a place, best first; names of equal strength share a rank.

    A name is as strong as the strongest rule that suggests it, but no stronger than any rule that limits it.
    Among equals the order is that of the rules.
    """
    here = at(place, rules)
    candidates = dict.fromkeys(name for rule in here if not rule.limit for name in rule.names)
    strengths = {name: _strength(name, here) for name in candidates if name not in set(refused)}
    levels = sorted(set(strengths.values()), reverse=True)
    found = [_suggestion(place, name, strengths, levels, here) for name in strengths]
    return tuple(sorted(found, key=lambda suggestion: suggestion.rank))


def _strength(name: str, rules: Iterable[Rule]) -> int:
    about = [rule for rule in rules if name in rule.names]
    raised = max(rule.strength for rule in about if not rule.limit)
    return min([raised, *(rule.strength for rule in about if rule.limit)])


def _suggestion(
    place: Role, name: str, strengths: dict[str, int], levels: list[int], rules: tuple[Rule, ...]
) -> Suggestion:
    title, code, kind = describe(name, output=place == "output")
    mine = strengths[name]
    return Suggestion(
        name=name,
        title=title,
        role=place,
        rank=levels.index(mine) + 1,
        strength=Strength(mine).words,
        tied_with=tuple(other for other, strength in strengths.items() if strength == mine and other != name),
        kind=kind,
        code=code,
        reasons=tuple(reason_of(rule) for rule in rules if name in rule.names),
    )


def describe(name: str, *, output: bool = False) -> tuple[str, str, str]:
    """Title, PyTorch code and kind of an activation. Raises UnknownNameError for a name the registry does not know."""
    activation = get(name)
    code = READINGS.get(name) if output else None
    return activation.title, code or f"nonlin.torch.module({name!r})", activation.kind


def avoided(rules: Sequence[Rule]) -> tuple[Avoid, ...]:
    """What to keep out of hidden layers, then out of the output layer; each name once per place, all reasons."""
    found: list[Avoid] = []
    for where, place in _AVOIDED:
        here = [rule for rule in at(place, rules) if not rule.counted]
        for name in dict.fromkeys(name for rule in here for name in rule.names):
            reasons = tuple(reason_of(rule) for rule in here if name in rule.names)
            found.append(Avoid(name, describe(name)[0], where, reasons))
    return tuple(found)


def also_avoided(rules: Sequence[Rule]) -> tuple[AlsoAvoid, ...]:
    """The names that are counted rather than listed, in the same order of places."""
    return tuple(
        AlsoAvoid(where, rule.names, reason_of(rule))
        for where, place in _AVOIDED
        for rule in at(place, rules)
        if rule.counted
    )

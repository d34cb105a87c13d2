"""Rules that follow from an activation's facts, for every activation of the registry, without naming one.

Facts speak about dozens of functions. Advice names those that a rule of the tables or the question mentions, and
counts the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from nonlin.activation import Activation
from nonlin.advisor.conditions import AtLeast, Has, When, all_hold, when
from nonlin.advisor.question import Question
from nonlin.advisor.rule import Place, Rule, Strength
from nonlin.advisor.rules import RULES
from nonlin.registry import get, names

_FEEDFORWARD = ("mlp", "cnn", "self_normalizing", None)
# From here on a factor of ½ per layer in the gradient's mean square is a factor of 0.03 or less in the gradient.
DEEP = 10
# The factors hold for plain networks: normalisation and residual connections change them.
DEEP_AND_PLAIN = when(network=_FEEDFORWARD, depth=AtLeast(DEEP), normalization=("none", None), residual=(False, None))
# Place -> the places of rules whose names are worth naming there.
_HIDDEN: tuple[Place, ...] = ("hidden", "gate", "avoid-hidden", "output")
_SPOKEN_OF_WITH: Mapping[Place, tuple[Place, ...]] = {
    "hidden": _HIDDEN, "avoid-hidden": _HIDDEN, "avoid-output": ("output", "avoid-output"),
}  # fmt: skip
# PyTorch starts nn.Linear with weight variance 1 / (3 fan_in), whatever the activation.
PYTORCH_LINEAR_VARIANCE = 1 / 3


@dataclass(frozen=True)
class FactRule:
    """A rule on all activations whose facts pass `test`.

    `reason` is said of each function that is named, `others` of those that are only counted ("8 more whose ...").
    Both may show {depth}, and {factor}, what so many layers do to the gradient: the function's own, or the largest.
    """

    code: str
    place: Place
    test: Callable[[Activation, Question], bool]
    reason: str
    others: str
    when: When = ()
    limit: bool = False


def gradient_factor(chi: float, depth: int) -> float:
    """What `depth` layers do to the root mean square of the gradient, if each multiplies its square by `chi`."""
    return float(chi ** (depth / 2))


def _elementwise(activation: Activation) -> bool:
    return activation.kind == "elementwise"


def _is_row(activation: Activation, question: Question) -> bool:
    return activation.kind == "row"


def _has_no_slope(activation: Activation, question: Question) -> bool:
    return _elementwise(activation) and activation.facts.slope_second_moment == 0


def _is_straight(activation: Activation, question: Question) -> bool:
    return _elementwise(activation) and activation.facts.curvature == "affine"


def _loses_gradient(activation: Activation, question: Question) -> bool:
    """At its matched init each layer takes more than half of the gradient's mean square."""
    return _elementwise(activation) and 0 < activation.facts.chi < 0.5


def _can_die(activation: Activation, question: Question) -> bool:
    return _elementwise(activation) and bool(activation.facts.dead_region)


def _saturates_on_both_sides(activation: Activation, question: Question) -> bool:
    return _elementwise(activation) and activation.facts.bounded


def _misses_values(activation: Activation, question: Question) -> bool:
    bounded = _elementwise(activation) and (activation.facts.bounded_below or activation.facts.bounded_above)
    return bounded or _is_row(activation, question)


def _was_tried(activation: Activation, question: Question) -> bool:
    return activation.name in question.tried


FACT_RULES = (
    FactRule("row-function-hidden", "avoid-hidden", _is_row, "Every output depends on all units of the layer.",
             "whose outputs depend on the whole layer"),
    FactRule("no-slope", "avoid-hidden", _has_no_slope, "Its slope is 0 almost everywhere: nothing before it learns.",
             "whose slope is 0 almost everywhere"),
    FactRule("one-straight-line", "avoid-hidden", _is_straight, "Its slope is the same everywhere: it adds no depth.",
             "whose slope is the same everywhere"),
    FactRule("gradient-shrinks", "avoid-hidden", _loses_gradient,
             "Even at its matched init {depth} layers multiply the gradient by {factor:.1e}.",
             "whose gradient shrinks to × {factor:.1e} or less over {depth} layers", DEEP_AND_PLAIN),
    FactRule("can-die", "avoid-hidden", _can_die, "Its slope is exactly 0 over a whole region, in which units die.",
             "whose slope is exactly 0 over a whole region", when(symptoms=Has("dead_units"))),
    FactRule("saturates", "avoid-hidden", _saturates_on_both_sides, "It is bounded, so it saturates on both sides.",
             "that are bounded", when(symptoms=Has("saturated_units"), network=_FEEDFORWARD)),
    FactRule("range-misses-targets", "avoid-output", _misses_values, "Its range does not hold every number.",
             "whose range does not hold every number", when(task="regression")),
    FactRule("was-tried", "hidden", _was_tried, "It was tried here.", "that were tried", limit=True),
)  # fmt: skip


def derived_rules(question: Question) -> tuple[Rule, ...]:
    """The fact rules that apply to the question, in the form of ordinary rules."""
    fired = (rule for rule in FACT_RULES if all_hold(rule.when, question))
    return tuple(derived for rule in fired for derived in _rules(rule, question))


def _rules(rule: FactRule, question: Question) -> Iterator[Rule]:
    """One rule for each reason that functions named by it share, and one for all that are counted."""
    chosen = [get(name) for name in names() if rule.test(get(name), question)]
    worth_naming = mentioned(rule.place, question)
    by_reason: dict[str, list[str]] = {}
    for activation in chosen:
        if activation.name in worth_naming:
            reason = rule.reason.format_map(_figures([activation], question))
            by_reason.setdefault(reason, []).append(activation.name)
    for reason, named in by_reason.items():
        yield _rule(rule, named, reason)
    others = [activation for activation in chosen if activation.name not in worth_naming]
    if others:
        count = f"{len(others)} more, in the JSON form, {rule.others}."
        yield _rule(rule, [a.name for a in others], count.format_map(_figures(others, question)), counted=True)


def _rule(rule: FactRule, chosen: Iterable[str], reason: str, *, counted: bool = False) -> Rule:
    return Rule(
        rule.code, rule.place, tuple(chosen), reason, ("definition",), (), Strength.WORTH_A_TRY, rule.limit, counted
    )


def _figures(activations: Iterable[Activation], question: Question) -> Mapping[str, float]:
    """The figures a reason may show; none without a depth, or for functions of whole rows."""
    chis = [activation.facts.chi for activation in activations if _elementwise(activation)]
    if question.depth is None or not chis:
        return {}
    return {"depth": question.depth, "factor": gradient_factor(max(chis), question.depth)}


def mentioned(place: Place, question: Question) -> frozenset[str]:
    """Functions that the question names, or a rule of the tables about a place of `_SPOKEN_OF_WITH`."""
    by_rules = {name for rule in RULES if rule.place in _SPOKEN_OF_WITH[place] for name in rule.names}
    return frozenset({*by_rules, *question.tried, *filter(None, [question.output])})

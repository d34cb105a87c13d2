"""Rules that follow from an activation's facts, for every activation of the registry, without naming one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nonlin.activation import Activation
from nonlin.advisor.conditions import AtLeast, Has, When, all_hold, when
from nonlin.advisor.question import Question
from nonlin.advisor.rule import Place, Rule, Strength
from nonlin.registry import get, names

_FEEDFORWARD = ("mlp", "cnn", "self_normalizing", None)
DEFAULT_DEPTH = 20  # to speak of when the depth was not said
# PyTorch starts nn.Linear with weight variance 1 / (3 fan_in), whatever the activation.
PYTORCH_LINEAR_VARIANCE = 1 / 3


@dataclass(frozen=True)
class FactRule:
    """A rule on all activations whose facts pass `test`; `figure` is the number that shows it, if there is one."""

    code: str
    place: Place
    test: Callable[[Activation, Question], bool]
    reason: str
    when: When = ()
    figure: Callable[[Activation, Question], str] | None = None
    limit: bool = False


def depth_of(question: Question) -> int:
    """The depth to compute with."""
    return question.depth or DEFAULT_DEPTH


def gradient_factor(chi: float, depth: int) -> float:
    """What `depth` layers do to the root mean square of the gradient, if each multiplies its square by `chi`."""
    return float(chi ** (depth / 2))


def _elementwise(activation: Activation) -> bool:
    return activation.kind == "elementwise"


def _is_row(activation: Activation, question: Question) -> bool:
    return not _elementwise(activation)


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
    return not _elementwise(activation) or activation.facts.bounded_below or activation.facts.bounded_above


def _was_tried(activation: Activation, question: Question) -> bool:
    return activation.name in question.tried


def _loss_by_depth(activation: Activation, question: Question) -> str:
    return f"× {gradient_factor(activation.facts.chi, depth_of(question)):.1e} over {depth_of(question)} layers"


FACT_RULES = (
    FactRule("row-function-hidden", "avoid-hidden", _is_row, "Every output depends on all units of the layer."),
    FactRule("no-slope", "avoid-hidden", _has_no_slope, "Its slope is 0 almost everywhere: nothing before it learns."),
    FactRule("one-straight-line", "avoid-hidden", _is_straight, "Its slope is the same everywhere: it adds no depth."),
    FactRule("gradient-shrinks", "avoid-hidden", _loses_gradient, "Even at its matched init the gradient shrinks",
             when(network=_FEEDFORWARD, depth=AtLeast(4, or_unsaid=True)), _loss_by_depth),
    FactRule("can-die", "avoid-hidden", _can_die, "Its slope is exactly 0 over a whole region, in which units die.",
             when(symptoms=Has("dead_units"))),
    FactRule("saturates", "avoid-hidden", _saturates_on_both_sides, "It is bounded, so it saturates on both sides.",
             when(symptoms=Has("saturated_units"), network=_FEEDFORWARD)),
    FactRule("range-misses-targets", "avoid-output", _misses_values, "Its range does not hold every number.",
             when(task="regression")),
    FactRule("was-tried", "hidden", _was_tried, "It was tried here.", limit=True),
)  # fmt: skip


def derived_rules(question: Question) -> tuple[Rule, ...]:
    """The fact rules that apply to the question, in the form of ordinary rules."""
    fired = (_rule(rule, question) for rule in FACT_RULES if all_hold(rule.when, question))
    return tuple(rule for rule in fired if rule.names)


def _rule(rule: FactRule, question: Question) -> Rule:
    chosen = tuple(name for name in names() if rule.test(get(name), question))
    reason = rule.reason
    if rule.figure and chosen:
        figures = "; ".join(f"{name} {rule.figure(get(name), question)}" for name in chosen)
        reason = f"{reason}: {figures}."
    return Rule(rule.code, rule.place, chosen, reason, ("definition",), (), Strength.WORTH_A_TRY, rule.limit)

"""The parts of advice: what to use, what goes with it, what to avoid, each with its reasons. Plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass

from nonlin.advisor.question import Question
from nonlin.advisor.rule import Kind, Layer, Role, Source


@dataclass(frozen=True)
class Reason:
    """One statement, the rule it comes from, and its sources.

    `kind` is "article" (advice of the introductory articles), "evidence" (a published result, which may correct
    an article) or "fact" (computed from the activation's definition).
    """

    code: str
    text: str
    kind: Kind
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Suggestion:
    """An activation to use. Suggestions of one role with the same `rank` are tied: no reason orders them.

    `kind` is that of the activation: "elementwise", "row", or "gate" for a gated unit, which returns half as many
    values as it takes. `code` is PyTorch.
    """

    name: str
    title: str
    role: Role
    rank: int
    strength: str
    tied_with: tuple[str, ...]
    kind: str
    code: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Loss:
    """A loss of torch.nn, applied to what the network gives (the logits), not to what the activation makes of it."""

    name: str
    code: str
    takes: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Init:
    """How to start the weights; `gains` are the matched gains of the suggested activations, computed."""

    name: str
    title: str
    code: str
    gains: tuple[tuple[str, float], ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Avoid:
    """An activation that does not belong in these layers ("hidden" or "output")."""

    name: str
    title: str
    where: Layer
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class AlsoAvoid:
    """Activations that do not belong in these layers either, too many to print: all of them, and what they share."""

    where: Layer
    names: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True)
class Parts:
    """All of it. `output` and `loss` are None when the task was not said; `next` is a command to run."""

    question: Question
    hidden: tuple[Suggestion, ...]
    output: Suggestion | None
    loss: Loss | None
    init: Init
    avoid: tuple[Avoid, ...]
    also_avoid: tuple[AlsoAvoid, ...]
    notes: tuple[Reason, ...]
    next: str

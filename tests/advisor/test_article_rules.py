"""Every piece of advice in the articles, in their words, and the question that must bring it up."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pytest

import nonlin
from nonlin.advisor import Advice, matching
from nonlin.advisor.rules import RULES
from nonlin.advisor.sources import SOURCES


@dataclass(frozen=True)
class Claim:
    """`wording` ends in the articles' own names of the functions, after the arrow; `rule` is its code here."""

    wording: str
    rule: str
    place: str
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions the wording ends in, by the registry's names."""
        return tuple(nonlin.get(name.strip()).name for name in self.wording.split("→")[1].split(","))


# The rule of thumb's first function, and the alternative to it.
FIRST_TWO = [suggestion.name for suggestion in nonlin.choose().hidden[:2]]

CLAIMS = (
    Claim("Regression → Linear", "regression-linear", "output", {"task": "regression"}),
    Claim("Binary classification → Sigmoid", "binary-sigmoid", "output", {"task": "binary"}),
    Claim("Multiclass classification → Softmax", "multiclass-softmax", "output", {"task": "multiclass"}),
    Claim("Multilabel classification → Sigmoid", "multilabel-sigmoid", "output", {"task": "multilabel"}),
    Claim("Convolutional neural network → ReLU", "cnn-relu", "first", {"network": "cnn"}),
    Claim("Hidden layers in CNNs and DNNs → ReLU", "mlp-relu", "first", {"network": "mlp"}),
    Claim("As a rule of thumb, begin with → ReLU", "hidden-relu", "first"),
    Claim("Hidden layers (general), the alternative → Leaky ReLU", "hidden-leaky-relu", "hidden"),
    Claim("A strong alternative to ReLU → ELU", "hidden-elu", "hidden"),
    Claim("Move over to other functions if ReLU does not do → Leaky ReLU, ELU", "relu-was-tried", "first",
          {"tried": FIRST_TWO[:1]}),
    Claim("Prevents neurons from dying → Leaky ReLU, ELU", "dead-units-leaky", "first", {"symptoms": "dead_units"}),
    Claim("Used when leaky ReLU still fails → Parametric ReLU", "still-dead-prelu", "first",
          {"symptoms": "dead_units", "tried": FIRST_TWO}),
    Claim("Recurrent neural network → Tanh", "recurrent-tanh", "first", {"network": "rnn"}),
    Claim("Recurrent neural network, gates → Sigmoid", "recurrent-sigmoid-gates", "gate", {"network": "lstm"}),
    Claim("BERT, RoBERTa, ALBERT and other top NLP models → GELU", "transformer-gelu", "first",
          {"network": "transformer"}),
    Claim("Better than ReLU and ELU across all tasks → GELU", "hidden-gelu", "hidden"),
    Claim("Networks with a depth greater than 40 layers → Swish", "very-deep-swish", "first", {"depth": 41}),
    Claim("Internal normalization, as in self-normalizing networks → SELU", "self-normalizing-selu", "first",
          {"network": "self_normalizing"}),
    Claim("Not to be used in hidden layers → Sigmoid, Tanh", "not-s-shaped-hidden", "avoid-hidden", {"network": "cnn"}),
    Claim("Should only be used in the hidden layers → ReLU", "relu-hidden-only", "avoid-output", {"task": "binary"}),
    Claim("Layers collapse into one → Linear", "not-linear-hidden", "avoid-hidden"),
    Claim("Gradient zero, a hindrance in backpropagation → Binary step", "not-step-hidden", "avoid-hidden"),
    Claim("Computationally efficient → ReLU", "speed-relu", "first", {"network": "mlp", "priority": "speed"}),
)  # fmt: skip


def found(advice: Advice, place: str) -> dict[str, set[str]]:
    """The names in a place of the advice, each with the codes of its reasons."""
    items: dict[str, Any] = {
        "first": [s for s in advice.hidden if s.role == "hidden" and s.rank == 1],
        "hidden": [s for s in advice.hidden if s.role == "hidden"],
        "gate": [s for s in advice.hidden if s.role == "gate"],
        "output": [advice.output] if advice.output else [],
        "avoid-hidden": [a for a in advice.avoid if a.where == "hidden"],
        "avoid-output": [a for a in advice.avoid if a.where == "output"],
    }
    return {item.name: {reason.code for reason in item.reasons} for item in items[place]}


def check(claim: Claim) -> None:
    names = found(nonlin.choose(**claim.said), claim.place)
    for function in claim.functions:
        assert function in names, f"{claim.wording}: {function} is not {claim.place}, but {sorted(names)}"
        assert claim.rule in names[function]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.wording)
def test_claim_is_followed(claim: Claim) -> None:
    check(claim)


def test_every_article_rule_has_a_claim() -> None:
    """Rules that only rank or remark (limits, notes) and the loss are checked elsewhere."""
    from_articles = {r.code for r in RULES if SOURCES[r.sources[0]].kind == "article" and not r.limit and r.names}
    output_advice = {"language-model-softmax", "multilabel-not-softmax", "classes-not-sigmoid", "classes-not-step"}
    assert from_articles - output_advice == {claim.rule for claim in CLAIMS}


def test_every_article_is_cited() -> None:
    cited = {key for rule in RULES for key in rule.sources}
    assert {key for key, source in SOURCES.items() if source.kind == "article"} <= cited


@pytest.mark.parametrize("claim", CLAIMS[:4], ids=lambda claim: claim.wording)
def test_a_planted_wrong_function_is_caught(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    other = next(name for name in nonlin.names() if name not in claim.functions)
    planted = tuple(dataclasses.replace(r, names=(other,)) if r.code == claim.rule else r for r in RULES)
    monkeypatch.setattr(matching, "RULES", planted)
    with pytest.raises(AssertionError):
        check(claim)

"""Advice as a whole: consistent over everything that may be asked, stable as JSON, and code that runs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

import nonlin
from nonlin.advisor import Advice, Avoid, Suggestion, text
from nonlin.advisor.recipes import INITS, LOSSES, READINGS
from tests.advisor.questions import answerable

ADVICE = list(answerable(nonlin.choose))

KEYS = {
    "advice": {"schema", "question", "hidden", "output", "loss", "init", "avoid", "also_avoid", "notes", "next"},
    "suggestion": {"name", "title", "role", "rank", "strength", "tied_with", "kind", "code", "reasons"},
    "loss": {"name", "code", "takes", "reasons"},
    "init": {"name", "title", "code", "gains", "reasons"},
    "avoid": {"name", "title", "where", "reasons"},
    "also_avoid": {"where", "names", "reason"},
    "reason": {"code", "text", "kind", "sources"},
    "source": {"key", "kind", "text", "url"},
}


def test_the_grid_is_wide() -> None:
    assert len(ADVICE) > 250


def ranks_in_order(ranks: list[int]) -> bool:
    return not ranks or (ranks == sorted(ranks) and set(ranks) == set(range(1, max(ranks) + 1)))


def consistent(advice: Advice) -> None:
    hidden = [s for s in advice.hidden if s.role == "hidden"]
    avoided = {a.name for a in advice.avoid if a.where == "hidden"}
    assert any(s.kind == "elementwise" for s in hidden)
    assert not avoided & {name for also in advice.also_avoid if also.where == "hidden" for name in also.names}
    assert not avoided & {s.name for s in hidden}
    assert ranks_in_order([s.rank for s in hidden])
    for one in hidden:
        assert set(one.tied_with) == {s.name for s in hidden if s.rank == one.rank} - {one.name}
    assert (advice.output is None) == (advice.loss is None) == (advice.question.task is None)
    if advice.output:
        assert advice.output.name not in {a.name for a in advice.avoid if a.where == "output"}
    items: tuple[Suggestion | Avoid, ...] = (*advice.hidden, *advice.avoid)
    for reasons in (*(item.reasons for item in items), advice.init.reasons):
        assert reasons
        assert all(reason.sources for reason in reasons)


def test_advice_is_consistent_for_every_question() -> None:
    for _, advice in ADVICE:
        consistent(advice)


def test_inconsistent_advice_is_noticed() -> None:
    advice = nonlin.choose("binary")
    first = advice.hidden[0]
    planted = dataclasses.replace(advice.avoid[0], name=first.name, where="hidden")
    with pytest.raises(AssertionError):
        consistent(dataclasses.replace(advice, avoid=(*advice.avoid, planted)))
    with pytest.raises(AssertionError):
        consistent(dataclasses.replace(advice, hidden=advice.hidden[::-1]))


def test_gains_are_the_registry_s() -> None:
    for _, advice in ADVICE:
        names = [s.name for s in advice.hidden if s.role == "hidden" and s.kind == "elementwise"]
        assert advice.init.gains == tuple((name, nonlin.gain(name)) for name in names)


def test_self_normalizing_init_is_the_matched_one() -> None:
    """LeCun normal weights are the matched init of the suggested function: its gain is 1."""
    (_, gain), *_ = nonlin.choose(network="self_normalizing").init.gains
    assert gain == pytest.approx(1.0, abs=1e-9)


def reasons_have_keys(reasons: list[dict[str, Any]]) -> None:
    for reason in reasons:
        assert set(reason) == KEYS["reason"]
        assert all(set(source) == KEYS["source"] for source in reason["sources"])


def test_json_has_the_promised_keys() -> None:
    found = json.loads(nonlin.choose("multiclass", "lstm").to_json())
    assert found["schema"] == "nonlin.advice/1"
    assert set(found) == KEYS["advice"]
    assert set(found["question"]) == {field.name for field in dataclasses.fields(nonlin.choose().question)}
    for suggestion in (*found["hidden"], found["output"]):
        assert set(suggestion) == KEYS["suggestion"]
    for part in ("loss", "init"):
        assert set(found[part]) == KEYS[part]
    assert all(set(avoided) == KEYS["avoid"] for avoided in found["avoid"])
    assert all(set(also) == KEYS["also_avoid"] for also in found["also_avoid"])
    reasons_have_keys([also["reason"] for also in found["also_avoid"]])
    for item in (*found["hidden"], found["output"], found["loss"], found["init"], *found["avoid"]):
        reasons_have_keys(item["reasons"])
    reasons_have_keys(found["notes"])
    assert set(found["init"]["gains"]) == {s["name"] for s in found["hidden"] if s["role"] == "hidden"}


def test_json_is_the_dictionary() -> None:
    for _, advice in ADVICE:
        assert json.loads(advice.to_json()) == advice.to_dict()


def test_articles_and_corrections_stand_side_by_side() -> None:
    kinds = {r.kind for r in nonlin.choose("multiclass", "cnn", normalization="batch").notes}
    assert "evidence" in kinds
    reasons = [s.reasons for s in nonlin.choose(network="cnn", normalization="batch").hidden]
    assert any({r.kind for r in some} == {"article", "evidence"} for some in reasons)


def flat(words: str) -> str:
    return " ".join(words.split())


def cited_keys(value: Any) -> set[str]:
    """The keys of all sources anywhere in the advice."""
    if isinstance(value, dict):
        own = {value["key"]} if "url" in value else set()
        return own.union(*map(cited_keys, value.values()))
    return set().union(*map(cited_keys, value)) if isinstance(value, list) else set()


def test_the_sources_are_those_cited() -> None:
    for _, advice in ADVICE[::5]:
        assert {source.key for source in text.page(advice).sources} == cited_keys(advice.to_dict())


def test_lines_are_short_and_few() -> None:
    """A typical answer is a page; with every symptom at once, not two."""
    printed = [str(advice).splitlines() for _, advice in ADVICE]
    assert max(len(line) for lines in printed for line in lines[:-1]) <= text.WIDTH
    lengths = sorted(map(len, printed))
    assert lengths[len(lengths) // 2] <= 62
    assert lengths[-1] <= 105


def test_gated_units_are_for_hidden_layers() -> None:
    gates = set(nonlin.names(kind="gate"))
    for _, advice in ADVICE:
        against = {a.name for a in advice.avoid} | {n for also in advice.also_avoid for n in also.names}
        assert not gates & against
    suggested = [s for s in nonlin.choose(network="transformer").hidden if s.name in gates]
    assert suggested
    assert all(s.kind == "gate" and "gated unit" in str(nonlin.choose(network="transformer")) for s in suggested)


def test_print_shows_every_statement_and_source_once() -> None:
    for _, advice in ADVICE[::5]:
        shown = flat(str(advice))
        page = text.page(advice)
        assert str(advice).count("\nSources\n") == 1
        for item in (*advice.hidden, *advice.avoid, advice.init):
            assert item.name in shown or getattr(item, "title", "") in shown
            assert all(reason.text in shown for reason in item.reasons)
        assert all(also.reason.text in shown for also in advice.also_avoid)
        assert len({source.key for source in page.sources}) == len(page.sources)
        assert shown.endswith(f"Next: {advice.next}")


def test_the_notebook_form_is_escaped() -> None:
    advice = nonlin.choose("multiclass")
    planted = dataclasses.replace(advice, next="<script>")
    assert "<script>" not in planted._repr_html_()
    assert "&lt;script&gt;" in planted._repr_html_()


def test_a_reference_says_which_item_gave_the_reason() -> None:
    """ "As for NAME." stands only where NAME has one statement of that kind, so that it is clear which is meant."""
    referring = 0
    for _, advice in ADVICE:
        for section in text.page(advice).sections:
            kinds = {item.head.split(". ")[-1]: [s.kind for s in item.statements] for item in section.items}
            for statement in (s for item in section.items for s in item.statements if s.text.startswith("As for ")):
                referring += 1
                assert kinds[statement.text.removeprefix("As for ")[:-1]].count(statement.kind) == 1
    assert referring


def test_advice_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        nonlin.choose().next = ""


def test_the_code_runs() -> None:
    torch = pytest.importorskip("torch")
    from nonlin import torch as nonlin_torch

    generator = torch.Generator().manual_seed(0)
    logits, labels = torch.randn(4, 3, generator=generator), torch.tensor([0, 2, 1, 1])
    given = {"torch": torch, "nonlin": nonlin, "logits": logits, "outputs": logits, "x": logits, "fan_in": 3}
    for name, loss in LOSSES.items():
        targets = labels if name == "CrossEntropyLoss" else torch.ones(4, 3)
        assert torch.isfinite(eval_code(loss.code, {**given, "targets": targets}))
    for reading in READINGS.values():
        assert eval_code(reading.partition("= ")[2], {**given, "model": lambda x: x, "inputs": logits}).shape == (4, 3)
    for init in INITS.values():
        weight = torch.empty(3, 3)
        eval_code(init.code.format(name=nonlin.names()[0]), {**given, "weight": weight})
        assert torch.isfinite(weight).all()
    for suggestion in {s for _, advice in ADVICE for s in advice.hidden}:
        assert nonlin_torch is not None
        shape = (4, 2) if suggestion.kind == "gate" else (4, 4)
        assert eval_code(suggestion.code, given)(torch.ones(4, 4)).shape == shape


def eval_code(code: str, names: dict[str, Any]) -> Any:
    """The value of one of the package's own snippets."""
    return eval(code, names)  # noqa: S307 - our own text


def test_losses_take_logits() -> None:
    """The loss on logits is the loss on the suggested probabilities: the activation is inside it."""
    torch = pytest.importorskip("torch")
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    by_hand: dict[str, Callable[[Any], Any]] = {
        "multiclass": lambda p: -p[torch.arange(5), torch.arange(5) % 3].log().mean(),
        "multilabel": lambda p: -p.log().mean(),
    }
    targets = {"multiclass": torch.arange(5) % 3, "multilabel": torch.ones(5, 3, dtype=torch.float64)}
    for task, expected in by_hand.items():
        advice = nonlin.choose(task)
        assert advice.loss is not None
        assert advice.output is not None
        assert "logits" in advice.loss.reasons[0].text
        loss = getattr(torch.nn, advice.loss.name)()(logits, targets[task])
        probabilities = torch.as_tensor(nonlin.get(advice.output.name)(logits.numpy()))
        torch.testing.assert_close(loss, expected(probabilities))

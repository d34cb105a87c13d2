"""Advice as sections of short lines with numbered sources; printed plainly here, and in colour by the command line."""

from __future__ import annotations

import html as escaping
from collections.abc import Iterator
from dataclasses import dataclass

from nonlin.advisor.records import Avoid, Init, Loss, Parts, Reason, Suggestion
from nonlin.advisor.rule import Source

_MARKS = {"article": "articles", "evidence": "evidence", "fact": "computed"}
_PLACES = {"hidden": "in hidden layers", "output": "at the output"}


@dataclass(frozen=True)
class Statement:
    """One line of explanation: its kind ("articles", "evidence", "computed"), the text, and numbers of sources."""

    kind: str
    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Item:
    """One thing advised: a head, remarks beside it, and the statements below it."""

    head: str
    aside: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Section:
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Page:
    """Everything to print, in order."""

    heading: str
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    next: str


def page(advice: Parts) -> Page:
    """The advice laid out; sources are numbered in the order in which they are first cited."""
    numbers: dict[str, int] = {}
    sources: dict[str, Source] = {}

    def state(reason: Reason) -> Statement:
        for source in reason.sources:
            sources.setdefault(source.key, source)
            numbers.setdefault(source.key, len(numbers) + 1)
        return Statement(_MARKS[reason.kind], reason.text, tuple(numbers[source.key] for source in reason.sources))

    def item(head: str, aside: str, reasons: tuple[Reason, ...]) -> Item:
        return Item(head, aside, tuple(map(state, reasons)))

    sections = tuple(
        Section(title, tuple(item(*parts) for parts in contents)) for title, contents in _contents(advice) if contents
    )
    return Page(_heading(advice), sections, tuple(sources.values()), advice.next)


_Parts = tuple[str, str, tuple[Reason, ...]]


def _contents(advice: Parts) -> Iterator[tuple[str, list[_Parts]]]:
    yield "Hidden layers", [_suggestion(s) for s in advice.hidden if s.role == "hidden"]
    yield "Gates", [_suggestion(s) for s in advice.hidden if s.role == "gate"]
    yield "Output layer", [_output(advice.output)] if advice.output else []
    yield "Loss", [_loss(advice.loss)] if advice.loss else []
    yield "Initial weights", [_init(advice.init)]
    yield "Avoid", list(_avoid(advice.avoid))
    yield "Bear in mind", [("", "", advice.notes)] if advice.notes else []


def _heading(advice: Parts) -> str:
    said = vars(advice.question).items()
    words = [f"{field} {_show(value)}" for field, value in said if value is not None and value != ()]
    return "Advice for " + (", ".join(words) if words else "any network")


def _show(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()


def _suggestion(suggestion: Suggestion) -> _Parts:
    tie = f", tied with {', '.join(suggestion.tied_with)}" if suggestion.tied_with else ""
    code = "" if suggestion.registered else f" · {suggestion.code}"
    return f"{suggestion.rank}. {suggestion.name}", f"{suggestion.strength}{tie}{code}", suggestion.reasons


def _output(output: Suggestion) -> _Parts:
    return output.name, output.code, output.reasons


def _loss(loss: Loss) -> _Parts:
    return loss.name, f"{loss.code} · takes {loss.takes}", loss.reasons


def _init(init: Init) -> _Parts:
    gains = ", ".join(f"{name} {gain:.4f}" for name, gain in init.gains)
    return init.title, f"{init.code} · gains: {gains}", init.reasons


def _avoid(avoided: tuple[Avoid, ...]) -> Iterator[_Parts]:
    """Names that share place and reasons share a line."""
    groups: dict[tuple[str, tuple[Reason, ...]], list[str]] = {}
    for one in avoided:
        groups.setdefault((one.where, one.reasons), []).append(one.name)
    for (where, reasons), names in groups.items():
        yield ", ".join(names), _PLACES[where], reasons


def cite(statement: Statement) -> str:
    """The numbers of a statement's sources: [1, 3]."""
    return f"[{', '.join(map(str, statement.sources))}]"


def plain(advice: Parts) -> str:
    """The advice as text without colour."""
    laid_out = page(advice)
    lines = [laid_out.heading]
    for section in laid_out.sections:
        lines += ["", section.title]
        for item in section.items:
            lines += [f"  {item.head}  ({item.aside})"] if item.head else []
            lines += [f"    - {s.kind}: {s.text} {cite(s)}" for s in item.statements]
    lines += ["", "Sources", *(f"  [{n}] {_cited(source)}" for n, source in enumerate(laid_out.sources, 1))]
    return "\n".join([*lines, "", f"Next: {laid_out.next}"])


def _cited(source: Source) -> str:
    return f"{source.text}. {source.url}".rstrip()


def html(advice: Parts) -> str:
    """The advice as a fragment of HTML, for notebooks."""
    return f'<pre style="white-space: pre-wrap">{escaping.escape(plain(advice))}</pre>'

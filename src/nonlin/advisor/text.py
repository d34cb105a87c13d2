"""Advice as sections of short lines with numbered sources; printed plainly here, and in colour by the command line."""

from __future__ import annotations

import html as escaping
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nonlin.advisor.records import Init, Loss, Parts, Reason, Suggestion
from nonlin.advisor.rule import Layer, Source
from nonlin.advisor.sources import SOURCES

WIDTH = 100  # wider lines are hard to read

_MARKS = {"article": "articles", "evidence": "evidence", "fact": "computed"}


_Parts = tuple[str, str, tuple[Reason, ...]]


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
    sections = tuple(_section(title, contents, numbers) for title, contents in _contents(advice) if contents)
    return Page(_heading(advice), sections, tuple(SOURCES[key] for key in numbers), advice.next)


def _section(title: str, contents: Iterable[_Parts], numbers: dict[str, int]) -> Section:
    """A section says a reason once, where it is clear which: a later item then refers to the first one that gave it."""
    said: dict[Reason, str] = {}
    items: list[Item] = []
    for head, aside, reasons in contents:
        statements = [_state(reason, said.get(reason), numbers) for reason in reasons]
        items.append(Item(head, aside, tuple(dict.fromkeys(statements))))
        kinds = Counter(reason.kind for reason in reasons)
        said |= {r: head.split(". ")[-1] for r in reasons if r not in said and kinds[r.kind] == 1}
    return Section(title, tuple(items))


def _state(reason: Reason, said_of: str | None, numbers: dict[str, int]) -> Statement:
    """The statement, or a reference to the item it was said of, with the numbers of its sources."""
    for source in reason.sources:
        numbers.setdefault(source.key, len(numbers) + 1)
    text = reason.text if said_of is None else f"As for {said_of}."
    return Statement(_MARKS[reason.kind], text, tuple(numbers[source.key] for source in reason.sources))


def _contents(advice: Parts) -> Iterator[tuple[str, list[_Parts]]]:
    yield "Hidden layers", list(_suggested(s for s in advice.hidden if s.role == "hidden"))
    yield "Gates", list(_suggested(s for s in advice.hidden if s.role == "gate"))
    output = [_output(advice.output)] if advice.output else []
    yield "Output layer and loss", [*output, *([_loss(advice.loss)] if advice.loss else [])]
    yield "Initial weights", [_init(advice.init)]
    yield "Avoid in hidden layers", list(_avoid(advice, "hidden"))
    yield "Avoid at the output", list(_avoid(advice, "output"))
    yield "Bear in mind", [("", "", advice.notes)] if advice.notes else []


def _heading(advice: Parts) -> str:
    said = vars(advice.question).items()
    words = [f"{field} {_show(value)}" for field, value in said if value is not None and value != ()]
    return "Advice for " + (", ".join(words) if words else "any network")


def _show(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()


def _suggested(suggestions: Iterable[Suggestion]) -> Iterator[_Parts]:
    """Names that share rank, kind and reasons share a line."""
    groups: dict[tuple[object, ...], list[Suggestion]] = {}
    for one in suggestions:
        groups.setdefault((one.rank, one.kind, one.reasons), []).append(one)
    for group in groups.values():
        yield _suggestion(group[0], [one.name for one in group])


def _suggestion(first: Suggestion, names: list[str]) -> _Parts:
    others = [name for name in first.tied_with if name not in names]
    tie = f", tied with {', '.join(others)}" if others else ", tied" if len(names) > 1 else ""
    code = f" · gated unit, {first.code}" if first.kind == "gate" else ""
    return f"{first.rank}. {', '.join(names)}", f"{first.strength}{tie}{code}", first.reasons


def _output(output: Suggestion) -> _Parts:
    return output.name, output.code, output.reasons


def _loss(loss: Loss) -> _Parts:
    return loss.code, f"takes {loss.takes}", loss.reasons


def _init(init: Init) -> _Parts:
    gains = ", ".join(f"{name} {gain:.4f}" for name, gain in init.gains)
    return init.title, f"{init.code} · gains: {gains}", init.reasons


def _avoid(advice: Parts, where: Layer) -> Iterator[_Parts]:
    """Names that share their reasons share a line; the others are counted below them."""
    groups: dict[tuple[Reason, ...], list[str]] = {}
    for one in advice.avoid:
        if one.where == where:
            groups.setdefault(one.reasons, []).append(one.name)
    for reasons, names in groups.items():
        yield ", ".join(names), "", reasons
    others = tuple(one.reason for one in advice.also_avoid if one.where == where)
    if others:
        yield "others", "", others


def cite(statement: Statement) -> str:
    """The numbers of a statement's sources: [1, 3]."""
    return f"[{', '.join(map(str, statement.sources))}]"


def plain(advice: Parts) -> str:
    """The advice as text without colour, in lines of at most WIDTH characters; the command at the end is one line."""
    laid_out = page(advice)
    lines = _wrapped(laid_out.heading, 0)
    for section in laid_out.sections:
        lines += ["", section.title, *(line for item in section.items for line in _lines(item))]
    lines += ["", "Sources"]
    for number, source in enumerate(laid_out.sources, 1):
        lines += _wrapped(f"[{number}] {cited(source)}", 2)
    return "\n".join([*lines, "", f"Next: {laid_out.next}"])


def _lines(item: Item) -> list[str]:
    """A head with an aside has its own line; a bare one begins the first statement's."""
    own = _wrapped(f"{item.head}  ({item.aside})", 2) if item.aside else []
    texts = [f"{s.kind}: {s.text} {cite(s)}" for s in item.statements]
    if item.head and not item.aside:
        return [*_wrapped(f"{item.head} · {texts[0]}", 2), *(line for text in texts[1:] for line in _wrapped(text, 4))]
    return own + [line for text in texts for line in _wrapped(text, 4 if item.head else 2)]


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of at most WIDTH characters, the second and later ones two deeper; words and addresses stay whole."""
    margin = " " * indent
    return textwrap.wrap(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def cited(source: Source) -> str:
    """A source as one line: what it is, and its address."""
    return f"{source.text}. {source.url}".rstrip()


def html(advice: Parts) -> str:
    """The advice as a fragment of HTML, for notebooks."""
    return f'<pre style="white-space: pre-wrap">{escaping.escape(plain(advice))}</pre>'

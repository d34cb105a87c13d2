"""Where libraries disagree under one name, and by how much: writes docs/disagreements.md.

Run `python -m benchmarks.disagreements`. Everything comes from the catalogue: the names under which libraries keep
their functions with the parameters they give them, and the formulas of peers that are no function of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nonlin.catalog import DEFINITIONS, PEER_FORMULAS, Alias
from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array, evaluate

PATH = Path(__file__).resolve().parents[1] / "docs" / "disagreements.md"
REACH = 30
GRID = np.arange(-REACH * 1000, REACH * 1000 + 1) / 1000

HEAD = f"""\
# Where libraries disagree under one name

Written by `python -m benchmarks.disagreements` from the catalogue; do not edit.

Each table holds what different libraries compute under the same name. The difference is the largest |difference| to
the first row over x from −{REACH} to {REACH} in steps of 0.001, with x where it occurs. `nonlin.get("library.name")`
gives the function of that row, where it is one of ours.
"""


@dataclass(frozen=True)
class Meaning:
    """One function that a name stands for, and where."""

    definition: str
    values: tuple[tuple[str, float], ...]
    formula: Node
    places: tuple[str, ...]
    note: str = ""

    @cached_property
    def curve(self) -> Array:
        return evaluate(self.formula, GRID, dict(self.values))

    @property
    def text(self) -> str:
        values = ", ".join(f"{name} = {value:g}" for name, value in self.values)
        return self.note or f"`{self.definition}`" + (f" with {values}" if values else "")


def disagreements() -> dict[str, list[Meaning]]:
    """Name → its meanings, for names with more than one; spelling (capitals, underscores) does not count."""
    found: dict[str, dict[object, list[str]]] = {}
    for definition in DEFINITIONS.values():
        for alias in definition.aliases if definition.kind == "elementwise" else ():
            if alias.prefix:
                meaning = definition.name, _values(definition.defaults, alias)
                found.setdefault(_spelling(alias.name), {}).setdefault(meaning, []).append(alias.full)
    named = {name: [_ours(key, places) for key, places in meanings.items()] for name, meanings in found.items()}
    for name, theirs in _peers():
        usual = DEFINITIONS[theirs.definition]
        fallback = [Meaning(usual.name, tuple(usual.defaults.items()), usual.derivative(), ("nonlin",))]
        named[name] = [*(named.get(name) or fallback), theirs]
    return {name: meanings for name, meanings in sorted(named.items()) if len(meanings) > 1}


def _spelling(name: str) -> str:
    return name.lower().replace("_", "")


def _values(defaults: Mapping[str, float], alias: Alias) -> tuple[tuple[str, float], ...]:
    return tuple({**defaults, **dict(alias.parameters)}.items())


def _ours(key: object, places: list[str]) -> Meaning:
    assert isinstance(key, tuple)
    name, values = key
    return Meaning(name, values, DEFINITIONS[name].derivative(), tuple(places))


def _peers() -> Iterator[tuple[str, Meaning]]:
    for peer in PEER_FORMULAS:
        values = tuple(DEFINITIONS[peer.definition].defaults.items())
        place = f"{peer.library}.{peer.name}" if " " not in peer.library else f"{peer.name} of {peer.library}"
        yield _spelling(peer.name), Meaning(peer.definition, values, peer.formula, (place,), peer.difference)


def largest_difference(first: Meaning, other: Meaning) -> tuple[float, float]:
    """The largest |difference| on the grid and the first x where it occurs."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(other.curve - first.curve)
    at = int(np.nanargmax(apart))
    return float(apart[at]), float(GRID[at])


def document() -> str:
    """The text of the page."""
    return "\n".join([HEAD, *(line for name, meanings in disagreements().items() for line in _section(name, meanings))])


def _section(name: str, meanings: list[Meaning]) -> Iterator[str]:
    yield f"## {name}\n"
    yield "| where | what it computes | largest difference to the first row | at x |\n|---|---|---|---|"
    for meaning in meanings:
        size, at = largest_difference(meanings[0], meaning)
        shown = (f"{size:.2g}", f"{at:g}") if meaning is not meanings[0] else ("–", "–")
        yield f"| {', '.join(meaning.places)} | {meaning.text} | {shown[0]} | {shown[1]} |"
    yield ""


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")

"""The records that advice is made of: sources, rules and contradictions. They hold data; `matching` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from nonlin.advisor.conditions import When

Place = Literal["hidden", "gate", "output", "loss", "init", "note", "avoid-hidden", "avoid-output"]
Role = Literal["hidden", "gate", "output"]  # the places of suggestions
Layer = Literal["hidden", "output"]  # the layers something is to be avoided in
Kind = Literal["article", "evidence", "fact"]


class Strength(IntEnum):
    """How strongly a rule suggests. Suggestions of equal strength share a rank: they are tied."""

    WORTH_A_TRY = 1
    ALTERNATIVE = 2
    FIRST_CHOICE = 3

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Source:
    """Where a statement comes from; `kind` tells the articles' advice from published results and computed facts."""

    key: str
    kind: Kind
    text: str
    url: str = ""


@dataclass(frozen=True)
class Rule:
    """If all of `when` holds, then `names` belong in `place`, because of `reason`, as `sources` say.

    `code` is a stable name. A rule with `limit` does not suggest: it keeps names that other rules suggest from
    ranking above `strength`. Rules in the place "note" have no names. Names are activations of the registry, or
    for losses and init keys of a table in `nonlin.advisor.recipes`. A `counted` rule is on too many names to list.
    """

    code: str
    place: Place
    names: tuple[str, ...]
    reason: str
    sources: tuple[str, ...]
    when: When = ()
    strength: Strength = Strength.FIRST_CHOICE
    limit: bool = False
    counted: bool = False


@dataclass(frozen=True)
class Contradiction:
    """Two inputs that cannot both be meant: the rule they break and the likely fix."""

    code: str
    when: When
    rule: str
    fix: str

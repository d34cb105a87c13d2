"""What a page consists of: sections of blocks. A block is a mapping with a "kind", which `nonlin.report.html` sets.

text: text · list: items · commands: lines · table: caption, header, rows · equation: name · functions: items with
name, title, formula, reference · figure: figure, title, caption, data · comparison: comparison · advice: page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]
Block = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading of its own; `key` is its anchor."""

    key: str
    title: str
    claim: str
    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """The whole page; `settings` is the small print at its end."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    settings: tuple[tuple[str, str], ...]

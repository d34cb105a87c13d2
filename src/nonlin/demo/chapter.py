"""What a chapter is given and what it returns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Block = Mapping[str, Any]


@dataclass(frozen=True)
class Context:
    """`seed` decides everything random; `quick` asks for less work; `runs` is where training runs are kept.

    `say` shows what is being done now; `pause` is entered while someone else draws on the terminal.
    """

    seed: int
    quick: bool
    runs: Path
    say: Callable[[str], None] = lambda text: None
    pause: Callable[[], AbstractContextManager[Any]] = nullcontext
    shown: bool | None = False


@dataclass(frozen=True)
class Chapter:
    """One chapter: a claim, what was measured in one sentence, and blocks for `nonlin.report`."""

    key: str
    title: str
    claim: str
    summary: str
    blocks: tuple[Block, ...]

    def to_dict(self) -> dict[str, Any]:
        """The chapter as JSON types."""
        return {**asdict(self), "blocks": [dict(block) for block in self.blocks]}


def text(content: str) -> Block:
    """A paragraph."""
    return {"kind": "text", "text": content}


def table(caption: str, header: list[str], rows: list[list[str]]) -> Block:
    """A table whose first column names the rows."""
    return {"kind": "table", "caption": caption, "header": header, "rows": rows}


def figure(name: str, title: str, caption: str, **data: Any) -> Block:
    """A figure of `nonlin.plot.figures`, by name, with its arguments as JSON types."""
    return {"kind": "figure", "figure": name, "title": title, "caption": caption, "data": data}


def commands(*lines: str) -> Block:
    """Commands to go on with."""
    return {"kind": "commands", "lines": list(lines)}


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Two digits as people write them: 0.0022, 24, 180, 4·10⁻⁵."""
    if value == 0 or 0.001 <= abs(value) < 1000 or not math.isfinite(value):
        return f"{float(f'{value:.2g}'):g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them: "a, b and c"; "none" for none."""
    given = list(names)
    return " and ".join(filter(None, [", ".join(given[:-1]), *given[-1:]])) or "none"

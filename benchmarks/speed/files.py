"""Where the results are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """The tables, the page and the figure inside a folder of documents."""

    docs: Path = Path(__file__).parents[2] / "docs"

    @property
    def table(self) -> Path:
        return self.docs / "proofs" / "speed.csv"

    @property
    def small(self) -> Path:
        return self.docs / "proofs" / "small_calls.csv"

    @property
    def page(self) -> Path:
        return self.docs / "speed.md"

    @property
    def figure(self) -> Path:
        return self.docs / "img" / "speed.svg"

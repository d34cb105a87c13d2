"""What `race.toml` says: the functions the bars are taken over, and keywords of peers that no alias says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    articles: tuple[str, ...]
    keywords: dict[str, dict[str, Any]]


def _read() -> Settings:
    data = tomllib.loads(Path(__file__).with_name("race.toml").read_text(encoding="utf-8"))
    return Settings(tuple(data["articles"]), data["keywords"])


SETTINGS = _read()

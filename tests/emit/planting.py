"""A module with a small wrong edit, in place of the right one: what a test of the tests needs."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@dataclass(frozen=True)
class Mistake:
    """A small wrong edit of a module, and what it spoils."""

    title: str
    old: str
    new: str
    spoils: str


def planted(module: ModuleType, mistake: Mistake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of `module` with the mistake, loaded from `folder`; the text to replace must occur once."""
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1, f"{mistake.old!r} occurs {text.count(mistake.old)} times"
    path = folder / "planted.py"
    path.write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("planted", path)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "planted", copy)  # where dataclasses look for their annotations
    spec.loader.exec_module(copy)
    return copy

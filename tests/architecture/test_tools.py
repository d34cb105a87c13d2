"""ruff and the type checker find nothing, in a run that names the one that does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.sandbox import run_python

TOOLS = {
    "ruff check": ("ruff", "check"),
    "ruff format": ("ruff", "format", "--check"),
    "mypy": ("mypy",),
}


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
def test_is_clean(tool: str) -> None:
    run = run_python("-m", *TOOLS[tool])
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("tool", TOOLS)
def test_notices_a_mistake(tool: str, tmp_path: Path) -> None:
    mistake = tmp_path / "mistake.py"
    mistake.write_text("import os\ndef f(x):  return x", encoding="utf-8")
    run = run_python("-m", *TOOLS[tool], str(mistake))
    assert run.returncode == 1, run.stdout + run.stderr

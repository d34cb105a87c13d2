"""docs/articles.md: every command and expression in it runs, every chapter it names exists, every function is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import nonlin
from nonlin.cli.main import COMMANDS, app
from nonlin.demo import CHAPTERS
from tests.architecture.sandbox import ROOT, run_python

PAGE = (ROOT / "docs" / "articles.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not re.match(r"\|(-+\||\s*section\s*\|)", line)
]
SHOWN = sorted({entry for row in ROWS for entry in re.findall(r"`([^`]+)`", row[2])})
RUN = [entry for entry in SHOWN if entry.startswith("nonlin ")]
EVALUATED = [entry for entry in SHOWN if not entry.startswith("nonlin ")]
# What a command needs besides to finish in a moment. The demonstration's own tests run it.
SHORT = {"compare": ["--seeds", "1", "--learning-rates", "0.03", "--steps", "5", "--executor", "serial"]}
SKIPPED = {"demo"}


def test_the_table_covers_four_articles() -> None:
    assert len(re.findall(r"^## \d · ", PAGE, re.MULTILINE)) == 4
    assert len(ROWS) > 50
    assert all(len(row) == 4 for row in ROWS)
    assert [row for row in ROWS if not re.fullmatch(r"`[^`]+`", row[2])] == []


def test_every_chapter_named_exists_and_every_chapter_is_named() -> None:
    assert {row[3] for row in ROWS} - {""} == set(CHAPTERS)


def test_every_activation_of_the_catalogue_that_the_articles_have_is_shown() -> None:
    text = " ".join(SHOWN)
    named = [name for name in nonlin.names() if re.search(rf"\b{name}\b", text)]
    assert len(named) >= 11


@pytest.mark.parametrize("command", RUN)
def test_every_command_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, *arguments = shlex.split(command)[1:]
    assert name in COMMANDS
    if name in SKIPPED:
        return
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [name, *arguments, *SHORT.get(name, [])])
    assert result.exit_code == 0, result.output


def test_every_expression_runs() -> None:
    lines = ["import numpy as np", "import torch", "import nonlin as nl", "import nonlin.torch as nlt"]
    lines += [f"assert {entry} is not None, {entry!r}" for entry in EVALUATED]
    assert len(EVALUATED) > 15
    run = run_python("-W", "error", "-c", "\n".join(lines))
    assert run.returncode == 0, run.stderr

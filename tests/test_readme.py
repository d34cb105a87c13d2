"""The README: every Python example and every command is run, and its output is the one that is printed there."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from nonlin import registry

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(README.read_text(encoding="utf-8"))
ANY = "…\n"  # a line of the README that stands for any number of lines


def sessions(text: str) -> list[tuple[str, str]]:
    """Commands and what each prints, from a block of lines that begin with "$ "."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    assert parts[0] == ""
    return list(zip(parts[1::2], parts[2::2], strict=True))


COMMANDS = [session for kind, text in BLOCKS if kind == "console" for session in sessions(text)]


def matches(shown: str, printed: str) -> bool:
    """Whether the output is the one shown, where "…" on a line of its own skips lines."""
    pattern = "(?:.*\n)*?".join(re.escape(part) for part in shown.split(ANY))
    return re.fullmatch(pattern, printed) is not None


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_command(command: str, shown: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(command)
    assert program == "nonlin"
    (tmp_path / "docs" / "img").mkdir(parents=True)
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run([sys.executable, "-m", "nonlin", *arguments], cwd=tmp_path, env=environment,
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    printed = "".join(f"{line.rstrip()}\n" for line in run.stdout.splitlines())
    assert matches(shown, printed), printed


def test_python_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_defined", {})
    text = "".join(block for kind, block in BLOCKS if kind == "python")
    test = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    assert len(test.examples) > 10
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert result.failed == 0


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert {kind for kind, _ in BLOCKS} == {"sh", "python", "console"}
    assert len(COMMANDS) >= 3


def test_make_targets_exist() -> None:
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()}
    for kind, text in BLOCKS:
        for line in text.splitlines() if kind == "sh" else ():
            program, target, *_ = line.split()
            assert program == "make"
            assert target in targets


def test_links_and_pictures_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README.read_text(encoding="utf-8"))
    paths = [one or other for one, other in links]
    assert len(paths) >= 4
    assert [path for path in paths if "://" not in path and not (ROOT / path).exists()] == []


def test_a_wrong_output_is_noticed() -> None:
    assert matches("a\n…\nc\n", "a\nb\nb\nc\n")
    assert not matches("a\n…\nc\n", "a\nb\n")
    assert not matches("a\n", "a\nb\n")

"""The README: every Python example and every command is run, and its output is the one that is printed there."""

from __future__ import annotations

import dataclasses
import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import readme
from benchmarks.exhaustive import table as exhaustive
from benchmarks.speed import bars, records, small
from benchmarks.speed.settings import SETTINGS
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


def test_the_figures_are_those_of_the_tables() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == readme.updated(text, readme.Tables()), "run `python -m benchmarks.readme`"


def test_the_figures_follow_their_tables() -> None:
    """Each of the three lines changes with its table, and is left out without it."""
    (row, *_) = (row for row in exhaustive.read().values() if row.dtype == "float32")
    worse = readme.figures(readme.Tables([dataclasses.replace(row, order=2, error=9.87)], [], []))
    assert "9.87 ulp for f″" in worse
    assert "speed" not in worse
    call = small.SmallCall("f", 0.3, 0.25, 0.61, 87.0, 6.0, 90.0, "", "2026-01-01", "here")
    calls = readme.figures(readme.Tables([], [], [call, dataclasses.replace(call, call=0.52)]))
    assert "at most 0.61 µs where `np.exp(x)` takes 0.25 µs" in calls
    assert "at most 87 ms, 6 ms with" in calls
    raced = readme.figures(readme.Tables([], [*_races(2.0, bars.PLACES), *_races(4.5, bars.PLACES[1:])], []))
    assert "2.00×, f′ 2.00× for 2¹⁴ elements on 1 thread; f 3.00×, f′ 3.00× for 2²² elements on 2 threads" in raced
    assert "2.00×" not in readme.figures(readme.Tables([], _races(2.0, bars.PLACES[:1]), []))


def _races(ratio: float, places: Sequence[tuple[int, int]]) -> list[records.Record]:
    """A function of its own for each ratio, against torch."""
    name = SETTINGS.articles[int(ratio)]
    return [
        records.Record(name, order, "float32", elements, threads, 0, contender, "", time, time, time, 5, "", "", "", "")
        for elements, threads in places
        for order in (0, 1)
        for contender, time in (("nonlin", 1.0), ("torch", ratio))
    ]


def test_a_readme_without_the_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="to write the figures between"):
        readme.updated("no marks", readme.Tables([], [], []))


def test_a_wrong_output_is_noticed() -> None:
    assert matches("a\n…\nc\n", "a\nb\nb\nc\n")
    assert not matches("a\n…\nc\n", "a\nb\n")
    assert not matches("a\n", "a\nb\n")

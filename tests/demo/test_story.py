"""The whole demonstration, quickly: its report, its terminal, and what is left when it is interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nonlin.cli.main import app
from nonlin.demo import CHAPTERS, digits, story
from nonlin.demo.chapter import Chapter, Context, text
from tests.report.checker import Page


def _stub(key: str) -> Callable[[Context], Chapter]:
    def write(context: Context) -> Chapter:
        context.say(f"working on {key}")
        return Chapter(key, f"Title of {key}", "claim", f"summary of {key}", (text(f"seed {context.seed}"),))

    return write


def _interrupt(context: Context) -> Chapter:
    raise KeyboardInterrupt


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["demo", *arguments])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    path = tmp_path_factory.mktemp("demo") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digits, "EXECUTOR", "serial")
        patch.setattr(digits, "QUICK", {"seeds": 2, "learning_rates": (0.03,), "steps": 20})
        return _run("--quick", "--out", str(path)), path


def test_ends_by_naming_the_report(whole: tuple[Result, Path]) -> None:
    result, path = whole
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{path}\n"
    assert [line for line in result.stderr.splitlines() if line.startswith(f"1 of {len(CHAPTERS)}")]


def test_the_report_is_a_page_like_any_other(whole: tuple[Result, Path]) -> None:
    html = whole[1].read_text(encoding="utf-8")
    page = Page(html)
    assert page.faults == []
    assert len(page.figures) >= 8
    assert len(html.encode()) < 1_000_000
    assert page.ids >= set(CHAPTERS)


def test_every_chapter_has_its_say(whole: tuple[Result, Path]) -> None:
    record = json.loads(whole[1].with_suffix(".json").read_text(encoding="utf-8"))
    assert [chapter["key"] for chapter in record["chapters"]] == list(CHAPTERS)
    for chapter in record["chapters"]:
        kinds = [block["kind"] for block in chapter["blocks"]]
        assert kinds[0] == "text"
        assert kinds[-1] == "commands"
        assert chapter["summary"] in whole[0].stderr
    assert "comparison" in {block["kind"] for chapter in record["chapters"] for block in chapter["blocks"]}


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(*chapters: Callable[[Context], Chapter]) -> None:
        monkeypatch.setattr(story, "CHAPTERS", {str(i): chapter for i, chapter in enumerate(chapters)})

    return use


def _files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


def test_interrupted_it_keeps_what_is_finished(stubbed: Any, tmp_path: Path) -> None:
    stubbed(_stub("first"), _interrupt, _stub("third"))
    result = _run("--out", str(tmp_path / "report.html"))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "1 of 3 chapters are in" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Interrupted: 2 of 3 chapters are missing" in _files(tmp_path)["report.html"]


def test_interrupted_at_once_it_leaves_no_report(stubbed: Any, tmp_path: Path) -> None:
    stubbed(_interrupt)
    result = _run("--out", str(tmp_path / "report.html"))
    assert result.exit_code == 1
    assert _files(tmp_path) == {}


def test_the_same_seed_gives_the_same_bytes(stubbed: Any, tmp_path: Path) -> None:
    stubbed(_stub("first"), _stub("second"))
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert _run("--seed", str(seed), "--out", str(tmp_path / name / "report.html")).exit_code == 0
    assert _files(tmp_path / "a") == _files(tmp_path / "b") != _files(tmp_path / "c")


@pytest.mark.parametrize("out", ["report.pdf", "file/report.html"])
def test_a_report_that_cannot_be_written_is_refused_before_any_work(stubbed: Any, tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("")
    stubbed(_interrupt)
    result = _run("--out", str(tmp_path / out))
    assert result.exit_code == 2
    assert "fix:" in result.stderr


def test_a_negative_seed_is_wrong_use() -> None:
    assert _run("--seed", "-1").exit_code == 2

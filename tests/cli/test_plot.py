"""`nonlin plot` and `nonlin cheatsheet`: a file is written and named, or a sentence says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nonlin.cli.main import app
from nonlin.registry import names

FIRST, SECOND = names(kind="elementwise")[:2]
ROW = names(kind="row")[0]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.mark.parametrize("extension", ["png", "svg", "pdf"])
@pytest.mark.parametrize("chosen", [(FIRST,), (FIRST, SECOND), (ROW,)], ids=["one", "two", "row"])
def test_plot_writes_a_file_and_prints_its_path(extension: str, chosen: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / f"picture.{extension}"
    result = run("plot", *chosen, "-o", path)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == str(path)
    assert path.stat().st_size > 2000


def test_the_default_file_is_named_after_the_activation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("plot", FIRST, "--no-derivative").stdout.strip() == f"{FIRST}.png"
    assert (tmp_path / f"{FIRST}.png").exists()


def test_cheatsheet_writes_a_file(tmp_path: Path) -> None:
    result = run("cheatsheet", "-o", tmp_path / "sheet.svg")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == str(tmp_path / "sheet.svg")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("plot", "nosuchfunction", "-o", "x.png"), "unknown activation"),
        (("plot", FIRST, "-o", "x.jpg"), "choices: .png, .svg, .pdf"),
        (("plot", FIRST, "-o", "picture"), "fix: picture.png"),
        (("plot", FIRST, "-o", "no/such/folder/x.png"), "cannot be written"),
        (("plot", FIRST, ROW, "-o", "x.png"), f"draw {ROW} alone"),
        (("cheatsheet", "-o", "sheet.doc"), "extension"),
        (("cheatsheet", "-o", "no/such/folder/sheet.pdf"), "cannot be written"),
    ],
)
def test_wrong_use_is_explained(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not list(tmp_path.iterdir())

"""What goes wrong in a command becomes a sentence on standard error and an exit code, never a traceback."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from typer.testing import CliRunner, Result

from nonlin.cli.main import COMMANDS, app
from nonlin.errors import DataError, NonlinError, RunError

FAILURES = {
    "wrong use": (DataError("the file is empty", received="x.csv", fix="give a file with rows"), 2, "fix: give a file"),
    "failed run": (RunError("every candidate failed"), 1, "every candidate failed"),
    "interrupted": (KeyboardInterrupt(), 1, "Interrupted"),
    "no such file": (FileNotFoundError(2, "No such file or directory", "x.csv"), 2, "x.csv: No such file"),
    "unwritable": (PermissionError(13, "Permission denied", "/report.html"), 2, "/report.html: Permission denied"),
    "without details": (OSError("disk full"), 2, "disk full"),
}


def _run_failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> Result:
    def fails() -> None:
        """Fail."""
        raise error

    module = ModuleType("planted")
    module.fails = fails  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "planted", module)
    monkeypatch.setitem(COMMANDS, "fails", ("planted", "fails"))
    return CliRunner().invoke(app, ["fails"])


@pytest.mark.parametrize("what", FAILURES)
def test_failure_becomes_a_sentence(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error, code, sentence = FAILURES[what]
    result = _run_failing(error, monkeypatch)
    assert result.exit_code == code
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _run_failing(ZeroDivisionError("a mistake of ours"), monkeypatch)
    assert isinstance(result.exception, ZeroDivisionError)


def test_every_error_class_has_an_exit_code_of_its_own_meaning() -> None:
    classes: list[type[NonlinError]] = [NonlinError, *NonlinError.__subclasses__()]
    assert {c.exit_code for c in classes} == {1, 2}

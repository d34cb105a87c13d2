"""A formula on the command line takes the place of a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nonlin import registry
from nonlin.cli.main import app


@pytest.fixture(autouse=True)
def _what_is_defined_here_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_defined", {})


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_show() -> None:
    shown = run("show", "--formula", "x / (1 + exp(-b*x))", "-p", "b=2")
    assert shown.exit_code == 0, shown.stderr
    assert "f(x) = x / (1 + exp(-b * x))" in shown.stdout
    assert "computed as x * sigmoid(b * x)" in shown.stdout


def test_show_with_measured_errors() -> None:
    assert "worst errors sampled at" in run("show", "--formula", "x * tanh(x)", "--accuracy").stdout
    record = json.loads(run("show", "--formula", "x * tanh(x)", "--accuracy", "--json").stdout)
    assert {error["dtype"] for error in record["accuracy"]["errors"]} == {"float16", "float32", "float64"}


def test_plot(tmp_path: Path) -> None:
    path = tmp_path / "mine.svg"
    drawn = run("plot", "--formula", "x * tanh(softplus(x))", "-o", str(path))
    assert drawn.exit_code == 0, drawn.stderr
    assert "<svg" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give a formula"),
        (["--formula", "x +"], "does not continue"),
        (["--formula", "b * x"], "-p b=1.0"),
        (["--formula", "x", "-p", "b=1"], "drop -p"),
        (["--formula", "b * x", "-p", "b=much"], "NAME=VALUE"),
        (["--formula", "b * x", "-p", "b"], "NAME=VALUE"),
        (["--formula", "log(x)"], "no value at x"),
    ],
)
@pytest.mark.parametrize("command", ["show", "plot"])
def test_what_is_wrong_is_told(command: str, arguments: list[str], told: str) -> None:
    refused = run(command, *arguments)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr

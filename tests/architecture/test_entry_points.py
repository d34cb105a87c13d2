"""`nonlin` and `python -m nonlin` are one command, and every entry of its table works."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

import nonlin
from nonlin.cli.main import COMMANDS, app
from tests.architecture.sandbox import run_python


def test_module_and_script_are_the_same() -> None:
    script = Path(sys.executable).with_name("nonlin")
    for arguments in (["--version"], ["--help"], ["no-such-command"]):
        as_script = subprocess.run([script, *arguments], capture_output=True, text=True, check=False)
        as_module = run_python("-m", "nonlin", *arguments)
        assert (as_module.returncode, as_module.stdout, as_module.stderr) == (
            as_script.returncode, as_script.stdout, as_script.stderr,
        )  # fmt: skip


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout.strip()) == (0, f"nonlin {metadata.version('nonlin')}")
    assert nonlin.__version__ == metadata.version("nonlin")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert "--help" in result.stdout


def test_misspelt_command_suggests_the_nearest() -> None:
    for command in COMMANDS:
        result = CliRunner().invoke(app, [command[:-1] + "x"])
        assert result.exit_code == 2
        assert f"'{command}'" in result.stderr
        assert result.stdout == ""

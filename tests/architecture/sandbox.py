"""A copy of the project to make mistakes in: copy, edit, run a command, see whether it turns red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "nonlin"
_COPIED = ("src", "tests", "benchmarks", "scripts", "pyproject.toml", "constraints.txt", ".pre-commit-config.yaml")


@dataclass(frozen=True)
class Sandbox:
    """A project folder that may be edited freely; commands run in it import the package from there."""

    root: Path

    def replace(self, file: str, old: str, new: str) -> None:
        """Plant a mistake. The text it replaces must be there, once, else the plant itself has gone stale."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (
            f"{old!r} occurs {text.count(old)} times in {file}: bring the planted mistake up to date"
        )
        path.write_text(text.replace(old, new), encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        """Plant a mistake at the end of a file, made if it is not there."""
        with (self.root / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder, on its copy of the package."""
        return run_python(*arguments, folder=self.root)

    def pytest(self, node: str) -> subprocess.CompletedProcess[str]:
        """Run one test there, without this run's plugins for many processes."""
        return self.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", node)


def copy_project(to: Path) -> Sandbox:
    """Copy what tests read: sources, tests, settings."""
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy2(ROOT / name, to / name)
    return Sandbox(to)


def run_python(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python with the package of that folder, in a fresh process."""
    # Compiled files are kept: without them every run would compile the package anew, which no user's import does.
    dropped = ("PYTEST_", "COV_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    environment = {**inherited, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

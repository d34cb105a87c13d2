"""One pin per tool: constraints.txt names it, the environment has it, the hooks and `make test` use it."""

from __future__ import annotations

import tomllib
from importlib import metadata

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sandbox import ROOT


def _pins() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {str(canonicalize_name(r.name)): r for r in requirements}


def _required(extra: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names: set[str] = set()
    needed = [*project["dependencies"], *project["optional-dependencies"][extra]]
    while needed:
        requirement = Requirement(needed.pop())
        if requirement.name == project["name"]:
            needed += [entry for nested in requirement.extras for entry in project["optional-dependencies"][nested]]
        else:
            names.add(canonicalize_name(requirement.name))
    return names


def test_constraints_are_exact_and_name_no_index() -> None:
    pins = _pins()
    assert len(pins) > 20
    assert [str(r) for r in pins.values() if [s.operator for s in r.specifier] != ["=="] or r.url] == []


def test_everything_tested_is_pinned() -> None:
    assert _required("dev") >= {"numpy", "torch", "ruff", "mypy", "pytest"}
    assert _required("dev") - set(_pins()) == set()


def test_installed_versions_are_the_pinned_ones() -> None:
    installed = {str(canonicalize_name(d.name)): d.version for d in metadata.distributions()}
    different = {
        name: f"installed {installed[name]}, pinned {pin.specifier}"
        for name, pin in _pins().items()
        if name in _required("dev") and not pin.specifier.contains(installed[name], prereleases=True)
    }
    assert different == {}


def test_hooks_use_the_pinned_tools() -> None:
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in settings["repos"]] == ["local"]
    hooks = settings["repos"][0]["hooks"]
    assert {hook["id"] for hook in hooks} >= {"ruff-check", "ruff-format", "mypy", "import-linter"}
    assert [h["id"] for h in hooks if h["language"] != "system" or not h["entry"].startswith(".venv/bin/")] == []

"""The import contracts of pyproject.toml hold: layers, no cycles, each heavy library in its one place."""

from __future__ import annotations

import graphlib
import re

import grimp
import pytest

from tests.architecture.sandbox import SOURCE, run_python


def test_contracts() -> None:
    run = run_python("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache")
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", run.stdout), run.stdout


def test_no_import_cycles() -> None:
    graph = grimp.build_graph("nonlin", cache_dir=None)
    assert len(graph.modules) > 20
    try:
        graphlib.TopologicalSorter({m: graph.find_modules_directly_imported_by(m) for m in graph.modules}).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def test_every_package_says_what_it_is() -> None:
    packages = [path for path in SOURCE.rglob("*/") if path.is_dir() and any(path.glob("*.py"))]
    assert packages
    assert [str(p) for p in packages if not (p / "__init__.py").read_text(encoding="utf-8").startswith('"""')] == []

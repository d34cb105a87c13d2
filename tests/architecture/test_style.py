"""The size budget, documented public names, and the rule that no activation is named outside the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from nonlin.catalog import DEFINITIONS, Definition
from nonlin.cli.main import COMMANDS
from nonlin.expression.nodes import LEAVES, OPERATIONS, ROW_OPERATIONS
from tests.architecture.sandbox import ROOT, SOURCE

MOST_LINES_PER_FILE = 300
MOST_LINES_PER_FUNCTION = 50
# Silenced linter and type checker findings, together, in the whole package.
MOST_SUPPRESSIONS = 25

FILES = sorted(path for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
NAMES_ALLOWED = (
    SOURCE / "catalog",  # the definitions
    SOURCE / "advisor",  # the advice is data that names what it suggests
    SOURCE / "demo" / "selection.py",  # what the demonstration shows, after the articles
    ROOT / "tests" / "test_articles.py",  # the articles' worked examples
    ROOT / "tests" / "advisor" / "test_article_rules.py",  # the articles' choosing rules
)
# Names of activations that are also plain words, which code uses for other things.
PLAIN_WORDS = {"identity", "linear", "none", "rectifier", "shrink", "step", "threshold"}


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def test_there_are_files() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=_relative)
def test_size_budget(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES_PER_FILE, f"{lines} lines: split it where its ideas part"
    functions = [n for n in ast.walk(_tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_PER_FUNCTION} == {}


def test_suppressions_are_few() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")]
    count = sum(text.count("# noqa") + text.count("# type: ignore") for text in texts)
    assert count <= MOST_SUPPRESSIONS


def test_modules_and_commands_are_documented() -> None:
    modules = [path for path in FILES if path.is_relative_to(SOURCE)]
    assert [_relative(path) for path in modules if not ast.get_docstring(_tree(path))] == []
    for module, function in COMMANDS.values():
        path = (ROOT / "src" / module.replace(".", "/")).with_suffix(".py")
        found = {n.name: ast.get_docstring(n) for n in _tree(path).body if isinstance(n, ast.FunctionDef)}
        assert found[function], f"{module}.{function} has no docstring, which is its help text"


def names_of_activations() -> set[str]:
    """Every name and alias, plain and qualified, of the activations that are not an operation of mathematics."""
    definitions = [d for d in DEFINITIONS.values() if not _is_an_operation(d)]
    aliases = {name for d in definitions for a in d.aliases for name in (a.name, a.full, a.full.rpartition(".")[2])}
    names = aliases | {d.name for d in definitions} | {d.torch_module for d in definitions}
    operations = {*OPERATIONS, *ROW_OPERATIONS}
    return {name for name in names if len(name) > 3 and name.lower() not in operations | PLAIN_WORDS}


def _is_an_operation(definition: Definition) -> bool:
    """Whether the formula is one operation of x: tanh, the logistic function; their names are mathematics' own."""
    formula = definition.formula
    return formula.op in LEAVES or all(argument.op == "variable" for argument in formula.args)


def names_in(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """Where a file names an activation: as a whole string, as an attribute of anything, or in an import."""
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = [node.value]
        elif isinstance(node, ast.Attribute):
            found = [node.attr]
        elif isinstance(node, ast.ImportFrom):
            found = [alias.name for alias in node.names]
        yield from (f"line {getattr(node, 'lineno', 0)}: {name}" for name in found if name in names)


@pytest.mark.parametrize("path", FILES, ids=_relative)
def test_names_no_activation(path: Path) -> None:
    if any(path.is_relative_to(allowed) for allowed in NAMES_ALLOWED):
        return
    named = list(names_in(_tree(path), names_of_activations()))
    assert named == [], "select by family, role or fact instead, or iterate over nonlin.names()"


def test_the_names_looked_for_are_the_catalogue() -> None:
    names = names_of_activations()
    covered = [d.name for d in DEFINITIONS.values() if d.name in names]
    assert len(covered) > len(DEFINITIONS) / 2
    for name in covered:
        planted = ast.parse(f"a = {name!r}\nb = nonlin.{name}\nfrom nonlin import {name}")
        assert len(list(names_in(planted, names))) == 3

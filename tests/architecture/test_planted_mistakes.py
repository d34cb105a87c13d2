"""Tests of the tests: a mistake planted in a copy of the project must turn the test that guards it red."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.sandbox import copy_project

RULES = "tests/expression/test_differentiate.py"
IMPORTS = "tests/architecture/test_import_weight.py"
LAYERS = "tests/architecture/test_layers.py"
STYLE = "tests/architecture/test_style.py"


@dataclass(frozen=True)
class Mistake:
    """A small wrong edit (an empty `old` appends), and the test that must notice."""

    title: str
    file: str
    old: str
    new: str
    guard: str


MISTAKES = (
    Mistake(
        "a wrong derivative rule",
        "src/nonlin/expression/differentiate.py", "4 * n.logistic_slope(2 * u)", "4 * n.logistic_slope(2.001 * u)",
        f"{RULES}::test_rules_of_one_argument",
    ),
    Mistake(
        "a wrong subgradient at a tie",
        "src/nonlin/expression/differentiate.py",
        '"maximum": (lambda u, v: n.select(n.less(v, u), 1, 0)',
        '"maximum": (lambda u, v: n.select(n.less(u, v), 0, 1)',
        f"{RULES}::test_at_a_tie_the_second_argument_wins",
    ),
    Mistake(
        "a comparison dropped from the check of derivatives",
        "tests/expression/test_differentiate.py",
        "return bool(abs(got - wanted) <= ", "return True or bool(abs(got - wanted) <= ",
        f"{RULES}::test_a_wrong_derivative_is_told_from_a_right_one",
    ),
    Mistake(
        "a comparison dropped from the contract on facts",
        "tests/facts/contract.py",
        "return bool(inside and near_low and near_high)", "return True",
        "tests/facts/test_catalogue.py::test_the_contract_catches_planted_mistakes",
    ),
    Mistake(
        "a heavy import at import nonlin",
        "src/nonlin/errors.py", "import difflib\n", "import difflib\n\nimport matplotlib\n",
        f"{IMPORTS}::test_does_not_load",
    ),
    Mistake(
        "a slow import at import nonlin",
        "src/nonlin/errors.py", "import difflib\n", "import difflib\nimport time\n\ntime.sleep(0.2)\n",
        f"{IMPORTS}::test_is_quick",
    ),
    Mistake(
        "a layer that imports one above it",
        "src/nonlin/errors.py", "import difflib\n", "import difflib\n\nimport nonlin.catalog\n",
        f"{LAYERS}::test_contracts",
    ),
    Mistake(
        "torch imported where it may not be, inside a function",
        "src/nonlin/errors.py", "", "\n\ndef load():\n    import torch\n\n    return torch\n",
        f"{LAYERS}::test_contracts",
    ),
    Mistake(
        "two modules that import each other",
        "src/nonlin/expression/nodes.py", "import weakref\n", "import weakref\n\nimport nonlin.expression.oracle\n",
        f"{LAYERS}::test_no_import_cycles",
    ),
    Mistake(
        "an activation named outside the catalogue",
        "src/nonlin/expression/numeric.py", "", "\nFAVOURITE = 'leaky_relu'\n",
        f"{STYLE}::test_names_no_activation",
    ),
    Mistake(
        "a file that outgrows its budget",
        "src/nonlin/errors.py", "", "# one more line\n" * 300,
        f"{STYLE}::test_size_budget",
    ),
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_turns_the_suite_red(mistake: Mistake, tmp_path: Path) -> None:
    sandbox = copy_project(tmp_path)
    if mistake.old:
        sandbox.replace(mistake.file, mistake.old, mistake.new)
    else:
        sandbox.append(mistake.file, mistake.new)
    run = sandbox.pytest(mistake.guard)
    assert run.returncode == 1, f"not noticed:\n{run.stdout}{run.stderr}"
    assert "failed" in run.stdout

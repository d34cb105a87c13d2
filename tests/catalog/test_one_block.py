"""Adding a function is one block in one file: everything else follows, from the catalogue and from `nl.define`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot

import nonlin as nl
import nonlin.torch as nlt
from nonlin import plot, registry
from tests.architecture.sandbox import Sandbox, copy_project

FILE = "src/nonlin/catalog/sigmoids.py"
BLOCK = """

NEWCOMER = Definition(
    name="newcomer",
    title="Newcomer (a test's own)",
    family=FAMILY,
    formula=x * logistic(3 * x),
    summary="A function no library has.",
    reference=Reference("Nobody", 2020, "A test", "https://example.org/"),
    aliases=also_known_as(keras="newcomer_there", also=["made_up"]),
    pros=("It is easily recognised.",),
    cons=("Nobody needs it.",),
    used_in=("This test",),
    use_when="A test needs a new function.",
    avoid_when="Anything else.",
    torch_module="Newcomer",
)
"""
SCRIPT = """
import json, numpy as np, torch
import nonlin as nl, nonlin.torch as nlt
from nonlin import plot
x = np.linspace(-4, 4, 9)
tensor = torch.tensor(x, requires_grad=True)
nlt.Newcomer()(tensor).sum().backward()
axes = plot.curve("newcomer")
print(json.dumps({
    "value": nl.newcomer(x).tolist(),
    "slope": nl.newcomer.derivative(x).tolist(),
    "second": nl.newcomer.derivative(x, 2).tolist(),
    "module": nlt.Newcomer()(torch.tensor(x)).tolist(),
    "gradient": tensor.grad.tolist(),
    "names": [nl.get(name).name for name in ("Newcomer", "keras.newcomer_there", "made_up")],
    "limits": nl.newcomer.facts.limits,
    "range": str(nl.newcomer.facts.range),
    "gain": nl.gain("newcomer"),
    "drawn": len(axes.lines),
    "formula": nl.newcomer.formula,
}, default=str))
"""
X = np.linspace(-4, 4, 9)
GATE = 1 / (1 + np.exp(-3 * X))
VALUE = X * GATE
SLOPE = GATE + 3 * VALUE * (1 - GATE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    sandbox = copy_project(tmp_path_factory.mktemp("project"))
    sandbox.append(FILE, BLOCK)
    return sandbox


def test_the_package_has_it_everywhere(project: Sandbox) -> None:
    run = project.python("-c", SCRIPT)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    for what in ("value", "module"):
        np.testing.assert_allclose(found[what], VALUE, rtol=1e-13)
    for what in ("slope", "gradient"):
        np.testing.assert_allclose(found[what], SLOPE, rtol=1e-13)
    assert found["names"] == ["newcomer"] * 3
    assert (found["limits"][0], found["limits"][1]) == (0, float("inf"))
    assert 1 < found["gain"] < 2
    assert found["drawn"] >= 2
    assert found["formula"] == "x * sigmoid(3 * x)"


def test_the_command_line_has_it(project: Sandbox) -> None:
    listed, shown = project.python("-m", "nonlin", "list"), project.python("-m", "nonlin", "show", "newcomer")
    assert listed.returncode == shown.returncode == 0, listed.stderr + shown.stderr
    assert "newcomer" in listed.stdout
    assert "Newcomer (a test's own)" in shown.stdout
    assert "It is easily recognised." in shown.stdout


def test_the_cheat_sheet_has_it(project: Sandbox) -> None:
    run = project.python("-m", "nonlin", "cheatsheet", "-o", "sheet.svg")
    assert run.returncode == 0, run.stderr
    assert "Newcomer" in (project.root / "sheet.svg").read_text(encoding="utf-8")


def test_the_tests_run_on_it(project: Sandbox) -> None:
    """All but the committed table of errors, which has a row once the accuracy was measured and written."""
    where = ("tests/contract", "tests/facts", "tests/catalog/test_definitions.py", "tests/catalog/test_registry.py")
    table = "--ignore=tests/contract/test_accuracy_table.py"
    run = project.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "newcomer", table, *where)
    assert run.returncode == 0, run.stdout
    assert int(run.stdout.split(" passed")[0].split()[-1]) > 60


def test_a_defined_formula_has_it_all_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(registry, "_defined", {})
    mine = nl.define("mine", "x * σ(b * x)", b=3.0)
    np.testing.assert_allclose(mine(X), VALUE, rtol=1e-13)
    np.testing.assert_allclose(mine.derivative(X), SLOPE, rtol=1e-13)
    tensor = torch.tensor(X, requires_grad=True)
    (gradient,) = torch.autograd.grad(nlt.module("mine")(tensor).sum(), tensor)
    np.testing.assert_allclose(gradient, SLOPE, rtol=1e-13)
    assert mine.facts.limits == (0, np.inf)
    assert nl.gain("mine") == mine.facts.gain > 1
    assert mine.formula in repr(mine)
    assert len(plot.curve("mine").lines) >= 2
    pyplot.close("all")
    plot.cheatsheet(tmp_path / "sheet.svg")
    assert "mine" in (tmp_path / "sheet.svg").read_text(encoding="utf-8")

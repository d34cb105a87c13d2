"""Names to activations: every spelling of every library, errors that suggest, and formulas of the user's own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import nonlin as nl
from nonlin import registry
from nonlin.catalog import DEFINITIONS, Alias, Definition
from nonlin.errors import FormulaError, InvalidValueError, UnknownNameError

ALIASES = [(d, alias) for d in DEFINITIONS.values() for alias in d.aliases]
KINDS = ("row", "elementwise", "gate", "pool", "mirror")
each_alias = pytest.mark.parametrize(("definition", "alias"), ALIASES, ids=[a.full for _, a in ALIASES])


@pytest.fixture(autouse=True)
def _defined_formulas_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_defined", {})


@each_alias
def test_the_qualified_name_brings_the_peers_defaults(definition: Definition, alias: Alias) -> None:
    found = nl.get(alias.full)
    assert found.definition is definition
    assert found.parameters == {**definition.defaults, **dict(alias.parameters)}


@each_alias
def test_the_bare_name_finds_it_or_its_first_owner(definition: Definition, alias: Alias) -> None:
    owners = [d.name for d in DEFINITIONS.values() if d.name == alias.name]
    owners += [d.name for d, other in ALIASES if other.name == alias.name]
    found = nl.get(alias.name)
    assert found.name == owners[0]
    assert found.parameters == found.definition.defaults or found.definition.name != definition.name


@pytest.mark.parametrize("name", DEFINITIONS)
def test_spelling_does_not_matter(name: str) -> None:
    spellings = (
        name.upper(),
        name.title(),
        name.replace("_", "-"),
        name.replace("_", " "),
        f"{name[0].upper()}{name[1:]}",
    )
    assert all(nl.get(spelling) is nl.get(name) for spelling in spellings)
    assert nl.get(nl.get(name)) is nl.get(name) is getattr(nl, name)


def test_names_are_the_catalogue_in_its_order() -> None:
    assert nl.names() == tuple(DEFINITIONS)
    families = dict.fromkeys(d.family for d in DEFINITIONS.values())
    assert [n for f in families for n in nl.names(family=f)] == [n for n in nl.names() for _ in [0]]
    assert {name for kind in KINDS for name in nl.names(kind=kind)} == set(nl.names())
    assert set(nl.names()) <= set(dir(nl))
    for wrong in ({"family": "rectifier"}, {"kind": "rows"}):
        with pytest.raises((UnknownNameError, InvalidValueError)) as refused:
            nl.names(**wrong)
        assert next(iter(wrong.values())) in str(refused.value)


@pytest.mark.parametrize("name", [name for name in DEFINITIONS if len(name) > 3])
def test_a_misspelt_name_suggests_the_nearest(name: str) -> None:
    for misspelt in (f"{name}x", f"{name[:-1]}q"):
        with pytest.raises(UnknownNameError, match="did you mean") as refused:
            nl.get(misspelt)
        assert repr(name) in str(refused.value)
        with pytest.raises(AttributeError, match="did you mean"):
            getattr(nl, misspelt)


@pytest.mark.parametrize("wrong", ["", "qqqqqqqq", 3, None, "a" * 500])
def test_hopeless_names(wrong: object) -> None:
    with pytest.raises(UnknownNameError, match="nonlin list"):
        nl.get(wrong)  # type: ignore[arg-type]


def test_define() -> None:
    mine = nl.define("mine", "x * tanh(softplus(b * x))", b=1.5)
    assert nl.get("mine") is mine is nl.mine
    assert nl.names()[-1] == "mine"
    assert nl.names(family="defined") == ("mine",)
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(mine(x), x * np.tanh(np.log1p(np.exp(1.5 * x))), rtol=1e-14)
    assert mine.parameters == {"b": 1.5}


def test_defining_again_replaces() -> None:
    for formula, value in (("2*x", 6.0), ("3*x", 9.0)):
        nl.define("mine", formula)
        assert nl.get("mine")(3.0) == nl.mine(3.0) == value
    assert nl.names().count("mine") == 1


def test_refused_definitions() -> None:
    taken = [*DEFINITIONS, *(alias.name for _, alias in ALIASES if alias.name.isidentifier())]
    for name in (*taken, "two words", "1st", "", "lambda"):
        with pytest.raises(InvalidValueError, match="name"):
            nl.define(name, "x")
    for formula, defaults in (("a * x", {}), ("x", {"a": 1.0}), ("a * x", {"b": 1.0})):
        with pytest.raises(InvalidValueError, match="parameter"):
            nl.define("mine", formula, **defaults)
    with pytest.raises(FormulaError, match="column"):
        nl.define("mine", "x * tahn(x)")
    assert "mine" not in nl.names()


def test_looking_names_up_prints_and_changes_nothing() -> None:
    code = (
        "import warnings; warnings.simplefilter('error'); import nonlin as nl; [nl.get(n) for n in nl.names()]; dir(nl)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")

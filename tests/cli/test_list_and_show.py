"""`nonlin list` and `nonlin show`, for every activation of the catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

import nonlin
from nonlin.cli.main import app
from nonlin.cli.output import plain
from nonlin.cli.show import record


def _stdout(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def _json(*arguments: str) -> Any:
    return json.loads(_stdout(*arguments, "--json"), parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))


def test_list_has_every_name_once_in_order() -> None:
    assert [row["name"] for row in _json("list")] == list(nonlin.names())
    text = _stdout("list")
    assert [name for name in nonlin.names() if f"\n{name} " not in text] == []


def test_list_of_a_family() -> None:
    for family in {nonlin.get(name).family for name in nonlin.names()}:
        assert [row["name"] for row in _json("list", "--family", family)] == list(nonlin.names(family=family))


def test_list_of_an_unknown_family_names_the_families() -> None:
    result = CliRunner().invoke(app, ["list", "--family", "no-such-family"])
    assert result.exit_code == 2
    assert nonlin.get(nonlin.names()[0]).family in result.stderr


@pytest.mark.parametrize("name", nonlin.names())
def test_show_holds_every_fact(name: str) -> None:
    activation = nonlin.get(name)
    text = " ".join(_stdout("show", name).split())
    definition = activation.definition
    facts = [value for _, value in activation.facts.lines()]
    told = [*definition.pros, *definition.cons, definition.use_when, definition.avoid_when, *activation.aliases, *facts]
    # A long text may be folded inside a word, at the edge of the page.
    solid = text.replace(" ", "")
    assert [part for part in told if part.replace(" ", "") not in solid] == []


@pytest.mark.parametrize("name", nonlin.names())
def test_show_as_json(name: str) -> None:
    activation = nonlin.get(name)
    shown = _json("show", name)
    assert shown == plain(record(activation))
    assert shown["formula"] == activation.formula
    assert (shown["derivative"] is None) == (activation.kind == "row")
    assert [p["name"] for p in shown["parameters"]] == list(activation.parameters)


@pytest.mark.parametrize("name", nonlin.names())
def test_show_finds_every_alias(name: str) -> None:
    for alias in nonlin.get(name).aliases:
        assert _json("show", alias)["name"] == name


def test_unknown_name_suggests_the_nearest() -> None:
    for name in nonlin.names():
        result = CliRunner().invoke(app, ["show", name + "zq"])
        assert result.exit_code == 2
        assert name in result.stderr


def test_plain_makes_strict_json() -> None:
    values = {
        "up": float("inf"),
        "down": float("-inf"),
        "none": float("nan"),
        "pair": (1, 2.5),
        "text": "x",
        "is": True,
    }
    assert plain(values) == {"up": "inf", "down": "-inf", "none": None, "pair": [1, 2.5], "text": "x", "is": True}

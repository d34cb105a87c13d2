"""Every definition is complete and says what it needs to: names, parameters, texts, roles, references."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest

from nonlin import catalog
from nonlin.catalog import DEFINITIONS, FAMILIES, Definition
from nonlin.catalog.naming import PREFIXES
from nonlin.expression import nodes
from nonlin.expression.rows import is_row

ROLES = {"hidden", "output", "gate", "recurrent", "decision"}
each_definition = pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)


def test_every_file_of_the_folder_is_a_family_in_the_list() -> None:
    modules = [importlib.import_module(f"{catalog.__name__}.{m.name}") for m in pkgutil.iter_modules(catalog.__path__)]
    assert {module for module in modules if hasattr(module, "FAMILY")} == set(FAMILIES)
    for family in FAMILIES:
        here = [d for d in vars(family).values() if isinstance(d, Definition)]
        assert here
        assert {d.family for d in here} == {family.__name__.rpartition(".")[2]}
        assert all(DEFINITIONS[d.name] is d for d in here)


def test_no_two_definitions_share_a_name_or_a_module() -> None:
    written = [d for family in FAMILIES for d in vars(family).values() if isinstance(d, Definition)]
    assert len(written) == len(DEFINITIONS) >= 14
    assert len({d.torch_module for d in written}) == len(written)


def test_a_qualified_alias_belongs_to_one_definition() -> None:
    owners = Counter(alias.full for d in DEFINITIONS.values() for alias in d.aliases)
    assert [full for full, count in owners.items() if count > 1] == []


@each_definition
def test_names(definition: Definition) -> None:
    assert definition.name.isidentifier()
    assert definition.name == definition.name.lower()
    assert definition.torch_module.isidentifier()
    assert {alias.prefix for alias in definition.aliases} <= set(PREFIXES.values())
    for alias in definition.aliases:
        given = set(dict(alias.parameters)) - ({"axis"} if definition.kind == "row" else set())
        assert given <= set(definition.defaults)


@each_definition
def test_formula_and_parameters_fit(definition: Definition) -> None:
    assert set(nodes.parameters(definition.formula)) == set(definition.defaults)
    assert nodes.x in set(nodes.walk(definition.formula))
    assert is_row(definition.formula) == (definition.kind == "row")
    for parameter in definition.parameters:
        assert parameter.admits(parameter.default)
        assert not parameter.admits(float("nan"))
        assert not parameter.admits(float("inf"))
        assert parameter.meaning
        assert parameter.domain


@each_definition
def test_texts(definition: Definition) -> None:
    sentences = (definition.summary, definition.use_when, definition.avoid_when, *definition.pros, *definition.cons)
    assert [text for text in sentences if not text.endswith(".")] == []
    assert [text for text in sentences if text.split()[0].isascii() and text[0].islower()] == []
    assert definition.pros
    assert definition.cons
    assert definition.used_in
    assert definition.title
    assert definition.reference.authors
    assert 1900 < definition.reference.year < 2030
    assert definition.reference.url.startswith(("https://", "http://")) or not definition.reference.url


@each_definition
def test_roles_and_variants(definition: Definition) -> None:
    assert definition.roles
    assert set(definition.roles) <= ROLES
    assert {target for _, _, target in definition.variants} <= set(DEFINITIONS)

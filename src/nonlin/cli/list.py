"""`nonlin list`: every activation in one table."""

from __future__ import annotations

from typing import Annotated

import typer

from nonlin.activation import Activation
from nonlin.cli.output import print_json, print_table
from nonlin.registry import get, names

COLUMNS = ("name", "title", "family", "formula", "range")


def list_activations(
    family: Annotated[str | None, typer.Option(help="Only this family, as in the table's third column.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for another program to read.")] = False,
) -> None:
    """List every activation: name, family, formula and range."""
    rows = [_row(get(name)) for name in names(family=family)]
    if as_json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    else:
        print_table(COLUMNS, rows, folded="formula")


def _row(activation: Activation) -> tuple[str, ...]:
    return (activation.name, activation.title, activation.family, activation.formula, str(activation.facts.range))

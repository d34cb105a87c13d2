"""`nonlin show NAME`: everything known about one activation, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from nonlin.activation import Activation
from nonlin.cli.chosen import Formula, Parameters, chosen
from nonlin.cli.output import plain, print_data, print_json
from nonlin.expression.differentiate import derivative
from nonlin.expression.text import to_text

Line = tuple[str, str]


def show(
    name: Annotated[
        str | None, typer.Argument(help="Any known name: nonlin's own, or a library's, such as torch.nn.SiLU.")
    ] = None,
    formula: Formula = None,
    parameter: Parameters = None,
    accuracy: Annotated[
        bool, typer.Option("--accuracy", help="Measure its worst errors too, in about a second.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for another program to read.")] = False,
) -> None:
    """Show one activation: formula, derivative, parameters, facts, when to use it and when not, and its paper."""
    activation = chosen([name] if name else [], formula, parameter)[-1]
    measured = activation.accuracy() if accuracy else None
    if as_json:
        print_json(record(activation) | ({"accuracy": measured.to_dict()} if measured else {}))
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for left, right in lines(activation):
        grid.add_row(left, right)
    heading = Text(f"{activation.name}: {activation.title}", style="bold")
    print_data(heading, activation.definition.summary, "", grid, *(["", str(measured)] if measured else []))


def record(activation: Activation) -> dict[str, Any]:
    """The same as `lines`, for programs: definition, facts and derived texts."""
    definition = activation.definition
    texts = ("summary", "pros", "cons", "used_in", "use_when", "avoid_when", "roles")
    return {
        "name": activation.name,
        "title": activation.title,
        "family": activation.family,
        "kind": activation.kind,
        "formula": activation.formula,
        "derivative": derivative_text(activation),
        "parameters": [
            {**plain(p), "value": activation.parameters[p.name], "domain": p.domain} for p in definition.parameters
        ],
        "aliases": list(activation.aliases),
        **{text: plain(getattr(definition, text)) for text in texts},
        "reference": plain(activation.reference),
        "facts": activation.facts.to_dict(),
    }


def derivative_text(activation: Activation) -> str | None:
    """f′ as a formula; None for a function of a whole row, whose derivative is a matrix."""
    return None if activation.kind == "row" else to_text(derivative(activation.expression))


def lines(activation: Activation) -> Iterator[Line]:
    """Every fact as a heading and a text; a heading repeats as "" over several lines of text."""
    definition = activation.definition
    yield "formula", f"f(x) = {activation.formula}"
    if slope := derivative_text(activation):
        yield "derivative", f"f′(x) = {slope}"
    yield from _several("parameters", [_parameter(activation, p) for p in definition.parameters])
    yield "family", activation.family
    yield from activation.facts.lines()
    yield from _several("good", definition.pros)
    yield from _several("bad", definition.cons)
    yield from _several("used in", definition.used_in)
    yield "use it when", definition.use_when
    yield "avoid it when", definition.avoid_when
    yield "also known as", ", ".join(activation.aliases) or "no other name"
    yield "reference", str(activation.reference)


def _several(heading: str, texts: Any) -> Iterator[Line]:
    yield from zip([heading, *[""] * len(texts)], texts, strict=False)


def _parameter(activation: Activation, parameter: Any) -> str:
    learned = "; learned with the network" if parameter.learned else ""
    value = activation.parameters[parameter.name]
    return f"{parameter.name} = {value:g} ({parameter.domain}): {parameter.meaning}{learned}"

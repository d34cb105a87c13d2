"""`nonlin choose`: advice for a task and a network, with reasons and sources."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from nonlin.advisor import choose as advise
from nonlin.advisor.question import CHOICES
from nonlin.advisor.text import Item, Page, Statement, cite, page

_COLOURS = {"articles": "cyan", "evidence": "green", "computed": "magenta"}
_WIDTH = 100  # wider lines are hard to read


def _help(text: str, field: str) -> str:
    return f"{text}: {', '.join(CHOICES[field])}."


def choose(
    task: Annotated[str | None, typer.Option(help=_help("What is predicted", "task"))] = None,
    network: Annotated[str | None, typer.Option(help=_help("Kind of network", "network"))] = None,
    depth: Annotated[int | None, typer.Option(help="Number of layers with an activation.")] = None,
    normalization: Annotated[str | None, typer.Option(help=_help("Normalisation layers", "normalization"))] = None,
    residual: Annotated[
        bool | None, typer.Option("--residual/--no-residual", help="Layers add their input to their output.")
    ] = None,
    data: Annotated[str | None, typer.Option(help=_help("Kind of data", "data"))] = None,
    priority: Annotated[str | None, typer.Option(help=_help("What matters most", "priority"))] = None,
    symptom: Annotated[
        list[str] | None, typer.Option(help=_help("What goes wrong (may be repeated)", "symptoms"))
    ] = None,
    tried: Annotated[
        list[str] | None, typer.Option(help="An activation that did not do well (may be repeated).")
    ] = None,
    output: Annotated[str | None, typer.Option(help="The output activation you have in mind, to be checked.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Which activation for this task and network, and why: hidden layers, output, loss, initial weights.

    Everything is optional. Advice of the introductory articles, published evidence and computed facts are marked
    apart, each with its source.
    """
    advice = advise(
        task, network, depth=depth, normalization=normalization, residual=residual, data=data, priority=priority,
        symptoms=symptom or None, tried=tried or None, output=output,
    )  # fmt: skip
    if json:
        typer.echo(advice.to_json())
    else:
        _print(page(advice))


def _print(laid_out: Page) -> None:
    console = Console(highlight=False)
    console.width = min(console.width, _WIDTH)
    console.print(Text(laid_out.heading, style="bold"))
    for section in laid_out.sections:
        console.print()
        console.print(Text(section.title, style="bold underline"))
        for item in section.items:
            _print_item(console, item)
    console.print()
    console.print(Text("Sources", style="bold underline"))
    for number, source in enumerate(laid_out.sources, 1):
        console.print(Padding(Text(f"[{number}] {source.text} {source.url}".rstrip(), style="dim"), (0, 0, 0, 2)))
    console.print()
    console.print(Text.assemble(("Next: ", "bold"), laid_out.next), soft_wrap=True)


def _print_item(console: Console, item: Item) -> None:
    if item.head:
        console.print(Padding(Text.assemble((item.head, "bold"), "  ", (item.aside, "dim")), (0, 0, 0, 2)))
    for statement in item.statements:
        console.print(Padding(_line(statement), (0, 0, 0, 4)))


def _line(statement: Statement) -> Text:
    mark = (f"{statement.kind:<9}", _COLOURS[statement.kind])
    return Text.assemble(mark, statement.text, (f" {cite(statement)}", "dim"))

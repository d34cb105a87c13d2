"""`nonlin choose`: advice for a task and a network, with reasons and sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nonlin.advisor import choose as advise
from nonlin.advisor.question import CHOICES
from nonlin.advisor.rule import Source
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
    _print_rows(console, 2, [(Text(f"[{n}]"), _cited(source)) for n, source in enumerate(laid_out.sources, 1)])
    console.print()
    console.print(Text.assemble(("Next: ", "bold"), laid_out.next), soft_wrap=True)


def _print_item(console: Console, item: Item) -> None:
    if item.head:
        head = Text.assemble((item.head, "bold"), "  ", (item.aside, "dim"))
        console.print(Padding(head, (0, 0, 0, 2), expand=False))
    _print_rows(console, 4, [_row(statement) for statement in item.statements])


def _print_rows(console: Console, indent: int, rows: Iterable[tuple[Text, Text]]) -> None:
    """Marks in one column, texts in the next, so that wrapped lines stay aligned."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    console.print(Padding(grid, (0, 0, 0, indent), expand=False))


def _row(statement: Statement) -> tuple[Text, Text]:
    text = Text.assemble(statement.text, (f" {cite(statement)}", "dim"))
    return Text(statement.kind, style=_COLOURS[statement.kind]), text


def _cited(source: Source) -> Text:
    return Text.assemble(source.text, ("\n" + source.url if source.url else "", "dim"))

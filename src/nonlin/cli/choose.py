"""`nonlin choose`: advice for a task and a network, with reasons and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nonlin.advisor import choose as advise
from nonlin.advisor.question import CHOICES
from nonlin.advisor.text import WIDTH, Item, Page, Section, Statement, cite, cited, page
from nonlin.cli.output import data_console, print_data

_COLOURS = {"articles": "cyan", "evidence": "green", "computed": "magenta"}
_MARK_WIDTH = 20  # of the columns before the texts

Row = tuple[Text, ...]


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
    parts: list[RenderableType] = [Text(laid_out.heading, style="bold")]
    for section in laid_out.sections:
        parts += _titled(section.title, _blocks(section))
    sources = [(f"[{n}]", cited(source)) for n, source in enumerate(laid_out.sources, 1)]
    parts += _titled("Sources", [_rows(2, [(Text(number), Text(text)) for number, text in sources])])
    print_data(*(Constrain(part, WIDTH) for part in parts))
    data_console().print(Text.assemble(("\nNext: ", "bold"), laid_out.next), soft_wrap=True)


def _titled(title: str, blocks: Iterable[RenderableType]) -> list[RenderableType]:
    return [Text(""), Text(title, style="bold underline"), *blocks]


def _blocks(section: Section) -> list[RenderableType]:
    """Items with an aside have a line of their own; bare names stand in a column beside their statements."""
    if all(item.head and not item.aside for item in section.items):
        return [_rows(2, [row for item in section.items for row in _beside(item)])]
    blocks: list[RenderableType] = []
    for item in section.items:
        head = Text.assemble((item.head, "bold"), "  ", (item.aside, "dim"))
        blocks += [Padding(head, (0, 0, 0, 2), expand=False)] if item.head else []
        blocks.append(_rows(4 if item.head else 2, [_row(statement) for statement in item.statements]))
    return blocks


def _beside(item: Item) -> Iterator[Row]:
    heads = (item.head, *[""] * (len(item.statements) - 1))
    return ((Text(head, style="bold"), *_row(s)) for head, s in zip(heads, item.statements, strict=True))


def _rows(indent: int, rows: Sequence[Row]) -> Padding:
    """Marks in columns, texts in the last one, so that wrapped lines stay aligned."""
    grid = Table.grid(padding=(0, 1))
    for _ in rows[0]:
        grid.add_column(overflow="fold", max_width=_MARK_WIDTH)
    grid.columns[-1].max_width = None
    for row in rows:
        grid.add_row(*row)
    return Padding(grid, (0, 0, 0, indent), expand=False)


def _row(statement: Statement) -> Row:
    text = Text.assemble(statement.text, (f" {cite(statement)}", "dim"))
    return Text(statement.kind, style=_COLOURS[statement.kind]), text

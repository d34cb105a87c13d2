"""`nonlin plot`: draw activations into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nonlin.cli.chosen import Formula, Parameters, chosen


def plot(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Activations to draw; nonlin list shows all.")
    ] = None,
    formula: Formula = None,
    parameter: Parameters = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write: .png, .svg or .pdf. [default: NAME.png]")
    ] = None,
    derivative: Annotated[bool, typer.Option(help="Draw the derivative too.")] = True,
) -> None:
    """Draw one activation with its derivative, or several in one picture; prints the path of the file written.

    Examples: nonlin plot relu     nonlin plot relu gelu tanh -o three.svg
    """
    from nonlin.plot.canvas import format_of, save
    from nonlin.plot.curves import picture_of

    activations = chosen(names or [], formula, parameter)
    path = output or Path("-".join(activation.name for activation in activations) + ".png")
    format_of(path)  # a wrong extension is reported before the work
    typer.echo(save(picture_of(activations, derivative=derivative), path))

"""`nonlin plot`: draw activations into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def plot(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Activations to draw; nonlin list shows all.")],
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
    from nonlin.registry import get

    activations = [get(name) for name in names]
    path = output or Path("-".join(activation.name for activation in activations) + ".png")
    format_of(path)  # a wrong extension is reported before the work
    typer.echo(save(picture_of(activations, derivative=derivative), path))

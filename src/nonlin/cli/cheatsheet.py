"""`nonlin cheatsheet`: every activation on one printable page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def cheatsheet(
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .pdf, .svg or .png.")] = Path(
        "cheatsheet.pdf"
    ),
) -> None:
    """Draw every activation on one printable page: curve, derivative, formula, range, when to use and when to avoid it.

    Example: nonlin cheatsheet -o sheet.svg
    """
    from nonlin.plot.sheet import cheatsheet as draw

    draw(output)
    typer.echo(output)

"""Pages as HTML: one template, everything escaped by it, figures and formulas set here."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import nonlin.report.comparison as comparison
import nonlin.report.figures as figures
from nonlin.emit.mathml import mathml
from nonlin.errors import FormulaError, InvalidValueError
from nonlin.expression.formula import parse
from nonlin.report.equations import EQUATIONS
from nonlin.report.page import Block, Page


def fill(page: Page) -> str:
    """The whole page, a single file with no reference to any other."""
    return _environment().get_template("page.html").render(page=page, style=Markup(_style()))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nonlin.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(
        blocks_of=_blocks_of, svg=_svg, twin=figures.twin, formula=_formula, equation=EQUATIONS.__getitem__,
        unknown=_unknown,
    )  # fmt: skip
    return environment


def _style() -> str:
    return resources.files("nonlin.report").joinpath("templates/style.css").read_text(encoding="utf-8")


def _blocks_of(block: Block) -> list[Block]:
    """A comparison stands for several blocks; every other block for itself."""
    return comparison.blocks(block["comparison"]) if block["kind"] == "comparison" else [block]


def _svg(block: Block) -> Markup:
    return Markup(figures.svg(block))


def _formula(text: str) -> Any:
    """The formula in MathML; as text where it is none of our language."""
    try:
        return Markup(mathml(parse(text)))
    except FormulaError:
        return text


def _unknown(kind: str) -> str:
    raise InvalidValueError("a report has no such kind of block", received=repr(kind))

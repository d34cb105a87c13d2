"""Which activations a command is about: named ones, and formulas typed on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from nonlin.activation import Activation
from nonlin.errors import InvalidValueError
from nonlin.expression.formula import parse
from nonlin.expression.nodes import parameters as parameters_of
from nonlin.registry import get

FORMULA_HELP = 'A formula of your own instead of a name: "x * tanh(softplus(x))".'
PARAMETER_HELP = "The value of a parameter of the formula, as in b=1.5; once for each."
Formula = Annotated[str | None, typer.Option("--formula", metavar="FORMULA", help=FORMULA_HELP)]
Parameters = Annotated[list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help=PARAMETER_HELP)]


def chosen(names: Sequence[str], formula: str | None, parameters: Sequence[str] | None) -> list[Activation]:
    """The activations of these names, then that of the formula. Raises InvalidValueError where there is neither."""
    if not names and formula is None:
        raise InvalidValueError(
            "name an activation, or give a formula", fix='nonlin list shows all names; or --formula "x * tanh(x)"'
        )
    values = dict(map(_value, parameters or ()))
    return [*map(get, names), *([] if formula is None else [_defined(formula, values)])]


def _value(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise InvalidValueError("a parameter is given as NAME=VALUE", received=text, fix="-p b=1.5") from None


def _defined(formula: str, values: dict[str, float]) -> Activation:
    from nonlin.user_defined import define

    used = parameters_of(parse(formula))
    if set(used) != set(values):
        raise InvalidValueError(
            "every name in the formula other than x and the functions is a parameter and needs a value, and no other",
            received=f"names {sorted(used)}, values for {sorted(values)}",
            fix=" ".join(f"-p {name}=1.0" for name in used) or "drop -p",
        )
    return define("formula", formula, **values)

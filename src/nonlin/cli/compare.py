"""`nonlin compare`: train the same network with each activation on your data, and see which can be told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nonlin.errors import InvalidValueError, RunError


def compare(
    data: Annotated[
        str, typer.Argument(help="digits, iris, wine, breast_cancer, diabetes, or the path of a .csv file.")
    ],
    activations: Annotated[str | None, typer.Option("--activations", "-a", help="Names, separated by commas.")] = None,
    network: Annotated[str, typer.Option(help="mlp, or cnn for images.")] = "mlp",
    seeds: Annotated[
        int | None, typer.Option(help="How many repetitions, each with its own split and weights.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The column of the .csv file to predict.")] = None,
    task: Annotated[
        str | None, typer.Option(help="classification or regression; the target decides unless told.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave out; may be repeated.")] = None,
    preset: Annotated[str, typer.Option(help="quick, standard or thorough.")] = "standard",
    learning_rates: Annotated[str | None, typer.Option(help="The grid, separated by commas.")] = None,
    depth: Annotated[int | None, typer.Option(help="Hidden layers.")] = None,
    width: Annotated[int | None, typer.Option(help="Units of a hidden layer, or channels.")] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps of each run.")] = None,
    margin: Annotated[float | None, typer.Option(help="Scores closer than this are equal in practice.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where runs are kept; finished ones are not repeated.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a one-file HTML report here.")] = None,
    executor: Annotated[str, typer.Option(help="local (worker processes), serial or ray.")] = "local",
    workers: Annotated[int | None, typer.Option(help="Runs at a time; one per core unless told.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train the same network with each activation on DATA, and say which can be told apart.

    Every activation gets the same network and steps, its matched initial weights, and the best learning rate of one
    grid, chosen on validation rows. An interrupted comparison resumes when the same command is run again.
    """
    from nonlin.comparison import compare as run

    result = run(
        data, _names(activations), network, seeds=seeds, target=target, task=task, drop=drop or (), preset=preset,
        learning_rates=_numbers(learning_rates), depth=depth, width=width, steps=steps, margin=margin, directory=out,
        executor=executor, workers=workers, progress=True,
    )  # fmt: skip
    typer.echo(result.to_json() if as_json else str(result))
    if report is not None:
        typer.echo(f"report: {result.report(report)}", err=True)
    if not result.table:
        raise RunError("no training run finished", fix="the failures above say why")


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(number) for number in text.split(",") if number.strip()]
    except ValueError:
        raise InvalidValueError(
            "learning rates are numbers separated by commas", received=repr(text), fix="--learning-rates 0.001,0.01"
        ) from None

"""Comparing activations on data: plan -> cells -> executor -> records -> statistics -> Comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nonlin.comparison import data as data_module
from nonlin.comparison import plan as planning
from nonlin.comparison import run as running
from nonlin.comparison.progress import Progress
from nonlin.comparison.result import Comparison, Failure, Row
from nonlin.comparison.store import Store
from nonlin.comparison.summary import summarise

__all__ = ["Comparison", "Failure", "Row", "compare"]


def compare(
    data: object,
    activations: Sequence[Any] | None = None,
    network: str = "mlp",
    *,
    seeds: int | Iterable[int] | None = None,
    target: str | None = None,
    task: str | None = None,
    drop: Sequence[str] = (),
    preset: str = "standard",
    learning_rates: Iterable[float] | None = None,
    depth: int | None = None,
    width: int | None = None,
    steps: int | None = None,
    batch: int | None = None,
    splits: str | None = None,
    margin: float | None = None,
    directory: str | Path | None = None,
    keep_models: bool = False,
    executor: object = "local",
    workers: int | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Train the same network with each activation on `data`, and say which activations can be told apart.

    Every activation gets the same network, the same number of Adam steps, initial weights scaled by its own matched
    gain, and for each seed the best learning rate of one common grid, chosen on validation rows only. Seed s gives
    every activation the same split, the same draws of initial weights and the same minibatches, so scores are
    compared in pairs: a corrected resampled t-test, two-sided, Holm over all pairs (see `comparison.statistics`).

    Args:
        data: "digits", "iris", "wine", "breast_cancer", "diabetes"; the path of a .csv file; or arrays (X, y).
        activations: names, or Activation objects; all that are meant for hidden layers when left out.
        network: "mlp", or "cnn" for images.
        seeds: how many (0, 1, 2, …), or which.
        target: the column to predict, for a .csv file.
        task: "classification" or "regression"; when left out, the targets decide and a note says how.
        drop: columns of a .csv file to leave out.
        preset: "quick", "standard" or "thorough": seeds, learning rates, width and steps unless given here.
        learning_rates: the grid, the same for all.
        depth: hidden layers.
        width: units of a hidden layer, or channels of a convolution.
        steps: training steps of each run.
        batch: rows of a minibatch.
        splits: "resampled" (every seed draws its own split) or "fixed".
        margin: scores closer than this count as equal in practice; each row then says whether that is shown.
        directory: where runs are kept, ./nonlin-runs/<data>-<digest> unless told. Runs found there are not repeated,
            so an interrupted comparison resumes, and activations or seeds can be added later.
        keep_models: save each trained network's state_dict beside its record.
        executor: "local" (worker processes), "serial", "ray", or any object with submit().
        workers: how many runs at a time; one per core unless told.
        progress: True, False, or None for "on a terminal only"; written to standard error.

    Raises:
        DataError: data that cannot be used. InvalidValueError, UnknownNameError: a wrong argument.
        RunError: interrupted; finished runs are kept.
    """
    loaded = data_module.load(data, target=target, task=task, drop=drop)
    plan = planning.make(
        loaded,
        activations,
        preset,
        seeds=seeds,
        learning_rates=learning_rates,
        network=network,
        depth=depth,
        width=width,
        steps=steps,
        batch=batch,
        splits=splits,
    )
    where = Path(directory) if directory is not None else Path("nonlin-runs") / f"{loaded.name}-{loaded.digest}"
    store = Store(where, models=keep_models)
    store.prepare()
    records, crashes, notes = running.run(plan, store, executor, workers, Progress(progress))
    return summarise(plan, records, crashes, where, margin, notes)

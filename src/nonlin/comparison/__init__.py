"""Comparing activations on data: plan -> cells -> executor -> records -> statistics -> Comparison.

Every activation gets the same network, the same number of Adam steps, initial weights scaled by its own matched
gain, and for each seed the best learning rate of one common grid, chosen on validation rows only. Seed s gives every
activation the same split, the same draws of initial weights and the same minibatches, so scores are compared in
pairs: a corrected resampled t-test, two-sided, Holm over all pairs (see `statistics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Unpack

from nonlin.comparison import plan as planning
from nonlin.comparison import run as running
from nonlin.comparison.data import load
from nonlin.comparison.plan import RecipeOptions
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
    margin: float | None = None,
    directory: str | Path | None = None,
    keep_models: bool = False,
    executor: object = "local",
    workers: int | None = None,
    progress: bool | None = None,
    **recipe: Unpack[RecipeOptions],
) -> Comparison:
    """Train the same network with each activation on `data`, and say which activations can be told apart.

    `data`: the name of a bundled set ("digits"), the path of a .csv file with its `target` column (and columns to
    `drop`), or arrays (X, y); `task` overrules how the targets are read. `activations`: names or Activation objects,
    all meant for hidden layers when left out. `network`: "mlp", or "cnn" for images. `seeds`: how many, or which.
    `preset` ("quick", "standard", "thorough") sets seeds, `learning_rates` and recipe unless given here. `margin`:
    scores closer than this are equal in practice. `directory` keeps one file per finished run (./nonlin-runs/… unless
    told): what is there is not repeated, so an interrupted comparison resumes and may be enlarged; `keep_models` adds
    each state_dict. `executor`: "local" (processes, `workers` at a time), "serial", "ray" or an object with submit().
    `progress` goes to standard error; None means on a terminal only.

    Raises DataError, InvalidValueError or UnknownNameError before training, RunError when interrupted.
    """
    loaded = load(data, target=target, task=task, drop=drop)
    plan = planning.make(loaded, activations, preset, seeds, learning_rates, {"network": network, **recipe})
    where = Path("nonlin-runs", f"{loaded.name}-{loaded.digest}") if directory is None else Path(directory)
    store = Store(where, models=keep_models)
    store.prepare()
    records, crashes, notes = running.run(plan, store, executor, workers, Progress(progress))
    return summarise(plan, records, crashes, where, margin, notes)

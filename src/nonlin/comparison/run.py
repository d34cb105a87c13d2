"""Running a plan: only the cells that are missing, each kept as soon as it is finished."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any

import nonlin.comparison.executors as executors
import nonlin.comparison.training as training
from nonlin.comparison.cells import Cell
from nonlin.comparison.executors import Submits
from nonlin.comparison.plan import Plan
from nonlin.comparison.progress import Progress, duration
from nonlin.comparison.store import Store
from nonlin.errors import RunError

Records = dict[Cell, dict[str, Any]]
START_UP = 3.0  # seconds until a worker process has loaded torch


def run(
    plan: Plan, store: Store, executor: object, workers: int | None, progress: Progress
) -> tuple[Records, dict[Cell, str], tuple[str, ...]]:
    """Records of all finished cells, reasons of the crashed ones, and notes. Raises RunError when interrupted."""
    records, notes = _stored(plan, store)
    missing = [cell for cell in plan.cells if cell not in records]
    progress.say(plan.data.describe())
    progress.say(plan.describe())
    if len(records):
        progress.say(f"{len(records)} of them are finished already in {store.directory}; {len(missing)} are left")
    crashes: dict[Cell, str] = {}
    try:
        if missing:
            with executors.opened(executor, workers) as (pool, count):
                progress.say(_estimated(plan, missing, executor, count))
                with progress.begin(len(missing)):
                    _work(plan, store, missing, pool, count, progress, records, crashes)
    except KeyboardInterrupt:
        raise RunError(
            f"interrupted: {len(records)} of {len(plan.cells)} runs are finished and kept in {store.directory}",
            fix="run the same command again to do the rest",
        ) from None
    return records, crashes, notes


def _stored(plan: Plan, store: Store) -> tuple[Records, tuple[str, ...]]:
    records: Records = {}
    notes = []
    for cell in plan.cells:
        try:
            record = store.read(cell)
        except (ValueError, OSError) as error:
            notes.append(f"the stored run {store.path(cell).name} was unreadable and is done again ({error})")
            continue
        if record is not None:
            records[cell] = record
    return records, tuple(notes)


def _estimated(plan: Plan, missing: list[Cell], executor: object, count: int) -> str:
    cell = missing[0]
    step = training.time_steps(cell, plan.activations[cell.candidate.label], plan.data)
    parallel = 1 if executor == "serial" else min(count, len(missing))
    seconds = step * plan.recipe.steps * len(missing) / parallel + START_UP * (executor != "serial")
    return f"estimated time: {duration(seconds)} with {parallel} at a time"


def _work(
    plan: Plan,
    store: Store,
    missing: list[Cell],
    pool: Submits,
    count: int,
    progress: Progress,
    records: Records,
    crashes: dict[Cell, str],
) -> None:
    queue = iter(missing)
    running: dict[Future[Any], Cell] = {}
    while True:
        for cell in islice(queue, count - len(running)):
            activation = plan.activations[cell.candidate.label]
            running[pool.submit(training.run, cell, activation, plan.data, store.models)] = cell
        if not running:
            return
        progress.running(running.values())
        for future in _done(running):
            cell = running.pop(future)
            _keep(cell, future, store, records, crashes)
            progress.finished(cell, "crashed" if cell in crashes else records[cell]["status"])


def _done(running: dict[Future[Any], Cell]) -> Iterator[Future[Any]]:
    yield from wait(running, return_when=FIRST_COMPLETED).done


def _keep(cell: Cell, future: Future[Any], store: Store, records: Records, crashes: dict[Cell, str]) -> None:
    """Write a finished cell; a crash is a reason, shown with the result and tried again in the next run."""
    error = future.exception()
    if error is not None:
        crashes[cell] = str(error).replace("\n  ", "; ") or type(error).__name__
        return
    record, model = future.result()
    store.write(cell, record, model)
    records[cell] = record

"""From the records of a plan to a Comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

import nonlin.comparison.selection as selection
import nonlin.comparison.splits as splits
import nonlin.comparison.statistics as statistics
from nonlin.comparison.cells import Cell
from nonlin.comparison.plan import Plan
from nonlin.comparison.result import Comparison, Failure, Row
from nonlin.comparison.selection import Chosen, Record
from nonlin.comparison.statistics import Difference, Estimate

Pairs = Mapping[tuple[str, str], tuple[Difference, float | None]]


def summarise(
    plan: Plan,
    records: Mapping[Cell, Record],
    crashes: Mapping[Cell, str],
    directory: Path,
    margin: float | None,
    notes: tuple[str, ...],
) -> Comparison:
    """Choose learning rates, compute statistics and assemble the result."""
    chosen = selection.by_label(_whole_seeds(plan, records, crashes))
    scores = {label: {seed: run.score for seed, run in runs.items()} for label, runs in chosen.items()}
    overlap = splits.test_to_fit_ratio() if plan.recipe.splits == "resampled" else 0.0
    shape = next((record["rows"] for record in records.values()), [0, 0, 0])
    resolution = 1 / max(shape[2], 1) if plan.data.task == "classification" else 0.0
    pairs = statistics.pairwise(scores, overlap=overlap, resolution=resolution)
    means = {
        label: statistics.estimate(list(s.values()), overlap=overlap, resolution=resolution, bounds=plan.data.bounds)
        for label, s in scores.items()
    }
    order = sorted(means, key=lambda label: -means[label].mean)
    within = (
        {}
        if margin is None
        else {
            label: statistics.equivalent(
                *_common(scores, label, order[0]), margin, overlap=overlap, resolution=resolution
            )
            for label in order
        }
    )
    failures = _failures(plan, records, crashes)
    table = tuple(
        _row(plan, label, order[0], means[label], chosen[label], pairs, failures, within.get(label)) for label in order
    )
    return Comparison(
        plan.data.name, plan.data.task, plan.data.metric, _mean([r["baseline"] for r in records.values()]),
        (shape[0], shape[1], shape[2]), _settings(plan, overlap), table, failures,
        (*plan.data.notes, *notes, *_notes(plan, table)), str(directory),
    )  # fmt: skip


def _whole_seeds(plan: Plan, records: Mapping[Cell, Record], crashes: Mapping[Cell, str]) -> dict[Cell, Record]:
    """Records of candidates and seeds for which the whole grid has a result: half a grid is no fair choice."""
    broken = {(cell.candidate.label, cell.seed) for cell in crashes}
    return {
        cell: records[cell]
        for cell in plan.cells
        if cell in records and (cell.candidate.label, cell.seed) not in broken
    }


def _row(
    plan: Plan,
    label: str,
    best: str,
    mean: Estimate,
    chosen: Mapping[int, Chosen],
    pairs: Pairs,
    failures: tuple[Failure, ...],
    equivalent: bool | None,
) -> Row:
    rates = selection.learning_rates(chosen)
    found, p = pairs.get((label, best), (None, None))
    apart = found.estimate if found else Estimate(0.0, None, None, None, 0)
    mine = [f for f in failures if f.activation == label]
    grid = plan.learning_rates
    return Row(
        activation=label, seeds=mean.seeds, mean=mean.mean, low=mean.low, high=mean.high,
        learning_rate=rates[0][0], learning_rates=rates, at_edge=len(grid) > 1 and rates[0][0] in (grid[0], grid[-1]),
        difference=apart.mean, difference_low=apart.low, difference_high=apart.high, p=p,
        effect=found.effect if found else None, best=label == best or p is None or p >= statistics.LEVEL,
        equivalent=equivalent, diverged=sum(f.status == "diverged" for f in mine),
        diverged_seeds=sum(run.record["status"] == "diverged" for run in chosen.values()),
        crashed=sum(f.status == "crashed" for f in mine), seconds=_mean([r.record["seconds"] for r in chosen.values()]),
        steps=plan.recipe.steps, weights=next(iter(chosen.values())).record["weights"],
        scores=tuple(chosen[seed].score for seed in sorted(chosen)),
        curve=tuple(tuple(point) for point in selection.mean_curve(chosen)),
    )  # fmt: skip


def _common(scores: Mapping[str, Mapping[int, float]], a: str, b: str) -> tuple[list[float], list[float]]:
    seeds = sorted(scores[a].keys() & scores[b].keys())
    return [scores[a][s] for s in seeds], [scores[b][s] for s in seeds]


def _failures(plan: Plan, records: Mapping[Cell, Record], crashes: Mapping[Cell, str]) -> tuple[Failure, ...]:
    found = []
    for cell in plan.cells:
        record = records.get(cell)
        if cell in crashes:
            found.append(Failure(cell.candidate.label, cell.learning_rate, cell.seed, "crashed", crashes[cell]))
        elif record and record["status"] == "diverged":
            found.append(Failure(cell.candidate.label, cell.learning_rate, cell.seed, "diverged", record["reason"]))
    return tuple(found)


def _settings(plan: Plan, overlap: float) -> dict[str, object]:
    return {
        **asdict(plan.recipe),
        "learning_rates": list(plan.learning_rates),
        "seeds": list(plan.seeds),
        "overlap": overlap,
        "optimizer": "Adam, learning rate falling linearly to zero",
    }


def _notes(plan: Plan, table: tuple[Row, ...]) -> tuple[str, ...]:
    notes = []
    edge = [row.activation for row in table if row.at_edge]
    if edge:
        notes.append(
            f"the learning rate chosen for {', '.join(edge)} is at the edge of the grid "
            f"({plan.learning_rates[0]:g} … {plan.learning_rates[-1]:g}): a wider grid may change the order"
        )
    if len(plan.learning_rates) == 1:
        notes.append("one learning rate for all: it may suit one activation better than another")
    lost = [f"{row.activation} ({row.diverged_seeds})" for row in table if row.diverged_seeds]
    if lost:
        notes.append(f"seeds on which every learning rate diverged count as a constant prediction: {', '.join(lost)}")
    if 1 < len(plan.seeds) < 5:
        notes.append(f"{len(plan.seeds)} seeds show large differences only; ten or more show smaller ones")
    return tuple(notes)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0

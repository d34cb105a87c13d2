"""From records to what a table shows: the learning rate of each seed, scores over seeds, and the differences.

The learning rate is chosen for each candidate and seed by the validation score alone, with that seed's own validation
rows: the test rows of a seed decide nothing. A diverged run scores what a constant prediction scores, because that is
what its user is left with; it is counted, never dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonlin.comparison.cells import Cell

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Chosen:
    """The run that stands for one candidate and seed, picked among the learning rates on validation."""

    cell: Cell
    record: Record

    @property
    def score(self) -> float:
        """The test score; a diverged run's is the constant prediction's."""
        return test_score(self.record)


def test_score(record: Record) -> float:
    """The test score of a record, the constant prediction's where the run diverged."""
    return float(record["scores"]["test"]["score"] if record["status"] == "finished" else record["baseline"])


def choose(runs: Sequence[tuple[Cell, Record]]) -> Chosen:
    """The run with the best validation score; then the lower validation loss, then the smaller learning rate.

    `runs` are those of one candidate and seed, one per learning rate. A diverged run is chosen only when all diverged.
    """
    return Chosen(*min(runs, key=lambda run: (*_merit(run[1]["scores"].get("validation")), run[0].learning_rate)))


def _merit(validation: Mapping[str, float] | None) -> tuple[bool, float, float]:
    if validation is None:
        return True, 0.0, 0.0
    return False, -validation["score"], validation["loss"]


def by_label(records: Mapping[Cell, Record]) -> dict[str, dict[int, Chosen]]:
    """Label -> seed -> chosen run. A seed is there only if every learning rate of it has been run."""
    grouped: dict[str, dict[int, list[tuple[Cell, Record]]]] = {}
    for cell, record in records.items():
        grouped.setdefault(cell.candidate.label, {}).setdefault(cell.seed, []).append((cell, record))
    return {label: {seed: choose(runs) for seed, runs in seeds.items()} for label, seeds in grouped.items()}


def learning_rates(chosen: Mapping[int, Chosen]) -> tuple[tuple[float, int], ...]:
    """Each chosen learning rate with the number of seeds that chose it, most frequent first."""
    counts = Counter(run.cell.learning_rate for run in chosen.values())
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def mean_curve(chosen: Mapping[int, Chosen]) -> list[list[float]]:
    """[step, training loss, validation loss] averaged over the seeds that finished; empty when none did."""
    curves = [run.record["curve"] for run in chosen.values() if run.record["status"] == "finished"]
    return [
        [points[0][0], *(_mean([p[i] for p in points]) for i in (1, 2))]
        for points in zip(*curves, strict=False)
        if all(value is not None for p in points for value in p)
    ]


def _mean(values: Sequence[float]) -> float:
    return float(f"{sum(values) / len(values):.6g}")

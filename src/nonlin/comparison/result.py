"""Comparison: what was found, as a frozen record, as text and as JSON."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nonlin.comparison.text as text

REPORTER = "nonlin.report"  # by name: the report stands above the comparison and reads its records alone


@dataclass(frozen=True)
class Row:
    """One activation in the table, best mean first.

    `mean`, `low`, `high`: test score over `seeds` with its 95 % interval (None for one seed). `learning_rate` is the
    one chosen most often, `learning_rates` each with its number of seeds, `at_edge` whether it is the smallest or
    largest of the grid. `difference` is this mean minus the best one's over the seeds both have, with its interval,
    `p` (two-sided, Holm over all pairs) and `effect` (mean difference in standard deviations of the differences).
    `best`: not told apart from the best. `equivalent`: shown to lie within the asked margin of the best (None: not
    asked). `diverged` counts runs of the whole grid, `diverged_seeds` the seeds on which every learning rate
    diverged, `crashed` the runs with no result. `seconds` is the mean time of a run, `weights` the network's size.
    """

    activation: str
    seeds: int
    mean: float
    low: float | None
    high: float | None
    learning_rate: float
    learning_rates: tuple[tuple[float, int], ...]
    at_edge: bool
    difference: float
    difference_low: float | None
    difference_high: float | None
    p: float | None
    effect: float | None
    best: bool
    equivalent: bool | None
    diverged: int
    diverged_seeds: int
    crashed: int
    seconds: float
    steps: int
    weights: int
    scores: tuple[float, ...]
    curve: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Failure:
    """A run without a usable network: "diverged" in training, or "crashed" with no result at all."""

    activation: str
    learning_rate: float
    seed: int
    status: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    """The outcome of `nonlin.compare`.

    `table` is sorted by mean; `best` names the group that cannot be told apart from the best; `recommendation` is one
    sentence; `failures` lists every diverged or crashed run; `notes` says what a reader must know to trust the
    numbers. `directory` holds one JSON file per finished run.
    """

    data: str
    task: str
    metric: str
    baseline: float
    rows: tuple[int, int, int]
    settings: Mapping[str, Any]
    table: tuple[Row, ...]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    directory: str

    @property
    def best(self) -> tuple[str, ...]:
        """The activations that cannot be told apart from the best mean, best mean first."""
        return tuple(row.activation for row in self.table if row.best)

    @property
    def recommendation(self) -> str:
        """One sentence, ties said as ties."""
        return text.recommendation(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types, schema "nonlin.comparison/1"."""
        whole: dict[str, Any] = {"schema": "nonlin.comparison/1", **json.loads(json.dumps(asdict(self)))}
        return {**whole, "best": list(self.best), "recommendation": text.recommendation(whole)}

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False, ensure_ascii=False)

    def report(self, path: str | Path) -> Path:
        """Write the one-file HTML report, and return where it is."""
        importlib.import_module(REPORTER).render(self.to_dict(), path)
        return Path(path)

    def __str__(self) -> str:
        return text.render(self.to_dict())

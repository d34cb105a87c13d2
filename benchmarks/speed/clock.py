"""Timing several things side by side, so that whatever disturbs the machine disturbs all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Key = TypeVar("Key")


@dataclass(frozen=True)
class Effort:
    """How long to measure: `sample` seconds make a sample, about `budget` seconds go to each runner.

    There are between `least` and `most` rounds whatever the budget.
    """

    sample: float
    least: int
    most: int
    budget: float


QUICK = Effort(sample=1e-3, least=7, most=31, budget=0.4)
FULL = Effort(sample=2e-3, least=5, most=41, budget=0.3)


@dataclass(frozen=True)
class Samples:
    """Seconds per call in each round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))

    @property
    def quartiles(self) -> tuple[float, float]:
        low, high = np.percentile(self.seconds, (25, 75))
        return float(low), float(high)


def race(runners: Mapping[Key, Callable[[], object]], effort: Effort) -> dict[Key, Samples]:
    """Seconds per call of every runner: one sample each per round, the order turning from round to round."""
    repeats = {name: _repeats(runner, effort.sample) for name, runner in runners.items()}
    taken: dict[Key, list[float]] = {name: [] for name in runners}
    names, start, collecting = list(runners), time.perf_counter(), gc.isenabled()
    gc.disable()
    try:
        for turn in range(effort.most):
            if turn >= effort.least and time.perf_counter() - start > effort.budget * len(names):
                break
            for index in range(len(names)):
                name = names[(index + turn) % len(names)]
                taken[name].append(_sample(runners[name], repeats[name]))
    finally:
        if collecting:
            gc.enable()
    return {name: Samples(tuple(seconds)) for name, seconds in taken.items()}


def _sample(runner: Callable[[], object], repeats: int) -> float:
    steps = range(repeats)
    start = time.perf_counter()
    for _ in steps:
        runner()
    return (time.perf_counter() - start) / repeats


def _repeats(runner: Callable[[], object], sample: float) -> int:
    """How many calls fill a sample; also warms the caches and compiles what compiles on a first call."""
    runner()
    repeats = 1
    while (seconds := _sample(runner, repeats) * repeats) < sample / 4:
        repeats *= 4
    return max(1, round(sample / (seconds / repeats)))

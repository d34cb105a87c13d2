"""Timing several things side by side, so that whatever disturbs the machine disturbs all of them."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)

BEHIND = 1.1
"""A way that takes this much longer than the fastest way of the same contender leaves the race."""


@dataclass(frozen=True)
class Effort:
    """How long to measure: `sample` seconds make a sample, and rounds go on until every median is known to `spread`.

    There are between `least` and `most` rounds; after `least` of them, `budget` seconds for the whole race end it.
    """

    sample: float
    least: int
    most: int
    budget: float
    spread: float = 0.02


QUICK = Effort(sample=1e-3, least=5, most=31, budget=1.0)
FULL = Effort(sample=2e-3, least=5, most=61, budget=4.0)


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

    @property
    def uncertainty(self) -> float:
        """Two standard errors of the median, as a part of it: 2 · 1.25 σ/√n, with σ from the quartiles."""
        low, high = self.quartiles
        return 2 * 1.2533 * (high - low) / 1.349 / float(np.sqrt(len(self.seconds))) / self.median


def race(
    runners: Mapping[Key, Callable[[], object]],
    effort: Effort,
    contender: Callable[[Key], Hashable] = lambda key: key,
) -> dict[Key, Samples]:
    """Seconds per call of every runner: one sample each per round, in another order every round.

    Whoever runs before leaves the caches full of its memory and the processors full of its threads, so nobody may
    follow the same one always. After the `least` rounds only the fastest ways of each `contender` go on.
    """
    repeats = {name: _repeats(runner, effort.sample) for name, runner in runners.items()}
    taken: dict[Key, list[float]] = {name: [] for name in runners}
    running, shuffled = list(runners), random.Random(7)
    start, collecting = time.perf_counter(), gc.isenabled()
    gc.disable()
    try:
        for turn in range(effort.most):
            if turn == effort.least:
                running = _leaders(taken, contender)
            if turn >= effort.least and (
                time.perf_counter() - start > effort.budget or _settled(taken, running, effort.spread)
            ):
                break
            for name in shuffled.sample(running, len(running)):
                taken[name].append(_sample(runners[name], repeats[name]))
    finally:
        if collecting:
            gc.enable()
    return {name: Samples(tuple(taken[name])) for name in running}


def _leaders(taken: Mapping[Key, list[float]], contender: Callable[[Key], Hashable]) -> list[Key]:
    medians = {name: float(np.median(seconds)) for name, seconds in taken.items()}
    fastest: dict[Hashable, float] = {}
    for name, median in medians.items():
        fastest[contender(name)] = min(median, fastest.get(contender(name), median))
    return [name for name, median in medians.items() if median <= BEHIND * fastest[contender(name)]]


def _settled(taken: Mapping[Key, list[float]], running: list[Key], spread: float) -> bool:
    return all(Samples(tuple(taken[name])).uncertainty <= spread for name in running)


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

"""Small data and plans for the tests of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np

import nonlin
from nonlin.comparison import compare
from nonlin.comparison.data import Data, from_arrays
from nonlin.comparison.executors import Serial
from nonlin.comparison.result import Comparison

HIDDEN = tuple(n for n in nonlin.names(kind="elementwise") if "hidden" in nonlin.get(n).definition.roles)
PAIR = HIDDEN[:2]
TINY: Mapping[str, Any] = {
    "seeds": 2,
    "learning_rates": (0.01, 0.03),
    "width": 8,
    "steps": 20,
    "batch": 16,
    "executor": "serial",
    "progress": False,
}


class Counting(Serial):
    """Counts the calls, and stops as Ctrl-C would after some of them."""

    def __init__(self, stop_after: int = 10**6):
        self.calls, self.stop_after = 0, stop_after

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        if self.calls == self.stop_after:
            raise KeyboardInterrupt
        self.calls += 1
        return super().submit(function, *arguments, **options)


def blobs(rows: int = 60, classes: int = 3) -> Data:
    """Classes that a small network separates, with some noise."""
    random = np.random.default_rng(0)
    labels = np.arange(rows) % classes
    centres = random.normal(size=(classes, 4)) * 2
    return from_arrays(centres[labels] + random.normal(size=(rows, 4)), labels, task="classification", name="blobs")


def tiny(directory: Path, activations: Any = PAIR, data: object = None, **changes: Any) -> Comparison:
    """A comparison that takes a fraction of a second."""
    return compare(blobs() if data is None else data, activations, directory=directory, **{**TINY, **changes})


def cell_files(directory: Path) -> dict[str, str]:
    """Name -> text of every finished cell's file."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((directory / "cells").glob("*.json"))}

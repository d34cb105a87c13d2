"""The chapters in order, and the run that writes them into one report."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

import nonlin.demo.advice as advice
import nonlin.demo.collapse as collapse
import nonlin.demo.digits as digits
import nonlin.demo.dying as dying
import nonlin.demo.gradients as gradients
from nonlin.demo.chapter import Chapter, Context
from nonlin.demo.networks import one_thread
from nonlin.errors import RunError
from nonlin.report import prepare, render

SCHEMA = "nonlin.demo/1"
CHAPTERS: Mapping[str, Callable[[Context], Chapter]] = {
    "collapse": collapse.write,
    "gradients": gradients.write,
    "dying": dying.write,
    "digits": digits.write,
    "choose": advice.write,
}
INTRODUCTION = (
    "A neuron computes z = w·x + b and then a = activation(z). This page shows what the second step is for, what goes "
    "wrong with it, and which activation to choose, measured on this machine with data that come with scikit-learn."
)


@dataclass(frozen=True)
class Watcher:
    """What a run tells whoever watches; nothing unless given.

    `now(place, text)`: something has begun, place such as "2 of 5". `finished(place, chapter)`: a chapter is done.
    `pause()` is entered while a comparison draws its own progress, which it does if `shown` (None: on a terminal).
    """

    now: Callable[[str, str], None] = lambda place, text: None
    finished: Callable[[str, Chapter], None] = lambda place, chapter: None
    pause: Callable[[], AbstractContextManager[Any]] = nullcontext
    shown: bool | None = False


def run(out: str | Path, *, seed: int = 0, quick: bool = False, watcher: Watcher = Watcher()) -> Path:
    """Write every chapter, and the report as one HTML file at `out`, its records beside it as JSON.

    The same seed and versions give the same numbers. Raises RunError when interrupted; then the report holds the
    chapters that were finished, and finished training runs are not repeated next time.
    """
    path = prepare(out)
    done: list[Chapter] = []
    try:
        with one_thread():
            for index, chapter in enumerate(CHAPTERS.values(), start=1):
                place = f"{index} of {len(CHAPTERS)}"
                done.append(chapter(_context(path, place, seed, quick, watcher)))
                watcher.finished(place, done[-1])
    except (KeyboardInterrupt, RunError):
        raise RunError(_interrupted(path, done, seed, quick), fix="run the same command again") from None
    return render(record(done, seed, quick), path)


def _context(path: Path, place: str, seed: int, quick: bool, watcher: Watcher) -> Context:
    runs = path.with_name(f"{path.stem}-runs")
    return Context(seed, quick, runs, lambda text: watcher.now(place, text), watcher.pause, watcher.shown)


def _interrupted(path: Path, done: list[Chapter], seed: int, quick: bool) -> str:
    if not done:
        return "interrupted before the first chapter was finished; finished training runs are kept"
    render(record(done, seed, quick), path)
    return f"interrupted: {len(done)} of {len(CHAPTERS)} chapters are in {path}, finished training runs are kept"


def record(chapters: list[Chapter], seed: int, quick: bool) -> dict[str, Any]:
    """The records of a run, as JSON types."""
    return {
        "schema": SCHEMA,
        "title": "Activation functions, shown on data",
        "lead": INTRODUCTION,
        "settings": {
            "seed": seed,
            "quick": quick,
            "nonlin": metadata.version("nonlin"),
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "planned": len(CHAPTERS),
        "chapters": [chapter.to_dict() for chapter in chapters],
    }

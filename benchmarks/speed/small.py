"""What a call costs beside the arithmetic: eight elements, the first call of a process, and the import."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from timeit import timeit
from typing import Any

import numpy as np

import nonlin as nl
from benchmarks import machine
from benchmarks.speed.cell import Cell
from benchmarks.speed.files import Files
from nonlin.catalog import DEFINITIONS

TABLE = Files().small
ELEMENTS = 8
ROUNDS, CALLS, PROCESSES = 300, 100, 5
_FIRST = """
import sys, time
import numpy
start = time.perf_counter()
import nonlin
imported = time.perf_counter()
function, x = nonlin.get(sys.argv[1]), numpy.zeros(8, numpy.float32)
looked_up = time.perf_counter()
function(x)
print(imported - start, time.perf_counter() - looked_up)
"""


@dataclass(frozen=True)
class SmallCall:
    """Microseconds for a call on 8 float32 elements (the least of many rounds); milliseconds for the first call.

    `sha256` is `Cell.sha256` of the kernel at the time.
    """

    function: str
    ufunc: float
    numpy_exp: float
    call: float
    first_cold: float
    first_cached: float
    importing: float
    sha256: str
    date: str
    machine: str

    @property
    def overhead(self) -> float:
        """Microseconds of `nl.f(x)` above `.ufunc(x)`."""
        return self.call - self.ufunc


def measure(name: str, *, rounds: int = ROUNDS, processes: int = PROCESSES) -> SmallCall:
    """One function's costs."""
    activation: Any = nl.get(name)
    x = np.linspace(-2, 2, ELEMENTS, dtype=np.float32)
    ufunc, values = activation.ufunc, tuple(activation.parameters.values())
    calls: list[Callable[[], object]] = [partial(ufunc, x, *values), partial(np.exp, x), partial(activation, x)]
    raw, exp, call = _least(calls, rounds)
    with tempfile.TemporaryDirectory() as folder:
        cold = [_first(name, str(Path(folder) / str(index))) for index in range(processes)]
        cached = [_first(name, str(Path(folder) / "0")) for _ in range(processes)]
    first_cold, first_cached = (float(np.median([first for _, first in runs])) for runs in (cold, cached))
    importing = float(np.median([imported for imported, _ in cached]))
    milliseconds = 1e3 * first_cold, 1e3 * first_cached, 1e3 * importing
    return SmallCall(name, raw, exp, call, *milliseconds, _cell(name).sha256, machine.today(), machine.description())


def is_current(row: SmallCall) -> bool:
    """Whether the catalogue still has the function, and the kernel is the one that was measured."""
    return row.function in DEFINITIONS and row.sha256 == _cell(row.function).sha256


def _cell(name: str) -> Cell:
    return Cell(name, 0, "float32", ELEMENTS, 1)


def _least(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Microseconds per call, each the least of interleaved rounds: disturbances only ever add."""
    least = [float("inf")] * len(calls)
    for _ in range(rounds):
        least = [min(best, timeit(call, number=CALLS) / CALLS * 1e6) for best, call in zip(least, calls, strict=True)]
    return least


def _first(name: str, cache: str) -> tuple[float, float]:
    """Seconds of the import and of the first call in a new process that keeps its kernels in the folder `cache`."""
    environment = {**os.environ, "NONLIN_CACHE_DIR": cache}
    command = [sys.executable, "-c", _FIRST, name]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    imported, first = map(float, printed.split())
    return imported, first


def read(path: Path = TABLE) -> list[SmallCall]:
    """The rows of the file; none when there is no file."""
    if not path.exists():
        return []
    texts = ("function", "sha256", "date", "machine")
    with path.open(newline="", encoding="utf-8") as file:
        return [
            SmallCall(**{k: v if k in texts else float(v) for k, v in row.items()})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


def write(rows: Sequence[SmallCall], path: Path = TABLE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(SmallCall)], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(row).items()})

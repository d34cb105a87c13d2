"""From a cell to its rows: collect the contenders, check that they agree, race them, keep the fastest way of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from benchmarks.speed.clock import Effort, Samples, race
from benchmarks.speed.peers import CONTENDERS
from benchmarks.speed.records import Record
from nonlin.kernels import set_num_threads

TOLERANCE = {"bfloat16": 0.05, "float16": 0.01}
_COMPARED = 4096


def run(
    cell: Cell, contenders: Sequence[str], effort: Effort, tell: Callable[[str], None] = lambda doing: None
) -> list[Record]:
    """The rows of one cell, one for each contender; one that cannot take part says why in `note`.

    `tell` is told what is being done.
    """
    set_num_threads(cell.threads)
    runners, notes = _collect(cell, contenders, _memory(cell), tell)
    if "nonlin" in notes:  # nothing to compare the others with
        return [_record(cell, "nonlin", None, notes["nonlin"])]
    tell(f"racing {', '.join(name for name in contenders if name not in notes)}")
    samples = race({key: runner.call for key, runner in runners.items()}, effort, contender=itemgetter(0))
    best: dict[str, tuple[str, Samples]] = {}
    for (name, form), taken in samples.items():
        if name not in best or taken.median < best[name][1].median:
            best[name] = form, taken
    return [_record(cell, name, best.get(name), notes.get(name, "")) for name in contenders]


@cache
def _line() -> str:
    return machine.description()


_held: list[Memory] = []


def _memory(cell: Cell) -> Memory:
    """The memory of this size and dtype; only one is kept."""
    wanted = Memory(cell.elements, cell.dtype, cell.row)
    if wanted not in _held:
        _held[:] = [wanted]
    return _held[0]


def _collect(
    cell: Cell, contenders: Sequence[str], memory: Memory, tell: Callable[[str], None]
) -> tuple[dict[tuple[str, str], Runner], dict[str, str]]:
    runners: dict[tuple[str, str], Runner] = {}
    notes: dict[str, str] = {}
    for name in contenders:
        tell(f"preparing {name}")
        try:
            for runner in CONTENDERS[name](cell, memory):
                if name != "identity" and (wrong := _disagreement(cell, memory, runner)):
                    raise UnavailableError(f"{runner.form}: {wrong}")
                runners[name, runner.form] = runner
        except UnavailableError as reason:
            notes[name] = str(reason)
    return runners, notes


def _disagreement(cell: Cell, memory: Memory, runner: Runner) -> str:
    """Empty where the contender computes the same function, to the tolerance of its dtype."""
    count = max(1, _COMPARED // max(1, cell.row))
    wanted = cell.values(memory.x[:count].astype(np.float64))
    result = runner.call()
    if isinstance(result, tuple):  # a kernel that gives the gradients of the parameters too
        result = result[0]
    if not np.shape(result):
        return "gives one number for all of them"
    got = _array(result, count)
    tolerance = TOLERANCE.get(cell.dtype, 1e-4)
    agree = np.isclose(got, wanted, rtol=tolerance, atol=tolerance)
    return "" if agree.mean() > 0.99 else f"gives other values at {np.mean(~agree):.0%} of the inputs"


def _array(result: Any, count: int) -> np.ndarray[Any, Any]:
    """The first `count` rows or elements in float64."""
    if type(result).__module__.startswith("torch"):
        return np.asarray(result.detach()[:count].double().numpy())
    return np.asarray(result[:count], dtype=np.float64)


def _record(cell: Cell, name: str, best: tuple[str, Samples] | None, note: str) -> Record:
    missing = float("nan")
    form, samples = best or ("", None)
    per = 1e9 / cell.elements
    low, high = (q * per for q in samples.quartiles) if samples else (missing, missing)
    return Record(
        function=cell.function,
        order=cell.order,
        dtype=cell.dtype,
        elements=cell.elements,
        threads=cell.threads,
        row=cell.row,
        contender=name,
        form=form,
        nanoseconds=samples.median * per if samples else missing,
        low=low,
        high=high,
        rounds=len(samples.seconds) if samples else 0,
        note=note,
        sha256=cell.sha256,
        date=machine.today(),
        machine=_line(),
    )

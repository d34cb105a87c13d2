"""Every input of a dtype through the kernel: the errors against the float64 kernel, counted, and the worst kept.

The inputs are taken as bit patterns in pieces that fit a processor's own cache, and pieces go to threads: NumPy
releases the interpreter's lock inside a loop. Both kernels are the ufuncs a user calls, not copies of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event, local

import numpy as np

from benchmarks.exhaustive.distance import ulp_distance
from benchmarks.exhaustive.subject import FLOOR, NEAR, Subject

PIECE = 1 << 14
GROUP = 1 << 9
"""Pieces in one task of a thread."""
WORST = 64
LIMITS = (0.5, 1.0, 2.0)


@dataclass
class Found:
    """What was found: the worst inputs of different pieces as (error, bit pattern), and counts beyond each limit."""

    inputs: int = 0
    worst: list[tuple[float, int]] = field(default_factory=list)
    beyond: list[int] = field(default_factory=lambda: [0] * len(LIMITS))

    def add(self, other: Found) -> None:
        self.inputs += other.inputs
        if len(self.worst) < WORST or (other.worst and other.worst[0] > self.worst[-1]):
            self.worst = sorted([*self.worst, *other.worst], reverse=True)[:WORST]
        self.beyond = [a + b for a, b in zip(self.beyond, other.beyond, strict=True)]


def scan(subject: Subject, *, threads: int = 0, progress: Callable[[int], None] = lambda inputs: None) -> Found:
    """Run all inputs; `progress` is told how many more are done. Stopped by an exception, it stops its threads."""
    found, stop, kept = Found(), Event(), local()
    subject.values(np.zeros(1, subject.numpy_dtype))  # compiled before the threads start

    def task(pieces: list[tuple[int, int, bool]]) -> Found:
        if not hasattr(kept, "scratch"):
            kept.scratch = _Scratch(subject)
        part = Found()
        for first, last, near in pieces:
            if stop.is_set():
                break
            part.add(kept.scratch.piece(first, last, near))
        return part

    tasks = list(_grouped(pieces_of(subject)))
    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        try:
            for part in pool.map(task, tasks):
                found.add(part)
                progress(part.inputs)
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return found


def pieces_of(subject: Subject) -> Iterator[tuple[int, int, bool]]:
    """(first pattern, last pattern, whether near a sign change), each wholly near or wholly not, NaN or not."""
    cuts = set(range(0, (1 << _bits(subject)) + 1, PIECE))
    zones = [_patterns(subject, zero) for zero in subject.sign_changes]
    for low, high in zones:
        cuts |= {low, high + 1}
    largest = _pattern(subject, np.inf)
    sign = 1 << (_bits(subject) - 1)
    cuts |= {largest + 1, sign, sign + largest + 1}
    for first, after in pairwise(sorted(cuts)):
        yield first, after - 1, any(low <= first <= high for low, high in zones)


def _bits(subject: Subject) -> int:
    return int(subject.numpy_dtype.itemsize * 8)


def _pattern(subject: Subject, x: float) -> int:
    return int(np.array([x]).astype(subject.numpy_dtype).view(f"u{subject.numpy_dtype.itemsize}")[0])


def _patterns(subject: Subject, zero: float) -> tuple[int, int]:
    """The first and the last pattern within NEAR of a point, on its side of 0: these are consecutive."""
    ends = max(abs(zero) - NEAR, 0.0), abs(zero) + NEAR
    low, high = (_pattern(subject, np.copysign(end, zero)) for end in ends)
    return low, high


def _grouped(pieces: Iterator[tuple[int, int, bool]]) -> Iterator[list[tuple[int, int, bool]]]:
    group: list[tuple[int, int, bool]] = []
    for piece in pieces:
        group.append(piece)
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


class _Scratch:
    """The arrays of one thread."""

    def __init__(self, subject: Subject):
        self.subject = subject
        self.steps = np.arange(PIECE, dtype=f"u{subject.numpy_dtype.itemsize}")
        self.patterns = np.empty_like(self.steps)
        self.got = np.empty(PIECE, subject.numpy_dtype)
        self.x, self.wanted, self.errors = (np.empty(PIECE) for _ in range(3))

    def piece(self, first: int, last: int, near: bool) -> Found:
        size = last - first + 1
        x = np.add(self.steps[:size], self.steps.dtype.type(first), out=self.patterns[:size])
        x = x.view(self.subject.numpy_dtype)
        got, wide, wanted, errors = (array[:size] for array in (self.got, self.x, self.wanted, self.errors))
        self.subject.values(x, got)
        if np.isnan(x[0]):
            wrong = np.flatnonzero(~np.isnan(got))
            return Found(size, [(np.inf, first + int(wrong[0]))] if wrong.size else [], [int(wrong.size)] * len(LIMITS))
        wide[:] = x
        self.subject.values(wide, wanted)
        ulp_distance(self.subject.dtype, FLOOR if near else 0.0)(got, wanted, out=errors)
        if np.isinf(x[-1]) and np.isnan(wanted[-1]) and np.isnan(got[-1]):
            errors[-1] = 0.0  # an infinity ends its piece; a wave has no limit there, while at a finite x NaN is wrong
        if np.isinf(x[-1]):  # a wave has no limit there: NaN, which the oracle confirms among the special points
            errors[-1] = 0.0 if np.isnan(got[-1]) and np.isnan(wanted[-1]) else errors[-1]
        index = int(errors.argmax())
        largest = float(errors[index])
        beyond = [int(np.count_nonzero(errors > limit)) if largest > limit else 0 for limit in LIMITS]
        return Found(size, [(largest, first + index)], beyond)

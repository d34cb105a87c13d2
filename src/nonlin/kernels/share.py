"""Runs an inner loop on slices of its operands, on the calling thread and on helpers, without the interpreter's lock.

Every thread enters machine code once for a call and takes slices there (`emit/share.py`). Helpers are PyTorch's OpenMP
threads where they exist, else threads of our own that wait in machine code for 0.2 ms after a job and sleep then.

One job at a time: who finds another thread's going on is told so, and computes alone.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import nonlin.kernels.openmp as openmp
from nonlin.emit.share import ADDRESSES, STATE, STEPS, STOP, WORDS, share_text
from nonlin.kernels.loader import addresses

SPINS = 4000
"""How often a helper looks for the next job before it sleeps: some 0.2 ms."""


class Job(NamedTuple):
    """An inner loop and its operands, by address; a row is an element for an elementwise loop.

    `steps` are those between rows and then those within a row; `data` is what the loop gets as its last argument.
    """

    loop: int
    addresses: Sequence[int]
    steps: Sequence[int]
    rows: int
    slice: int
    core: int = 1
    data: int = 0

    @property
    def slices(self) -> int:
        return -(-self.rows // self.slice)


class Record:
    """The memory of a job, from the start of a cache line on."""

    def __init__(self) -> None:
        self._memory = ctypes.create_string_buffer(8 * WORDS + 64)
        start = ctypes.addressof(self._memory)
        self._offset = -start % 64
        self.address = start + self._offset
        self.state = ctypes.c_int64.from_address(self.address + 8 * STATE)
        self.stop = ctypes.c_int64.from_address(self.address + 8 * STOP)

    def write(self, job: Job, members: int) -> None:
        """Only while nobody is inside."""
        count = len(job.addresses)
        head = (job.loop, job.data, count, job.rows, job.slice, job.core, members, job.slices, 0, 0)
        self._put(0, head)
        self._put(ADDRESSES, job.addresses)
        self._put(STEPS, job.steps)

    def _put(self, place: int, words: Sequence[int]) -> None:
        struct.pack_into(f"={len(words)}q", self._memory, self._offset + 8 * place, *words)


@dataclass
class _State:
    """The one job's record, who is working on it, and our own helpers."""

    busy: threading.Lock = field(default_factory=threading.Lock)
    record: Record = field(default_factory=Record)
    kept: object = None
    workers: list[threading.Thread] = field(default_factory=list)
    asleep: deque[threading.Lock] = field(default_factory=deque)


_state = _State()


def share(job: Job, threads: int, kept: object) -> bool:
    """Run the job on at most `threads` threads; False, and nothing done, while another job is going on.

    `kept` owns the operands' memory: it is held until no thread reads it any more, also where the call is interrupted.
    """
    state = _state
    if not state.busy.acquire(blocking=False):
        return False
    try:
        if state.record.state.value or state.record.stop.value:
            return False
        state.kept = kept
        _run(job, threads)
        state.kept = None
    finally:
        state.busy.release()
    return True


def _run(job: Job, threads: int) -> None:
    code, team, record = _code(), openmp.library(), _state.record
    if team is not None and threads <= team.threads() and not team.inside():
        record.write(job, threads)
        team.parallel(code.member, record.address, team.threads(), 0)
        return
    record.write(job, threads - 1)
    _call_helpers(min(threads, job.slices) - 1)
    inside = code.lead(record.address, SPINS)
    while inside:  # a helper has lost its processor in the middle of a slice
        time.sleep(0)
        inside = code.wait(record.address, SPINS)


def _call_helpers(number: int) -> None:
    """Wake as many as are missing from `number`; those that are awake will see the job by themselves."""
    state = _state
    with contextlib.suppress(RuntimeError):  # the system has no more threads to give
        while len(state.workers) < number:
            worker = threading.Thread(target=_serve, args=(state,), name=f"nonlin_{len(state.workers)}", daemon=True)
            worker.start()
            state.workers.append(worker)
    with contextlib.suppress(IndexError):
        for _ in range(number - len(state.workers) + len(state.asleep)):
            state.asleep.pop().release()


def _serve(state: _State) -> None:
    """What a helper does all its life."""
    serve, bell = _code().serve, threading.Lock()
    bell.acquire()
    while not state.record.stop.value:
        serve(state.record.address, SPINS)
        state.asleep.append(bell)
        bell.acquire()


@dataclass(frozen=True)
class _Code:
    """The entry points of the machine code, and the address of the one a team's threads are called with."""

    lead: Any
    wait: Any
    serve: Any
    member: int


@cache
def _code() -> _Code:
    found = addresses(share_text(), "lead", "wait", "serve", "member")
    function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    return _Code(function(found["lead"]), function(found["wait"]), function(found["serve"]), found["member"])


@atexit.register
def _close() -> None:
    """Helpers leave the machine code before the process takes its memory away."""
    _state.record.stop.value = 1
    for worker in _state.workers:
        while worker.is_alive():
            _wake_all()
            worker.join(0.001)


def _wake_all() -> None:
    while _state.asleep:
        _state.asleep.pop().release()


def _after_fork() -> None:
    """A child process has none of its parent's threads, and whatever they were doing is undone."""
    _state.__dict__.update(vars(_State()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""Runs an inner loop on slices of its operands, on the calling thread and on helpers, without the interpreter's lock.

Every thread enters machine code once for a call and takes slices there (`emit/share.py`). Helpers are PyTorch's OpenMP
threads where they exist, else threads of our own that wait in machine code for 0.1 ms after a job and sleep then.

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
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import nonlin.kernels.openmp as openmp
from nonlin.emit.share import ADDRESSES, MOST_QUEUES, STATE, STEPS, STOP, TAKEN, WORDS, share_text
from nonlin.kernels.loader import addresses

SPINS = 4000
"""How often a helper looks for the next job before it sleeps: 0.1 ms on an AMD EPYC."""


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
        self._serial = 0
        self.address = start + self._offset
        self.state = ctypes.c_int64.from_address(self.address + 8 * STATE)
        self.stop = ctypes.c_int64.from_address(self.address + 8 * STOP)

    def write(self, job: Job, members: int, number: int = 0) -> None:
        """Only while nobody is inside."""
        count, queues = len(job.addresses), min(members, MOST_QUEUES)
        self._serial += 1
        work = job.loop, job.data, count, job.rows, job.slice, job.slices, job.core
        self._put(0, (*work, queues, members, number, self._serial))
        self._put(ADDRESSES, job.addresses)
        self._put(STEPS, job.steps)
        ctypes.memset(self.address + 8 * TAKEN, 0, 64 * queues)

    def _put(self, place: int, words: Sequence[int]) -> None:
        struct.pack_into(f"={len(words)}q", self._memory, self._offset + 8 * place, *words)


@dataclass
class _Helper:
    """A thread of our own; `bell` wakes it from its sleep."""

    number: int
    bell: threading.Lock = field(default_factory=threading.Lock)
    asleep: bool = False
    thread: threading.Thread | None = None


@dataclass
class _State:
    """The one job's record, the owner of the memory it works on, and our own helpers."""

    busy: threading.Lock = field(default_factory=threading.Lock)
    record: Record = field(default_factory=Record)
    kept: object = None
    helpers: list[_Helper] = field(default_factory=list)


_state = _State()


def share(job: Job, threads: int, kept: object) -> bool:
    """Run the job on at most `threads` threads; False, and nothing done, where another job is going on.

    Inside a parallel region of OpenMP's the other processors have work already: False too.

    `kept` owns the operands' memory: it is held until no thread reads it any more, also where the call is interrupted.
    """
    state, team = _state, openmp.library()
    if (team is not None and team.inside()) or not state.busy.acquire(blocking=False):
        return False
    try:
        if state.record.state.value or state.record.stop.value:
            return False
        state.kept = kept
        _run(job, threads, team)
        state.kept = None
    finally:
        state.busy.release()
    return True


def _run(job: Job, threads: int, team: openmp.OpenMP | None) -> None:
    code, record = _code(), _state.record
    if team is not None and threads <= team.threads():
        record.write(job, threads, team.number)
        team.parallel(code.member, record.address, team.threads(), 0)
        return
    record.write(job, threads)
    code.open(record.address)  # before anybody is called, who may take this thread's processor
    _call_helpers(threads - 1)
    inside = code.lead(record.address, SPINS)
    while inside:  # a helper has lost its processor in the middle of a slice
        time.sleep(0)
        inside = code.wait(record.address, SPINS)


def _call_helpers(count: int) -> None:
    """Wake those of the first `count` that sleep; the others will see the job by themselves."""
    with contextlib.suppress(RuntimeError):  # the system has no more threads to give
        while len(_state.helpers) < count:
            _start_helper()
    for helper in _state.helpers[:count]:
        _wake(helper)


def _start_helper() -> None:
    helper = _Helper(len(_state.helpers) + 1)
    helper.thread = threading.Thread(
        target=_serve, args=(helper, _state.record), name=f"nonlin_{helper.number}", daemon=True
    )
    helper.thread.start()
    _state.helpers.append(helper)


def _wake(helper: _Helper) -> None:
    if helper.asleep:
        helper.asleep = False
        helper.bell.release()


def _serve(helper: _Helper, record: Record) -> None:
    """What a helper does all its life."""
    serve = _code().serve
    helper.bell.acquire()
    while not record.stop.value:
        serve(record.address, helper.number, SPINS)
        helper.asleep = True
        helper.bell.acquire()


@dataclass(frozen=True)
class Code:
    """The entry points of the machine code, and the address of the one a team's threads are called with."""

    open: Any
    lead: Any
    wait: Any
    serve: Any
    member: int


@cache
def _code() -> Code:
    return loaded(share_text())


def loaded(text: str) -> Code:
    """The entry points of a module as `share_text` gives it."""
    found = addresses(text, "open", "lead", "wait", "serve", "member")
    lead = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    serve = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    return Code(
        open=ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(found["open"]),
        lead=lead(found["lead"]),
        wait=lead(found["wait"]),
        serve=serve(found["serve"]),
        member=found["member"],
    )


@atexit.register
def _close() -> None:
    """Helpers leave the machine code before the process takes its memory away."""
    _state.record.stop.value = 1
    for helper in _state.helpers:
        while helper.thread is not None and helper.thread.is_alive():
            _wake(helper)
            helper.thread.join(0.001)


def _after_fork() -> None:
    """A child process has none of its parent's threads, and whatever they were doing is undone."""
    _state.__dict__.update(vars(_State()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""Large arrays over several threads.

An elementwise ufunc is run on slices of its operands, one per task; NumPy releases the interpreter's lock inside a
loop, so the slices run at the same time. An element's value does not depend on the slice it is in, so neither
does the result on the number of threads.

Whether a second thread pays depends on the function more than on the size: a megabyte of float32 takes 26 µs in one
function and a millisecond in another. So the time each function takes for a byte is noted at every large call, and
threads are used where the next call will take long enough; before the first, a small piece is timed.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nonlin.emit.stream import STREAM_BYTES
from nonlin.errors import InvalidValueError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

THRESHOLD_BYTES = 1 << 20
"""A first operand smaller than this runs on the calling thread alone."""
FIRST_BYTES = 1 << 17
"""The piece that is timed before anything is known: 4 µs at least, so that a call's own microsecond says little."""
WORTH_SECONDS = 500e-6
"""A call must take this long on one thread. Another thread costs 40 to 120 µs: waking it, two changes of the
interpreter's lock, and data that moves from one processor's cache to another's."""
CHUNK_BYTES = 1 << 19
"""One slice: large beside the microsecond a call costs, small beside a processor's own cache."""
SLICES_PER_THREAD = 4
"""More slices than threads, so that a thread that starts late leaves its share to the others."""


@dataclass
class _State:
    """The pool, made when first needed, and the number of threads asked for."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    pool: ThreadPoolExecutor | None = None
    workers: int = 0
    chosen: int | None = None


_state = _State()


def get_num_threads() -> int:
    """How many threads large arrays use: the number set, else `NONLIN_NUM_THREADS`, else every usable core."""
    if _state.chosen is not None:
        return _state.chosen
    text = os.environ.get("NONLIN_NUM_THREADS", "")
    return _valid(text, "NONLIN_NUM_THREADS") if text else _cores()


def set_num_threads(number: int | None) -> None:
    """Use `number` threads for large arrays from now on; None goes back to the default.

    Raises InvalidValueError for anything but a whole number from 1.
    """
    _state.chosen = None if number is None else _valid(number, "the number of threads")


def run_chunked(ufunc: np.ufunc, operands: Sequence[Any], out: Any = None, *, most: int | None = None) -> Any:
    """`ufunc(*operands, out=out)`, over several threads where the first operand is large and the work worth it.

    Split are C-contiguous arrays of one shape and one float dtype, the other operands being alike or scalars; a
    generalised ufunc over rows is split between rows. Anything else is one call. The calling thread takes a share
    and waits for the rest; safe from many threads at once. No more than `most` threads take part.
    """
    x = operands[0]
    if type(x) is not np.ndarray or x.nbytes < THRESHOLD_BYTES or 1 in (most, _state.chosen):
        return ufunc(*operands) if out is None else ufunc(*operands, out=out)
    if _takes(ufunc, x) < WORTH_SECONDS:
        return _alone(ufunc, operands, out)
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    if not _can_be_split(ufunc, operands, out):
        return ufunc(*operands, out=out)
    result = np.empty(x.shape, x.dtype) if out is None else out
    parts, whole = [_rows(v, ufunc) for v in operands], _rows(result, ufunc)
    done = 0
    if (ufunc, x.dtype) not in _pace:
        done = _first_rows(whole)
        _run(ufunc, parts, whole, slice(0, done))
    rest = slice(done, None)
    threads = _threads(most) if _takes(ufunc, x) >= WORTH_SECONDS else 1
    tasks = _tasks(whole[rest], threads)
    if tasks < 2:
        _run(ufunc, parts, whole, rest)
    else:
        parts = [v[rest] if np.ndim(v) else v for v in parts]
        _run_tasks(ufunc, parts, whole[rest], min(threads, tasks), tasks)
    return result


_pace: dict[tuple[np.ufunc, np.dtype[Any]], float] = {}
"""Seconds one thread takes for a byte of x, at the last large call."""


def _takes(ufunc: np.ufunc, x: np.ndarray[Any, Any]) -> float:
    """Seconds the call will take on one thread; nobody knows before the first."""
    return _pace.get((ufunc, x.dtype), float("inf")) * x.nbytes


def _alone(ufunc: np.ufunc, operands: Sequence[Any], out: Any) -> Any:
    """One call for the whole array."""
    start = time.perf_counter()
    result = ufunc(*operands, out=out)
    _note(ufunc, operands[0], time.perf_counter() - start)
    return result


def _note(ufunc: np.ufunc, x: np.ndarray[Any, Any], seconds: float) -> None:
    """Whatever interrupted the thread counts as well, so one call at most doubles what is known."""
    if x.nbytes:
        key, pace = (ufunc, x.dtype), seconds / x.nbytes
        _pace[key] = min(pace, 2 * _pace.get(key, pace))


def _run(ufunc: np.ufunc, operands: Sequence[Any], out: np.ndarray[Any, Any], part: slice) -> None:
    pieces, target = [v[part] if np.ndim(v) else v for v in operands], out[part]
    start = time.perf_counter()
    ufunc(*pieces, out=target)
    _note(ufunc, target, time.perf_counter() - start)


def _run_tasks(ufunc: np.ufunc, operands: list[Any], out: np.ndarray[Any, Any], threads: int, tasks: int) -> None:
    """Runs slices of the first axis; every thread takes the next slice when it is done with one.

    So a thread that gets no processor delays nothing: the others take its slices. Raises the first error of any
    thread after all have ended.
    """
    bounds = [len(out) * i // tasks for i in range(tasks + 1)]
    slices = deque(slice(low, high) for low, high in pairwise(bounds))
    errors = np.geterr()

    def work() -> None:
        with np.errstate(**errors):
            while slices:
                try:
                    part = slices.popleft()
                except IndexError:  # another thread took the last one
                    return
                _run(ufunc, operands, out, part)

    executor = _executor(threads - 1)
    futures = [executor.submit(work) for _ in range(threads - 1)]
    try:
        work()
    finally:
        failures = [future.exception() for future in futures if not future.cancel()]
    for failure in failures:
        if failure is not None:
            raise failure


def _threads(most: int | None) -> int:
    return get_num_threads() if most is None else min(get_num_threads(), most)


def _first_rows(out: np.ndarray[Any, Any]) -> int:
    """How many rows (elements, for an elementwise function) the calling thread computes before it asks for help."""
    return -(-FIRST_BYTES * len(out) // out.nbytes)


def _tasks(out: np.ndarray[Any, Any], threads: int) -> int:
    """Into how many slices to cut: several for each thread, unless they are then too small to be streamed."""
    if threads < 2:
        return 1
    streamed = out.nbytes // STREAM_BYTES
    most = streamed if streamed >= threads else threads * SLICES_PER_THREAD
    return int(min(most, threads * SLICES_PER_THREAD, max(2, out.nbytes // CHUNK_BYTES), len(out)))


def _can_be_split(ufunc: np.ufunc, operands: Sequence[Any], out: Any) -> bool:
    x = operands[0]
    like = x if out is None else out
    return _floating(x.dtype, ufunc) and all(_alike(v, like, ufunc) for v in (*operands, like))


def _floating(dtype: np.dtype[Any], ufunc: np.ufunc) -> bool:
    """Whether the result has the dtype of x; rows of bfloat16 come out as float32."""
    return dtype.kind == "f" or (ufunc.signature is None and dtype.name == "bfloat16") or _of_patterns(ufunc, dtype)


def _of_patterns(ufunc: np.ufunc, dtype: np.dtype[Any]) -> bool:
    """Whether the elements are patterns of bfloat16, with parameters of another dtype."""
    return dtype.char == "H" and ufunc.types[0].endswith("->H")


def _alike(value: Any, like: Any, ufunc: np.ufunc) -> bool:
    """Whether a slice of `value` belongs to the same slice of `like`; scalars belong to every slice."""
    if ufunc.signature is None and np.ndim(value) == 0:
        return type(value) in (int, float) or value.dtype == like.dtype or _of_patterns(ufunc, like.dtype)
    if type(value) is not np.ndarray or not isinstance(like, np.ndarray):
        return False
    if value.shape != like.shape or value.dtype != like.dtype or not value.flags.c_contiguous:
        return False
    return value is like or not np.may_share_memory(value, like) or value.ctypes.data == like.ctypes.data


def _rows(value: Any, ufunc: np.ufunc) -> Any:
    """`value` with one leading axis to split: elements, or whole rows of a generalised ufunc."""
    if np.ndim(value) == 0:
        return value
    return value.reshape(-1) if ufunc.signature is None else value.reshape(-1, value.shape[-1])


def _executor(workers: int) -> ThreadPoolExecutor:
    """The shared pool, with at least `workers` threads; a pool that is too small finishes its work and goes."""
    from concurrent.futures import ThreadPoolExecutor

    with _state.lock:
        if _state.pool is None or _state.workers < workers:
            _state.pool, _state.workers = ThreadPoolExecutor(workers, thread_name_prefix="nonlin"), workers
        return _state.pool


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _valid(value: object, what: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise InvalidValueError(f"{what} must be a whole number from 1", received=repr(value), fix="use 1 for none")
    return number


def _after_fork() -> None:
    """A child process has none of its parent's threads: it starts with a new pool and an open lock."""
    _state.pool, _state.workers, _state.lock = None, 0, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

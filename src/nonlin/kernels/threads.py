"""Large arrays over several threads.

Threads run the inner loop of a ufunc on slices of its operands (`share.py`). An element's value does not depend on
the slice it is in, so neither does the result on the number of threads.

Whether a second thread pays depends on the function more than on the size: a megabyte of float32 takes 26 µs in one
function and a millisecond in another. So the time each function takes for a byte is noted at every large call, and
threads are used where the next call will take long enough; before the first, a small piece is timed.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

import nonlin.kernels.openmp as openmp
from nonlin.emit.share import MOST_OPERANDS
from nonlin.errors import InvalidValueError
from nonlin.kernels.share import Job, share
from nonlin.kernels.ufunc import loop_address

THRESHOLD_BYTES = 1 << 18
"""A first operand smaller than this runs on the calling thread alone."""
FIRST_BYTES = 1 << 17
"""The piece that is timed before anything is known: 4 µs at least, so that a call's own microsecond says little."""
WORTH_SECONDS = 60e-6
"""A call must take this long on one thread. Sharing it costs 15 µs with helpers awake, so two threads are ahead from
35 µs on."""
WORTH_WAKING_SECONDS = 600e-6
"""The same where helpers sleep: on a virtual machine one may come only 0.3 ms after it is called."""
REST_SECONDS = 1e-4
"""So long after the last large call helpers go to sleep."""
SLICE_BYTES = 1 << 18
"""One slice. From 128 KB to 2 MB all are as fast; the smaller, the less there is to wait for at the end."""
SLICES_PER_THREAD = 4
"""More slices than threads, so that a thread that starts late leaves its share to the others."""
PAGE = 4096
"""Slices begin as far from each other as whole pages."""
STREAM_PACE = 0.1e-9
"""Seconds for a byte on one thread: a function that takes longer waits for its arithmetic and not for memory, and
writing past the caches only costs it 5 to 10 %."""
LOSS = 4.0
"""A call over threads that took so many times what one thread takes was a loss: the processors have other work."""


@dataclass
class _State:
    """The threads asked for, when the last large call ended, the losses in a row, and until when none is risked."""

    chosen: int | None = None
    ended: float = -1.0
    losses: int = 0
    alone_until: float = 0.0


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
    generalised ufunc over rows is split between rows. Anything else is one call, and so is what comes while another
    thread's call is split. The calling thread takes a share and waits for the rest; safe from many threads at once.
    No more than `most` threads take part.
    """
    x = operands[0]
    if type(x) is not np.ndarray or x.nbytes < THRESHOLD_BYTES or 1 in (most, _state.chosen):
        return ufunc(*operands) if out is None else ufunc(*operands, out=out)
    threads = get_num_threads() if most is None else min(get_num_threads(), most)
    pace, now = _pace.get((ufunc, x.dtype), float("inf")), time.perf_counter()
    worth = _worth(now)
    if threads > 1 and pace * x.nbytes >= worth and now >= _state.alone_until:
        split = _split(ufunc, operands, out)
        if split is not None and _shared(ufunc, split, threads, worth):
            return split.arrays[-1]
    return _alone(ufunc, operands, out)


def _worth(now: float) -> float:
    """How long a call must take. PyTorch's threads are awake after each of its own calls, which nobody here sees."""
    awake = now - _state.ended < REST_SECONDS or openmp.library() is not None
    return WORTH_SECONDS if awake else WORTH_WAKING_SECONDS


_pace: dict[tuple[np.ufunc, np.dtype[Any]], float] = {}
"""Seconds one thread takes for a byte of x; nobody knows before the first call."""


def _alone(ufunc: np.ufunc, operands: Sequence[Any], out: Any) -> Any:
    """One call for the whole array. Whatever interrupts it counts as well, so it at most doubles what is known."""
    start = time.perf_counter()
    result = ufunc(*operands, out=out)
    _state.ended = time.perf_counter()
    key, pace = (ufunc, operands[0].dtype), (_state.ended - start) / operands[0].nbytes
    _pace[key] = min(pace, 2 * _pace.get(key, pace))
    return result


class _Split(NamedTuple):
    """The operands and the result as arrays, the loop's address, and the length of a row (an element has 1)."""

    loop: int
    arrays: list[np.ndarray[Any, Any]]
    core: int

    def job(self, threads: int, *, streamed: bool) -> Job:
        out, core = self.arrays[-1], self.core
        row, rows = core * out.itemsize, out.size // core
        even = rows * row // (threads * SLICES_PER_THREAD)
        return Job(
            loop=self.loop,
            addresses=[_address(array) for array in self.arrays],
            steps=[*[row if array.ndim else 0 for array in self.arrays], *[out.itemsize] * len(self.arrays)],
            rows=rows,
            slice=max(1, min(even // PAGE * PAGE, SLICE_BYTES) // row),
            core=core,
            data=out.size if streamed else 0,
        )

    def piece(self) -> _Split:
        """As much as FIRST_BYTES. Its result has memory of its own, for that of the whole may be an operand."""
        out = self.arrays[-1].reshape(-1, self.core)
        piece = slice(0, -(-FIRST_BYTES * len(out) // out.nbytes))
        parts = [array.reshape(-1, self.core)[piece] if array.ndim else array for array in self.arrays[:-1]]
        return self._replace(arrays=[*parts, np.empty_like(out[piece])])


def _shared(ufunc: np.ufunc, split: _Split, threads: int, worth: float) -> bool:
    """Several threads' work; False where that turns out not to be worth it, or not to be possible now."""
    out = split.arrays[-1]
    key = ufunc, out.dtype
    if key not in _pace:
        *operands, target = split.piece().arrays
        _alone(ufunc, operands, target)
        if _pace[key] * out.nbytes < worth:
            return False
    job = split.job(threads, streamed=_pace[key] < STREAM_PACE)
    start = time.perf_counter()
    if job.slices < 2 or not share(job, threads, split.arrays):
        return False
    _state.ended = end = time.perf_counter()
    _rest(end, end - start, _pace[key] * out.nbytes)
    _pace[key] = min(_pace[key], (end - start) * threads / out.nbytes)
    return True


def _rest(now: float, took: float, expected: float) -> None:
    """After a loss no call is split for as long as it took, after n in a row for 2ⁿ⁻¹ times that.

    On two processors with six others' processes, calls of 0.2 ms took 8 ms, PyTorch's as well.
    """
    _state.losses = min(_state.losses + 1, 8) if took > LOSS * expected else 0
    if _state.losses:
        _state.alone_until = now + took * 2.0 ** (_state.losses - 1)


def _split(ufunc: np.ufunc, operands: Sequence[Any], out: Any) -> _Split | None:
    """The call as a job for several threads; None where slices of its operands do not belong together."""
    x, kinds = operands[0], _kinds(ufunc, operands[0].dtype)
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    like = x if out is None else out
    if len(operands) != len(kinds) or type(like) is not np.ndarray or like.shape != x.shape or not like.ndim:
        return None
    arrays, by_element = [], ufunc.signature is None
    for value, kind in zip((*operands, like), (*kinds, x.dtype), strict=True):
        array = _scalar(value, kind) if by_element else None
        if array is None:
            if not _is_alike(value, like) or value.dtype != kind:
                return None
            array = value
        arrays.append(array)
    if out is None:
        arrays[-1] = np.empty(x.shape, x.dtype)
    elif not out.flags.writeable:
        return None
    address = loop_address(ufunc, _name(x.dtype))
    return _Split(address, arrays, 1 if by_element else x.shape[-1]) if address else None


def _address(array: Any) -> int:
    """Where the first element is; 1 µs sooner from the buffer, where the array gives one."""
    if array.flags.writeable and array.dtype.kind in "fu":
        return ctypes.addressof(ctypes.c_char.from_buffer(array))
    return int(array.__array_interface__["data"][0])


@cache
def _name(dtype: np.dtype[Any]) -> str:
    return dtype.name


@cache
def _kinds(ufunc: np.ufunc, dtype: np.dtype[Any]) -> tuple[np.dtype[Any], ...]:
    """The dtypes of the operands where x and the result have `dtype` and slices can be taken; else none.

    Rows of bfloat16 come out as float32. Patterns of bfloat16 may have parameters of another dtype.
    """
    rows = ",".join(["(n)"] * ufunc.nin) + "->(n)"
    if not dtype.isnative or ufunc.signature not in (None, rows) or ufunc.nargs > MOST_OPERANDS:
        return ()
    if dtype.char == "H" and ufunc.types[0].endswith("->H"):
        return tuple(np.dtype(kind) for kind in ufunc.types[0][: ufunc.nin])
    floating = dtype.kind == "f" or (ufunc.signature is None and dtype.name == "bfloat16")
    return (dtype,) * ufunc.nin if floating else ()


def _scalar(value: Any, kind: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    """A scalar, which belongs to every slice, in memory of its own; None for what is not one of this kind."""
    if type(value) in (int, float) or (np.ndim(value) == 0 and value.dtype == kind):
        return np.array(value, kind)
    return None


def _is_alike(value: Any, like: np.ndarray[Any, Any]) -> bool:
    """Whether a slice of `value` belongs to the same slice of `like`."""
    if value is not like and (type(value) is not np.ndarray or value.shape != like.shape):
        return False
    if not (value.flags.c_contiguous and value.flags.aligned):
        return False
    return value is like or not np.may_share_memory(value, like) or value.ctypes.data == like.ctypes.data


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

"""One race: a function, an order, a dtype, a size and a number of threads; and the memory it runs on."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

import nonlin as nl
from nonlin.emit.frame import entry_point
from nonlin.kernels import loop_text

SPREAD = 2.0
"""Standard deviation of the inputs: most in the curved part of every function, some in its tails."""
_LINE = 64
_CALLED = re.compile(r"^define void @loop\(.*?call void @(\w+)\(ptr %args", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """What is computed. `order` 0 is f, 1 is f′; `row` is the length of a row for a row function, else 0."""

    function: str
    order: int
    dtype: str
    elements: int
    threads: int
    row: int = 0

    @property
    def activation(self) -> Any:
        return nl.get(self.function)

    def values(self, x: np.ndarray[Any, Any], out: np.ndarray[Any, Any] | None = None) -> Any:
        """What the race is about, computed as a user does: `nl.f(x, out=)` or `nl.f.derivative(x, out=)`."""
        return self.activation.derivative(x, self.order, out=out) if self.order else self.activation(x, out=out)

    @property
    def sha256(self) -> str:
        """Hash of the text of our kernel, "" where there is none: with another one a measurement is out of date."""
        return _hash_of(self.function, self.order, self.dtype, platform.machine())


@cache
def _hash_of(function: str, order: int, dtype: str, machine: str) -> str:
    """The same on every machine: left out is what a loop does with the processor's status flags."""
    activation: Any = nl.get(function)
    try:
        text = loop_text(activation.derivative_ufunc_of(order) if order else activation.ufunc, dtype)
    except KeyError:
        return ""
    called = _CALLED.search(text)
    assert called
    return hashlib.sha256(text.replace(entry_point(called[1], machine=machine), "").encode()).hexdigest()


@dataclass(frozen=True)
class Runner:
    """One way of computing a cell; `call` returns the result. `form` says how it is called."""

    form: str
    call: Callable[[], Any]


class UnavailableError(Exception):
    """A contender cannot take part in this race; the message says why."""


def numpy_dtype(name: str) -> np.dtype[Any]:
    """The dtype of that name; bfloat16 is that of ml_dtypes."""
    if name != "bfloat16":
        return np.dtype(name)
    try:
        import ml_dtypes
    except ImportError:
        raise UnavailableError("ml_dtypes is not installed") from None
    made: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return made


def aligned(elements: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Memory that starts on a cache line."""
    raw = np.empty(elements * dtype.itemsize + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    return raw[start : start + elements * dtype.itemsize].view(dtype)


@dataclass(frozen=True)
class Memory:
    """Input and output of one size and dtype, shared by all contenders."""

    elements: int
    dtype: str
    row: int = 0

    @cached_property
    def x(self) -> np.ndarray[Any, Any]:
        dtype, x = numpy_dtype(self.dtype), aligned(self.elements, numpy_dtype(self.dtype))
        block = np.random.default_rng(7).normal(0.0, SPREAD, min(self.elements, 1 << 20)).astype(dtype)
        for start in range(0, self.elements, block.size):
            x[start : start + block.size] = block[: self.elements - start]
        return x.reshape(-1, self.row) if self.row else x

    @cached_property
    def out(self) -> np.ndarray[Any, Any]:
        out = aligned(self.elements, self.x.dtype)
        out[:] = 0
        return out.reshape(self.x.shape)

"""PyTorch through `torch.compile`, which needs a C++ compiler."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from benchmarks.speed.peers.torch_eager import functional, imported, tensor

FIRST = 1 << 16
"""Elements of the first call: the compiler decides by them whether the code it makes uses vectors and threads."""


def torch_compiled(cell: Cell, memory: Memory) -> list[Runner]:
    """The compiled function, for any size; f′ as the compiled vector-Jacobian product with ones."""
    torch = imported()
    if not any(map(shutil.which, ("g++", "clang++", "c++"))):
        raise UnavailableError("torch.compile needs a C++ compiler, and there is none")
    torch.set_num_threads(cell.threads)
    if cell.row:
        compiled = _row(cell.function, cell.dtype, cell.threads, cell.row)
    else:
        compiled = _compiled(cell.function, cell.order, cell.dtype, cell.threads)
    x = tensor(memory.x)
    return [Runner("compiled", lambda: compiled(x))]


@cache
def _compiled(name: str, order: int, dtype: str, threads: int) -> Callable[[Any], Any]:
    torch = imported()
    function = functional(Cell(name, order, dtype, 1, threads))

    def slope(x: Any) -> Any:
        value, back = torch.func.vjp(function, x)
        return back(torch.ones_like(value))[0]

    compiled: Callable[[Any], Any] = torch.compile(_own_code(slope if order else function), dynamic=True)
    compiled(torch.zeros(FIRST, dtype=getattr(torch, dtype)))
    return compiled


@cache
def _row(name: str, dtype: str, threads: int, row: int) -> Callable[[Any], Any]:
    """Compiled for one length of row, as the compiler does by default."""
    compiled: Callable[[Any], Any] = imported().compile(_own_code(functional(Cell(name, 0, dtype, row, threads, row))))
    return compiled


def _own_code(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function with a code object of its own.

    torch.compile keeps what it compiled with the code object, at most eight times for one, and then runs eager
    without an error: functions made by the same line would share the eight.
    """
    assert isinstance(function, FunctionType)
    parts = function.__globals__, function.__name__, function.__defaults__, function.__closure__
    return FunctionType(function.__code__.replace(), *parts)

"""PyTorch through `torch.compile`, which needs a C++ compiler."""

from __future__ import annotations

import shutil
from functools import cache
from typing import Any

from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from benchmarks.speed.peers.torch_eager import functional, imported, tensor


def torch_compiled(cell: Cell, memory: Memory) -> list[Runner]:
    """The compiled function; f′ as the compiled vector-Jacobian product with ones."""
    imported()
    if not any(map(shutil.which, ("g++", "clang++", "c++"))):
        raise UnavailableError("torch.compile needs a C++ compiler, and there is none")
    compiled, x = _compiled(cell.function, cell.order, cell.dtype, cell.threads), tensor(memory.x)

    return [Runner("compiled", lambda: compiled(x))]


@cache
def _compiled(name: str, order: int, dtype: str, threads: int) -> Any:
    torch = imported()
    function = functional(Cell(name, order, dtype, 1, threads))
    if not order:
        return torch.compile(function, dynamic=True)

    def slope(x: Any) -> Any:
        value, back = torch.func.vjp(function, x)
        return back(torch.ones_like(value))[0]

    return torch.compile(slope, dynamic=True)

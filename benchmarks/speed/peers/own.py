"""Our own entries: the function as a user calls it, and the identity, which shows what the memory can carry."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from nonlin.expression import nodes
from nonlin.kernels import assemble


def nonlin(cell: Cell, memory: Memory) -> list[Runner]:
    """`nl.f(x, out=)`, or `nl.f.derivative(x, out=)`."""
    activation, order, x, out = cell.activation, cell.order, memory.x, memory.out

    def call() -> Any:
        return activation.derivative(x, order, out=out) if order else activation(x, out=out)

    try:
        call()
    except TypeError as error:
        raise UnavailableError(str(error).splitlines()[0]) from None
    return [Runner("out=", call)]


def identity(cell: Cell, memory: Memory) -> list[Runner]:
    """The same loop around the body y = x."""
    x, out, ufunc = memory.x, memory.out, _identity()
    try:
        assemble.call(ufunc, (x,), out)
    except TypeError as error:
        raise UnavailableError(str(error).splitlines()[0]) from None
    return [Runner("out=", lambda: assemble.call(ufunc, (x,), out))]


@cache
def _identity() -> np.ufunc:
    return assemble.elementwise("identity_kernel", nodes.x, ("x",))

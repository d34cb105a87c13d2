"""What is proved: one order of one function in one dtype, with its kernels and a hash of what they were made from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import nonlin as nl
from nonlin.emit import llvm
from nonlin.expression import nodes
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node
from nonlin.kernels import loop_text
from nonlin.kernels.ufunc import add_waiting

ORDERS = (0, 1, 2)
SYMBOLS = ("f", "f′", "f″")
BARS = {"float32": (2.0, 4.0, 4.0), "float16": (0.51,) * 3, "bfloat16": (0.51,) * 3}
NEAR, FLOOR = 1 / 16, 2.0**-8
"""Within NEAR of a sign change away from x = 0, the ulp is taken at no less than FLOOR."""
# The scalar functions a loop runs, without the conversions of memory formats, which differ between processors.
_BODIES = re.compile(r"^define internal [^@\n]*@body.*?^}", re.MULTILINE | re.DOTALL)
MOST_SIGN_CHANGES = 64
_GRID = np.sinh(np.linspace(-18, 18, 72_001))


@dataclass(frozen=True)
class Subject:
    """The order-th derivative of a function in a dtype, parameters at their defaults as the dtype holds them."""

    function: str
    order: int
    dtype: str

    @property
    def activation(self) -> Any:
        return nl.get(self.function)

    @property
    def bar(self) -> float:
        """The largest error promised, in ulp."""
        return BARS[self.dtype][self.order]

    @cached_property
    def numpy_dtype(self) -> np.dtype[Any]:
        if self.dtype != "bfloat16":
            return np.dtype(self.dtype)
        import ml_dtypes

        made: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return made

    @cached_property
    def parameters(self) -> dict[str, float]:
        """The values an operand of the dtype takes, so that rounding a parameter is no error of the kernel."""
        return {name: float(self.numpy_dtype.type(value)) for name, value in self.activation.parameters.items()}

    @cached_property
    def expression(self) -> Node:
        """The derivative, parameters as symbols."""
        return derivative(self.activation.expression, nodes.x, self.order)

    @cached_property
    def ufunc(self) -> np.ufunc:
        """The very ufunc a user calls."""
        made: np.ufunc = self.activation.derivative_ufunc_of(self.order)
        return made

    def values(self, x: np.ndarray[Any, Any], out: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        """The kernel of x's dtype at every x."""
        add_waiting()  # a bare ufunc does not look for a dtype that came after it
        operands = [x.dtype.type(value) for value in self.parameters.values()]
        result: np.ndarray[Any, Any] = self.ufunc(x, *operands, out=out)
        return result

    @cached_property
    def sha256(self) -> str:
        """Hash of the arithmetic of the kernel and of the float64 kernel it is held to; the same on every machine.

        Left out is the loop around it, which differs between processors and computes nothing.
        """
        modules = [loop_text(self.ufunc, dtype) for dtype in (self.dtype, "float64")]
        bodies = [body for module in modules for body in _BODIES.findall(module)]
        return hashlib.sha256("\0".join([*bodies, repr(self.parameters)]).encode()).hexdigest()

    @cached_property
    def sign_changes(self) -> tuple[float, ...]:
        """Where a derivative, or f itself, changes its sign, other than at x = 0: found on a grid and bisected.

        Of a wave's, the nearest to 0; further out the error is taken as it is.
        """
        points = _GRID[self.values(_GRID) != 0]
        signs = np.sign(self.values(points))
        turns = np.flatnonzero(signs[1:] * signs[:-1] < 0)
        low, high = points[turns], points[turns + 1]
        for _ in range(60):
            middle = (low + high) / 2
            left = np.sign(self.values(middle)) == np.sign(self.values(low))
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        crossed = np.sign(self.values(low)) * np.sign(self.values(high)) < 0  # not where it merely stops being 0
        found = sorted((float(point) for point in high[crossed] if abs(point) > 1e-3), key=abs)
        return tuple(sorted(found[:MOST_SIGN_CHANGES]))

    def __str__(self) -> str:
        return f"{self.function} {SYMBOLS[self.order]} {self.dtype}"


def subjects(functions: tuple[str, ...] = (), dtypes: tuple[str, ...] = tuple(BARS)) -> list[Subject]:
    """Every function (or those named), order and dtype that has a kernel. Raises UnknownNameError for a wrong name."""
    names = tuple(nl.get(name).name for name in functions) or nl.names(kind="elementwise")
    offered = [dtype for dtype in dtypes if dtype in llvm.DTYPES]
    return [Subject(name, order, dtype) for dtype in offered for name in names for order in ORDERS]

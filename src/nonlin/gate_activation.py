"""Gated units: two arrays, or one that holds both as its halves, and one compiled kernel for the pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlin.activation import ElementwiseActivation
from nonlin.arguments import axis_of, real_array
from nonlin.backends import backend_of
from nonlin.errors import InvalidValueError

VALUE = "value"
"""The operand of a gate's formula besides x: the one that is scaled."""


@dataclass(frozen=True, eq=False, repr=False)
class GateActivation(ElementwiseActivation):
    """A gate: `glu(x)` on the halves of one array, `glu(a, b)` on two arrays, in the order of the halves.

    `.ufunc` and `.derivative` take the input that passes through the function first, then `value`:
    `swiglu.derivative(a, value=b)` is the derivative in a, with `wrt="value"` in b. `.facts` are those for value 1.
    """

    def __call__(self, x: Any, second: Any = None, *, axis: int = -1, out: Any = None, **parameters: Any) -> Any:
        """The gate of the halves of x along `axis` (whose length is halved), or of x and `second`.

        Raises InvalidValueError for an axis x does not have or of odd length, and where the two do not broadcast;
        InvalidTypeError for an axis that is no whole number, UnknownNameError for any other keyword.
        """
        for name, given in parameters.items():
            super().check_parameter("" if name == VALUE else name, given)
        halves = split(self.name, x, axis) if second is None else (x, second)
        gated, value = self._in_operand_order(halves)
        return self._apply(gated, 0, "x", out, {VALUE: value})

    def vjp(self, x: Any, gradient: Any, axis: int = -1) -> Any:
        """What backpropagation passes on to the array of both halves; NumPy arrays. Same shape as x."""
        gated, value = self._in_operand_order(split(self.name, x, axis))
        slopes = (
            self.derivative(gated, value=value) * gradient,
            self.derivative(gated, wrt=VALUE, value=value) * gradient,
        )
        return np.concatenate(self._in_operand_order(slopes), axis=axis)

    def _in_operand_order(self, halves: tuple[Any, Any]) -> tuple[Any, Any]:
        """(x, value) from (first, second), and the other way round: the exchange is its own inverse."""
        return halves if self.definition.gated == "first" else (halves[1], halves[0])

    def check_parameter(self, name: str, value: object) -> None:
        """As for other activations, but the scaled input may hold anything."""
        if name != VALUE:
            super().check_parameter(name, value)


def split(name: str, x: Any, axis: int) -> tuple[Any, Any]:
    """The halves of x along an axis, as views, of an array or a tensor."""
    backend = backend_of(x)
    array = real_array(name, x) if backend is None else backend.as_floating(x)
    shape = tuple(array.shape)
    axis = axis_of(name, axis, len(shape))
    if shape[axis] % 2:
        raise InvalidValueError(
            f"{name} takes the two halves of an axis, whose length must be even",
            received=f"length {shape[axis]} along axis {axis} of shape {shape}",
            fix=f"make the layer before it twice as wide, or call nonlin.{name}(a, b) with two arrays",
        )
    half, before = shape[axis] // 2, (slice(None),) * (axis % len(shape))
    return array[(*before, slice(None, half))], array[(*before, slice(half, None))]

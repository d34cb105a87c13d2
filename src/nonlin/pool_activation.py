"""Pools: groups of inputs along an axis become one output each, by a kernel that joins two inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlin.arguments import axis_of, real_array, whole
from nonlin.backends import backend_of
from nonlin.errors import InvalidValueError
from nonlin.gate_activation import VALUE, GateActivation


@dataclass(frozen=True, eq=False, repr=False)
class PoolActivation(GateActivation):
    """A pool: `maxout(x, num_pieces=3)` of the groups of three neighbours along an axis, `maxout(a, b)` of two arrays.

    `.ufunc` and `.derivative` join two inputs, x and `value`. `.facts` are those of joining x with the default `value`.
    """

    def __call__(
        self,
        x: Any,
        second: Any = None,
        *,
        axis: int = -1,
        num_pieces: int = 2,
        out: Any = None,
        **parameters: Any,
    ) -> Any:
        """Each group of `num_pieces` neighbours along `axis`, whose length becomes 1/num_pieces of what it was.

        Raises InvalidValueError where num_pieces is no whole number from 1 or does not divide the length of the axis,
        and for an axis x does not have; UnknownNameError for any other keyword.
        """
        if second is not None:
            return super().__call__(x, second, out=out, **parameters)
        for name, given in parameters.items():
            self.check_parameter("" if name == VALUE else name, given)
        *others, last = pieces(self.name, x, axis, num_pieces)
        *_, joined = self._joined(others or [last])
        return self._apply(joined, 0, "x", out, {VALUE: last})

    def vjp(self, x: Any, gradient: Any, axis: int = -1, num_pieces: int = 2) -> Any:
        """What backpropagation passes on to the array of all pieces; NumPy arrays. Same shape as x."""
        parts = pieces(self.name, x, axis, num_pieces)
        slopes: list[Any] = []
        for joined, part in reversed(list(zip(self._joined(parts), parts[1:], strict=False))):
            slopes.append(self.derivative(joined, wrt=VALUE, value=part) * gradient)
            gradient = self.derivative(joined, value=part) * gradient
        place = axis_of(self.name, axis, np.ndim(x)) % np.ndim(x) + 1
        return np.stack([np.asarray(gradient), *reversed(slopes)], axis=place).reshape(np.shape(x))

    def _joined(self, parts: Sequence[Any]) -> list[Any]:
        """What the first piece, the first two, the first three … come to."""
        results = [parts[0]]
        for part in parts[1:]:
            results.append(self._apply(results[-1], 0, "x", None, {VALUE: part}))
        return results


def pieces(name: str, x: Any, axis: int, count: int) -> list[Any]:
    """The first entries of all groups along an axis, the second ones, …: views of an array or a tensor."""
    backend = backend_of(x)
    array = real_array(name, x) if backend is None else backend.as_floating(x)
    shape = tuple(array.shape)
    axis = axis_of(name, axis, len(shape)) % max(len(shape), 1)
    number = whole(count)
    if number is None or number < 1 or shape[axis] % number:
        raise InvalidValueError(
            f"{name} takes groups along an axis, whose length must be a multiple of num_pieces",
            received=f"num_pieces={count!r}, length {shape[axis]} along axis {axis} of shape {shape}",
            fix="a whole number that divides the length, or a layer before it that many times as wide",
        )
    before = (slice(None),) * axis
    return [array[(*before, slice(first, None, number))] for first in range(number)]

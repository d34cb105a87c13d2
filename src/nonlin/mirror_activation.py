"""Mirrored activations: f(x) and f(−x) one after the other, by the one compiled kernel of f."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nonlin.activation import ElementwiseActivation
from nonlin.arguments import axis_of, input_error, real_array
from nonlin.backends import backend_of
from nonlin.errors import InvalidValueError


@dataclass(frozen=True, eq=False, repr=False)
class MirrorActivation(ElementwiseActivation):
    """A mirrored activation: `crelu(x)` holds f of all entries of an axis, then f of their negatives.

    `.formula`, `.ufunc`, `.derivative` and `.facts` are those of f, which is elementwise.
    """

    def __call__(self, x: Any, *, axis: int = -1, out: Any = None, **parameters: Any) -> Any:
        """f(x) followed by f(−x) along `axis`, whose length doubles. Kinds of array and dtypes as for other functions.

        Raises InvalidValueError for an axis x does not have and an `out` of another shape; InvalidTypeError for an axis
        that is no whole number and for input that holds no real numbers; UnknownNameError for any other keyword.
        """
        backend = backend_of(x)
        array: Any = real_array(self.name, x) if backend is None else backend.as_floating(x)
        axis = axis_of(self.name, axis, array.ndim)
        first = self._apply(array, 0, "x", None, parameters)
        # Negated as floating-point numbers: the negatives of unsigned integers are not.
        floating = array.astype(first.dtype, copy=False) if backend is None else array.to(first.dtype)
        second = self._apply(-floating, 0, "x", None, parameters)
        if backend is not None:
            return backend.concatenate((first, second), axis, out)
        return self._written(np.concatenate((first, second), axis=axis), out)

    def vjp(self, x: Any, gradient: Any, axis: int = -1) -> Any:
        """What backpropagation passes on to x: f′(x) times the first half of `gradient`, minus f′(−x) times the second.

        NumPy arrays. `gradient` has the shape of the result, what comes back that of x.
        """
        array, given = real_array(self.name, x), real_array(self.name, gradient)
        axis = axis_of(self.name, axis, array.ndim) % array.ndim
        shape = (*array.shape[:axis], 2 * array.shape[axis], *array.shape[axis + 1 :])
        if given.shape != shape:
            raise InvalidValueError(
                f"the gradient of {self.name} has the shape of its result", received=given.shape, choices=[str(shape)]
            )
        first, second = np.split(given, 2, axis=axis)
        slope = self.derivative(array)
        return slope * first - self.derivative(-array.astype(slope.dtype, copy=False)) * second

    def _written(self, result: np.ndarray[Any, Any], out: Any) -> Any:
        """The result, in `out` where there is one; that may share memory with x, which is no longer needed."""
        if out is None:
            return result
        try:
            return np.concatenate((result,), out=out)
        except (TypeError, ValueError) as error:
            raise input_error(self.name, result, error, out) from None

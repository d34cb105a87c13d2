"""Activations of a whole row: each output depends on every input along one axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.arguments import axis_of, input_error, real_array, whole
from nonlin.backends import backend_of
from nonlin.errors import InvalidTypeError, NonlinError
from nonlin.expression.nodes import Node
from nonlin.expression.rows import GRADIENT, vector_jacobian
from nonlin.kernels import assemble as kernels


@cache
def _row_ufunc(name: str, expression: Node, operands: tuple[str, ...]) -> np.ufunc:
    return kernels.row(name, expression, operands)


def _dtype(operand: Any) -> np.dtype[Any]:
    return np.dtype(getattr(operand, "dtype", None) or np.asarray(operand).dtype)


@dataclass(frozen=True, eq=False, repr=False)
class RowActivation(Activation):
    """f of rows along an axis: softmax and its relatives."""

    def __call__(self, x: Any, axis: int | None = None, *, out: Any = None) -> Any:
        """f along `axis`; same shape and dtype as x.

        Without `axis`, along the one fixed by `bind(axis=…)`, else the last. Raises InvalidTypeError for complex or
        object input and for an axis that is no whole number, InvalidValueError for an axis x does not have.
        """
        axis = self._chosen(axis)
        backend = backend_of(x)
        if backend is not None:
            return backend.apply_row(self, x, axis)
        return self._call(self.ufunc, x, axis, out, x)

    def vjp(self, x: Any, gradient: Any, axis: int | None = None) -> Any:
        """Σᵢ gradientᵢ ∂fᵢ/∂x along `axis`: what backpropagation passes on. Same shape as x."""
        return self._call(self.vjp_ufunc, x, self._chosen(axis), None, x, gradient)

    def jacobian(self, x: Any) -> Any:
        """∂fᵢ/∂xⱼ for the last axis: shape (..., n, n) for x of shape (..., n), row i for output i."""
        rows = np.asarray(x)[..., np.newaxis, :]
        return self.vjp(rows, np.eye(rows.shape[-1], dtype=np.result_type(rows, np.float16)), axis=-1)

    def accuracy(self, points: int = 100) -> Any:
        """Sampled errors are those of elementwise functions: InvalidTypeError."""
        return self.derivative(points)

    def _chosen(self, given: int | None) -> int:
        return int(self.bound.get("axis", -1)) if given is None else given

    def check_parameter(self, name: str, value: object) -> None:
        """A row function has one thing to bind: `axis`, a whole number."""
        if name != "axis":
            super().check_parameter(name, value)
        elif whole(value) is None:
            raise InvalidTypeError(f"the axis of {self.name} is one whole number", received=repr(value))

    def _call(self, ufunc: np.ufunc, x: Any, axis: int, out: Any, *operands: Any) -> Any:
        if type(axis) is not int:
            axis = axis_of(self.name, axis, np.ndim(x))
        try:
            return self._in_dtype(ufunc, operands, axis, out)
        except (TypeError, ValueError) as error:
            raise self._refusal(x, axis, out, error) from None

    def _refusal(self, x: Any, axis: int, out: Any, error: Exception) -> NonlinError:
        """What was wrong where NumPy gave up: the numbers, then the axis, else what NumPy says."""
        try:
            axis_of(self.name, axis, real_array(self.name, x).ndim)
        except NonlinError as clearer:
            return clearer
        return input_error(self.name, x, error, out)

    def _in_dtype(self, ufunc: np.ufunc, operands: tuple[Any, ...], axis: int, out: Any) -> Any:
        """The rows in the dtype NumPy would give; half precision is computed in float32 and rounded once."""
        if axis == -1:
            result = kernels.call(ufunc, operands, out)
        else:
            result = ufunc(*operands, axis=axis) if out is None else ufunc(*operands, axis=axis, out=out)
        half = out is None and np.result_type(*map(_dtype, operands), np.float16) == np.float16
        return result.astype(np.float16) if half else result

    @cached_property
    def ufunc(self) -> np.ufunc:
        """The generalised ufunc (n)->(n); takes `axis=`."""
        return _row_ufunc(self.name, self.expression, ("x",))

    @cached_property
    def vjp_ufunc(self) -> np.ufunc:
        """The generalised ufunc (n),(n)->(n) of the vector-Jacobian product; operands x and the gradient."""
        return _row_ufunc(f"{self.name}_vjp", vector_jacobian(self.expression), ("x", str(GRADIENT.name)))

"""What is received in place of numbers and axes: what of it is taken, and the errors for the rest."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from nonlin.errors import InvalidTypeError, InvalidValueError, NonlinError


def _not_real(name: str, received: str) -> NonlinError:
    return InvalidTypeError(
        f"{name} takes real numbers: floating point, integers or booleans",
        received=received,
        choices=("float16", "float32", "float64", "integers", "bool"),
        fix="convert with x.astype(float), or apply it to the real and imaginary parts",
    )


def real_array(name: str, x: Any) -> np.ndarray[Any, Any]:
    """x as an array, before anything is asked of its shape.

    Raises InvalidTypeError unless it holds real numbers, InvalidValueError for lists of unequal lengths.
    """
    try:
        array: np.ndarray[Any, Any] = np.asanyarray(x)
    except ValueError as error:
        raise input_error(name, x, error) from None
    if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
        raise _not_real(name, f"{type(x).__name__} of dtype {array.dtype}")
    return array


def input_error(name: str, x: Any, error: Exception, out: Any = None) -> NonlinError:
    """A clear error for input or `out` no kernel takes, in place of NumPy's."""
    received = f"{type(x).__name__} of dtype {getattr(x, 'dtype', type(x).__name__)}"
    if out is not None and np.asarray(x).dtype.kind in "biuf":
        return (InvalidTypeError if isinstance(error, TypeError) else InvalidValueError)(
            f"{name} cannot write its result into this out=",
            received=f"out: {type(out).__name__} of dtype {getattr(out, 'dtype', '-')}, x: {received} ({error})",
            fix=f"a writable floating-point array of shape {np.shape(x)}, or leave out= away",
        )
    if isinstance(error, TypeError):
        return _not_real(name, f"{received} ({error})")
    return InvalidValueError(f"{name} cannot be applied to these shapes", received=f"{received}: {error}")


def axis_of(name: str, axis: object, dimensions: int) -> int:
    """`axis` as one of the axes of an array with so many of them.

    Raises InvalidTypeError unless it is one whole number, InvalidValueError where the array has no such axis.
    """
    legal = (f"{-dimensions} … {dimensions - 1}",) if dimensions else ()
    number = axis if type(axis) is int else whole(axis)
    if number is None:
        raise InvalidTypeError(
            f"the axis of {name} is one whole number", received=repr(axis), choices=legal, fix="-1 is the last axis"
        )
    if not -dimensions <= number < dimensions:
        raise InvalidValueError(
            f"{name} works along an axis of its input",
            received=f"axis {number} of an input with {dimensions} dimension{'s' * (dimensions != 1)}",
            choices=legal,
            fix="-1 is the last axis" if dimensions else "give it a row of numbers, not one number",
        )
    return number


def whole(number: object) -> int | None:
    """A whole number of any type as Python's; None for anything else, True and False included."""
    return None if isinstance(number, bool) or not hasattr(number, "__index__") else operator.index(number)

"""Values and slopes of an activation as float64 arrays: the one place where pictures evaluate anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.activation import Activation

Points = NDArray[np.float64]


def values_at(activation: Activation, x: ArrayLike) -> Points:
    """f(x); for a row function, of the row x; for a gate, with 1 as the input that is scaled."""
    points = np.asarray(x, dtype=np.float64)
    value = activation(points, axis=-1) if activation.kind == "row" else activation.derivative(points, 0)
    return np.asarray(value, dtype=np.float64)


def slopes_at(activation: Activation, x: ArrayLike) -> Points:
    """f′(x)."""
    return np.asarray(activation.derivative(np.asarray(x, dtype=np.float64)), dtype=np.float64)

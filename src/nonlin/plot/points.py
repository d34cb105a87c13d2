"""Values and slopes of an activation as float64 arrays: the one place where pictures evaluate anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.activation import Activation

Points = NDArray[np.float64]


def values_at(activation: Activation, x: ArrayLike) -> Points:
    """f(x); for a row function, of the row x."""
    return np.asarray(activation(np.asarray(x, dtype=np.float64)), dtype=np.float64)


def slopes_at(activation: Activation, x: ArrayLike) -> Points:
    """f′(x)."""
    return np.asarray(activation.derivative(np.asarray(x, dtype=np.float64)), dtype=np.float64)

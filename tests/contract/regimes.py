"""Inputs that are compulsory for every function: each regime is a name and a function of the case and the dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.contract.cases import Case

Points = NDArray[np.floating]
Info = Any  # numpy.finfo of the dtype
_BESIDE = 3  # neighbours on each side of a special point


def both(points: Any) -> NDArray[np.float64]:
    """The points and their negatives."""
    array = np.asarray(points, dtype=np.float64)
    return np.concatenate([array, -array])


def beside(centre: float, dtype: Any) -> NDArray[np.float64]:
    """A point, its neighbours in the dtype, and points at distances that halve."""
    at = np.dtype(dtype).type(centre)
    found = [at]
    for towards in (-np.inf, np.inf):
        step = at
        for _ in range(_BESIDE):
            step = np.nextafter(step, np.dtype(dtype).type(towards))
            found.append(step)
    return np.concatenate([np.array(found, np.float64), centre + both(2.0 ** -np.arange(3, 14))])


def _random(low: float, high: float, count: int) -> NDArray[np.float64]:
    return np.random.default_rng(20).uniform(low, high, count)


def _magnitudes(info: Info, count: int) -> NDArray[np.float64]:
    """Log-spaced over all magnitudes, from the smallest subnormal to the largest number."""
    low, high = np.log2(float(info.smallest_subnormal)), np.log2(float(info.max))
    return both(2.0 ** np.linspace(low, high, count, endpoint=False))


def _subnormal(info: Info) -> NDArray[np.float64]:
    tiny, least = float(info.tiny), float(info.smallest_subnormal)
    few = least * np.array([1.0, 2, 3, 4, 5, 7, 12, 25, 99])
    return both([*few, tiny / 1000, tiny / 3, tiny - least, tiny, tiny + least, 2 * tiny])


def _huge(info: Info) -> NDArray[np.float64]:
    largest = float(info.max)
    return both([largest, largest / 2, largest / 3, largest**0.5, largest**0.5 * 3, largest ** (1 / 3), 1e4, 1e3])


REGIMES: Mapping[str, Callable[[Case, Info, int], NDArray[np.float64]]] = {
    "zeros": lambda case, info, n: np.array([0.0, -0.0]),
    "subnormal": lambda case, info, n: _subnormal(info),
    "huge": lambda case, info, n: _huge(info),
    # Not for derivatives in parameters: their limits may cancel so far out that certifying one takes ten seconds.
    "infinite": lambda case, info, n: np.array([np.inf, -np.inf] if case.wrt == "x" else []),
    "not a number": lambda case, info, n: np.array([np.nan]),
    "kinks": lambda case, info, n: _around(case.breaks, info),
    "sign changes": lambda case, info, n: _around(case.sign_changes, info),
    "exponential's borders": lambda case, info, n: both([*_random(87, 104.5, n), *_random(708, 746, n)]),
    "Gaussian tail": lambda case, info, n: -np.concatenate([_random(3, 14.6, n), _random(14, 39, n)]),
    "tails": lambda case, info, n: both(np.geomspace(1, 2000, n)),
    "moderate": lambda case, info, n: _random(-9, 9, 4 * n),
    "all magnitudes": lambda case, info, n: _magnitudes(info, 2 * n),
}  # fmt: skip


def _around(centres: Any, info: Info) -> NDArray[np.float64]:
    return np.concatenate([np.array([], np.float64), *(beside(centre, info.dtype) for centre in centres)])


def points(case: Case, dtype: Any, regime: str, size: int) -> Points:
    """The inputs of one regime, exactly representable in the dtype; `size` scales the sampled regimes."""
    with np.errstate(over="ignore", under="ignore"):
        found: Points = REGIMES[regime](case, np.finfo(dtype), size).astype(dtype)
    return found


def all_points(case: Case, dtype: Any, size: int) -> Points:
    """The inputs of every regime, each once (−0 and +0 both)."""
    together = np.concatenate([points(case, dtype, regime, size) for regime in REGIMES])
    integers = together.view(f"u{together.itemsize}")
    return np.unique(integers).view(together.dtype)

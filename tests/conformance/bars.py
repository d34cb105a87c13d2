"""How far from a reference a value may lie, and how that is measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.expression import oracle

ONNX_ULP = 8.0  # of the reference's own values, which are up to four ulp off themselves
VALUE_ULP = {"float32": 2.0, "float64": 4.0}
SLOPE_ULP = {"float32": 4.0, "float64": 4.0}
FLOOR = 2.0**-8  # beside a sign change of a slope, the unit is that of numbers of this size


def furthest(got: Any, expected: Any, dtype: str, *, floor: bool = False) -> float:
    """The largest distance in ulp of the dtype at the expected value; with `floor`, at no less than 2⁻⁸."""
    given, wanted = np.ravel(np.asarray(got, np.float64)), np.ravel(np.asarray(expected, object))
    errors = oracle.ulp_error(given, wanted, dtype)
    if floor:
        unit = FLOOR * float(np.finfo(dtype).eps)
        away = [abs(float(g - e)) / unit if abs(e) < FLOOR else np.inf for g, e in zip(given, wanted, strict=True)]
        errors = np.minimum(errors, away)
    return float(errors.max(initial=0.0))

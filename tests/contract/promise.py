"""The promises' bars, and how an error is measured: against the oracle at single points, or against a wider kernel.

The unit is the distance between neighbouring numbers of the dtype at the exact value. Within 1/16 of a sign change
away from x = 0, where no relative bound is meaningful, it is taken at max(|exact|, 2⁻⁸).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.expression import oracle
from nonlin.expression.nodes import parameters as parameters_of
from tests.contract.cases import Case

Errors = NDArray[np.float64]
BARS: Mapping[str, Mapping[int, float]] = {
    "float16": {0: 0.51, 1: 0.51, 2: 0.51},
    "float32": {0: 2.0, 1: 4.0, 2: 4.0},
    "float64": {0: 4.0, 1: 4.0, 2: 4.0},
}
NEAR, FLOOR = 1 / 16, 2.0**-8
BESIDE = 4  # a corner that is no floating-point number may be taken this many ulp away


def bar(case: Case, dtype: Any) -> float:
    """The largest error promised, in ulp."""
    return BARS[np.dtype(dtype).name][case.order]


def exact(case: Case, x: float) -> Any:
    """The mathematical value, found without the package's derivative rules; at a kink the definition's choice.

    That choice must lie between the derivatives from the two sides, or this raises AssertionError.
    """
    node, used = case.activation.expression, case.parameters
    if not case.order:
        return oracle.value(node, x, **used)
    try:
        return oracle.derivative(node, x, case.order, case.wrt, **used)
    except oracle.KinkError:
        chosen = _chosen(case, x)
        sides = [oracle.one_sided(node, x, case.order, side, case.wrt, **used) for side in (-1, 1)]
        assert min(sides) <= chosen <= max(sides), f"{case} at {x!r}: {chosen} is not between {sides}"
        return chosen


def _chosen(case: Case, x: float) -> Any:
    read = parameters_of(case.symbolic)
    return oracle.value(case.symbolic, x, **{name: case.parameters[name] for name in read})


def near_sign_change(case: Case, x: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where the ulp is taken at no less than 2⁻⁸."""
    near = np.zeros(x.shape, np.bool_)
    for zero in case.sign_changes:
        near |= np.abs(x.astype(np.float64) - zero) <= NEAR
    return near


def beside_break(case: Case, x: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a rounded comparison may fall on the other side of a corner or a jump."""
    beside = np.zeros(x.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        for at in case.breaks:
            beside |= np.abs(x.astype(np.float64) - at) <= BESIDE * np.spacing(np.abs(x.dtype.type(at)))
    return beside


def errors_by_oracle(case: Case, x: NDArray[np.floating], got: NDArray[np.floating]) -> Errors:
    """The error of each value in ulp of its dtype, against certified values."""
    wanted = [exact(case, float(point)) for point in x]
    errors = oracle.ulp_error(got, wanted, got.dtype)
    for index in np.flatnonzero(near_sign_change(case, x) & (errors > 0)):
        exponent = np.floor(np.log2(max(abs(float(wanted[index])), FLOOR)))
        difference = abs(oracle.CONTEXT.mpf(float(got[index])) - wanted[index])
        errors[index] = float(difference) / float(2.0**exponent * np.finfo(got.dtype).eps)
    for index in np.flatnonzero(beside_break(case, x) & (errors > 1)):
        nearby = [x[index] + step * np.spacing(x[index]) for step in range(-BESIDE, BESIDE + 1)]
        errors[index] = min(oracle.ulp_error(got[index], exact(case, float(other)), got.dtype) for other in nearby)
    return errors


def errors_by_wider(
    case: Case, x: NDArray[np.floating], got: NDArray[np.floating], wide: NDArray[np.floating]
) -> Errors:
    """The same against float64 values that were themselves held to the oracle (their own error is 2⁻²⁹ of an ulp)."""
    info = np.finfo(got.dtype)
    edge = 2.0**info.maxexp
    with np.errstate(invalid="ignore"):  # signalling NaN are among the inputs
        given = got.astype(np.float64)
        wanted, obtained = np.clip(wide, -edge, edge), np.clip(given, -edge, edge)
        least = np.where(near_sign_change(case, x), FLOOR, float(info.tiny))
        size = np.clip(np.abs(wanted), least, float(info.max))
        ulp = 2.0 ** (np.frexp(size)[1] - 1.0 - info.nmant)
        errors = np.where(np.isnan(wide) & np.isnan(given), 0.0, np.abs(obtained - wanted) / ulp)
    infinite = np.isinf(wide) & (given != wide)
    errors = np.where(np.isnan(errors) | infinite, np.inf, errors)
    return np.where(beside_break(case, x), 0.0, errors)  # these are judged by the oracle


def broken(case: Case, dtype: Any, x: NDArray[np.floating], errors: Errors) -> str:
    """Empty where the promise holds, else the worst input and how many break it."""
    limit, worst = bar(case, dtype), int(np.argmax(errors))
    if not (errors > limit).any():
        return ""
    got, wanted = case.kernel(x[worst : worst + 1])[0], exact(case, float(x[worst]))
    return (
        f"{case} in {dtype}: {int((errors > limit).sum())} of {x.size} inputs beyond {limit} ulp, the worst "
        f"{errors[worst]:.3g} ulp at x = {x[worst]!r}: {got!r}, exactly {float(wanted)!r}"
    )

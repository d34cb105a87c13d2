"""Tests of the measure: it must see an error just beyond the bar, a NaN, a zero too early, an infinity too early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from tests.contract import promise
from tests.contract.cases import Case, cases, elementwise
from tests.contract.regimes import all_points

Points = Any  # an array of any floating dtype
CURVED = [n for n in elementwise() if nl.get(n).facts.smoothness > 1 and nl.get(n).facts.curvature != "affine"]
# One of each family: the measure is the same for all, and its test need not be long.
CHOSEN = {nl.get(name).family: name for name in reversed(CURVED)}
STEEPEST = [Case(name, 1, "x", nl.get(name).parameters) for name in CHOSEN.values()]


@dataclass(frozen=True)
class Wrong(Case):
    """A case whose kernel makes a mistake: `mistake` gets the inputs and the right values."""

    mistake: Callable[[Points, Points], Points] = lambda x, y: y

    def kernel(self, x: Points) -> Points:
        return self.mistake(x, super().kernel(x))


def _too_far(x: Points, y: Points) -> Points:
    steps = y.dtype.type(1 + 2 ** (6 if y.dtype == np.float16 else 3) * np.finfo(y.dtype).eps)
    with np.errstate(over="ignore"):
        return y * steps


def _one(chosen: Callable[[Points], Points], value: float) -> Callable[[Points, Points], Points]:
    return lambda x, y: np.where(chosen(x), y.dtype.type(value), y)


MISTAKES: dict[str, Callable[[Points, Points], Points]] = {
    "eight ulp off everywhere": _too_far,
    "NaN at the largest number": _one(lambda x: x == np.finfo(x.dtype).max, np.nan),
    "NaN at minus infinity": _one(lambda x: x == -np.inf, np.nan),
    "a number for NaN": _one(np.isnan, 0.0),
    "infinity between 1 and 4": _one(lambda x: (x > 1) & (x < 4), np.inf),
    "the negative of it for large negative inputs": lambda x, y: np.where((x < -2) & (x > -5), -y, y),
    "nothing below 2⁻¹⁰ of the largest value": lambda x, y: np.where(np.abs(y) < 2.0**-10, 0, y).astype(y.dtype),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("case", STEEPEST, ids=str)
def test_a_mistake_is_seen(case: Case, mistake: str) -> None:
    wrong = Wrong(case.name, case.order, case.wrt, case.parameters, MISTAKES[mistake])
    for dtype in ("float32", "float64"):
        x = all_points(case, dtype, 4)
        if np.array_equal(wrong.kernel(x), case.kernel(x), equal_nan=True):
            continue  # no value of this function is small enough to be changed
        assert promise.broken(wrong, dtype, x, promise.errors_by_oracle(wrong, x, wrong.kernel(x))) != ""
    for dtype in ("float16", "float32"):
        x, wide = all_points(case, dtype, 40), case.kernel(all_points(case, dtype, 40).astype(np.float64))
        if np.array_equal(wrong.kernel(x), case.kernel(x), equal_nan=True):
            continue
        assert promise.broken(wrong, dtype, x, promise.errors_by_wider(wrong, x, wrong.kernel(x), wide)) != ""


@pytest.mark.parametrize("case", STEEPEST, ids=str)
def test_both_measures_agree(case: Case) -> None:
    """The vectorised measure sees what the oracle sees, for values that are a few ulp off."""
    x = all_points(case, "float32", 4)
    right = case.kernel(x.astype(np.float64))
    with np.errstate(over="ignore", invalid="ignore"):
        got = (right * (1 + 2.0**-22)).astype(np.float32)
    by_oracle, by_wider = promise.errors_by_oracle(case, x, got), promise.errors_by_wider(case, x, got, right)
    # Where the wider value was rounded up to a power of two, the exact one may lie below it, where units are half.
    clear = np.frexp(right)[0] != 0.5
    assert clear.sum() > x.size / 4
    np.testing.assert_allclose(by_wider[clear], by_oracle[clear], rtol=1e-6, atol=1e-6)
    assert by_oracle.max() > 2


def test_near_a_sign_change_the_unit_is_no_smaller_than_the_floor() -> None:
    slopes = [Case(name, 1, "x", nl.get(name).parameters) for name in CURVED]
    turning = [case for case in slopes if case.sign_changes and not case.breaks][:6]
    assert turning
    for case in turning:
        zero = np.array([case.sign_changes[0]])
        off = np.array([float(promise.exact(case, float(zero[0])))]) + 3 * promise.FLOOR * np.finfo(np.float64).eps
        assert 2.5 < promise.errors_by_oracle(case, zero, off)[0] < 3.5
        away = zero + 2 * promise.NEAR
        assert not promise.near_sign_change(case, away).any()


def test_a_subgradient_beyond_both_slopes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    kinked = [case for name in elementwise() if nl.get(name).facts.kinks for case in cases(name) if case.order == 1]
    case = next(c for c in kinked if c.wrt == "x")
    at = case.activation.facts.kinks[0].x
    promise.exact(case, at)
    monkeypatch.setattr(promise, "_chosen", lambda case, x: 1.5)
    with pytest.raises(AssertionError, match="not between"):
        promise.exact(case, at)


def test_bars_are_those_of_the_promises() -> None:
    assert promise.BARS == {
        "float16": {0: 0.51, 1: 0.51, 2: 0.51},
        "float32": {0: 2.0, 1: 4.0, 2: 4.0},
        "float64": {0: 4.0, 1: 4.0, 2: 4.0},
    }
    assert (promise.NEAR, promise.FLOOR) == (0.0625, 0.00390625)

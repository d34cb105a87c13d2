"""The promised accuracy: catalogue × order × operand × parameter values × dtype × input regime."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nonlin as nl
from nonlin.catalog import DEFINITIONS
from tests.contract import promise
from tests.contract.cases import Case, all_cases, elementwise
from tests.contract.regimes import REGIMES, all_points, points

CASES = all_cases()
PLAIN = all_cases(defaults_only=True)
WIDE, NARROW = ("float64", "float32"), "float16"
SIZE = 16  # points per sampled regime that are held to the oracle
DENSE = 3_000  # points per sampled regime that are held to the float64 kernel


@pytest.mark.parametrize("dtype", WIDE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_against_the_oracle(case: Case, dtype: str) -> None:
    case = case.rounded(dtype)
    x = all_points(case, dtype, SIZE)
    assert promise.broken(case, dtype, x, promise.errors_by_oracle(case, x, case.kernel(x))) == ""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_float32_against_float64(case: Case) -> None:
    case = case.rounded("float32")
    x = all_points(case, "float32", DENSE)
    errors = promise.errors_by_wider(case, x, case.kernel(x), case.kernel(x.astype(np.float64)))
    assert promise.broken(case, "float32", x, errors) == ""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_float16(case: Case) -> None:
    case = case.rounded(NARROW)
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    got = case.kernel(x)
    assert got.dtype == np.float16
    errors = promise.errors_by_wider(case, x, got, case.kernel(x.astype(np.float64)))
    assert promise.broken(case, NARROW, x, errors) == ""


EXTREME_VALUES = (0.0, 1e-30, -1e-30, 1e18, -1e18)
EXTREME_REGIMES = ("zeros", "subnormal", "huge", "infinite", "all magnitudes")


@pytest.mark.parametrize("dtype", WIDE)
@pytest.mark.parametrize("name", [name for name in elementwise() if DEFINITIONS[name].parameters])
def test_extreme_parameters(name: str, dtype: str) -> None:
    definition, failures = DEFINITIONS[name], []
    for parameter in definition.parameters:
        for value in filter(parameter.admits, EXTREME_VALUES):
            given = {**definition.defaults, parameter.name: value}
            for order in (0, 1):
                case = Case(name, order, "x", given).rounded(dtype)
                x = np.concatenate([points(case, dtype, regime, 2) for regime in EXTREME_REGIMES])
                x = x if value else x[np.isfinite(x)]  # 0·∞: there is no limit in both at once
                failures.append(promise.broken(case, dtype, x, promise.errors_by_oracle(case, x, case.kernel(x))))
    assert [failure for failure in failures if failure] == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_not_a_number_stays_and_none_appears(case: Case) -> None:
    for dtype in (*WIDE, NARROW):
        x = all_points(case, dtype, SIZE)
        got = case.kernel(x)
        assert np.isnan(got[np.isnan(x)]).all()
        assert not np.isnan(got[np.isfinite(x)]).any()
        for side in x[np.isinf(x)]:
            none = np.isnan(float(promise.exact(case, float(side))))  # a wave has no limit
            assert np.isnan(got[x == side]).all() == none


@pytest.mark.parametrize("name", elementwise())
def test_the_sign_of_zero_passes_through_zero(name: str) -> None:
    """Where f(0) = 0 and f rises through it, f(−0) is −0, as the limit from below."""
    activation = nl.get(name)
    if activation.facts.value_at_zero != 0 or activation.facts.slope_at_zero <= 0:
        return
    for dtype in (*WIDE, NARROW):
        signs = np.signbit(activation(np.array([-0.0, 0.0], dtype)))
        assert signs.tolist() == [True, False]


@pytest.mark.parametrize("name", elementwise())
def test_the_subgradient_is_that_of_the_facts(name: str) -> None:
    activation = nl.get(name)
    for kink in activation.facts.kinks:
        assert activation.derivative(kink.x) == pytest.approx(kink.subgradient, rel=1e-15)


def test_the_run_list_is_the_catalogue() -> None:
    assert len(CASES) > 3 * len(elementwise()) > 30
    assert {case.name for case in CASES} == {d.name for d in DEFINITIONS.values() if d.kind == "elementwise"}
    assert {(c.name, c.order) for c in CASES} >= {(name, order) for name in elementwise() for order in (0, 1, 2)}
    operands = {(c.name, c.wrt) for c in CASES}
    assert operands == {(n, wrt) for n in elementwise() for wrt in ("x", *DEFINITIONS[n].defaults)}


@pytest.mark.parametrize("dtype", [*WIDE, NARROW])
def test_every_regime_has_its_inputs(dtype: str) -> None:
    """No regime is empty for every function, and the compulsory single points are there for each."""
    info = np.finfo(dtype)
    for regime in REGIMES:
        assert any(points(case, dtype, regime, 4).size for case in PLAIN), regime
    for case in (case for case in PLAIN if case.wrt == "x"):
        x = all_points(case, dtype, 4)
        present = set(x[~np.isnan(x)].tolist())
        assert np.isnan(x).any()
        for wanted in (0.0, math.inf, float(info.max), float(info.tiny), float(info.smallest_subnormal)):
            assert {wanted, -wanted} <= present
        assert set(np.signbit(x[x == 0]).tolist()) == {True, False}
        for kink in case.activation.facts.kinks:
            at = np.dtype(dtype).type(kink.x)
            assert {float(np.nextafter(at, np.inf)), float(at)} <= present


def test_sign_changes_are_found() -> None:
    """A function that rises or falls all the way has a slope of one sign; x σ(x) turns where x = −1 − W(1/e)."""
    found = {name: Case(name, 1, "x", DEFINITIONS[name].defaults).sign_changes for name in elementwise()}
    for name, turns in found.items():
        assert turns == () or nl.get(name).facts.monotonic == "none"
    assert -1.278464542761 in [round(turn, 12) for turns in found.values() for turn in turns]
    assert len([turns for turns in found.values() if len(turns) == 1]) >= 3

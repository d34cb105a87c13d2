"""Rounding to a floating-point format, and the distance in ulp."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonlin.errors import InvalidValueError
from nonlin.expression import nodes, oracle
from nonlin.expression.nodes import apply, x

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(FINITE)
def test_rounding_matches_the_machine(number: float) -> None:
    with np.errstate(over="ignore"):
        for dtype in (np.float16, np.float32, np.float64):
            np.testing.assert_array_equal(oracle.values(x, [number], dtype=dtype), np.array([number]).astype(dtype))


def test_rounding_is_never_done_twice() -> None:
    just_above_half = (
        1 + Fraction(1, 2**24) + Fraction(1, 2**60)
    )  # float64 would drop the last bit, and the tie go down
    assert oracle.values(nodes.constant(just_above_half), [0.0], dtype=np.float32)[0] == np.float32(1 + 2**-23)
    half_of_smallest = nodes.constant(Fraction(1, 2**150))
    assert oracle.values(half_of_smallest, [0.0], dtype=np.float32)[0] == 0
    assert (
        oracle.values(nodes.constant(Fraction(1, 2**150) + Fraction(1, 2**400)), [0.0], dtype=np.float32)[0] == 2**-149
    )
    assert oracle.values(nodes.constant(Fraction(257, 256)), [0.0], dtype="bfloat16")[0] == 1


def test_values_keep_the_shape_and_take_a_side() -> None:
    found = oracle.values(apply("abs", x), [[-1.0, 0.0], [1.0, 2.0]], order=1, side=1)
    np.testing.assert_array_equal(found, [[-1, 1], [1, 1]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_ulp_error_counts_neighbours(dtype: type) -> None:
    for start in (1.0, 1.5, 0.0, float(np.finfo(dtype).tiny), float(np.finfo(dtype).max) / 2):
        number = dtype(start)
        up = np.nextafter(number, dtype(np.inf))
        assert oracle.ulp_error(up, float(number), dtype) == 1
        assert oracle.ulp_error(number, float(number), dtype) == 0


def test_ulp_error_is_total() -> None:
    inf, nan, largest = math.inf, math.nan, float(np.finfo(np.float32).max)
    got = np.array([inf, nan, nan, 1.0, inf, -inf, 0.0, inf, largest])
    wanted = [inf, nan, 1.0, nan, -inf, 1.0, -0.0, 2.0**128, oracle.value(apply("exp", x), 1000)]
    errors = oracle.ulp_error(got, wanted, np.float32)
    np.testing.assert_array_equal(errors[[0, 1, 2, 3, 4, 6, 7, 8]], [0, 0, inf, inf, inf, 0, 0, 1])
    assert 1e6 < errors[5] < inf
    with pytest.raises(InvalidValueError, match="float16"):
        oracle.ulp_error(1.0, 1.0, "int8")

"""Plain float64 evaluation: a function for every operation, stable forms, quiet in the corners."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from nonlin.errors import InvalidValueError
from nonlin.expression import nodes
from nonlin.expression.nodes import parameter, x
from nonlin.expression.numeric import FUNCTIONS, evaluate

POINTS = np.array([-800.0, -40.0, -3.0, -1e-12, 0.0, 1e-12, 0.5, 3.0, 40.0, 800.0])


def test_every_operation_has_a_function() -> None:
    assert set(FUNCTIONS) == {*nodes.OPERATIONS, *nodes.COMPARISONS, *nodes.ROW_OPERATIONS}


# The same functions written out with the standard library, in forms that are exact at these points.
BY_HAND: dict[str, Callable[[float], float]] = {
    "logistic": lambda t: 1 / (1 + math.exp(-t)) if t > -700 else math.exp(t),
    "logistic_slope": lambda t: math.exp(-abs(t)) / (1 + math.exp(-abs(t))) ** 2,
    "softplus": lambda t: t + math.log1p(math.exp(-t)) if t > 0 else math.log1p(math.exp(t)),
    "erf": math.erf,
    "erfc": math.erfc,
    "normal_cdf": lambda t: math.erfc(-t / math.sqrt(2)) / 2,
    "normal_pdf": lambda t: math.exp(-t * t / 2) / math.sqrt(2 * math.pi),
    "tanh": math.tanh,
    "atan": math.atan,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
    "floor": math.floor,
    "sign": lambda t: (t > 0) - (t < 0),
    "neg": lambda t: -t,
}


@pytest.mark.parametrize("op", sorted(BY_HAND))
def test_values(op: str) -> None:
    expected = np.array([BY_HAND[op](t) for t in POINTS.tolist()], dtype=float)
    np.testing.assert_allclose(evaluate(nodes.apply(op, x), POINTS), expected, rtol=1e-14)


def test_tails_do_not_underflow_early() -> None:
    assert evaluate(nodes.logistic(x), -745.0) > 0
    assert evaluate(nodes.softplus(x), -745.0) > 0
    assert evaluate(nodes.normal_cdf(x), -38.0) > 0


def test_unselected_branch_is_not_seen_and_nothing_is_printed() -> None:
    f = nodes.select(nodes.less(nodes.zero, x), nodes.log(x), nodes.exp(x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = evaluate(f, [-2.0, 0.0, 1.0, 1000.0])
    np.testing.assert_allclose(values, [math.exp(-2), 1.0, 0.0, math.log(1000)])


def test_shape_dtype_and_broadcast_of_parameters() -> None:
    assert evaluate(nodes.one, np.zeros((2, 3), np.float32)).shape == (2, 3)
    slopes = np.array([[1.0], [2.0]])
    result = evaluate(parameter("slope") * x, np.arange(3), {"slope": slopes})
    np.testing.assert_array_equal(result, slopes * np.arange(3))
    assert result.dtype == np.float64


def test_result_is_the_callers_to_change() -> None:
    points = np.zeros(3)
    evaluate(x, points)[0] = 1.0
    assert points[0] == 0.0


def test_rows() -> None:
    rows = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(evaluate(nodes.row_sum(x), rows), [[7, 7, 7], [0, 0, 0]])
    np.testing.assert_array_equal(evaluate(nodes.row_anchor(x), rows), [[4, 4, 4], [0, 0, 0]])


def test_missing_parameter_is_named() -> None:
    with pytest.raises(InvalidValueError, match="no value for 'slope'"):
        evaluate(parameter("slope") * x, 1.0)

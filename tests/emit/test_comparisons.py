"""Comparisons of lines and clipped lines with constants, and lines written around their roots."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from nonlin.emit.comparisons import compared
from nonlin.emit.distribute import distribute
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import (
    constant,
    decimal,
    exp,
    less,
    less_equal,
    maximum,
    minimum,
    parameter,
    select,
    x,
)
from nonlin.expression.numeric import evaluate
from nonlin.kernels import assemble

LINE = (x + 3) / 6
SOLVED = {
    "a line": (less(LINE, 1), less(x, 3)),
    "a line on the right": (less(0, LINE), less(-3, x)),
    "a falling line": (less(1 - 2 * x, 0), less(Fraction(1, 2), x)),
    "a falling line on the right": (less_equal(0, 1 - 2 * x), less_equal(x, Fraction(1, 2))),
    "x itself": (less(x, 3), less(x, 3)),
    "clipped below": (less(maximum(LINE, 0), 1), less(x, 3)),
    "clipped above": (less(0, minimum(LINE, 1)), less(-3, x)),
    "clipped twice": (less(maximum(minimum(LINE, 2), 0), 1), less(x, 3)),
    "a limit first": (less(maximum(constant(0), LINE), 1), less(x, 3)),
    "with equality": (less_equal(maximum(LINE, 1), 1), less_equal(x, 3)),
    "another function, clipped": (less(maximum(exp(x), 1), 2), less(exp(x), 2)),
}
AS_IT_IS = {
    "a root that is no float32": less(x * 3, 1),
    "two functions": less(x, exp(x)),
    "a parameter": less(parameter("a") * x, 1),
    "a parabola": less(x * x, 4),
    "a limit that decides": less(maximum(LINE, 1), 1),
    "a limit that decides always": less(minimum(LINE, 0), 1),
    "no limit": less(maximum(LINE, x), 1),
}


@pytest.mark.parametrize("name", SOLVED)
def test_solved_for_x(name: str) -> None:
    comparison, expected = SOLVED[name]
    assert compared(comparison.op, *comparison.args) is expected


@pytest.mark.parametrize("name", AS_IT_IS)
def test_left_as_it_is(name: str) -> None:
    comparison = AS_IT_IS[name]
    assert compared(comparison.op, *comparison.args) is comparison


@pytest.mark.parametrize("name", [*SOLVED, *AS_IT_IS])
def test_it_says_the_same(name: str) -> None:
    comparison = AS_IT_IS[name] if name in AS_IT_IS else SOLVED[name][0]
    points = np.array([-np.inf, np.inf, *np.arange(-40, 41) / 8])
    values = {"a": 2.0}
    wanted = evaluate(select(comparison, 1, 0), points, values)
    assert set(wanted) == {0.0, 1.0} or "decides" in name
    got = select(compared(comparison.op, *comparison.args), 1, 0)
    np.testing.assert_array_equal(evaluate(got, points, values), wanted)


CLIPPED = {
    "a sixth": (minimum(maximum(x / 6 + Fraction(1, 2), 0), 1), -3.0, 3.0),
    "a fifth": (minimum(maximum(decimal("0.2") * x + decimal("0.5"), 0), 1), -2.5, 2.5),
    "alone": (decimal("0.2") * x + decimal("0.5"), -2.5, 2.5),
    "chosen": (select(less(-4, x), decimal("0.2") * x + decimal("0.5"), 0), -2.5, 2.5),
    "falling": (maximum(decimal("0.5") - decimal("0.2") * x, 0), 2.5, -2.5),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CLIPPED)
def test_a_line_is_zero_at_its_root_alone(name: str, dtype: str) -> None:
    """Rounded to a float of either size, the slope would leave a rest there: 3e-17 of 0.2·2.5 − 0.5."""
    expression, root, top = CLIPPED[name]
    kernel = assemble.elementwise("line", expression, ("x",))
    at, full = np.array([root], dtype), np.array([top], dtype)
    assert kernel(at)[0] == 0
    assert kernel(full)[0] == 1
    inside = np.nextafter(at, full)
    exact = Fraction(float(inside[0])) - Fraction(root)
    slope = Fraction(1, 5) if name != "a sixth" else Fraction(1, 6)
    assert kernel(inside)[0] == pytest.approx(float(abs(exact) * slope), rel=1e-6)


def test_the_slope_of_a_clipped_line_is_that_of_the_line_inside_alone() -> None:
    expression, low, high = CLIPPED["a fifth"]
    for dtype in ("float32", "float64"):
        ends = np.array([low, high], dtype)
        points = np.concatenate([np.nextafter(ends, 9), np.nextafter(ends, -9), ends])
        slope = assemble.elementwise("slope", derivative(expression), ("x",), 4.0)(points.astype(dtype))
        np.testing.assert_allclose(slope, [0.2, 0, 0, 0.2, 0, 0], rtol=1e-6)


def test_lines_that_rounding_does_not_move_are_left_alone() -> None:
    for node in (2 * x + 1, x / 4 - 3, x + decimal("0.1"), x / 3, x / 3 + decimal("0.1"), exp(x) / 3 + 1):
        assert "sub(x" not in repr(distribute(maximum(node, 0)))

"""Facts worked out by hand, for functions outside the catalogue built to be awkward."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nonlin.expression import nodes
from nonlin.expression.nodes import absolute, apply, decimal, exp, less, logistic, maximum, minimum, select, sqrt, x
from nonlin.facts import Asymptote, Interval, Jump, Kink, facts_of, gaussian_moments
from nonlin.facts.breakpoints import breakpoints

CLIPPED = minimum(maximum(x, -1), 2)
GATED = x * minimum(maximum(x + 3, 0), 6) / 6
HOLE = select(less(absolute(x), decimal("0.5")), 0, x)
SHRUNK = x - nodes.tanh(x)
PARABOLA = x * x


def test_clipped_line() -> None:
    facts = facts_of(CLIPPED)
    assert facts.range == Interval(-1.0, 2.0, low_closed=True, high_closed=True)
    assert facts.kinks == (Kink(-1.0, 0.0, 1.0, 0.0), Kink(2.0, 1.0, 0.0, 0.0))
    assert facts.dead_region == (Interval(-math.inf, -1.0, high_closed=True), Interval(2.0, math.inf, low_closed=True))
    assert (facts.monotonic, facts.strictly_monotonic, facts.lipschitz) == ("increasing", False, 1.0)
    assert facts.asymptotes == (Asymptote(-1, 0.0, -1.0), Asymptote(1, 0.0, 2.0))


def test_gate_of_straight_pieces() -> None:
    facts = facts_of(GATED)
    slopes = [(k.x, round(k.left_slope, 12), round(k.right_slope, 12), k.subgradient) for k in facts.kinks]
    assert slopes == [(-3.0, 0.0, -0.5, 0.0), (3.0, 1.5, 1.0, 1.0)]
    assert facts.range == Interval(-0.375, math.inf, low_closed=True)
    assert facts.max_slope == pytest.approx(1.5, abs=1e-12)
    assert facts.max_slope_at == 3.0
    # The turning point at −1.5 is not saturation.
    assert facts.saturation == (Interval(-math.inf, -3.0),)


def test_jumps() -> None:
    facts = facts_of(HOLE)
    assert [(j.x, round(j.left, 12), round(j.right, 12), j.value) for j in facts.jumps] == [
        (-0.5, -0.5, 0.0, -0.5),
        (0.5, 0.0, 0.5, 0.5),
    ]
    assert (facts.lipschitz, facts.max_slope, facts.smoothness) == (math.inf, 1.0, -1)
    assert facts.dead_region == (Interval(-0.5, 0.5),)


def test_a_flat_inflection_is_saturation_and_lines_at_both_ends_are_found() -> None:
    facts = facts_of(SHRUNK)
    assert facts.asymptotes == (Asymptote(-1, 1.0, 1.0), Asymptote(1, 1.0, -1.0))
    (flat,) = facts.saturation
    assert flat.high == pytest.approx(math.atanh(0.1), abs=1e-12)  # f′ = tanh², a hundredth of 1 where tanh = 0.1
    assert (facts.max_slope, abs(facts.max_slope_at)) == (1.0, math.inf)


def test_unbounded_slope() -> None:
    facts = facts_of(PARABOLA)
    assert facts.lipschitz == math.inf
    assert (facts.curvature, facts.monotonic, facts.saturation) == ("convex", "none", ())
    assert facts.second_moment == pytest.approx(3.0, abs=1e-13)
    assert facts.range == Interval(0.0, math.inf, low_closed=True)
    assert facts_of(sqrt(absolute(x))).lipschitz == math.inf


def test_slow_tails() -> None:
    facts = facts_of(x / (1 + absolute(x)))
    assert facts.limits == (-1.0, 1.0)
    assert facts.smoothness == 1
    assert facts.kinks == ()
    assert facts.saturation[1].low == pytest.approx(9.0, abs=1e-12)
    slow = facts_of(nodes.sign(x) * nodes.log1p(absolute(x)))
    assert slow.limits == (-math.inf, math.inf)
    assert slow.asymptotes == ()


def test_no_limit() -> None:
    facts = facts_of(nodes.make("sin", x))
    assert all(map(math.isnan, facts.limits))
    assert facts.to_dict()["limits"] == [None, None]
    assert facts.range == Interval(-1.0, 1.0, low_closed=True, high_closed=True)
    assert facts.saturation == ()


def test_overflow_does_not_hide_the_limits() -> None:
    facts = facts_of((exp(x) - exp(-x)) / (exp(x) + exp(-x)))
    assert facts.limits == (-1.0, 1.0)
    assert facts.range == Interval(-1.0, 1.0)


def test_extremes_of_a_narrow_and_of_a_wide_gate() -> None:
    lowest, steepest = -0.2784645427610738, 1.0998393201288669  # of x·σ(x), from 50-digit arithmetic
    for factor in (50, decimal("0.001")):
        facts = facts_of(x * logistic(factor * x))
        scale = 1 / float(nodes.as_node(factor).value or 0)
        assert facts.range.low == pytest.approx(lowest * scale, rel=1e-12)
        assert facts.range.low_closed
        assert facts.max_slope == pytest.approx(steepest, rel=1e-12)


def test_a_bound_that_rounding_reaches_is_still_open() -> None:
    assert facts_of(nodes.tanh(100 * (x - 3))).range == Interval(-1.0, 1.0)  # −1 to the last bit at x = 0


def test_constants_and_steps() -> None:
    constant = facts_of(nodes.constant(2))
    assert (constant.levels, constant.monotonic, constant.chi, constant.lipschitz) == ((2.0,), "constant", 0.0, 0.0)
    steps = facts_of(select(less(x, -1), -1, select(less(x, 1), 0, 1)))
    assert steps.levels == (-1.0, 0.0, 1.0)
    assert steps.jumps[0] == Jump(-1.0, -1.0, 0.0, 0.0)
    assert str(steps).splitlines()[0].endswith("{−1, 0, 1}")
    assert steps.saturation == steps.dead_region == (Interval(-math.inf, math.inf),)
    assert facts_of(apply("floor", x)).levels == ()


def test_smoothness_counts_derivatives() -> None:
    power = maximum(x, 0)
    for order in range(4):
        assert facts_of(power).smoothness == order
        power = power * maximum(x, 0)


def test_break_points_are_exact() -> None:
    third = nodes.constant(1) / 3
    assert breakpoints(absolute(3 * x - 1)) == (1 / 3,)
    assert breakpoints(maximum(x - third, 2 - x)) == (float((2 + third.value) / 2) if third.value is not None else 0,)
    assert breakpoints(absolute(exp(x) - 2))[0] == pytest.approx(math.log(2), rel=1e-15)
    assert breakpoints(maximum(0, minimum(6, x + 3))) == (-3.0, 3.0)


def test_moments_of_another_gaussian() -> None:
    moments = gaussian_moments(x, mean=2.0, variance=9.0)
    np.testing.assert_allclose([moments.mean, moments.second, moments.slope_second], [2.0, 13.0, 1.0], rtol=1e-13)
    still = gaussian_moments(PARABOLA, mean=3.0, variance=0.0)
    assert (still.mean, still.second, still.slope_second) == (9.0, 81.0, 36.0)

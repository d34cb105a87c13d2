"""What any correct record of facts must satisfy, judged from values alone by other means than `nonlin.facts` uses.

`broken_promises` names every promise a record breaks, so that a test can plant a wrong fact and see it named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import integrate

from nonlin.expression import nodes
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array, evaluate
from nonlin.facts import Facts, Interval
from nonlin.facts.local import Kink

Mask = NDArray[np.bool_]
POINTS: Array = np.unique(np.concatenate([np.linspace(-30.0, 30.0, 40021), np.geomspace(1e-6, 1e3, 999)]))
POINTS = np.unique(np.concatenate([POINTS, -POINTS]))
SLACK = 1e-9
UNEVEN = 1e-4  # the difference of slopes that difference quotients show
LISTED_WITHIN = 20.0  # of a slope that oscillates for ever, the facts list what lies within this of 0


def broken_promises(facts: Facts, expression: Node) -> set[str]:
    """Names of the facts that are wrong for this expression of x."""
    value, slope = evaluate(expression, POINTS), evaluate(derivative(expression), POINTS)
    checks: dict[str, Callable[[], bool]] = {
        "range": lambda: _range_holds(facts.range, value),
        "monotonic": lambda: _direction(value) == facts.monotonic,
        "curvature": lambda: _curvature(facts, expression),
        "max_slope": lambda: _max_slope_holds(facts, slope),
        "limits": lambda: _limits_hold(facts, expression),
        "asymptotes": lambda: _asymptotes_hold(facts, expression),
        "saturation": lambda: _saturation_holds(facts, slope),
        "dead_region": lambda: _dead_holds(facts, slope),
        "kinks": lambda: _breaks_found(facts, expression),
    }
    broken = {name for name, holds in checks.items() if not holds()}
    return broken | set(_wrong_moments(facts, expression))


def _range_holds(interval: Interval, value: Array) -> bool:
    low, high = value.min(), value.max()
    inside = low >= interval.low - SLACK and high <= interval.high + SLACK
    # Slowly approached bounds (1/x) are still 10⁻³ away at the last point; unbounded functions have grown.
    near_low = low < -2.0 if math.isinf(interval.low) else low <= interval.low + 2e-3
    near_high = high > 2.0 if math.isinf(interval.high) else high >= interval.high - 2e-3
    return bool(inside and near_low and near_high)


def _direction(value: Array) -> str:
    steps = np.diff(value[np.isfinite(value)])
    rises, falls = (steps > SLACK * 1e-3).any(), (steps < -SLACK * 1e-3).any()
    return "none" if rises and falls else "increasing" if rises else "decreasing" if falls else "constant"


def _curvature(facts: Facts, expression: Node) -> bool:
    if facts.jumps:
        return facts.curvature == "none"
    points = np.linspace(-20.0, 20.0, 2003)
    left, middle, right = (evaluate(expression, points + shift) for shift in (-0.05, 0.0, 0.05))
    bend = left + right - 2 * middle
    up, down = (bend > 1e-8).any(), (bend < -1e-8).any()
    return facts.curvature == ("none" if up and down else "convex" if up else "concave" if down else "affine")


def _max_slope_holds(facts: Facts, slope: Array) -> bool:
    beside = [abs(side) for kink in facts.kinks for side in (kink.left_slope, kink.right_slope)]
    largest = max(np.abs(slope).max(), *beside, 0.0)
    if math.isinf(facts.max_slope):
        return bool(largest > 1e2)
    return bool(facts.max_slope * (1 - 1e-5) <= largest <= facts.max_slope * (1 + SLACK))


def _limits_hold(facts: Facts, expression: Node) -> bool:
    for side, limit in zip((-1.0, 1.0), facts.limits, strict=True):
        near, far = evaluate(expression, side * np.array([1e6, 1e12])).tolist()
        if math.isfinite(limit) and not abs(far - limit) < 1e-9:
            return False
        if math.isinf(limit) and not (abs(far) >= abs(near) > 5.0 and math.copysign(1.0, limit) == np.sign(far)):
            return False
    return True


def _asymptotes_hold(facts: Facts, expression: Node) -> bool:
    for line in facts.asymptotes:
        at = line.side * 1e4
        if abs(float(evaluate(expression, at)) - (line.slope * at + line.intercept)) > 2e-4:
            return False
    return len({line.side for line in facts.asymptotes}) == len(facts.asymptotes)


def _saturation_holds(facts: Facts, slope: Array) -> bool:
    if facts.max_slope == 0 or math.isinf(facts.max_slope):
        return facts.saturation == facts.dead_region
    listed = _members(facts.saturation)
    low = np.abs(slope) < 0.01 * facts.max_slope
    kinks = np.array([kink.x for kink in facts.kinks] + [jump.x for jump in facts.jumps])
    edge = (np.abs(POINTS[:, None] - kinks) < 1e-12).any(axis=1)
    turning = _turning_bands(slope, low)
    judged = ~edge & (np.abs(POINTS) <= (LISTED_WITHIN if _waves(low) else np.inf))
    return bool((listed == (low & ~turning))[judged].all())


def _waves(low: Mask) -> bool:
    """Whether the slope is small here and there, and never for good, far out."""
    far = low[np.abs(POINTS) > 100.0]
    return bool(far.any() and np.diff(far[: far.size // 2].astype(int)).any())


def _turning_bands(slope: Array, low: Mask) -> Mask:
    """Points of the low bands across which the slope changes sign."""
    marked: Mask = np.zeros(low.size, dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(int), [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if start > 0 and stop < low.size and slope[start - 1] * slope[stop] < 0:
            marked[start:stop] = True
    return marked


def _members(intervals: tuple[Interval, ...]) -> Mask:
    inside = [[point in interval for point in POINTS.tolist()] for interval in intervals]
    members: Mask = np.zeros(POINTS.size, dtype=np.bool_)
    for row in inside:
        members |= np.array(row)
    return members


def _dead_holds(facts: Facts, slope: Array) -> bool:
    central = np.abs(POINTS) <= 10.05  # further out slopes underflow to 0 without being dead
    kinks = np.isin(POINTS, [kink.x for kink in facts.kinks])
    zero = slope == 0
    alone = zero & ~np.roll(zero, 1) & ~np.roll(zero, -1)  # a turning point is not a region
    return bool((_members(facts.dead_region) == zero)[central & ~kinks & ~alone].all())


def _breaks_found(facts: Facts, expression: Node) -> bool:
    """One-sided difference quotients at every listed point, and none as uneven anywhere else."""
    step = 1e-6
    grid = np.arange(-3200, 3201) / 256.0
    at, left, right = (evaluate(expression, grid + shift) for shift in (0.0, -step, step))
    size = np.maximum(1.0, np.abs(right - left) / (2 * step))
    uneven = grid[np.abs((right - at) - (at - left)) > UNEVEN * step * size]
    listed = [kink.x for kink in facts.kinks] + [jump.x for jump in facts.jumps]
    faint = [kink for kink in facts.kinks if abs(kink.right_slope - kink.left_slope) < UNEVEN]
    if set(uneven.tolist()) != {point for point in listed if point in grid} - {kink.x for kink in faint}:
        return False
    if not all(_has_two_slopes(kink, expression) for kink in faint) or not _listed_beside_zero(listed, expression):
        return False
    for kink in facts.kinks:
        middle = float(evaluate(expression, kink.x))
        before = (middle - float(evaluate(expression, kink.x - step))) / step
        after = (float(evaluate(expression, kink.x + step)) - middle) / step
        if abs(before - kink.left_slope) > 1e-5 or abs(after - kink.right_slope) > 1e-5:
            return False
        if kink.subgradient != float(evaluate(derivative(expression), kink.x)):
            return False
    return True


def _listed_beside_zero(listed: list[float], expression: Node) -> bool:
    """That the slope leaps nowhere within 2e-6 of 0 but at the listed points: leaps of 2e-7, of curves up to 100."""
    grid = np.arange(-1999.5, 2000.0) * 1e-9
    leaps = np.abs(np.diff(evaluate(derivative(expression), grid))) > 1.5e-7
    middles = (grid[1:][leaps] + grid[:-1][leaps]) / 2
    return all(min((abs(middle - point) for point in listed), default=1.0) < 1e-9 for middle in middles.tolist())


def _has_two_slopes(kink: Kink, expression: Node) -> bool:
    """Of a corner too faint for difference quotients: that its slopes differ and are those close beside it."""
    close = evaluate(derivative(expression), kink.x + np.array([-1e-12, 1e-12]))
    listed = np.array([kink.left_slope, kink.right_slope])
    return bool(np.abs(close - listed).max() < 1e-10 < 1e-7 < abs(listed[1] - listed[0]))


def _wrong_moments(facts: Facts, expression: Node) -> Iterator[str]:
    breaks = sorted({0.0, *(k.x for k in facts.kinks), *(j.x for j in facts.jumps)})
    ends = [-12.0, *(b for b in breaks if abs(b) < 12.0), 12.0]
    for name, order, exponent in (("mean", 0, 1), ("second_moment", 0, 2), ("slope_second_moment", 1, 2)):
        node = derivative(expression, nodes.x, order)

        def integrand(z: float, node: Node = node, exponent: int = exponent) -> float:
            return float(evaluate(node, z)) ** exponent * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

        pieces = pairwise(ends)
        expected = sum(integrate.quad(integrand, a, b, epsabs=1e-12, limit=200)[0] for a, b in pieces)
        if abs(getattr(facts, name) - expected) > 1e-10:
            yield name

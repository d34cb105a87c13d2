"""The shape of the whole curve: range, steepest slope, direction, curvature, flat and saturated regions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nonlin.expression.numeric import Array
from nonlin.facts.breakpoints import bisect
from nonlin.facts.curve import Curve
from nonlin.facts.interval import Interval
from nonlin.facts.local import Jump, Kink
from nonlin.facts.tails import Tail

Direction = Literal["increasing", "decreasing", "constant", "none"]
Curvature = Literal["convex", "concave", "affine", "none"]
SATURATED_BELOW = 0.01  # the share of the steepest slope under which a region counts as saturated


@dataclass(frozen=True)
class Slope:
    """The largest |f′| and where: a finite point, or ±∞ where it is only approached."""

    size: float
    at: float


def scale_of(curve: Curve, order: int) -> float:
    """The largest size of a derivative for |x| ≤ 8: the yardstick for what counts as rounding noise."""
    values = np.abs(curve.samples(order)[np.abs(curve.grid) <= 8.0])
    values = values[np.isfinite(values)]
    return float(values.max(initial=0.0))


def range_of(curve: Curve, tails: tuple[Tail, Tail], strictly_monotonic: bool) -> Interval:
    """The smallest interval that holds all values; an end is closed when f reaches it, open when it only nears it."""
    points = [0.0, *curve.breaks.tolist(), *curve.turning_points(1, 1e-14 * scale_of(curve, 1))]
    reached = [*_flat_values(curve)]
    reached += [value for value in (curve.at(point) for point in points) if not math.isnan(value)]
    sides = [value for point in curve.breaks.tolist() for value in curve.one_sided(point)]
    approached = [value for value in (*sides, *(tail.limit for tail in tails)) if not math.isnan(value)]
    low, low_closed = _lowest(reached, approached, curve.samples(0))
    high, high_closed = _lowest([-v for v in reached], [-v for v in approached], -curve.samples(0))
    if strictly_monotonic:  # on the whole line such a function reaches neither end, rounded values or not
        return Interval(low + 0.0, -high + 0.0)
    return Interval(low + 0.0, -high + 0.0, low_closed, high_closed)


def _lowest(reached: list[float], approached: list[float], sampled: Array) -> tuple[float, bool]:
    low = min((*reached, *approached), default=math.nan)
    # A minimum that no search found (a function that oscillates) still shows on the grid.
    if sampled.size and not sampled.min() >= low - 1e-9 * max(1.0, abs(low)):
        return float(sampled.min()), True
    closed = bool(reached) and math.isfinite(low) and min(reached) <= low + 1e-15 * abs(low)
    return low, closed


def _flat_values(curve: Curve) -> list[float]:
    dead = [index for index in range(curve.breaks.size + 1) if _is_dead(curve, index)]
    return [float(curve.samples(0)[curve.piece == index][0]) for index in dead]


def levels_of(curve: Curve, tails: tuple[Tail, Tail]) -> tuple[float, ...]:
    """The values of a step function with finitely many steps, ascending; empty for any other function."""
    flat = _flat_values(curve)
    if len(flat) <= curve.breaks.size or not all(math.isfinite(tail.limit) for tail in tails):
        return ()
    return tuple(sorted({*flat, *(curve.at(point) for point in curve.breaks.tolist())}))


def steepest(curve: Curve, tails: tuple[Tail, Tail]) -> Slope:
    """The supremum of |f′|, at the reached point nearest to 0 if there is one."""
    points = [0.0, *curve.turning_points(2, 1e-14 * scale_of(curve, 2))]
    found = [(abs(curve.at(point, 1)), point) for point in points]
    for point in curve.breaks.tolist():
        found += [(abs(slope), point) for slope in curve.one_sided(point, 1)]
    found += [(abs(tail.slope), side * math.inf) for tail, side in zip(tails, (-1, 1), strict=True)]
    slopes = np.abs(curve.samples(1))
    if slopes.size:
        found.append((float(slopes.max()) * (1 - 1e-9), float(curve.grid[slopes.argmax()])))
    found = [(size, point) for size, point in found if not math.isnan(size)]
    largest = max((size for size, _ in found), default=math.nan)
    largest_at = [point for size, point in found if size >= largest * (1 - 1e-12)]
    at = min(largest_at, key=lambda point: (round(abs(point), 9), -point), default=math.nan)
    return Slope(largest, at)


def direction_of(curve: Curve, jumps: tuple[Jump, ...]) -> Direction:
    """Which way f goes, flat stretches allowed; "none" when it turns."""
    noise = 1e-12 * scale_of(curve, 1)
    slopes = curve.samples(1)
    rises = bool((slopes > noise).any()) or any(jump.right > jump.left for jump in jumps)
    falls = bool((slopes < -noise).any()) or any(jump.right < jump.left for jump in jumps)
    outside = any(not min(j.left, j.right) <= j.value <= max(j.left, j.right) for j in jumps)
    if outside or (rises and falls):
        return "none"
    return "increasing" if rises else "decreasing" if falls else "constant"


def curvature_of(curve: Curve, kinks: tuple[Kink, ...], jumps: tuple[Jump, ...]) -> Curvature:
    """Convex, concave, affine (both) or none of them."""
    noise = 1e-9 * scale_of(curve, 2)
    bends = curve.samples(2)
    up = bool((bends > noise).any()) or any(kink.right_slope > kink.left_slope for kink in kinks)
    down = bool((bends < -noise).any()) or any(kink.right_slope < kink.left_slope for kink in kinks)
    if jumps or (up and down):
        return "none"
    return "convex" if up else "concave" if down else "affine"


def dead_regions(curve: Curve) -> tuple[Interval, ...]:
    """Where f′ is exactly 0 on a whole piece: no gradient ever passes. Ends are closed where f′ is taken as 0 there."""
    ends = [-math.inf, *curve.breaks.tolist(), math.inf]
    pieces = pairwise(ends)
    flat = [(low, high) for index, (low, high) in enumerate(pieces) if _is_dead(curve, index)]
    merged: list[tuple[float, float]] = []
    for low, high in flat:
        if merged and merged[-1][1] == low and curve.at(low, 1) == 0:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(Interval(low, high, _zero_slope(curve, low), _zero_slope(curve, high)) for low, high in merged)


def _zero_slope(curve: Curve, point: float) -> bool:
    return math.isfinite(point) and curve.at(point, 1) == 0


def _is_dead(curve: Curve, index: int) -> bool:
    inside = curve.piece == index
    # Far out every decaying slope underflows to 0; within 10 of the piece's nearest point none does.
    nearest = np.abs(curve.grid[inside]).min(initial=math.inf)
    close = inside & (np.abs(curve.grid) <= nearest + 10.0)
    return bool(close.any()) and not curve.samples(1)[close].any()


def saturated_regions(
    curve: Curve, slope: Slope, tails: tuple[Tail, Tail], dead: tuple[Interval, ...]
) -> tuple[Interval, ...]:
    """Where |f′| is under 1 % of its maximum.

    The narrow band around a turning point, where f′ passes through 0 on its way to the other sign, is not
    saturation and is left out. Where the slope has no maximum, or is 0 everywhere, these are the dead regions. Of a
    function whose slope oscillates for ever, only the regions within 20 of 0 are listed.
    """
    if not math.isfinite(slope.size) or slope.size == 0:
        return dead
    threshold = SATURATED_BELOW * slope.size
    low = np.abs(curve.samples(1)) < threshold
    if any(math.isnan(tail.slope) for tail in tails):
        low &= np.abs(curve.grid) <= 20.0
    edges = np.flatnonzero(np.diff(low.astype(int)))
    bounds = _boundaries(curve, edges, threshold)
    starts = [-math.inf] * bool(low.size and low[0]) + _pick(bounds, low[edges + 1])
    stops = _pick(bounds, low[edges]) + [math.inf] * bool(low.size and low[-1])
    found = (Interval(start, stop) for start, stop in zip(starts, stops, strict=True))
    return tuple(interval for interval in found if not _turns_inside(curve, interval))


def _pick(bounds: Iterable[float], chosen: NDArray[np.bool_]) -> list[float]:
    return [bound for bound, keep in zip(bounds, chosen, strict=True) if keep]


def _boundaries(curve: Curve, edges: NDArray[np.intp], threshold: float) -> list[float]:
    """Where |f′| passes the threshold, to the right of each of these grid points; all are bisected together."""
    at_break = curve.piece[edges] != curve.piece[edges + 1]
    inside = edges[~at_break]
    was_low = np.abs(curve.samples(1)[inside]) < threshold
    ends = curve.grid[inside], curve.grid[inside + 1]
    passed = iter(bisect(lambda x: (np.abs(curve(x, 1)) < threshold) == was_low, *ends))
    places = zip(edges.tolist(), at_break.tolist(), strict=True)
    return [float(curve.breaks[int(curve.piece[edge])]) if broken else next(passed) for edge, broken in places]


def _turns_inside(curve: Curve, interval: Interval) -> bool:
    if math.isinf(interval.low) or math.isinf(interval.high):
        return False
    return curve.at(interval.low, 1) * curve.at(interval.high, 1) < 0

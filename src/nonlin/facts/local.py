"""What happens at single points: corners, jumps, and how many derivatives are continuous."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nonlin.facts.curve import Curve
from nonlin.facts.interval import Json, number_json, number_text

HIGHEST_ORDER = 5  # derivatives checked; a function continuous through all of them counts as smooth


@dataclass(frozen=True)
class Kink:
    """A corner: f is continuous, its slope jumps. `subgradient` is the slope the derivative takes at the point."""

    x: float
    left_slope: float
    right_slope: float
    subgradient: float

    def __str__(self) -> str:
        slopes = f"slope {number_text(self.left_slope)} → {number_text(self.right_slope)}"
        return f"x = {number_text(self.x)} ({slopes}, taken as {number_text(self.subgradient)})"

    def to_dict(self) -> dict[str, Json]:
        return {name: number_json(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Jump:
    """A discontinuity: the limits from the left and from the right, and the value at the point itself."""

    x: float
    left: float
    right: float
    value: float

    def __str__(self) -> str:
        return (
            f"x = {number_text(self.x)} (from {number_text(self.left)} to {number_text(self.right)}, "
            f"{number_text(self.value)} there)"
        )

    def to_dict(self) -> dict[str, Json]:
        return {name: number_json(value) for name, value in vars(self).items()}


def _same(*values: float) -> bool:
    if not all(map(math.isfinite, values)):
        return len(set(values)) == 1
    low, high = min(values), max(values)
    return high - low <= 1e-7 * max(1.0, abs(low), abs(high))


def jumps_of(curve: Curve) -> tuple[Jump, ...]:
    """Every break point where the one-sided limits and the value are not all the same."""
    found = (Jump(point, *curve.one_sided(point), curve.at(point)) for point in curve.breaks.tolist())
    return tuple(jump for jump in found if not _same(jump.left, jump.right, jump.value))


def kinks_of(curve: Curve, jumps: tuple[Jump, ...]) -> tuple[Kink, ...]:
    """Every break point where f is continuous and its slope is not."""
    points = [point for point in curve.breaks.tolist() if point not in {jump.x for jump in jumps}]
    found = (Kink(point, *curve.one_sided(point, 1), curve.at(point, 1)) for point in points)
    return tuple(kink for kink in found if not _same(kink.left_slope, kink.right_slope))


def smoothness_of(curve: Curve, jumps: tuple[Jump, ...]) -> float:
    """The number of continuous derivatives: −1 with a jump, 0 with a corner, ∞ for a smooth function."""
    if jumps:
        return -1
    for order in range(1, HIGHEST_ORDER + 1):
        if not all(_same(*curve.one_sided(point, order)) for point in curve.breaks.tolist()):
            return order - 1
    return math.inf

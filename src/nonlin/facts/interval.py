"""Intervals of the real line, and how facts write numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

Json = float | str | None


@dataclass(frozen=True)
class Interval:
    """The numbers between `low` and `high`; a closed end belongs to the interval. Infinite ends are open."""

    low: float
    high: float
    low_closed: bool = False
    high_closed: bool = False

    def __contains__(self, value: float) -> bool:
        above = self.low <= value if self.low_closed else self.low < value
        below = value <= self.high if self.high_closed else value < self.high
        return above and below

    def __str__(self) -> str:
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{left}{number_text(self.low)}, {number_text(self.high)}{right}"

    def to_dict(self) -> dict[str, Json | bool]:
        """The ends and whether they belong; infinite ends as in `number_json`."""
        ends: dict[str, Json | bool] = {"low": number_json(self.low), "high": number_json(self.high)}
        return ends | {"low_closed": self.low_closed, "high_closed": self.high_closed}


REAL_LINE = Interval(-math.inf, math.inf)


def number_text(value: float) -> str:
    """A number for people, to five significant digits: −0.27846, 1, ∞."""
    if math.isnan(value):
        return "undefined"
    text = "∞" if math.isinf(value) else f"{abs(value):.5g}"
    return f"−{text}" if value < 0 else text


def number_json(value: float) -> Json:
    """A number JSON can hold: ±∞ as the strings "inf" and "-inf", which float() reads; NaN (undefined) as None."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")

"""What f does far away: its limits at ±∞ and the straight lines it approaches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nonlin.expression.numeric import Array
from nonlin.facts.curve import Curve
from nonlin.facts.interval import Json, number_json, number_text

# Samples at ±√3·2ᵏ: a factor √3, so that no period of a floor or a sine is hit every time.
_REACH = np.array([math.sqrt(3.0) * 2.0**k for k in range(190)])
# Further out than this many samples, differences f − slope·x have lost too many digits.
_DIFFERENCES = 40


@dataclass(frozen=True)
class Asymptote:
    """The line slope·x + intercept that f approaches at −∞ (side −1) or +∞ (side 1)."""

    side: int
    slope: float
    intercept: float

    def __str__(self) -> str:
        where = "at +∞" if self.side > 0 else "at −∞"
        if self.slope == 0:
            return f"y = {number_text(self.intercept)} {where}"
        factor = {1.0: "", -1.0: "−"}.get(self.slope, number_text(self.slope))
        sign = "−" if self.intercept < 0 else "+"
        shift = f" {sign} {number_text(abs(self.intercept))}" if self.intercept else ""
        return f"y = {factor}x{shift} {where}"

    def to_dict(self) -> dict[str, Json]:
        return {name: number_json(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Tail:
    """One side: the limits of f and of f′ (±∞ where they diverge, NaN where there is none), and the asymptote."""

    limit: float
    slope: float
    asymptote: Asymptote | None


def tail_of(curve: Curve, side: int) -> Tail:
    """The behaviour of f at −∞ (side −1) or +∞ (side 1)."""
    far: Array = np.asarray(side * _REACH, dtype=np.float64)
    slope = _settle(curve(far, 1))
    if not math.isfinite(slope):
        return Tail(_limit(curve(far)), slope if not math.isnan(slope) else _divergence(curve(far, 1)), None)
    near: Array = far if slope == 0 else far[:_DIFFERENCES]
    intercept = _settle(curve(near) - slope * near)
    asymptote = Asymptote(side, slope, intercept) if math.isfinite(intercept) else None
    if asymptote is not None:
        return Tail(intercept if slope == 0 else math.copysign(math.inf, slope * side), slope, asymptote)
    return Tail(_limit(curve(far)), slope, None)


def _limit(values: Array) -> float:
    settled = _settle(values)
    return settled if math.isfinite(settled) else _divergence(values)


def _settle(values: Array) -> float:
    """The limit of a sequence sampled at doubling distances, or NaN.

    A remainder in 1/x is extrapolated away; one that decays exponentially is unchanged by that.
    """
    finite = values[np.isfinite(values)]
    if finite.size < 6:
        return math.nan
    with np.errstate(all="ignore"):
        guesses = 2.0 * finite[1:] - finite[:-1]
        steps = np.abs(np.diff(guesses))
    best = int(np.nanargmin(steps)) if not np.isnan(steps).all() else 0
    value = float(guesses[best + 1])
    return _snap(value) if steps[best] <= 1e-10 * max(1.0, abs(value)) else math.nan


def _snap(value: float) -> float:
    """The short decimal a value is within 10⁻¹² of, else the value."""
    short = round(value, 10)
    return short + 0.0 if abs(value - short) <= 1e-12 else value


def _divergence(values: Array) -> float:
    """±∞ where a sequence keeps growing with one sign, else NaN (no limit)."""
    known = values[~np.isnan(values)]
    if not known.size:
        return math.nan
    if math.isinf(known[-1]):
        return float(known[-1])
    last = known[-10:]
    growing = bool(np.all(np.diff(np.abs(last)) > 0)) and bool(np.all(np.sign(last) == np.sign(last[-1])))
    return float(np.copysign(np.inf, last[-1])) if growing else math.nan

"""The record of everything that follows from the definition of an elementwise activation."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from nonlin.facts.interval import Interval, number_json, number_text
from nonlin.facts.local import Jump, Kink
from nonlin.facts.shape import Curvature, Direction
from nonlin.facts.tails import Asymptote


@dataclass(frozen=True)
class Facts:
    """What the formula implies, at one set of parameter values. f is the function, z ~ N(0, 1).

    Printing gives one fact per line; `to_dict` gives JSON-safe values (±∞ as "inf" and "-inf", undefined as None).
    """

    range: Interval  # the smallest interval that holds all values
    levels: tuple[float, ...]  # all values, when f is a step function; else empty
    monotonic: Direction  # flat stretches allowed
    strictly_monotonic: bool
    curvature: Curvature
    kinks: tuple[Kink, ...]
    jumps: tuple[Jump, ...]
    smoothness: float  # number of continuous derivatives: −1 with a jump, 0 with a corner, ∞ for a smooth function
    limits: tuple[float, float]  # at −∞ and +∞; NaN where there is none
    asymptotes: tuple[Asymptote, ...]
    max_slope: float  # the supremum of |f′|
    max_slope_at: float  # where |f′| is largest, nearest to 0; ±∞ when only approached there
    saturation: tuple[Interval, ...]  # where |f′| is under 1 % of max_slope, except around turning points
    dead_region: tuple[Interval, ...]  # where f′ is exactly 0
    value_at_zero: float
    slope_at_zero: float
    mean: float  # E f(z)
    second_moment: float  # E f(z)²
    slope_second_moment: float  # E f′(z)²

    @property
    def bounded_below(self) -> bool:
        return self.range.low > -math.inf

    @property
    def bounded_above(self) -> bool:
        return self.range.high < math.inf

    @property
    def bounded(self) -> bool:
        return self.bounded_below and self.bounded_above

    @property
    def lipschitz(self) -> float:
        """The smallest L with |f(a) − f(b)| ≤ L·|a − b|; ∞ where f jumps or its slope has no bound."""
        return math.inf if self.jumps else self.max_slope

    @property
    def convex(self) -> bool:
        return self.curvature in ("convex", "affine")

    @property
    def concave(self) -> bool:
        return self.curvature in ("concave", "affine")

    @property
    def zero_centered(self) -> bool:
        """Whether standard normal inputs give outputs of mean 0: |E f(z)| < 10⁻⁹."""
        return abs(self.mean) < 1e-9

    @property
    def gain(self) -> float:
        """The factor on weights of variance 1/fan_in that keeps the second moment at 1: 1/√E f(z)²."""
        return _inverse_root(self.second_moment)

    @property
    def backward_gain(self) -> float:
        """The same for the size of the gradient: 1/√E f′(z)²; ∞ where no gradient passes."""
        return _inverse_root(self.slope_second_moment)

    @property
    def chi(self) -> float:
        """χ₁ at the matched gain: the factor on the mean squared gradient per layer, E f′(z)² / E f(z)²."""
        return self.slope_second_moment / self.second_moment if self.second_moment else 0.0

    def chi_1(self, sigma_w2: float) -> float:
        """χ₁ = σ_w² E f′(z)², for weights of variance σ_w²/fan_in (Schoenholz et al. 2017, "Deep information
        propagation"). Below 1 gradients shrink from layer to layer, above 1 they grow.
        """
        return sigma_w2 * self.slope_second_moment

    @property
    def correlation_floor(self) -> float:
        """C(0) = (E f)² / E f²: the correlation one layer gives two inputs that had none."""
        return self.mean**2 / self.second_moment if self.second_moment else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Every fact by name, in values JSON can hold: ±∞ as "inf" and "-inf", undefined as None."""
        stored = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return stored | {name: _plain(getattr(self, name)) for name in DERIVED}

    def __str__(self) -> str:
        return "\n".join(f"{label:<22}{text}" for label, text in self.lines())

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of each fact, for people."""
        number = number_text
        return [
            ("range", _range_text(self)),
            ("direction", _direction_text(self)),
            ("curvature", self.curvature),
            ("smoothness", _smoothness_text(self.smoothness)),
            ("kinks", _list(self.kinks)),
            ("jumps", _list(self.jumps)),
            ("value, slope at 0", f"{number(self.value_at_zero)}, {number(self.slope_at_zero)}"),
            ("limits at −∞, +∞", f"{number(self.limits[0])}, {number(self.limits[1])}"),
            ("asymptotes", _list(self.asymptotes)),
            ("steepest slope", f"{number(self.max_slope)} at x = {number(self.max_slope_at)}"),
            ("Lipschitz constant", number(self.lipschitz)),
            ("saturated", _list(self.saturation)),
            ("dead (slope 0)", _list(self.dead_region)),
            ("mean output", f"{number(self.mean)}{' (zero-centred)' if self.zero_centered else ''}"),
            ("E f², E f′²", f"{number(self.second_moment)}, {number(self.slope_second_moment)}"),
            ("init gain", f"{number(self.gain)} (for the gradient: {number(self.backward_gain)})"),
            ("gradient per layer χ₁", f"{number(self.chi)} at that gain"),
        ]


# Facts computed from the stored ones, in the order `to_dict` lists them.
DERIVED = (
    "bounded_below", "bounded_above", "bounded", "lipschitz", "convex", "concave", "zero_centered",
    "gain", "backward_gain", "chi", "correlation_floor",
)  # fmt: skip


SHOWN = 4  # of a longer list, the printed form shows this many


def _inverse_root(moment: float) -> float:
    return moment**-0.5 if moment > 0 else math.inf if moment == 0 else math.nan


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str):
        return value
    return number_json(value) if isinstance(value, int | float) else value.to_dict()


def _list(items: tuple[object, ...]) -> str:
    shown = [str(item) for item in items[:SHOWN]]
    more = [f"{len(items) - SHOWN} more"] if len(items) > SHOWN else []
    return " and ".join(shown + more) or "none"


def _range_text(facts: Facts) -> str:
    return f"{{{', '.join(map(number_text, facts.levels))}}}" if facts.levels else str(facts.range)


def _direction_text(facts: Facts) -> str:
    if facts.monotonic in ("none", "constant"):
        return {"none": "not monotonic", "constant": "constant"}[facts.monotonic]
    return f"{'strictly ' if facts.strictly_monotonic else ''}{facts.monotonic}"


def _smoothness_text(order: float) -> str:
    words = {
        -1: "discontinuous",
        0: "continuous, with corners",
        1: "continuously differentiable once",
        math.inf: "smooth",
    }
    return words.get(order, f"continuously differentiable {order:g} times")

"""Points of a curve: where to look, and pieces that are never joined across a jump."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from nonlin.activation import Activation
from nonlin.plot.points import Points, slopes_at, values_at
from nonlin.plot.text import shaded, steepest_place

Span = tuple[float, float]

POINTS = 601
DEFAULT_HALF_WIDTH = 5.0
WIDEST_HALF_WIDTH = 20.0  # what lies farther out is left out: it would squeeze the rest


@dataclass(frozen=True)
class Break:
    """A place where the drawn function jumps: the limits from both sides and the value it takes there."""

    x: float
    left: float
    right: float
    value: float

    @property
    def visible(self) -> bool:
        places = (self.left, self.right, self.value)
        return all(map(math.isfinite, places)) and len(set(places)) > 1


@dataclass(frozen=True)
class Trace:
    """A sampled function: `pieces` to be drawn as separate lines, and the visible jumps between them."""

    pieces: tuple[tuple[Points, Points], ...]
    breaks: tuple[Break, ...]

    @property
    def points(self) -> tuple[Points, Points]:
        """All points in one pair of arrays."""
        return np.concatenate([p[0] for p in self.pieces]), np.concatenate([p[1] for p in self.pieces])

    @property
    def open_points(self) -> list[tuple[float, float]]:
        return [(b.x, y) for b in self.breaks for y in dict.fromkeys((b.left, b.right)) if y != b.value]

    @property
    def closed_points(self) -> list[tuple[float, float]]:
        return [(b.x, b.value) for b in self.breaks]


def span_of(activations: Iterable[Activation], *, saturation: bool = True) -> Span:
    """A symmetrical range of x that holds every kink, jump, the steepest place and, if wanted, the ends of saturation.

    At least ±5: what is drawn alone and what is drawn beside others mostly share one scale.
    """
    distances = [1.15 * abs(x) for a in activations for x in landmarks(a, saturation=saturation)]
    reach = max((math.ceil(d) for d in distances if d <= WIDEST_HALF_WIDTH), default=0)
    half = max(DEFAULT_HALF_WIDTH, float(reach))
    return -half, half


def landmarks(activation: Activation, *, saturation: bool = True) -> list[float]:
    """The finite places on the x axis that the facts name."""
    facts = activation.facts
    regions = shaded(activation) if saturation else []
    ends = [end for region in regions for end in (region.low, region.high)]
    places = [k.x for k in facts.kinks] + [j.x for j in facts.jumps] + ends + [steepest_place(activation)]
    return [float(x) for x in places if x is not None and math.isfinite(x)]


def value_trace(activation: Activation, span: Span, points: int = POINTS) -> Trace:
    """f over the span, in pieces between its jumps."""
    at = [j.x for j in activation.facts.jumps]
    breaks = [Break(j.x, j.left, j.right, float(values_at(activation, j.x))) for j in activation.facts.jumps]
    return _trace(partial(values_at, activation), span, at, breaks, points)


def slope_trace(activation: Activation, span: Span, points: int = POINTS) -> Trace:
    """f′ over the span, in pieces between the kinks of f; the value at a kink is the chosen subgradient."""
    facts = activation.facts
    breaks = [Break(k.x, k.left_slope, k.right_slope, k.subgradient) for k in facts.kinks]
    at = [place.x for place in (*facts.jumps, *facts.kinks)]
    return _trace(partial(slopes_at, activation), span, at, breaks, points)


def _trace(
    function: Callable[[Points], Points], span: Span, at: list[float], breaks: list[Break], points: int
) -> Trace:
    low, high = span
    inner = sorted({x for x in at if low < x < high})
    edges = [low, *inner, high]
    grid = np.linspace(low, high, points)
    pieces = []
    for left, right in pairwise(edges):
        start = np.nextafter(left, np.inf) if left in inner else left
        stop = np.nextafter(right, -np.inf) if right in inner else right
        x = np.concatenate([[start], grid[(grid > start) & (grid < stop)], [stop]])
        pieces.append((x, function(x)))
    return Trace(tuple(pieces), tuple(b for b in breaks if low < b.x < high and b.visible))

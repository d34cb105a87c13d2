"""From a definition to its facts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import nonlin.facts.local as local
import nonlin.facts.shape as shape
from nonlin.errors import InvalidValueError
from nonlin.expression import nodes
from nonlin.expression.nodes import Node
from nonlin.facts.curve import bind, curve_of
from nonlin.facts.moments import curve_moments
from nonlin.facts.record import Facts
from nonlin.facts.rows import RowFacts, row_facts
from nonlin.facts.tails import tail_of


def facts_of(expression: Node, parameters: Mapping[str, float] | None = None) -> Facts:
    """The facts of an elementwise function, from its expression and parameter values alone.

    Computed once per function and kept. Raises `InvalidValueError` when a parameter the expression reads has no
    value, and for a row function, whose facts `row_facts_of` gives.
    """
    if any(node.op in nodes.ROW_OPERATIONS for node in nodes.walk(expression)):
        raise InvalidValueError("facts_of takes elementwise functions", fix="use row_facts_of for a row function")
    return _facts(bind(expression, parameters))


def row_facts_of(expression: Node, parameters: Mapping[str, float] | None = None) -> RowFacts:
    """The facts of a row function such as a normaliser, checked on sample rows; computed once and kept."""
    return row_facts(bind(expression, parameters))


@lru_cache(maxsize=512)
def _facts(bound: Node) -> Facts:
    curve = curve_of(bound)
    tails = tail_of(curve, -1), tail_of(curve, 1)
    jumps = local.jumps_of(curve)
    kinks = local.kinks_of(curve, jumps)
    dead = shape.dead_regions(curve)
    slope = shape.steepest(curve, tails)
    direction = shape.direction_of(curve, jumps)
    strict = direction in ("increasing", "decreasing") and not dead
    moments = curve_moments(curve)
    return Facts(
        range=shape.range_of(curve, tails, strict),
        levels=shape.levels_of(curve, tails),
        monotonic=direction,
        strictly_monotonic=strict,
        curvature=shape.curvature_of(curve, kinks, jumps),
        kinks=kinks,
        jumps=jumps,
        smoothness=local.smoothness_of(curve, jumps),
        limits=(tails[0].limit, tails[1].limit),
        asymptotes=tuple(tail.asymptote for tail in tails if tail.asymptote is not None),
        max_slope=slope.size,
        max_slope_at=slope.at,
        saturation=shape.saturated_regions(curve, slope, tails, dead),
        dead_region=dead,
        value_at_zero=curve.at(0.0),
        slope_at_zero=curve.at(0.0, 1),
        mean=moments.mean if abs(moments.mean) > 1e-14 else 0.0,
        second_moment=moments.second,
        slope_second_moment=moments.slope_second,
    )

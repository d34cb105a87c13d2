"""A function of x with its parameters filled in: its derivatives, break points and sampled values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from nonlin.errors import InvalidValueError
from nonlin.expression import nodes
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node
from nonlin.expression.numeric import Array, evaluate
from nonlin.facts.breakpoints import GRID, bisect, breakpoints

_BESIDE = 10.0 ** np.linspace(-7.0, -1.0, 31)


@dataclass(frozen=True, eq=False)
class Curve:
    """f, f′, f″ … of an expression in x alone, and the grid every search for extrema and regions starts from."""

    expression: Node

    def __call__(self, x: Array, order: int = 0) -> Array:
        return evaluate(derivative(self.expression, nodes.x, order), x)

    def at(self, x: float, order: int = 0) -> float:
        return float(self(np.asarray(x), order))

    @cached_property
    def breaks(self) -> Array:
        return np.array(breakpoints(self.expression), dtype=np.float64)

    @cached_property
    def grid(self) -> Array:
        """Sample points, denser beside each break point, none of them on one; f and f′ are finite on all of them."""
        near = [point + side * _BESIDE for point in self.breaks for side in (-1.0, 1.0)]
        beside = [side_point(point, side) for point in self.breaks.tolist() for side in (-1, 1)]
        grid = np.unique(np.concatenate([GRID, *near, beside]))
        grid = grid[~np.isin(grid, self.breaks)]
        return grid[np.isfinite(self(grid)) & np.isfinite(self(grid, 1))]

    @cached_property
    def piece(self) -> Array:
        """For each grid point the number of break points to its left: points of one piece share it."""
        return np.searchsorted(self.breaks, self.grid).astype(np.float64)

    def samples(self, order: int) -> Array:
        """The derivative of this order on the grid."""
        if order not in self._samples:
            self._samples[order] = self(self.grid, order)
        return self._samples[order]

    @cached_property
    def _samples(self) -> dict[int, Array]:
        return {}

    def one_sided(self, point: float, order: int = 0) -> tuple[float, float]:
        """The limits of the derivative of this order from the left and from the right of a break point."""
        return self._limit_at(point, -1, order), self._limit_at(point, 1, order)

    def _limit_at(self, point: float, side: int, order: int) -> float:
        close = self.at(side_point(point, side), order)
        apart = self.at(point + side * 2.0**-26 * max(1.0, abs(point)), order)
        if not np.isfinite(close):
            return apart
        growing = abs(close) > 1e6 and abs(close) > 1e3 * abs(apart)
        return float(np.copysign(np.inf, close)) if growing else close

    def turning_points(self, order: int, noise: float) -> list[float]:
        """Points inside pieces where the derivative of this order changes sign; values up to `noise` have no sign."""
        values = self.samples(order)
        clear = np.abs(values) > noise
        grid, values, piece = self.grid[clear], values[clear], self.piece[clear]
        change = np.flatnonzero(((values[1:] < 0) != (values[:-1] < 0)) & (piece[1:] == piece[:-1]))
        rising = values[change] < 0
        return bisect(lambda x: (self(x, order) < 0) == rising, grid[change], grid[change + 1])


def side_point(point: float, side: int) -> float:
    """A point so close beside a break point that a continuous function has its one-sided limit there."""
    return point + side * max(1e-300, 2.0**-50 * abs(point))


def bind(expression: Node, parameters: Mapping[str, float] | None) -> Node:
    """The expression with every parameter replaced by its value; raises `InvalidValueError` if one has none."""
    values = dict(parameters or {})
    needed = nodes.parameters(expression)
    for name in needed:
        if name not in values:
            raise InvalidValueError(
                "facts are those of one function: every parameter needs a value",
                received=f"no value for {name!r}",
                choices=needed,
                fix=f"pass parameters={{{name!r}: ...}}",
            )
    return nodes.substitute(expression, {nodes.parameter(n): nodes.constant(float(values[n])) for n in needed})


def curve_of(expression: Node, parameters: Mapping[str, float] | None = None) -> Curve:
    """The curve of an expression at these parameter values; the same object for the same function."""
    return _curve(bind(expression, parameters))


@lru_cache(maxsize=512)
def _curve(bound: Node) -> Curve:
    return Curve(bound)

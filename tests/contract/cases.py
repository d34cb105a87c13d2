"""What the accuracy contract runs over: every elementwise function of the catalogue, every order, every operand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nonlin as nl
from nonlin.expression import nodes, numeric
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node

# Beside the defaults; each is used where the parameter's domain admits it.
OTHER_VALUES = (0.25, -0.75, 1.75)
MANY = 4  # from so many parameters on each takes one other value, and is differentiated in at that value alone
ORDERS = (0, 1, 2)
_SEARCHED = np.linspace(-60.0, 60.0, 24_001)


@dataclass(frozen=True)
class Case:
    """One derivative of one activation at one set of parameter values: order `order` in the operand `wrt`."""

    name: str
    order: int
    wrt: str
    parameters: Mapping[str, float]

    @property
    def activation(self) -> nl.Activation:
        return nl.get(self.name)

    @cached_property
    def symbolic(self) -> Node:
        """The derivative the package derives; the oracle is asked for it only where the sides of a kink differ."""
        symbol = nodes.x if self.wrt == "x" else nodes.parameter(self.wrt)
        return derivative(self.activation.expression, symbol, self.order)

    @cached_property
    def sign_changes(self) -> tuple[float, ...]:
        """Where the derivative changes its sign, away from x = 0."""
        return sign_changes(self.symbolic, self.parameters)

    @cached_property
    def breaks(self) -> tuple[float, ...]:
        """Where the function has a corner or a jump."""
        facts = self.activation.bind(**self.parameters).facts
        return tuple(broken.x for broken in (*facts.kinks, *facts.jumps))

    def rounded(self, dtype: Any) -> Case:
        """The case with the parameter values a kernel of this dtype reads: operands have the dtype of x."""
        values = {name: float(np.dtype(dtype).type(value)) for name, value in self.parameters.items()}
        return replace(self, parameters=values)

    def kernel(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """What the compiled kernel gives."""
        result: NDArray[np.floating] = self.activation.derivative(x, self.order, wrt=self.wrt, **self.parameters)
        return result

    def __str__(self) -> str:
        values = "".join(f",{name}={value:g}" for name, value in self.parameters.items())
        what = "value" if not self.order else f"order {self.order} in {self.wrt}"
        return f"{self.name}{values}-{what}"


def elementwise() -> tuple[str, ...]:
    return nl.names(kind="elementwise")


def cases(name: str, *, defaults_only: bool = False) -> Iterator[Case]:
    """Every order in x, and the first in every parameter, at the defaults and at other parameter values."""
    for parameters in settings(name, defaults_only=defaults_only):
        yield from (Case(name, order, "x", parameters) for order in ORDERS)
        changed = [p for p, value in parameters.items() if value != nl.get(name).definition.defaults[p]]
        chosen = changed if changed and len(parameters) >= MANY else parameters
        yield from (Case(name, 1, parameter, parameters) for parameter in chosen)


def settings(name: str, *, defaults_only: bool = False) -> Iterator[dict[str, float]]:
    """The defaults, then each parameter in turn at each other value its domain admits."""
    definition = nl.get(name).definition
    yield definition.defaults
    for index, parameter in enumerate(() if defaults_only else definition.parameters):
        admitted = [*filter(parameter.admits, OTHER_VALUES)]
        for value in admitted if len(definition.parameters) < MANY else admitted[index % len(admitted) :][:1]:
            yield {**definition.defaults, parameter.name: value}


def all_cases(*, defaults_only: bool = False) -> list[Case]:
    return [case for name in elementwise() for case in cases(name, defaults_only=defaults_only)]


def sign_changes(node: Node, parameters: Mapping[str, float]) -> tuple[float, ...]:
    """Points other than 0 where an expression changes its sign, found on a grid and bisected."""

    def value(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return numeric.evaluate(node, at, parameters)

    points = _SEARCHED[value(_SEARCHED) != 0]
    signs = np.sign(value(points))
    turns = np.flatnonzero(signs[1:] * signs[:-1] < 0)
    low, high = points[turns], points[turns + 1]
    for _ in range(60):
        middle = (low + high) / 2
        left = np.sign(value(middle)) == np.sign(value(low))
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    # Where rounding alone flips signs, the values a little further off are as small; they are no sign changes.
    beside = np.minimum(np.abs(value(high - 2.0**-6)), np.abs(value(high + 2.0**-6)))
    return tuple(float(point) for point in high[beside > 1e-12] if abs(point) > 1e-3)

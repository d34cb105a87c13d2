"""What is measured: one derivative of one function, as compiled and as the mathematics has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.catalog.definition import Definition
from nonlin.expression import nodes, oracle
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node

ORDERS = (0, 1, 2)
Points = NDArray[np.floating]
Kernel = Callable[..., Points]  # (x, order, wrt=operand) -> values, as `Activation.derivative`


NEARBY = 1e4
"""Up to this |x| the exact value is that of the formula as written, beyond it of the equal form that is computed:
there the former may cancel over thousands of digits, which takes the oracle a second for each input."""


@dataclass(frozen=True)
class Target:
    """The derivative of this order in this operand, at these parameter values."""

    definition: Definition
    parameters: Mapping[str, float]
    kernel: Kernel
    order: int
    wrt: str

    def computed(self, x: Points) -> Points:
        """What the compiled kernel gives."""
        return self.kernel(x, self.order, wrt=self.wrt)

    @property
    def computed_node(self) -> Node:
        """The derivative by the table of rules, as the kernel computes it."""
        return self.definition.derivative(*([self.wrt] * self.order))

    def exact(self, x: float, dtype: str) -> Any | None:
        """The certified value for parameters as the dtype holds them; NaN where there is none, None where unknown."""
        given = {name: float(np.dtype(dtype).type(value)) for name, value in self.parameters.items()}
        node = self.definition.formula if abs(x) <= NEARBY else self.definition.derivative()
        try:
            if not self.order:
                return oracle.value(node, x, **given)
            return oracle.derivative(node, x, self.order, self.wrt, **given)
        except oracle.KinkError:
            chosen = derivative(
                self.definition.formula, nodes.x if self.wrt == "x" else nodes.parameter(self.wrt), self.order
            )
            return oracle.value(chosen, x, **{name: given[name] for name in nodes.parameters(chosen)})
        except oracle.OracleError:
            return None


def targets(definition: Definition, parameters: Mapping[str, float], kernel: Kernel) -> Iterator[Target]:
    """f, f′, f″, and the derivative in each parameter."""
    yield from (Target(definition, parameters, kernel, order, "x") for order in ORDERS)
    yield from (Target(definition, parameters, kernel, 1, name) for name in parameters)

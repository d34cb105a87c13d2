"""Programs: an activation, or one of its derivatives, in the two forms that PyTorch can run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nonlin.emit.torch import torch_source
from nonlin.expression import nodes
from nonlin.kernels import assemble
from nonlin.torch.context import composed_in

if TYPE_CHECKING:
    from nonlin.activation import ElementwiseActivation

Operand = torch.Tensor | float


@dataclass(frozen=True, eq=False)
class Program:
    """∂ⁿf of one elementwise activation; `index` names the operand of each differentiation, sorted: ("weight", "x")."""

    activation: ElementwiseActivation
    index: tuple[str, ...] = ()

    @cached_property
    def operands(self) -> tuple[str, ...]:
        return ("x", *(p.name for p in self.activation.definition.parameters))

    @cached_property
    def node(self) -> nodes.Node:
        return self.activation.definition.derivative(*self.index)

    @cached_property
    def kernel(self) -> np.ufunc:
        """The compiled ufunc; operands x, then the parameters."""
        parameters = [name for name in self.index if name != "x"]
        if len(parameters) < 2:
            return self.activation.derivative_ufunc_of(len(self.index), wrt=(*parameters, "x")[0])
        name = f"{self.activation.name}_derivative_{'_'.join(self.index)}"
        return assemble.elementwise(name, self.node, self.operands)

    def patterns(self, parameters: str) -> np.ufunc:
        """The same on tensors of bfloat16 seen as uint16, with parameters of the dtype `parameters`."""
        return assemble.patterns(self.kernel, parameters)

    @cached_property
    def composition(self) -> Callable[..., torch.Tensor]:
        """The expression as a function of tensors of one floating dtype."""
        return composed(self.node, self.operands)

    def derivative(self, wrt: str) -> Program:
        return program(self.activation, tuple(sorted((*self.index, wrt))))

    def compose(self, x: torch.Tensor, parameters: tuple[Operand, ...]) -> torch.Tensor:
        """The composition at x, computed in a wider dtype and rounded once to x's."""
        dtype = composed_in(x)
        # A number is first rounded to x's dtype, as NumPy does with a Python float beside an array.
        own = torch.float32 if x.dtype is torch.bfloat16 else x.dtype
        wide = [(p if isinstance(p, torch.Tensor) else x.new_full((), p, dtype=own)).to(dtype) for p in parameters]
        value = self.composition(x.to(dtype), *wide)
        shape = torch.broadcast_shapes(x.shape, *(p.shape for p in wide))
        value = value if value.shape == shape else value.expand(shape)
        return value.clone() if value is x else value.to(x.dtype)


def composed(node: nodes.Node, operands: tuple[str, ...]) -> Callable[..., torch.Tensor]:
    """The Python function of a generated source text."""
    namespace: dict[str, Any] = {}
    exec(torch_source(node, operands), namespace)  # noqa: S102 - the text comes from our own emitter
    function: Callable[..., torch.Tensor] = namespace["activation"]
    return function


_programs: dict[tuple[int, tuple[str, ...]], Program] = {}


def program(activation: ElementwiseActivation, index: tuple[str, ...] = ()) -> Program:
    """The one program of an activation's definition and a sorted index; bound parameter values do not matter."""
    # The program keeps the definition alive, so that its id stays its own.
    key = (id(activation.definition), index)
    found = _programs.get(key)
    if found is None:
        found = _programs.setdefault(key, Program(activation, index))
    return found

"""The path of everything else: accelerators, `torch.func` transforms, `torch.compile`, export, tensor subclasses.

The value is a composition of PyTorch operations that a compiler can fuse. Its derivative is not left to PyTorch,
which would differentiate the branch `where` did not select (NaN), and 1 − y² instead of sech²: it is the
composition of our own derivative expression, through `torch.autograd.Function`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from nonlin.torch.differentiate import directional, gradients, join, split
from nonlin.torch.programs import Operand, Program, program

if TYPE_CHECKING:
    from nonlin.activation import ElementwiseActivation


class Traced(torch.autograd.Function):
    """f of one program in PyTorch operations, with reverse and forward mode of every order."""

    generate_vmap_rule = True

    @staticmethod
    def forward(of: Program, x: torch.Tensor, *parameters: Operand) -> torch.Tensor:
        return of.compose(x, parameters)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.program, x, *parameters = inputs
        tensors, ctx.numbers = split(x, parameters)
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        x, parameters = join(ctx.saved_tensors, ctx.numbers)
        return None, *gradients(ctx.program, grad, x, parameters, ctx.needs_input_grad[1:], traced)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: torch.Tensor | None) -> torch.Tensor:
        x, parameters = join(ctx.saved_tensors, ctx.numbers)
        return directional(ctx.program, tangents, x, parameters, traced)


def traced(of: Program, x: torch.Tensor, parameters: tuple[Operand, ...]) -> torch.Tensor:
    """Values of a program in PyTorch operations, differentiable in every way PyTorch differentiates."""
    value: torch.Tensor = Traced.apply(of, x, *parameters)  # type: ignore[no-untyped-call]
    return value


_in_graphs: list[Program] = []


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def number_of(activation: ElementwiseActivation, index: tuple[str, ...]) -> int:
    """A number that stands for the program in a compiled graph; taken at compile time, once per activation."""
    _in_graphs.append(program(activation, index))
    return len(_in_graphs) - 1


@torch.compiler.allow_in_graph  # type: ignore[untyped-decorator]
def in_graph(number: int, x: torch.Tensor, *parameters: Operand) -> torch.Tensor:
    """One call in the graph of `torch.compile`; the layer below traces through it into PyTorch operations."""
    return traced(_in_graphs[number], x, parameters)

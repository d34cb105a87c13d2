"""The path of ordinary CPU tensors: the compiled ufunc on the tensors' own memory, differentiable to any order."""

from __future__ import annotations

from typing import Any

import torch

from nonlin.kernels import assemble
from nonlin.torch.context import COMPUTED_IN
from nonlin.torch.differentiate import gradients, join, split
from nonlin.torch.programs import Operand, Program


def native_values(
    program: Program, x: torch.Tensor, parameters: tuple[Operand, ...], out: torch.Tensor | None = None
) -> torch.Tensor:
    """The ufunc's values in a new tensor with x's memory format (or in `out`); no autograd."""
    dtype = COMPUTED_IN[x.dtype]
    if x.dtype is not dtype:
        return native_values(program, x.to(dtype), parameters).to(x.dtype)
    arrays = [p.detach().to(dtype).numpy() if isinstance(p, torch.Tensor) else p for p in parameters]
    if out is None:
        out = torch.empty_like(x) if _same_shape(x, parameters) else x.new_empty(_shape(x, parameters))
    assemble.call(program.kernel, (x.numpy(force=True), *arrays), out.numpy())
    return out


def _shape(x: torch.Tensor, parameters: tuple[Operand, ...]) -> tuple[int, ...]:
    return tuple(torch.broadcast_shapes(x.shape, *(p.shape for p in parameters if isinstance(p, torch.Tensor))))


def _same_shape(x: torch.Tensor, parameters: tuple[Operand, ...]) -> bool:
    for p in parameters:
        if isinstance(p, torch.Tensor):
            return _shape(x, parameters) == x.shape
    return True


class Native(torch.autograd.Function):
    """f of one program; its gradients are evaluations of the derivative programs, so it differentiates to any order.

    Without `setup_context`, on purpose: that form costs 18 µs a call instead of 6, and transforms never come here.
    """

    @staticmethod
    def forward(ctx: Any, program: Program, x: torch.Tensor, *parameters: Operand) -> torch.Tensor:
        ctx.program = program
        tensors, ctx.numbers = split(x, parameters)
        ctx.save_for_backward(*tensors)
        return native_values(program, x, parameters)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        x, parameters = join(ctx.saved_tensors, ctx.numbers)
        return None, *gradients(ctx.program, grad, x, parameters, ctx.needs_input_grad[1:], native)


def native(program: Program, x: torch.Tensor, parameters: tuple[Operand, ...]) -> torch.Tensor:
    """Values with autograd's record where something requires a gradient, and without its cost where nothing does."""
    if torch.is_grad_enabled() and requires_grad(x, parameters):
        value: torch.Tensor = Native.apply(program, x, *parameters)  # type: ignore[no-untyped-call]
        return value
    return native_values(program, x, parameters)


def requires_grad(x: torch.Tensor, parameters: tuple[Operand, ...]) -> bool:
    return x.requires_grad or any(isinstance(p, torch.Tensor) and p.requires_grad for p in parameters)

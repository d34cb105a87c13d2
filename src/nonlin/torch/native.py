"""The path of ordinary CPU tensors: the compiled ufunc on the tensors' own memory, differentiable to any order."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from nonlin.kernels import assemble
from nonlin.torch.differentiate import gradients, join, split
from nonlin.torch.programs import Operand, Program

# Below this many elements NumPy allocates the result: 1.2 µs less than a tensor and its view. Above, PyTorch does,
# because its memory starts on a cache line.
SMALL = 4096


def native_values(
    program: Program, x: torch.Tensor, parameters: tuple[Operand, ...], out: torch.Tensor | None = None
) -> torch.Tensor:
    """The ufunc's values in a new tensor with x's memory format (or in `out`); no autograd."""
    if x.dtype is torch.bfloat16:  # NumPy has no such dtype, but has their bits
        given = None if out is None else out.view(torch.uint16)
        kernel, arrays = _on_patterns(program, parameters)
        return _values(kernel, x.detach().view(torch.uint16), parameters, arrays, given).view(torch.bfloat16)
    arrays = [p.detach().to(x.dtype).numpy() if isinstance(p, torch.Tensor) else p for p in parameters]
    return _values(program.kernel, x, parameters, arrays, out)


def _on_patterns(program: Program, parameters: tuple[Operand, ...]) -> tuple[np.ufunc, list[Any]]:
    """The kernel for bfloat16 and its parameters: another such tensor beside x, or else float32 as PyTorch has them."""
    if parameters and all(isinstance(p, torch.Tensor) and p.dtype is torch.bfloat16 for p in parameters):
        patterns = [p.detach().view(torch.uint16).numpy() for p in parameters if isinstance(p, torch.Tensor)]
        return program.patterns("bfloat16"), patterns
    single = [
        p.detach().to(torch.float32).numpy() if isinstance(p, torch.Tensor) else np.float32(p) for p in parameters
    ]
    return program.patterns("float32"), single


def _values(
    kernel: np.ufunc,
    x: torch.Tensor,
    parameters: tuple[Operand, ...],
    arrays: list[Any],
    out: torch.Tensor | None,
) -> torch.Tensor:
    if out is None and x.numel() < SMALL and x.dim():
        return torch.from_numpy(kernel(x.numpy(force=True), *arrays))
    if out is None:
        out = torch.empty_like(x) if _same_shape(x, parameters) else x.new_empty(_shape(x, parameters))
    threads = torch.get_num_threads()
    plain = not any(isinstance(p, torch.Tensor) for p in parameters)
    if plain and x.stride() == out.stride():
        order = _memory_order(x)
        operands, target = (x.permute(order).numpy(force=True), *arrays), out.permute(order).numpy()
    else:
        operands, target = (x.numpy(force=True), *arrays), out.numpy()
    assemble.call(kernel, operands, target, most=threads)
    return out


def _memory_order(x: torch.Tensor) -> list[int]:
    """The axes from the slowest to the fastest: so permuted, channels-last memory is in one piece, as threads need."""
    return sorted(range(x.dim()), key=x.stride, reverse=True)


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
    if x.requires_grad or not parameters:
        return x.requires_grad
    return any(isinstance(p, torch.Tensor) and p.requires_grad for p in parameters)

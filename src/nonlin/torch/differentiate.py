"""What both paths share: gradients and directional derivatives from the derivative programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch

from nonlin.torch.context import WIDENED
from nonlin.torch.programs import Operand, Program

Evaluate = Callable[[Program, torch.Tensor, tuple[Operand, ...]], torch.Tensor]


def split(x: torch.Tensor, parameters: Iterable[Operand]) -> tuple[list[torch.Tensor], tuple[float | None, ...]]:
    """The tensors among the operands, for autograd to save, and the numbers, with None in the tensors' places."""
    operands = (x, *parameters)
    tensors = [p for p in operands if isinstance(p, torch.Tensor)]
    return tensors, tuple(None if isinstance(p, torch.Tensor) else p for p in operands)


def join(tensors: Iterable[torch.Tensor], numbers: Iterable[float | None]) -> tuple[torch.Tensor, tuple[Operand, ...]]:
    """x and the parameters again, from what `split` gave."""
    x, *remaining = tensors
    following = iter(remaining)
    return x, tuple(next(following) if number is None else number for number in list(numbers)[1:])


def _slopes(
    program: Program, x: torch.Tensor, parameters: tuple[Operand, ...], wanted: Sequence[bool], evaluate: Evaluate
) -> Iterable[torch.Tensor | None]:
    """∂f/∂operand for each wanted operand, in the dtype computed in: a half-precision slope is never rounded."""
    wide = x.to(WIDENED[x.dtype])
    for name, want in zip(program.operands, wanted, strict=True):
        yield evaluate(program.derivative(name), wide, parameters) if want else None


def gradients(
    program: Program,
    grad: torch.Tensor,
    x: torch.Tensor,
    parameters: tuple[Operand, ...],
    wanted: Sequence[bool],
    evaluate: Evaluate,
) -> Iterable[torch.Tensor | None]:
    """grad · ∂f/∂operand, summed over the axes along which the operand was broadcast, in the operand's dtype."""
    wide = grad.to(WIDENED[x.dtype])
    slopes = _slopes(program, x, parameters, wanted, evaluate)
    for operand, slope in zip((x, *parameters), slopes, strict=True):
        if slope is None or not isinstance(operand, torch.Tensor):
            yield None
        else:
            yield (wide * slope).sum_to_size(operand.shape).to(operand)


def directional(
    program: Program,
    tangents: Sequence[torch.Tensor | None],
    x: torch.Tensor,
    parameters: tuple[Operand, ...],
    evaluate: Evaluate,
) -> torch.Tensor:
    """Σ tangent · ∂f/∂operand."""
    wanted = [tangent is not None for tangent in tangents]
    slopes = _slopes(program, x, parameters, wanted, evaluate)
    terms = [
        tangent.to(slope.dtype) * slope
        for tangent, slope in zip(tangents, slopes, strict=True)
        if tangent is not None and slope is not None
    ]
    return torch.stack(torch.broadcast_tensors(*terms)).sum(0).to(x.dtype) if len(terms) > 1 else terms[0].to(x.dtype)

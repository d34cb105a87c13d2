"""Row functions on tensors: along one axis, differentiable to any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from nonlin.arguments import axis_of
from nonlin.kernels import assemble
from nonlin.torch.context import WIDENED, as_floating, composed_in, is_plain
from nonlin.torch.programs import composed

if TYPE_CHECKING:
    from nonlin.expression.nodes import Node
    from nonlin.row_activation import RowActivation


def apply_row(activation: RowActivation, x: torch.Tensor, axis: int = -1) -> torch.Tensor:
    """The row function along `axis`: a tensor of x's shape, dtype and device.

    Raises:
        InvalidTypeError: x is complex, quantised or sparse, or the axis no whole number.
        InvalidValueError: x has no such axis.
    """
    x = as_floating(x)
    axis = axis_of(activation.name, axis, max(1, x.dim()))
    last = x.movedim(axis, -1) if x.dim() else x.unsqueeze(0)
    value = _along_last(activation, last)
    return value.movedim(-1, axis) if x.dim() else value.squeeze(0)


def _along_last(activation: RowActivation, x: torch.Tensor) -> torch.Tensor:
    if torch.compiler.is_compiling():
        composition: torch.Tensor = _in_graph(_number_of(activation), x)
        return composition
    if not is_plain(x):
        return _compose(activation, x)
    if torch.is_grad_enabled() and x.requires_grad:
        value: torch.Tensor = NativeRow.apply(activation, x)  # type: ignore[no-untyped-call]
        return value
    return _values(activation, x)


_functions: dict[Node, Callable[..., torch.Tensor]] = {}


def _compose(activation: RowActivation, x: torch.Tensor) -> torch.Tensor:
    """PyTorch operations, differentiated by PyTorch: a row formula has no branch that could leak a NaN."""
    node = activation.expression
    function = _functions.get(node) or _functions.setdefault(node, composed(node, ("x",)))
    return function(x.to(composed_in(x))).to(x.dtype)


_in_graphs: list[RowActivation] = []


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _number_of(activation: RowActivation) -> int:
    _in_graphs.append(activation)
    return len(_in_graphs) - 1


@torch.compiler.allow_in_graph  # type: ignore[untyped-decorator]
def _in_graph(number: int, x: torch.Tensor) -> torch.Tensor:
    return _compose(_in_graphs[number], x)


def _values(activation: RowActivation, x: torch.Tensor) -> torch.Tensor:
    wide = x.detach().to(WIDENED[x.dtype])
    out = torch.empty_like(wide)
    assemble.call(activation.ufunc, (wide.numpy(),), out.numpy())
    return out.to(x.dtype)


class NativeRow(torch.autograd.Function):
    """The compiled row function; its gradient is the compiled vector–Jacobian product."""

    @staticmethod
    def forward(ctx: Any, activation: RowActivation, x: torch.Tensor) -> torch.Tensor:
        ctx.activation = activation
        ctx.save_for_backward(x)
        return _values(activation, x)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        (x,) = ctx.saved_tensors
        if torch.is_grad_enabled() or not is_plain(grad):
            # The gradient itself will be differentiated: it is PyTorch's, of the composition.
            with torch.enable_grad():
                value = _compose(ctx.activation, x)
            return None, torch.autograd.grad(value, x, grad, create_graph=torch.is_grad_enabled())[0]
        dtype = WIDENED[x.dtype]
        product = ctx.activation.vjp(x.detach().to(dtype).numpy(), grad.detach().to(dtype).numpy())
        return None, torch.from_numpy(product).to(x.dtype)

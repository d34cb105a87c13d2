"""From a call on a tensor to the path that serves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from nonlin.errors import InvalidTypeError, InvalidValueError, unknown_name
from nonlin.torch.context import as_floating, is_plain
from nonlin.torch.native import native, native_values, requires_grad
from nonlin.torch.programs import Operand, Program, program
from nonlin.torch.traced import in_graph, number_of, traced

if TYPE_CHECKING:
    from nonlin.activation import ElementwiseActivation


def apply(
    activation: ElementwiseActivation,
    x: torch.Tensor,
    order: int = 0,
    wrt: str = "x",
    out: torch.Tensor | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> torch.Tensor:
    """f(x), or a derivative of it: a tensor of x's dtype, device and memory format.

    `wrt` "x": the order-th derivative in x. A parameter's name: once in the parameter, order - 1 times in x.
    `parameters` overrides the values bound in the activation; a tensor broadcasts against x and gets a gradient.
    The two operands of a gate are promoted together (float16 and float32 to float32); a parameter never widens x.
    Half precision is computed in float32 and rounded once; integers are promoted as NumPy promotes them (int64 to
    float64). `out` must have the result's shape and dtype, and no gradient may be wanted.

    Raises:
        InvalidTypeError: x or a parameter is complex, quantised or sparse, or `out` has another dtype.
        InvalidValueError: `out` has another shape or a gradient is wanted; a parameter is outside its domain, or does
            not broadcast against x.
        UnknownNameError: a parameter or `wrt` the activation does not have.
    """
    operands = _operands(activation, parameters)
    tensors = [p for p in operands if isinstance(p, torch.Tensor)]
    if tensors:
        x = _beside(activation, x, tensors)
    else:  # NumPy takes integers beside a Python float to float64
        x = as_floating(x, smallest=torch.float64 if operands else torch.float16)
    index = _index(activation, order, wrt)
    if out is not None:
        return _into(out, activation, index, x, operands)
    return _run(activation, index, x, operands)


def concatenate(parts: tuple[torch.Tensor, ...], axis: int, out: torch.Tensor | None = None) -> torch.Tensor:
    """The tensors one after the other along an axis, in `out` where it is given, under the same conditions."""
    joined = torch.cat(parts, dim=axis)
    if out is None:
        return joined
    _check_out(out, joined, ())
    with torch.no_grad():
        return out.copy_(joined)


def _run(
    activation: ElementwiseActivation, index: tuple[str, ...], x: torch.Tensor, operands: tuple[Operand, ...]
) -> torch.Tensor:
    if torch.compiler.is_compiling():
        value: torch.Tensor = in_graph(number_of(activation, index), x, *operands)
        return value
    path = native if _all_plain(x, operands) else traced
    return path(program(activation, index), x, operands)


def _all_plain(x: torch.Tensor, operands: tuple[Operand, ...]) -> bool:
    for p in operands:
        if isinstance(p, torch.Tensor) and not is_plain(p):
            return False
    return is_plain(x)


def _beside(activation: ElementwiseActivation, x: torch.Tensor, tensors: list[torch.Tensor]) -> torch.Tensor:
    """x in the dtype of the result, once the other operands are known to be real and to broadcast against it."""
    dtypes = [as_floating(p).dtype for p in tensors]
    _check_shapes(activation, x, tensors)
    if activation.kind != "gate":
        return as_floating(x, smallest=torch.float64)
    x = as_floating(x)
    return x.to(torch.promote_types(x.dtype, dtypes[0]))


def _check_shapes(activation: ElementwiseActivation, x: torch.Tensor, tensors: list[torch.Tensor]) -> None:
    if torch.compiler.is_compiling():  # in a graph PyTorch's own error names the line
        return
    shapes = [x.shape, *(p.shape for p in tensors)]
    try:
        torch.broadcast_shapes(*shapes)
    except RuntimeError:
        raise InvalidValueError(
            f"{activation.name} cannot be applied to these shapes, which do not broadcast",
            received=", ".join(str(tuple(shape)) for shape in shapes),
        ) from None


def _operands(activation: ElementwiseActivation, overrides: Mapping[str, Any] | None) -> tuple[Operand, ...]:
    known = activation.definition.parameters
    if not known and not overrides:
        return ()
    values: Mapping[str, Any] = (
        {**activation.definition.defaults, **activation.bound}  # a cached property takes a lock, which cannot be traced
        if torch.compiler.is_compiling()
        else activation.parameters
    )
    if overrides:
        _check_parameters(activation, overrides)
        values = {**values, **overrides}
    return tuple([_operand(values[p.name]) for p in known])


def _check_parameters(activation: ElementwiseActivation, values: Mapping[str, Any]) -> None:
    known = {p.name: p for p in activation.definition.parameters}
    for name, value in values.items():
        # Tensors are not looked at: on an accelerator that would wait for it, and a learned one must be able to stray.
        if name not in known or (isinstance(value, (int, float)) and not known[name].admits(value)):
            activation.check_parameter(name, value)


def _operand(value: Any) -> Operand:
    if type(value) is float or isinstance(value, torch.Tensor):
        return value
    if isinstance(value, (int, float)):
        return float(value)  # NumPy's own float64 scalar would promote the whole result
    return torch.as_tensor(value)


def _index(activation: ElementwiseActivation, order: int, wrt: str) -> tuple[str, ...]:
    if wrt == "x":
        return ("x",) * order
    known = ("x", *activation.definition.defaults)
    if wrt not in known:
        raise unknown_name("operand", wrt, known)
    if order < 1:
        raise InvalidValueError("a derivative in a parameter has order 1 or more", received=order)
    return tuple(sorted((wrt, *["x"] * (order - 1))))


def _into(
    out: torch.Tensor,
    activation: ElementwiseActivation,
    index: tuple[str, ...],
    x: torch.Tensor,
    operands: tuple[Operand, ...],
) -> torch.Tensor:
    _check_out(out, x, operands)
    if not torch.compiler.is_compiling() and is_plain(out) and _all_plain(x, operands):
        return _native_into(out, program(activation, index), x, operands)
    with torch.no_grad():
        return out.copy_(_run(activation, index, x, operands))


def _native_into(out: torch.Tensor, program: Program, x: torch.Tensor, operands: tuple[Operand, ...]) -> torch.Tensor:
    native_values(program, x, operands, out.detach())
    torch.autograd.graph.increment_version(out)  # NumPy wrote: autograd must know, as after any in-place operation
    return out


def _check_out(out: torch.Tensor, x: torch.Tensor, operands: tuple[Operand, ...]) -> None:
    if not isinstance(out, torch.Tensor):
        raise InvalidTypeError("out must be a tensor when x is one", received=type(out).__name__)
    if out.dtype is not x.dtype:
        raise InvalidTypeError("out must have the result's dtype", received=out.dtype, choices=[str(x.dtype)])
    shape = torch.broadcast_shapes(x.shape, *(p.shape for p in operands if isinstance(p, torch.Tensor)))
    if out.shape != shape:
        raise InvalidValueError(
            "out must have the result's shape", received=tuple(out.shape), choices=[str(tuple(shape))]
        )
    if torch.is_grad_enabled() and (requires_grad(x, operands) or out.requires_grad):
        raise InvalidValueError(
            "out= keeps no record for gradients, and an operand requires one",
            fix="leave out= away, or call it inside torch.no_grad()",
        )

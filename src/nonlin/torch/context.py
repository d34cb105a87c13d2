"""When the compiled kernels may serve: ordinary CPU tensors, and nobody watching the operations."""

from __future__ import annotations

import torch
from torch.autograd import forward_ad

from nonlin.errors import InvalidTypeError

# x's dtype -> the dtype its gradients are multiplied and summed in.
WIDENED = {
    torch.float32: torch.float32,
    torch.float64: torch.float64,
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
}
# As NumPy promotes integers for a function of floating-point numbers.
PROMOTED_TO = {
    torch.bool: torch.float16,
    torch.int8: torch.float16,
    torch.uint8: torch.float16,
    torch.int16: torch.float32,
    torch.uint16: torch.float32,
    torch.int32: torch.float64,
    torch.uint32: torch.float64,
    torch.int64: torch.float64,
    torch.uint64: torch.float64,
}
_PLAIN = frozenset({torch.Tensor, torch.nn.Parameter})


def is_plain(x: torch.Tensor) -> bool:
    """Whether NumPy may work on this tensor's memory now.

    Not on an accelerator, not on a subclass (fake tensors among them), not inside `torch.func` transforms,
    forward-mode differentiation, dispatch modes or tracing: there every operation must be PyTorch's own.
    """
    return (
        type(x) in _PLAIN
        and x.is_cpu
        and torch._C._functorch.peek_interpreter_stack() is None
        and torch._C._len_torch_dispatch_stack() == 0
        and torch._C._get_tracing_state() is None
        and forward_ad._current_level < 0
    )


def composed_in(x: torch.Tensor) -> torch.dtype:
    """The dtype a composition computes in; it rounds to x's dtype once.

    PyTorch's float32 operations lose the last bits (50 ulp where a subnormal exponential is scaled up), so float32
    is computed in float64 on a processor. Accelerators are slow at that, or cannot.
    """
    return torch.float64 if x.dtype is torch.float32 and x.is_cpu else WIDENED[x.dtype]


def as_floating(x: torch.Tensor, smallest: torch.dtype = torch.float16) -> torch.Tensor:
    """x itself, or its integers and truth values promoted, at least to `smallest`; all else is an error."""
    if x.dtype in WIDENED and x.layout is torch.strided:
        return x
    if x.layout is not torch.strided:
        raise InvalidTypeError(
            "an activation takes dense tensors", received=x.layout, fix="call .to_dense() on the tensor first"
        )
    if x.dtype not in PROMOTED_TO:
        raise InvalidTypeError(
            "an activation takes real tensors",
            received=x.dtype,
            choices=[str(dtype) for dtype in (*WIDENED, *PROMOTED_TO)],
            fix="apply it to .real and .imag, or convert the tensor",
        )
    return x.to(torch.promote_types(PROMOTED_TO[x.dtype], smallest))

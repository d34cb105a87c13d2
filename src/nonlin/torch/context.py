"""When the compiled kernels may serve: ordinary CPU tensors, and nobody watching the operations."""

from __future__ import annotations

import torch
from torch.autograd import forward_ad

from nonlin.errors import InvalidTypeError

# x's dtype -> the dtype computed in; the result is rounded back once.
COMPUTED_IN = {
    torch.float32: torch.float32,
    torch.float64: torch.float64,
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
}
# As NumPy promotes integers where a function has float32 and float64 loops.
PROMOTED_TO = {
    torch.bool: torch.float32,
    torch.int8: torch.float32,
    torch.uint8: torch.float32,
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


def as_floating(x: torch.Tensor) -> torch.Tensor:
    """x itself, or its integers and truth values promoted; any other dtype or layout is an error."""
    if x.dtype in COMPUTED_IN and x.layout is torch.strided:
        return x
    if x.layout is not torch.strided:
        raise InvalidTypeError(
            "an activation takes dense tensors", received=x.layout, fix="call .to_dense() on the tensor first"
        )
    if x.dtype not in PROMOTED_TO:
        raise InvalidTypeError(
            "an activation takes real tensors",
            received=x.dtype,
            choices=[str(dtype) for dtype in (*COMPUTED_IN, *PROMOTED_TO)],
            fix="apply it to .real and .imag, or convert the tensor",
        )
    return x.to(PROMOTED_TO[x.dtype])

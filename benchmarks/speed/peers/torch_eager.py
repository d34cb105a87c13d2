"""PyTorch, eager: each function's own kernels, called in every way PyTorch offers; the fastest way counts.

Which kernel computes a function, and which its gradient, is found by watching what PyTorch dispatches; so the
gradient is measured without the cost of recording it, and into memory that is there already where the kernel allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from benchmarks.speed.peers.aliases import names_in

FUNCTIONAL = "torch.nn.functional."
_BOOKKEEPING = ("aten::detach", "aten::alias", "aten::view", "aten::as_strided", "aten::expand")


def torch_eager(cell: Cell, memory: Memory) -> list[Runner]:
    """f as `torch.nn.functional` gives it and its kernel with `out=`; f′ as the backward kernel with gradient 1.

    The backward kernels of some functions read f(x) in place of x, which the forward pass left behind: half the work
    is then outside the measurement. The entry `torch_from_x` has it inside.
    """
    torch = imported()
    torch.set_num_threads(cell.threads)
    function, x, out = functional(cell), tensor(memory.x), tensor(memory.out)
    return list(_gradient(function, x, out) if cell.order else _value(function, x, out))


def torch_from_x(cell: Cell, memory: Memory) -> list[Runner]:
    """f′ from x alone, where the backward kernel reads f(x): the kernel of f, then the backward kernel."""
    if not cell.order:
        raise UnavailableError("it is about the derivative")
    torch = imported()
    torch.set_num_threads(cell.threads)
    function, x, out = functional(cell), tensor(memory.x), tensor(memory.out)
    backward = [runner for runner in _gradient(function, x, out) if "from f(x)" in runner.form]
    if not backward:
        raise UnavailableError("the backward kernel reads x")
    forward = list(_value(function, x, torch.empty_like(out)))
    return [Runner(f"{f.form}; {b.form}", partial(_both, f.call, b.call)) for f in forward for b in backward]


def _both(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    first()
    return second()


def imported() -> Any:
    try:
        import torch
    except ImportError:
        raise UnavailableError("torch is not installed") from None
    return torch


def tensor(array: np.ndarray[Any, Any]) -> Any:
    """The array's own memory as a tensor."""
    torch = imported()
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def functional(cell: Cell) -> Callable[[Any], Any]:
    """PyTorch's function with the parameter values in force: its own defaults, by keyword, or as tensors.

    In this order, because a tensor in second place may mean `inplace`.
    """
    torch = imported()
    name, keywords = names_in(FUNCTIONAL, cell.function)
    made, values = getattr(torch.nn.functional, name), cell.activation.parameters
    if cell.row:
        return lambda x: made(x, dim=-1, **keywords)
    x = torch.linspace(-4, 4, 65)
    wanted = torch.from_numpy(cell.activation(x.numpy()))
    tensors = [torch.tensor([value]) for value in values.values()]
    ways: list[Callable[[Any], Any]] = [
        lambda x: made(x, **keywords),
        lambda x: made(x, **values, **keywords),
        lambda x: made(x, *[t.to(x.dtype) for t in tensors]),
    ]
    for way in ways:
        try:
            if torch.allclose(way(x), wanted, rtol=1e-5, atol=1e-5):
                return way
        except TypeError:
            continue
    raise UnavailableError(f"{FUNCTIONAL}{name} is another function at these parameter values")


def _value(function: Callable[[Any], Any], x: Any, out: Any) -> Iterator[Runner]:
    yield Runner("functional", lambda: function(x))
    calls = kernels_of(lambda: function(x))
    if len(calls) == 1 and (kernel := with_out(*calls[0], out)):
        yield Runner("kernel, out=", kernel)


def _gradient(function: Callable[[Any], Any], x: Any, out: Any) -> Iterator[Runner]:
    torch = imported()
    needs = x.detach().requires_grad_()
    y = function(needs)
    if y.grad_fn is None:
        raise UnavailableError("torch gives no gradient")
    yield from _backward(y, needs, torch.ones((), dtype=x.dtype).expand(x.shape), out, "gradient one number")
    yield from _backward(y, needs, torch.ones_like(x), out, "gradient array")


def _backward(y: Any, x: Any, gradient: Any, out: Any, form: str) -> Iterator[Runner]:
    """The backward kernel, or all of autograd where it takes several kernels."""

    def autograd() -> Any:
        return imported().autograd.grad(y, x, gradient, retain_graph=True)[0]

    calls = kernels_of(autograd)
    if len(calls) != 1:
        yield Runner(f"autograd, {form}", autograd)
        return
    kernel, arguments, keywords = calls[0]
    source = "from f(x)" if any(_same_memory(argument, y) for argument in arguments) else "from x"
    yield Runner(f"backward kernel {source}, {form}", partial(kernel, *arguments, **keywords))
    if prepared := with_out(kernel, arguments, keywords, out):
        yield Runner(f"backward kernel {source}, out=, {form}", prepared)


def _same_memory(argument: Any, tensor: Any) -> bool:
    return hasattr(argument, "data_ptr") and argument.data_ptr() == tensor.data_ptr()


def kernels_of(call: Callable[[], Any]) -> list[tuple[Any, tuple[Any, ...], dict[str, Any]]]:
    """The kernels PyTorch dispatches during the call, with their arguments; views and bookkeeping left out."""
    from torch.utils._python_dispatch import TorchDispatchMode

    found: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if function._schema.name not in _BOOKKEEPING:
                found.append((function, tuple(map(_detached, args)), dict(kwargs or {})))
            return function(*args, **(kwargs or {}))

    with Watch():  # type: ignore[no-untyped-call]
        call()
    return found


def _detached(argument: Any) -> Any:
    return argument.detach() if hasattr(argument, "detach") else argument


def with_out(kernel: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], out: Any) -> Callable[[], Any] | None:
    """The kernel's form that writes into `out`; None where it has none."""
    packet = kernel.overloadpacket
    for name in packet.overloads():
        overload = getattr(packet, name)
        outputs = [argument.name for argument in overload._schema.arguments if argument.is_out]
        if len(outputs) == 1:
            given = {**keywords, outputs[0]: out}
            return partial(overload, *arguments, **given)
    return None

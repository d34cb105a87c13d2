"""Inside torch.compile, torch.func and export, and on tensors without memory, values and gradients are the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import nonlin as nl
import nonlin.torch as nlt
from nonlin.emit.torch import torch_source

get: Any = nl.get

ELEMENTWISE = nl.names(kind="elementwise")
POINTS = torch.tensor([-120.0, -20.0, -3.1, -1.0, -0.0, 0.3, 2.5, 30.0, 3e38])

# PyTorch's own forward mode and compiler still use what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_compiled_code_is_left() -> Iterator[None]:
    yield
    torch._dynamo.reset()


def value_and_gradient(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    z = x.clone().requires_grad_()
    y = function(z)
    return y.detach(), *torch.autograd.grad(y, z, torch.linspace(0.5, 1.5, x.numel()).view(x.shape))


def compare(name: str, compiled: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> None:
    torch.testing.assert_close(
        value_and_gradient(compiled, x), value_and_gradient(get(name), x), rtol=4 * 2**-24, atol=absolute(name)
    )


def absolute(name: str) -> float:
    """A row's logarithm of a sum near 1 is right to float64's epsilon in a composition, not relative to itself."""
    return 4 * 2.0**-53 if get(name).kind == "row" else 0.0


@pytest.mark.parametrize("name", nl.names())
def test_a_call_compiles_in_one_graph(name: str) -> None:
    activation = get(name)
    x = POINTS if activation.kind == "elementwise" else POINTS[:-1].view(2, 4)
    compare(name, torch.compile(lambda z: activation(z), backend="aot_eager", fullgraph=True), x)


@pytest.mark.parametrize("name", nl.names())
def test_a_module_compiles_in_one_graph(name: str) -> None:
    module = nlt.module(name)
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    compare(name, torch.compile(module, backend="aot_eager", fullgraph=True), x)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_parameter_may_be_a_tensor_in_a_graph(name: str) -> None:
    activation = get(name)
    x = POINTS[1:-1].double()
    for parameter in activation.parameters:
        compiled = torch.compile(
            lambda z, p, name=parameter: activation(z, **{name: p}), backend="aot_eager", fullgraph=True
        )
        values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.7, 0.7)]
        results = [compiled(x, values[0]), activation(x, **{parameter: values[1]})]
        torch.testing.assert_close(*results)
        torch.testing.assert_close(*[torch.autograd.grad(r.sum(), v)[0] for r, v in zip(results, values, strict=True)])


@pytest.mark.skipif(not any(map(shutil.which, ("g++", "c++", "clang++"))), reason="inductor needs a C++ compiler")
@pytest.mark.slow
def test_inductor_gives_the_same_values() -> None:
    """The two with the most operations, fused into one kernel; the first use of the compiler takes half a minute."""
    pair = [get(name) for name in sorted(ELEMENTWISE, key=lambda n: len(torch_source(get(n).expression, "x")))[-2:]]
    compiled = torch.compile(lambda z: torch.stack([f(z) for f in pair]), fullgraph=True)
    z = POINTS.clone().requires_grad_()
    result = compiled(z)
    (gradient,) = torch.autograd.grad(result.sum(), z)
    torch.testing.assert_close(result, torch.stack([f(POINTS) for f in pair]), rtol=4 * 2**-24, atol=0)
    torch.testing.assert_close(gradient, sum(f.derivative(POINTS) for f in pair), rtol=8 * 2**-24, atol=2**-30)


@pytest.mark.parametrize("name", nl.names())
def test_export_leaves_pytorch_operations_only(name: str) -> None:
    x = POINTS[:-1].view(2, 4)
    exported = torch.export.export(nlt.module(name), (x,))
    called = {node.target for node in exported.graph.nodes if node.op == "call_function"}
    assert all(isinstance(target, torch._ops.OpOverload) for target in called)
    torch.testing.assert_close(exported.module()(x), get(name)(x), rtol=4 * 2**-24, atol=absolute(name))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_function_transforms(name: str) -> None:
    activation, x = get(name), POINTS[1:-2].double()
    first, second = activation.derivative(x), activation.derivative(x, 2)
    torch.testing.assert_close(torch.vmap(torch.func.grad(activation))(x), first)
    torch.testing.assert_close(torch.vmap(torch.func.grad(torch.func.grad(activation)))(x), second)
    torch.testing.assert_close(torch.func.jvp(activation, (x,), (torch.full_like(x, 2.0),))[1], 2 * first)
    torch.testing.assert_close(torch.func.hessian(lambda z: activation(z).sum())(x), torch.diag(second))
    torch.testing.assert_close(torch.func.jacrev(activation)(x), torch.diag(first))


@pytest.mark.parametrize("name", nl.names())
def test_forward_mode_keeps_the_tangent(name: str) -> None:
    activation = get(name)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(torch.tensor([0.5, 2.0]), torch.tensor([1.0, 3.0]))
        tangent = torch.autograd.forward_ad.unpack_dual(activation(dual)).tangent
    expected = torch.func.jvp(activation, (torch.tensor([0.5, 2.0]),), (torch.tensor([1.0, 3.0]),))[1]
    assert tangent is not None
    torch.testing.assert_close(tangent, expected)


@pytest.mark.parametrize("name", nl.names())
def test_tensors_without_memory(name: str) -> None:
    activation = get(name)
    result = activation(torch.empty(2, 3, device="meta", dtype=torch.bfloat16))
    assert (result.device.type, result.shape, result.dtype) == ("meta", (2, 3), torch.bfloat16)
    with FakeTensorMode():
        assert activation(torch.empty(2, 3)).shape == (2, 3)


def test_the_first_call_may_be_inside_a_graph() -> None:
    """In a process that has not loaded our PyTorch side yet, tracing loads it without a break in the graph."""
    code = (
        "import nonlin as nl, torch; f = nl.get(nl.names()[2]); x = torch.randn(9);"
        "y = torch.compile(lambda z: f(z), backend='aot_eager', fullgraph=True)(x);"
        "assert (y - f(x)).abs().max() < 1e-6"
    )
    subprocess.run([sys.executable, "-W", "error::UserWarning:nonlin", "-c", code], check=True)

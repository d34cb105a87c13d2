"""Inside torch.compile, torch.func and export, and on tensors without memory, values and gradients are the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import nonlin as nl
import nonlin.torch as nlt
from nonlin.emit.torch import torch_source
from tests.torch.measure import assert_promised, assert_same, assert_values, value_and_gradient

get: Any = nl.get

ELEMENTWISE = nl.names(kind="elementwise")
WITH_PARAMETERS = tuple(name for name in ELEMENTWISE if get(name).parameters)
RANDOM = tuple(name for name in nl.names() if get(name).definition.training)
POINTS = torch.tensor([-120.0, -20.0, -3.1, -1.0, -0.0, 0.3, 2.5, 30.0, 3e38])

# PyTorch's own forward mode and compiler still use what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_compiled_code_is_left() -> Iterator[None]:
    yield
    torch._dynamo.reset()


def points(name: str) -> torch.Tensor:
    """In rows of even length where the activation is one of rows or halves them."""
    return POINTS if get(name).kind == "elementwise" else POINTS[:-1].view(2, 4)


@pytest.mark.parametrize("name", nl.names())
def test_a_call_compiles_in_one_graph(name: str) -> None:
    activation = get(name)
    assert_same(name, torch.compile(lambda z: activation(z), backend="aot_eager", fullgraph=True), points(name))


@pytest.mark.parametrize("name", nl.names())
def test_a_module_compiles_in_one_graph(name: str) -> None:
    module = nlt.module(name).eval()
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    assert_same(name, torch.compile(module, backend="aot_eager", fullgraph=True), x)


@pytest.mark.parametrize("name", RANDOM)
def test_a_random_module_in_training_compiles_in_one_graph(name: str) -> None:
    module = nlt.module(name)
    compiled, x = torch.compile(module, backend="aot_eager", fullgraph=True), torch.randn(2, 3, 4)
    results = []
    for function in (module, compiled, compiled):
        torch.manual_seed(1)
        results.append(value_and_gradient(function, x))
    torch.testing.assert_close(results[0], results[1], rtol=2 * 2**-23, atol=0)
    torch.testing.assert_close(results[1], results[2], rtol=0, atol=0)
    assert not torch.equal(compiled(x), results[0][0])


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_parameters_may_be_tensors_in_a_graph(name: str) -> None:
    activation, x = get(name), POINTS[1:-1].double()
    names = tuple(activation.parameters)
    values = [torch.tensor(0.7 + 0.1 * i, dtype=torch.float64, requires_grad=True) for i in range(len(names))]

    def call(z: torch.Tensor, *operands: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = activation(z, **dict(zip(names, operands, strict=True)))
        return result

    compiled = torch.compile(call, backend="aot_eager", fullgraph=True)(x, *values)
    torch.testing.assert_close(compiled, call(x, *values))
    gradients = [torch.autograd.grad(result.sum(), values) for result in (compiled, call(x, *values))]
    torch.testing.assert_close(*gradients)


@pytest.mark.skipif(not any(map(shutil.which, ("g++", "c++", "clang++"))), reason="inductor needs a C++ compiler")
@pytest.mark.slow
def test_inductor_gives_the_same_values() -> None:
    """The two with the most operations, fused into one kernel; the first use of the compiler takes half a minute."""
    pair = [get(name) for name in sorted(ELEMENTWISE, key=lambda n: len(torch_source(get(n).expression, "x")))[-2:]]
    compiled = torch.compile(lambda z: torch.stack([f(z) for f in pair]), fullgraph=True)
    z = POINTS.clone().requires_grad_()
    result = compiled(z)
    for f, value in zip(pair, result, strict=True):
        assert_promised(f.name, 0, POINTS, value)
        (gradient,) = torch.autograd.grad(value.sum(), z, retain_graph=True)
        assert_promised(f.name, 1, POINTS, gradient)


@pytest.mark.parametrize("name", nl.names())
def test_export_leaves_pytorch_operations_only(name: str) -> None:
    x = POINTS[:-1].view(2, 4)
    exported = torch.export.export(nlt.module(name).eval(), (x,))
    called = {node.target for node in exported.graph.nodes if node.op == "call_function"}
    assert all(isinstance(target, torch._ops.OpOverload) for target in called)
    assert_values(name, x, exported.module()(x))


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
    shape = (2, {"gate": 2, "pool": 2, "mirror": 8}.get(activation.kind, 4))
    result = activation(torch.empty(2, 4, device="meta", dtype=torch.bfloat16))
    assert (result.device.type, result.shape, result.dtype) == ("meta", shape, torch.bfloat16)
    with FakeTensorMode():
        assert activation(torch.empty(2, 4)).shape == shape


def test_the_first_call_may_be_inside_a_graph() -> None:
    """In a process that has not loaded our PyTorch side yet, tracing loads it without a break in the graph."""
    code = (
        "import nonlin as nl, torch; f = nl.get(nl.names()[2]); x = torch.randn(9);"
        "y = torch.compile(lambda z: f(z), backend='aot_eager', fullgraph=True)(x);"
        "assert (y - f(x)).abs().max() < 1e-6"
    )
    subprocess.run([sys.executable, "-W", "error::UserWarning:nonlin", "-c", code], check=True)


@pytest.mark.parametrize("name", nl.names())
def test_the_measure_sees_a_wrong_value_and_a_wrong_gradient(name: str) -> None:
    """Eight units of the last place, by which no test may pass."""
    activation, x, wrong = get(name), points(name), 1 + 8 * 2.0**-23
    assert_same(name, activation, x)

    value = activation(x)

    def wrong_gradients(z: torch.Tensor) -> torch.Tensor:
        z.register_hook(lambda gradient: gradient * wrong + 2.0**-20)
        return torch.as_tensor(activation(z))

    with pytest.raises(AssertionError):
        assert_values(name, x, value * wrong + 2.0**-20 * (value == 0))
    assert_values(name, x, wrong_gradients(x.clone().requires_grad_()))
    with pytest.raises(AssertionError):
        assert_same(name, wrong_gradients, x)

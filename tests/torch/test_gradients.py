"""Gradients are the derivative kernels', in every operand and to every order, and nothing leaks from a branch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.autograd import grad, gradcheck, gradgradcheck

import nonlin as nl
from nonlin.facts import facts_of
from nonlin.torch.programs import program
from nonlin.torch.traced import traced
from tests.torch.measure import assert_promised

get: Any = nl.get

ELEMENTWISE = nl.names(kind="elementwise")
ROWS = nl.names(kind="row")
SPECIAL = torch.tensor([float("inf"), -float("inf"), float("nan"), 0.0, 3e38, -3e38, 89.0, -104.0, 1.0, -1.0])
SMOOTH = torch.tensor([-3.1, -1.0, -0.2, 0.3, 2.5], dtype=torch.float64)


# PyTorch's own forward mode still uses what it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


def operands(name: str) -> list[torch.Tensor]:
    """Points no nearer than 0.05 to a kink or a jump of f or f′, where difference quotients are no derivatives."""
    values = {p: v + 0.1 for p, v in get(name).parameters.items()}
    facts = [facts_of(get(name).definition.derivative(*index), values) for index in ((), ("x",))]
    breaks = torch.tensor([broken.x for f in facts for each in (f.kinks, f.jumps) for broken in each]).double()
    beside = ((SMOOTH[:, None] - breaks).abs() < 0.05).any(1)
    x = torch.where(beside, SMOOTH + 0.1, SMOOTH)
    assert ((x[:, None] - breaks).abs() >= 0.05).all()
    return [v.requires_grad_() for v in (x, *(torch.tensor(v, dtype=torch.float64) for v in values.values()))]


def call(name: str, x: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
    result: torch.Tensor = get(name)(x, **dict(zip(get(name).parameters, values, strict=True)))
    return result


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_gradient_is_the_derivative_kernel(name: str) -> None:
    activation = get(name)
    x = torch.cat([SPECIAL, torch.linspace(-20, 20, 101)]).requires_grad_()
    (slope,) = grad(activation(x).sum(), x, create_graph=True)
    expected = activation.derivative(x.detach().numpy())
    np.testing.assert_array_equal(slope.detach().numpy(), expected)
    if slope.requires_grad:
        (curvature,) = grad(slope.sum(), x)
        np.testing.assert_array_equal(curvature.numpy(), activation.derivative(x.detach().numpy(), 2))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_gradients_in_every_operand_and_twice(name: str) -> None:
    inputs = operands(name)
    assert gradcheck(lambda *v: call(name, *v), inputs, check_batched_grad=True)
    assert gradgradcheck(lambda *v: call(name, *v), inputs)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_composition_differentiates_in_both_modes_and_twice(name: str) -> None:
    inputs, of = operands(name), program(get(name))
    assert gradcheck(lambda x, *v: traced(of, x, v), inputs, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(lambda x, *v: traced(of, x, v), inputs)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_no_branch_leaks_a_nan_into_the_compositions_gradient(name: str) -> None:
    activation, x = get(name), SPECIAL.clone().requires_grad_()
    (slope,) = grad(traced(program(activation), x, tuple(activation.parameters.values())).sum(), x)
    assert_promised(name, 1, SPECIAL, slope)


@pytest.mark.parametrize("name", ROWS)
def test_row_gradients(name: str) -> None:
    activation = get(name)
    x = torch.randn(3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    for axis in (-1, 0):
        assert gradcheck(lambda x, a=axis: activation(x, a), x)
        assert gradgradcheck(lambda x, a=axis: activation(x, a), x)
    seed = torch.randn(3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    (product,) = grad(activation(x), x, seed)
    np.testing.assert_array_equal(product.numpy(), activation.vjp(x.detach().numpy(), seed.numpy()))


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(), (1,), (4, 1), (2, 4, 3)])
def test_a_broadcast_parameter_gets_the_summed_gradient(name: str, shape: tuple[int, ...]) -> None:
    activation = get(name)
    x = torch.randn(2, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for parameter, value in activation.parameters.items():
        learned = torch.full(shape, value, dtype=torch.float64, requires_grad=True)
        (gradient,) = grad(activation(x, **{parameter: learned}).sum(), learned)
        every = torch.from_numpy(activation.derivative(x.numpy(), wrt=parameter))
        assert gradient.shape == shape
        torch.testing.assert_close(gradient, every.sum_to_size(shape))


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_gradient_is_rounded_once(name: str, dtype: torch.dtype) -> None:
    activation = get(name)
    x = torch.linspace(-8, 8, 333).to(dtype).requires_grad_()
    incoming = torch.linspace(0.5, 2.0, 333).to(dtype)
    (gradient,) = grad(activation(x), x, incoming)
    slope = torch.from_numpy(activation.derivative(x.detach().float().numpy()))
    assert torch.equal(gradient, (incoming.float() * slope).to(dtype))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_parameters_gradient_is_summed_before_it_is_rounded(name: str) -> None:
    """Terms beyond float16's largest number that cancel in the sum: rounded first, they would give NaN."""
    activation = get(name)
    x = torch.full((2,), -3.0, dtype=torch.float16)
    for parameter, value in activation.parameters.items():
        learned = torch.tensor(value, dtype=torch.float16, requires_grad=True)
        incoming = torch.tensor([6e4, -6e4], dtype=torch.float16)
        (gradient,) = grad(activation(x, **{parameter: learned}), learned, incoming)
        assert gradient == 0


@pytest.mark.parametrize("name", nl.names())
def test_nothing_is_recorded_where_nothing_is_wanted(name: str) -> None:
    activation, x = get(name), torch.ones(4, requires_grad=True)
    with torch.no_grad():
        assert not activation(x).requires_grad
    assert not activation(x.detach()).requires_grad
    with torch.inference_mode():
        assert activation(torch.ones(4)).is_inference()
    assert activation(x).requires_grad


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivative_of_a_tensor_is_differentiable(name: str) -> None:
    activation, x = get(name), SMOOTH.clone().requires_grad_()
    (second,) = grad(activation.derivative(x).sum(), x)
    torch.testing.assert_close(second, activation.derivative(x.detach(), 2))


def test_a_wrong_derivative_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same check, on a kernel that is wrong by 1 %."""
    name = next(n for n in ELEMENTWISE if get(n).facts.smoothness > 2)
    slope = program(get(name), ("x",))
    right = slope.kernel
    monkeypatch.setitem(vars(slope), "kernel", lambda *v, **k: right(*v, **k) * 1.01)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(lambda *v: call(name, *v), operands(name))

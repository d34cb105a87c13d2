"""Gated units of tensors: halves of one or two tensors, dtypes, gradients in both, graphs and transforms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.autograd import grad, gradcheck, gradgradcheck

import nonlin as nl
import nonlin.torch as nlt
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from nonlin.torch.programs import program
from nonlin.torch.traced import traced
from tests.contract.cases import Case
from tests.torch.measure import assert_near, halves

get: Any = nl.get

GATES = nl.names(kind="gate")
DTYPES = [torch.float16, torch.float32, torch.float64]

# PyTorch's own forward mode and compiler still use what it deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.parametrize("name", GATES),
]


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (3 * drawn + 0.05).to(dtype)


def same(a: torch.Tensor, b: np.ndarray) -> bool:
    return a.numpy().dtype == b.dtype and np.array_equal(a.numpy(), b, equal_nan=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_values_are_numpys_bit_for_bit(name: str, axis: int, dtype: torch.dtype) -> None:
    gate, x = get(name), normal(2, 4, 600, dtype=dtype)
    expected = gate(x.numpy(), axis=axis)
    assert same(gate(x, axis=axis), expected)
    assert same(gate(*x.chunk(2, dim=axis)), expected)
    assert same(nlt.module(name, dim=axis)(x), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_derivatives_are_numpys_bit_for_bit(name: str, dtype: torch.dtype) -> None:
    gate, x, value = get(name), normal(4, 300, dtype=dtype), normal(300, seed=1, dtype=dtype)
    for order, wrt in ((1, "x"), (2, "x"), (1, "value"), (2, "value")):
        expected = gate.derivative(x.numpy(), order, wrt=wrt, value=value.numpy())
        assert same(gate.derivative(x, order, wrt=wrt, value=value), expected)


@pytest.mark.parametrize("first", [*DTYPES, torch.bool, torch.int8, torch.int16, torch.int64])
@pytest.mark.parametrize("second", [*DTYPES, torch.uint8, torch.int32])
def test_the_two_operands_are_promoted_together_as_numpy_does(
    name: str, first: torch.dtype, second: torch.dtype
) -> None:
    gate, x, y = get(name), normal(3, 4).abs().to(first), normal(4, seed=1).abs().to(second)
    assert same(gate(x, y), gate(x.numpy(), y.numpy()))


def test_half_precision_is_rounded_once(name: str) -> None:
    gate, x = get(name), normal(2, 400, dtype=torch.bfloat16)
    assert torch.equal(gate(x), gate(x.double()).to(torch.bfloat16))
    assert gate(x, x.half()).dtype is torch.float32


@pytest.mark.parametrize("of", [(3, 4), (4,), (1, 4), (2, 3, 1), ()])
def test_gradients_in_both_operands_and_twice(name: str, of: tuple[int, ...]) -> None:
    gate, inputs = get(name), [normal(*s, seed=i, dtype=torch.float64) for i, s in enumerate(((3, 4), of))]
    for order in (inputs, inputs[::-1]):
        leaves = [v.clone().requires_grad_() for v in order]
        assert gradcheck(gate, leaves, check_batched_grad=True)
        assert gradgradcheck(gate, leaves)


@pytest.mark.parametrize("axis", [-1, 0])
def test_gradients_in_the_halves(name: str, axis: int) -> None:
    gate, x = get(name), normal(4, 6, dtype=torch.float64).requires_grad_()
    assert gradcheck(lambda z: gate(z, axis=axis), x)
    assert gradgradcheck(lambda z: gate(z, axis=axis), x)
    y = gate(x, axis=axis)
    incoming = normal(*y.shape, seed=2, dtype=torch.float64)
    expected = gate.vjp(x.detach().numpy(), incoming.numpy(), axis=axis)
    np.testing.assert_array_equal(grad(y, x, incoming)[0].numpy(), expected)


def test_gradients_have_their_operands_dtypes(name: str) -> None:
    x, y = normal(3, 4, dtype=torch.float16).requires_grad_(), normal(4, dtype=torch.float64).requires_grad_()
    gradients = grad(get(name)(x, y).sum(), (x, y))
    assert [(g.dtype, g.shape) for g in gradients] == [(x.dtype, x.shape), (y.dtype, y.shape)]


def test_the_composition_differentiates_in_both_modes_and_twice(name: str) -> None:
    of, x, y = program(get(name)), normal(5, dtype=torch.float64), normal(5, seed=1, dtype=torch.float64)
    leaves = [x.requires_grad_(), y.requires_grad_()]
    assert gradcheck(lambda x, y: traced(of, x, (y,)), leaves, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(lambda x, y: traced(of, x, (y,)), leaves)


@pytest.mark.parametrize(("order", "wrt"), [(0, "x"), (1, "x"), (2, "x"), (1, "value")])
def test_the_composition_keeps_the_promise(name: str, order: int, wrt: str) -> None:
    """For the values the bound of a sign change is stated for, near 1; and for infinities, where the two agree."""
    x, value = normal(900), normal(900, seed=1).sign() * (1 + normal(900, seed=2).abs() / 16)
    index = () if not order else tuple(sorted((wrt, *["x"] * (order - 1))))
    composed = program(get(name), index).compose(x, (value,))
    assert_near(Case(name, order, wrt, get(name).definition.defaults), x, composed, value)
    ends = torch.tensor([float("inf"), -float("inf"), float("nan"), 0.0, -0.0])
    expected = get(name).derivative(ends.numpy(), order, wrt=wrt, value=1.0)
    np.testing.assert_array_equal(program(get(name), index).compose(ends, (1.0,)).numpy(), expected)


def test_two_tensors_compile_in_one_graph(name: str) -> None:
    gate = get(name)
    compiled = torch.compile(lambda a, b: gate(a, b), backend="aot_eager", fullgraph=True, dynamic=True)
    for shape in ((3, 4), (5, 6)):
        a, b = [normal(*shape, seed=seed, dtype=torch.float64).requires_grad_() for seed in (0, 1)]
        torch.testing.assert_close(compiled(a, b), gate(a, b))
        theirs, ours = grad(compiled(a, b).sum(), (a, b)), grad(gate(a, b).sum(), (a, b))
        torch.testing.assert_close(theirs, ours)
    torch._dynamo.reset()


def test_function_transforms(name: str) -> None:
    gate, x = get(name), normal(6, 4, dtype=torch.float64)
    gradient = torch.from_numpy(gate.vjp(x.numpy(), np.ones((6, 2))))
    torch.testing.assert_close(torch.vmap(torch.func.grad(lambda row: gate(row).sum()))(x), gradient)
    torch.testing.assert_close(torch.vmap(gate)(x), gate(x))
    torch.testing.assert_close(torch.func.jvp(gate, (x,), (x,))[1], sum(halves(name, gradient * x)))
    torch.testing.assert_close(torch.vmap(lambda b: gate(x[0], b))(x), gate(x[0], x))


def test_tensors_without_memory(name: str) -> None:
    gate, x = get(name), torch.empty(4, 6, device="meta")
    assert gate(x, axis=0).shape == (2, 6)
    assert gate(x, x[0].double()).dtype is torch.float64
    assert nlt.module(name, dim=0).to("meta")(x).device.type == "meta"


def test_a_shape_keeps_its_memory_format(name: str) -> None:
    gate, image = get(name), normal(2, 4, 3, 6)
    for x in (image.contiguous(memory_format=torch.channels_last), image.transpose(0, 2), image.expand(3, 2, 4, 3, 6)):
        for axis in (a for a in range(x.dim()) if x.shape[a] % 2 == 0):
            result = gate(x, axis=axis)
            assert result.shape == tuple(n // 2 if a == axis else n for a, n in enumerate(x.shape))
            assert torch.equal(result, gate(x.contiguous(), axis=axis))
    assert gate(torch.empty(0, 4)).shape == (0, 2)


def test_out_takes_the_result(name: str) -> None:
    gate, x = get(name), normal(3, 5000)
    out = torch.empty(3, 2500)
    assert gate(x, out=out) is out
    assert torch.equal(out, gate(x))
    with pytest.raises(InvalidValueError, match="gradient"):
        gate(x, x.clone().requires_grad_(), out=torch.empty_like(x))


def test_what_cannot_be_computed_is_a_clear_error(name: str) -> None:
    gate, x = get(name), torch.ones(3, 4)
    for wrong, match in ((x.to(torch.complex64), "real"), (x.to_sparse(), "dense")):
        for operands in ((wrong,), (wrong, x), (x, wrong)):
            with pytest.raises(InvalidTypeError, match=match):
                gate(*operands)
    for size in (3, 5000):
        with pytest.raises(InvalidValueError, match="broadcast"):
            gate(torch.ones(size), torch.ones(2))
    with pytest.raises(InvalidValueError, match="even"):
        gate(x, axis=0)
    for axis in (2, -3):
        with pytest.raises(InvalidValueError, match="axis"):
            nlt.module(name, dim=axis)(x)
    with pytest.raises(InvalidValueError, match="axis"):
        gate(torch.tensor(1.0))
    with pytest.raises(UnknownNameError):
        gate(x, no_such_parameter=1.0)

"""Tensors in, tensors out: the values are the kernels', whatever the dtype, layout or kind of tensor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import nonlin as nl
from nonlin.catalog import DEFINITIONS
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from nonlin.torch.programs import program
from tests.torch.measure import assert_promised

get: Any = nl.get

ELEMENTWISE = nl.names(kind="elementwise")
ROWS = nl.names(kind="row")
GATES = nl.names(kind="gate")
POOLS = nl.names(kind="pool")
MIRRORS = nl.names(kind="mirror")
SPECIAL = [np.inf, -np.inf, np.nan, 0.0, -0.0, 1e-42, -1e-42, 3.3e38, -3.3e38, 88.8, -88.8, -103.5, 1.0, -1.0]
WITH_PARAMETERS = tuple(name for name in ELEMENTWISE if get(name).parameters)


def points(dtype: type = np.float32) -> np.ndarray:
    generator = np.random.default_rng(0)
    wide = generator.standard_normal(200) * 10.0 ** generator.uniform(-6, 6, 200)
    with np.errstate(over="ignore"):
        return np.concatenate([SPECIAL, generator.normal(0, 4, 286), wide]).astype(dtype)


def same(a: torch.Tensor, b: np.ndarray) -> bool:
    return a.numpy().dtype == b.dtype and np.array_equal(a.numpy(), b, equal_nan=True)


def test_the_catalogue_is_what_runs() -> None:
    assert {*ELEMENTWISE, *ROWS, *GATES, *POOLS, *MIRRORS} == set(DEFINITIONS)
    assert ELEMENTWISE
    assert ROWS
    assert GATES
    assert WITH_PARAMETERS


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_and_derivatives_are_numpys_bit_for_bit(name: str, dtype: type) -> None:
    activation, x = get(name), points(dtype)
    assert same(activation(torch.from_numpy(x)), activation(x))
    for order in (1, 2):
        assert same(activation.derivative(torch.from_numpy(x), order), activation.derivative(x, order))


@pytest.mark.parametrize("name", ROWS)
def test_row_values_are_numpys_along_every_axis(name: str) -> None:
    activation, x = get(name), points()[14:].reshape(6, 9, -1)
    for axis in (-1, 0, 1):
        assert same(activation(torch.from_numpy(x), axis), activation(x, axis))
    with pytest.raises(InvalidValueError, match="axis"):
        activation(torch.from_numpy(x), 3)


@pytest.mark.parametrize("name", ROWS)
def test_infinite_rows_are_composed_as_numpys(name: str) -> None:
    """Where torch.func traces, the composition runs; its gradient in an infinite entry is 0 or NumPy's, never NaN."""
    activation, inf = get(name), np.inf
    for row in ([inf, 1.0, inf], [-inf, -inf, -inf], [inf, -inf, 0.0], [-1.0, -inf, 2.0]):
        x = torch.tensor([row, [0.0, 1.0, 2.0]], dtype=torch.float64)
        np.testing.assert_allclose(torch.vmap(activation)(x).numpy(), activation(x.numpy()), rtol=1e-14)
        incoming = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
        pull = torch.func.vjp(activation, x[0])[1]
        assert pull(incoming)[0].isfinite().all()


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_composition_gives_the_kernels_values(name: str, order: int) -> None:
    """In float32, on a processor, both keep the promise, and at infinities, NaN and zeros they agree exactly."""
    activation, x = get(name), points()
    composed = program(activation, ("x",) * order).compose(torch.from_numpy(x), tuple(activation.parameters.values()))
    assert_promised(name, order, torch.from_numpy(x), composed)
    np.testing.assert_array_equal(composed.numpy()[:5], activation.derivative(x[:5], order))
    assert not np.isnan(composed.numpy()[np.isfinite(x)]).any()


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_parameters_broadcast_and_override(name: str) -> None:
    activation, x = get(name), points()[20:80].reshape(5, 4, 3)
    parameter = next(iter(activation.parameters))
    values = np.linspace(0.3, 1.7, 4, dtype=np.float32).reshape(4, 1)
    expected = activation(x, **{parameter: values})
    assert same(activation(torch.from_numpy(x), **{parameter: torch.from_numpy(values)}), expected)
    assert same(activation(torch.from_numpy(x), **{parameter: values}), expected)
    assert same(activation(torch.from_numpy(x), **{parameter: 0.7}), activation(x, **{parameter: 0.7}))
    assert same(activation.bind(**{parameter: 0.7})(torch.from_numpy(x)), activation(x, **{parameter: 0.7}))
    assert same(activation.derivative(torch.from_numpy(x), wrt=parameter), activation.derivative(x, wrt=parameter))


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_a_parameter_may_have_more_axes_than_x(name: str) -> None:
    activation = get(name)
    values = np.linspace(0.3, 1.7, 6, dtype=np.float32).reshape(3, 2, 1)
    for x in (np.array(-0.7, np.float32), points()[20:24], np.resize(points()[20:], 5000)):
        for parameter in activation.parameters:
            result = activation(torch.from_numpy(x), **{parameter: torch.from_numpy(values)})
            assert same(result, activation(x, **{parameter: values}))


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_wrong_parameters_are_refused(name: str) -> None:
    activation, x = get(name), torch.zeros(3)
    parameter = next(iter(activation.parameters))
    for call in (activation, activation.derivative):
        with pytest.raises(UnknownNameError):
            call(x, no_such_parameter=1.0)
        with pytest.raises(InvalidValueError):
            call(x, **{parameter: float("inf")})
    with pytest.raises(UnknownNameError):
        activation.derivative(x, wrt="no_such_operand")
    with pytest.raises(InvalidValueError):
        activation.derivative(x, 0, wrt=parameter)


@pytest.mark.parametrize("dtype", ["?", "b", "B", "h", "H", "i", "I", "l", "L"])
def test_integers_are_promoted_as_numpy_promotes(dtype: str) -> None:
    x = np.array([0, 1, 1, 0]).astype(dtype)
    for name in nl.names():
        assert same(get(name)(torch.from_numpy(x)), get(name)(x)), name


@pytest.mark.parametrize("name", nl.names())
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_rounded_once(name: str, dtype: torch.dtype) -> None:
    x = torch.from_numpy(points()[14:300]).to(dtype)
    wide = get(name).bind(**{p: float(torch.tensor(v).to(dtype)) for p, v in get(name).parameters.items()})
    result, exact = wide(x), wide(x.double())
    assert result.dtype == dtype
    kept = exact.abs() >= torch.finfo(dtype).tiny
    error = (result.double() - exact).abs()[kept] / exact.abs()[kept]
    assert error.max() <= 0.51 * torch.finfo(dtype).eps


@pytest.mark.parametrize("name", nl.names())
def test_what_cannot_be_computed_is_a_clear_error(name: str) -> None:
    activation = get(name)
    with pytest.raises(InvalidTypeError, match=r"real.*\n.*complex64"):
        activation(torch.zeros(4, dtype=torch.complex64))
    with pytest.raises(InvalidTypeError, match="dense"):
        activation(torch.zeros(4, 4).to_sparse())


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_what_cannot_be_a_parameter_is_a_clear_error(name: str) -> None:
    activation, x = get(name), torch.zeros(3)
    for parameter in activation.parameters:
        with pytest.raises(InvalidTypeError, match=r"real.*\n.*complex64"):
            activation(x, **{parameter: torch.ones(3, dtype=torch.complex64)})
        for size in (3, 5000):
            with pytest.raises(InvalidValueError, match="broadcast"):
                activation(torch.zeros(size), **{parameter: torch.ones(2)})


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ROWS])
def test_shapes_and_memory_formats(name: str) -> None:
    activation = get(name)
    image = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    for x in (
        image.contiguous(memory_format=torch.channels_last),
        image.transpose(0, 2),
        image[:, ::2, 1:, :],
        image.expand(3, 2, 3, 4, 5),
        torch.empty(0, 4),
        torch.tensor(0.3),
    ):
        result = activation(x)
        assert result.shape == x.shape
        assert torch.equal(result, activation(x.contiguous()))
        assert result.dim() == 4 or x.dim() != 4 or result.stride() == torch.empty_like(x).stride()
    kept = activation(image.contiguous(memory_format=torch.channels_last))
    assert activation.kind == "row" or kept.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("size", [7, 5000])
def test_out_takes_the_result(name: str, size: int) -> None:
    activation = get(name)
    x = torch.randn(size, generator=torch.Generator().manual_seed(0))
    for dtype in (torch.float32, torch.bfloat16):
        out = torch.empty(size, dtype=dtype)
        assert activation(x.to(dtype), out=out) is out
        assert torch.equal(out, activation(x.to(dtype)))
    assert torch.equal(activation(x.clone(), out=(y := x.clone())), activation(y.copy_(x), out=y))


def test_wrong_out_is_refused() -> None:
    x = torch.zeros(3)
    for name in ELEMENTWISE:
        activation = get(name)
        with pytest.raises(InvalidTypeError, match="dtype"):
            activation(x, out=torch.zeros(3, dtype=torch.float64))
        with pytest.raises(InvalidValueError, match="shape"):
            activation(x, out=torch.zeros(4))
        with pytest.raises(InvalidTypeError, match="tensor"):
            activation(x, out=np.zeros(3, dtype=np.float32))
        with pytest.raises(InvalidValueError, match="gradient"):
            activation(x.clone().requires_grad_(), out=torch.zeros(3))


def test_autograd_sees_that_out_was_written() -> None:
    """A tensor saved for a gradient and then overwritten through `out=` must be noticed, as PyTorch notices it."""
    activation = get(ELEMENTWISE[0])
    w = torch.ones(3, requires_grad=True)
    saved = torch.ones(3)
    product = (w * saved).sum()
    activation(torch.ones(3), out=saved)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.backward()

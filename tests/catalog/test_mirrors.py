"""Mirrored activations: f(x) beside f(−x), where the gradient goes, the modules, `out=` and the errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError

MIRRORS = nl.names(kind="mirror")
X = np.random.default_rng(3).normal(size=(4, 3, 5)) * 3
X[0, 0, :3] = 0.0, -0.0, 1e-310
AXES = (-1, 0, 1, -2)
DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "uint32", "int64", "bool")
same = np.testing.assert_array_equal
each_axis = pytest.mark.parametrize("axis", AXES)
each = pytest.mark.parametrize("name", MIRRORS)


def mirror(name: str) -> Any:
    return nl.get(name)


def dtype_of(name: str) -> Any:
    return pytest.importorskip("ml_dtypes").bfloat16 if name == "bfloat16" else np.dtype(name)


def by_hand(name: str, x: Any, axis: int) -> Any:
    """The ufunc of f, of a copy of x as floating-point numbers and of its negative."""
    value = mirror(name).ufunc(x)
    return np.concatenate([value, mirror(name).ufunc(np.negative(x.astype(value.dtype)))], axis=axis)


def test_there_is_one() -> None:
    assert MIRRORS


@pytest.mark.parametrize("dtype", DTYPES)
@each_axis
@each
def test_both_signs_one_after_the_other(name: str, axis: int, dtype: str) -> None:
    x = np.abs(X).astype(dtype_of(dtype)) if dtype.startswith("u") else X.astype(dtype_of(dtype))
    value = mirror(name)(x, axis=axis)
    same(value, by_hand(name, x, axis))
    assert value.dtype == mirror(name).ufunc(x).dtype
    assert value.shape[axis] == 2 * x.shape[axis]


@each
def test_what_one_half_silences_the_other_passes(name: str) -> None:
    special = np.array([[3.0, -2.0, np.inf, -np.inf, np.nan, 0.0]])
    same(mirror(name)(special), [[3, 0, np.inf, 0, np.nan, 0, 0, 2, 0, np.inf, np.nan, 0]])
    same(mirror(name)(np.array([3, 0, 255], np.uint8)), [3, 0, 255, 0, 0, 0])
    same(mirror(name)([3, -2]), [3, 0, 0, 2])
    assert mirror(name)(np.empty((2, 0, 3)), axis=1).shape == (2, 0, 3)
    positive, negative = np.split(mirror(name)(X, axis=1), 2, axis=1)
    same(positive - negative, X)


@each_axis
@each
def test_out(name: str, axis: int) -> None:
    value = mirror(name)(X, axis=axis)
    out = np.empty_like(value)
    assert mirror(name)(X, axis=axis, out=out) is out
    same(out, value)
    memory = np.concatenate([X, X], axis=axis)
    mirror(name)(np.split(memory, 2, axis=axis)[1], axis=axis, out=memory)  # x lies inside out=
    same(memory, value)
    frozen = np.zeros_like(value)
    frozen.flags.writeable = False
    refused = [np.zeros_like(X), np.zeros((4, 30)), np.zeros_like(value, dtype=int), value.tolist(), frozen]
    for wrong in refused:
        with pytest.raises((InvalidTypeError, InvalidValueError), match="out="):
            mirror(name)(X, axis=axis, out=wrong)
        assert isinstance(wrong, list) or not wrong.any()


@each_axis
@each
def test_the_gradient_is_f_forwards_minus_f_backwards(name: str, axis: int) -> None:
    gradient = np.random.default_rng(5).normal(size=mirror(name)(X, axis=axis).shape)
    first, second = np.split(gradient, 2, axis=axis)
    same(mirror(name).vjp(X, gradient, axis=axis), np.where(X > 0, first, np.where(X < 0, -second, 0)))
    with pytest.raises(InvalidValueError, match="shape"):
        mirror(name).vjp(X, gradient[:, :, 1:], axis=axis)
    unchanged = mirror(name).vjp(X, np.concatenate([first, -second], axis=axis), axis=axis)
    assert not np.array_equal(unchanged, mirror(name).vjp(X, gradient, axis=axis))  # a lost sign would show


@each_axis
@each
def test_modules_and_gradients_in_pytorch(name: str, axis: int) -> None:
    torch, nlt = pytest.importorskip("torch"), pytest.importorskip("nonlin.torch")
    x = torch.tensor(X, requires_grad=True)
    module = nlt.module(name, dim=axis)
    assert f"dim={axis}" in repr(module)
    value = module(x)
    same(value.detach().numpy(), mirror(name)(X, axis=axis))
    incoming = torch.arange(1.0, 1.0 + value.numel()).reshape(value.shape)
    value.backward(incoming)
    same(x.grad.numpy(), mirror(name).vjp(X, incoming.numpy(), axis=axis))
    smooth = torch.tensor(X[1:2].copy(), requires_grad=True)  # away from the corner
    assert torch.autograd.gradcheck(lambda z: mirror(name)(z, axis=axis), smooth)
    assert torch.autograd.gradgradcheck(lambda z: mirror(name)(z, axis=axis), smooth)
    compiled = torch.compile(module, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(smooth), module(smooth))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "uint8", "int64", "bool"])
@each
def test_tensors_of_every_dtype_and_out(name: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    x = torch.tensor(np.abs(X) if dtype == "uint8" else X).to(getattr(torch, dtype))
    value = mirror(name)(x, axis=0)
    wide = mirror(name)(x.double().numpy(), axis=0)
    same(value.double().numpy(), wide)
    out = torch.empty_like(value)
    assert mirror(name)(x, axis=0, out=out) is out
    same(out.double().numpy(), wide)
    for wrong in (torch.zeros(2, 3), torch.zeros_like(value, dtype=torch.complex64), np.zeros(value.shape)):
        with pytest.raises((InvalidTypeError, InvalidValueError), match="out"):
            mirror(name)(x, axis=0, out=wrong)
    with pytest.raises(InvalidValueError, match="gradient"):
        mirror(name)(x.double().requires_grad_(), axis=0, out=torch.empty(value.shape, dtype=torch.float64))


@each
def test_errors(name: str) -> None:
    for wrong in (3, -4):
        with pytest.raises(InvalidValueError, match="axis"):
            mirror(name)(X, axis=wrong)
    with pytest.raises(InvalidValueError, match="row of numbers"):
        mirror(name)(1.5)
    with pytest.raises(InvalidTypeError, match="whole number"):
        mirror(name)(X, axis=1.5)
    with pytest.raises(InvalidTypeError, match="whole number"):
        mirror(name).vjp(X, X, axis="0")
    for given in (X * 1j, ["a"], np.array([None])):
        with pytest.raises(InvalidTypeError, match="real numbers"):
            mirror(name)(given)
    with pytest.raises(UnknownNameError):
        mirror(name)(X, alpha=2)
    with pytest.raises(UnknownNameError):
        mirror(name)(X, dim=1)


@each
def test_an_exchange_of_the_halves_would_be_noticed(name: str) -> None:
    exchanged = np.roll(mirror(name)(X), X.shape[-1], axis=-1)
    same(exchanged, mirror(name)(-X))
    assert not np.array_equal(exchanged, by_hand(name, X, -1))

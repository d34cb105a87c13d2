"""Pools: which inputs make a group, where the gradient goes, the modules, and the errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError

POOLS = nl.names(kind="pool")
X = np.random.default_rng(3).normal(size=(4, 6, 12)) * 3
GROUPINGS = [(-1, 2), (-1, 3), (1, 6), (0, 4), (2, 1), (-2, 2)]
same = np.testing.assert_array_equal


def pool(name: str) -> Any:
    return nl.get(name)


def by_hand(name: str, x: Any, axis: int, count: int) -> Any:
    """Group after group, entry after entry, from the function of two arrays."""
    moved = np.moveaxis(x, axis, -1)
    results = []
    for start in range(0, moved.shape[-1], count):
        result = moved[..., start]
        for place in range(start + 1, start + count):
            result = pool(name)(result, moved[..., place])
        results.append(result)
    return np.moveaxis(np.stack(results, axis=-1), -1, axis)


def test_there_is_one() -> None:
    assert POOLS


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("axis", "count"), GROUPINGS)
@pytest.mark.parametrize("name", POOLS)
def test_neighbours_make_a_group(name: str, axis: int, count: int, dtype: str) -> None:
    x = X.astype(dtype)
    value = pool(name)(x, axis=axis, num_pieces=count)
    same(value, by_hand(name, x, axis, count))
    assert value.dtype == x.dtype
    assert value.shape[axis] * count == x.shape[axis]
    out = np.empty_like(value)
    assert pool(name)(x, axis=axis, num_pieces=count, out=out) is out
    same(out, value)


@pytest.mark.parametrize("name", POOLS)
def test_the_largest_of_each_group(name: str) -> None:
    same(pool(name)(X, num_pieces=4), X.reshape(4, 6, 3, 4).max(axis=-1))
    special = np.array([[1.0, np.nan, 3.0], [np.nan, 0.0, 1.0], [-np.inf, -np.inf, -np.inf], [np.inf, 1.0, -np.inf]])
    same(pool(name)(special, num_pieces=3)[:, 0], [np.nan, np.nan, -np.inf, np.inf])
    memory = X.copy()
    pool(name)(memory[0], num_pieces=4, out=memory[0, :, 1:4])  # out= lies inside the input
    same(memory[0, :, 1:4], pool(name)(X[0], num_pieces=4))


@pytest.mark.parametrize(("axis", "count"), GROUPINGS)
@pytest.mark.parametrize("name", POOLS)
def test_the_gradient_goes_to_the_first_largest(name: str, axis: int, count: int) -> None:
    x = np.round(X)  # with ties
    gradient = np.random.default_rng(5).normal(size=pool(name)(x, axis=axis, num_pieces=count).shape)
    got = np.moveaxis(pool(name).vjp(x, gradient, axis=axis, num_pieces=count), axis, -1)
    moved, given = np.moveaxis(x, axis, -1), np.moveaxis(gradient, axis, -1)
    groups = moved.reshape(*moved.shape[:-1], -1, count)
    chosen = np.arange(count) == groups.argmax(axis=-1)[..., np.newaxis]
    assert (groups == groups.max(axis=-1, keepdims=True)).sum() > chosen.sum() or count == 1
    same(got, np.where(chosen, given[..., np.newaxis], 0).reshape(moved.shape))


@pytest.mark.parametrize(("axis", "count"), GROUPINGS)
@pytest.mark.parametrize("name", POOLS)
def test_modules_and_gradients_in_pytorch(name: str, axis: int, count: int) -> None:
    torch, nlt = pytest.importorskip("torch"), pytest.importorskip("nonlin.torch")
    x = torch.tensor(X, requires_grad=True)
    module = nlt.module(name, num_pieces=count, dim=axis)
    assert f"num_pieces={count}, dim={axis}" in repr(module)
    value = module(x)
    same(value.detach().numpy(), pool(name)(X, axis=axis, num_pieces=count))
    value.backward(torch.ones_like(value))
    same(x.grad.numpy(), pool(name).vjp(X, np.ones(value.shape), axis=axis, num_pieces=count))
    small = torch.tensor(X[:1, :, :4].copy(), requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: pool(name)(z, num_pieces=4), small)
    assert torch.autograd.gradgradcheck(lambda z: pool(name)(z, num_pieces=4), small)


@pytest.mark.parametrize("name", POOLS)
def test_errors(name: str) -> None:
    for count in (5, 0, -2, 1.5, True, "2", None):
        with pytest.raises(InvalidValueError, match="num_pieces") as refused:
            pool(name)(X, num_pieces=count)
        assert repr(count) in str(refused.value)
    with pytest.raises(InvalidValueError, match="axis"):
        pool(name)(X, axis=3)
    with pytest.raises(InvalidValueError, match="axis"):
        pool(name)(1.5)
    with pytest.raises(InvalidTypeError, match="whole number"):
        pool(name)(X, axis=1.5)
    with pytest.raises(InvalidTypeError, match="real numbers"):
        pool(name)(X * 1j)
    with pytest.raises(UnknownNameError):
        pool(name)(X, pieces=2)


@pytest.mark.parametrize("name", POOLS)
def test_groups_of_strangers_would_be_noticed(name: str) -> None:
    """The halves of an axis in place of its neighbours; the last of the largest in place of the first."""
    halves = pool(name)(*np.split(X, 2, axis=-1))
    assert not np.array_equal(halves, by_hand(name, X, -1, 2))
    tied = np.array([1.0, 1.0])
    assert not np.array_equal(pool(name).vjp(tied, np.ones(1)), pool(name).vjp(tied[::-1], np.ones(1))[::-1])

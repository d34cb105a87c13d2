"""Gated units: which half passes through the function, both derivatives, one kernel, and the errors they raise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.errors import InvalidValueError, UnknownNameError
from nonlin.expression import oracle
from tests.catalog.test_tiers import PEERS

GATES = nl.names(kind="gate")
X = np.random.default_rng(3).normal(size=(5, 4, 6)) * 3


def halves(name: str, x: np.ndarray, axis: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """The operand of the function and the scaled one."""
    first, second = np.split(x, 2, axis=axis)
    return (first, second) if nl.get(name).definition.gated == "first" else (second, first)


def gate(name: str) -> Any:
    return nl.get(name)


def test_there_are_gates_of_both_conventions() -> None:
    assert {nl.get(name).definition.gated for name in GATES} == {"first", "second"}


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("name", GATES)
def test_halves_of_one_array_and_two_arrays_are_the_same(name: str, axis: int) -> None:
    activation = nl.get(name)
    value = activation(X, axis=axis)
    assert value.shape[axis] * 2 == X.shape[axis]
    np.testing.assert_array_equal(value, activation(*np.split(X, 2, axis=axis)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", GATES)
def test_values_and_both_derivatives_keep_the_promise(name: str, dtype: str) -> None:
    activation, points = nl.get(name), X.ravel()[:60].reshape(30, 2).astype(dtype)
    gated, scaled = halves(name, points)
    for order, wrt, bar in ((0, "x", 2.0), (1, "x", 4.0), (1, "value", 4.0)):
        got = activation.derivative(gated, order, wrt=wrt, value=scaled)[:, 0]
        wanted = [
            oracle.derivative(activation.expression, float(u), order, wrt, value=float(v))
            if order
            else oracle.value(activation.expression, float(u), value=float(v))
            for u, v in zip(gated[:, 0], scaled[:, 0], strict=True)
        ]
        assert oracle.ulp_error(got, wanted, np.dtype(dtype)).max() <= bar


@pytest.mark.parametrize("name", GATES)
def test_the_gradient_of_the_halves(name: str) -> None:
    activation, gradient = gate(name), np.ones((5, 2, 6))
    got = activation.vjp(X, gradient, axis=1)
    assert got.shape == X.shape
    step = np.zeros_like(X)
    step[2, 3, 1] = 1e-6
    numerical = (activation(X + step, axis=1) - activation(X - step, axis=1)).sum() / 2e-6
    assert got[2, 3, 1] == pytest.approx(numerical, rel=1e-5)


@pytest.mark.parametrize("name", GATES)
def test_modules_and_gradients_in_pytorch(name: str) -> None:
    torch, nlt = pytest.importorskip("torch"), pytest.importorskip("nonlin.torch")
    x = torch.tensor(X, requires_grad=True)
    value = nlt.module(name, dim=1)(x)
    np.testing.assert_array_equal(value.detach().numpy(), nl.get(name)(X, axis=1))
    value.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), gate(name).vjp(X, np.ones((5, 2, 6)), axis=1), rtol=1e-14)


def test_pytorchs_own_gate_is_the_same() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.functional.glu(torch.tensor(X), dim=1).numpy()
    np.testing.assert_allclose(nl.get(PEERS["groups"]["gate"])(X, axis=1), theirs, rtol=1e-14)


@pytest.mark.parametrize("name", GATES)
def test_errors(name: str) -> None:
    with pytest.raises(InvalidValueError, match="even"):
        nl.get(name)(np.ones((2, 3)))
    with pytest.raises(InvalidValueError, match="axis"):
        nl.get(name)(np.ones((2, 4)), axis=2)
    with pytest.raises(UnknownNameError):
        nl.get(name)(np.ones(4), slope=1.0)

"""Functions of a whole row: accuracy against the oracle, axes, extremes, and the Jacobian by both its routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.catalog import DEFINITIONS
from nonlin.errors import InvalidTypeError, InvalidValueError
from nonlin.expression import oracle

NAMES = nl.names(kind="row")
BARS = {"float32": 2.0, "float64": 4.0}
DTYPES = tuple(BARS)
same = np.testing.assert_array_equal


def rows(dtype: str) -> list[Any]:
    """Rows of many lengths and scales, ties, ordered and reversed, tiny and close to the largest number."""
    draw = np.random.default_rng(11)
    lengths = (1, 2, 3, 7, 8, 9, 17)
    found = [draw.standard_normal(n) * scale for n in lengths for scale in (1e-6, 0.3, 4.0, 60.0)]
    largest = float(np.finfo(dtype).max)
    found += [np.zeros(5), np.full(9, 3.25), np.arange(12.0), -np.arange(12.0), np.array([0.0, -1e30, 1e30])]
    found += [np.array([-88.0, 0.0, -104.0]), np.array([-746.0, 0.0, -700.0]), np.array([largest, -largest, 0.0])]
    return [row.astype(dtype) for row in found]


def slope_errors(got: Any, wanted: list[Any], dtype: str) -> Any:
    """Distance in the spacing of numbers beside 1: the product gᵀJ is a sum that cancels, so its bound is absolute."""
    differences = [float(abs(oracle.CONTEXT.mpf(float(g)) - w)) for g, w in zip(got, wanted, strict=True)]
    return np.array(differences) / np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_values(name: str, dtype: str) -> None:
    activation: Any = nl.get(name)
    worst = {
        str(row): errors.max()
        for row in rows(dtype)
        if (errors := oracle.ulp_error(activation(row, -1), oracle.row_value(activation.expression, row), dtype)).max()
        > BARS[dtype]
    }
    assert worst == {}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_jacobian(name: str, dtype: str) -> None:
    """Column by column, against the oracle's own derivative."""
    activation: Any = nl.get(name)
    for row in (r for r in rows(dtype) if r.size <= 9 and np.abs(r).max() < 200):
        jacobian = activation.jacobian(row)
        assert jacobian.shape == (row.size, row.size)
        for j in range(row.size):
            wanted = oracle.row_derivative(activation.expression, row, j)
            assert slope_errors(jacobian[:, j], wanted, dtype).max() <= 4, (row, j)


@pytest.mark.parametrize("name", NAMES)
def test_vjp_is_the_gradient_times_the_jacobian(name: str) -> None:
    activation: Any = nl.get(name)
    draw = np.random.default_rng(3)
    x, gradient = draw.standard_normal((2, 6, 9))
    expected = np.einsum("ri,rij->rj", gradient, activation.jacobian(x))
    np.testing.assert_allclose(activation.vjp(x, gradient, -1), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("axis", [-1, 0, 1, 2, -3])
def test_axes(name: str, axis: int) -> None:
    activation: Any = nl.get(name)
    x = np.random.default_rng(4).standard_normal((3, 4, 5))
    moved = np.moveaxis(activation(np.ascontiguousarray(np.moveaxis(x, axis, -1)), -1), -1, axis)
    same(activation(x, axis=axis), moved)
    along = np.moveaxis(activation.vjp(np.moveaxis(x, axis, -1), np.moveaxis(x, axis, -1), -1), -1, axis)
    same(activation.vjp(x, x, axis=axis), along)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_axis_or_a_number_is_an_error(name: str) -> None:
    for x, axis in ((np.zeros((2, 3)), 2), (np.zeros((2, 3)), -3), (1.5, -1), (np.array(1.5), 0)):
        with pytest.raises(InvalidValueError, match=r"axis|row|dimension"):
            nl.get(name)(x, axis=axis)


@pytest.mark.parametrize("axis", [1.5, 1.0, "a", (0, 1), True])
@pytest.mark.parametrize("name", [*NAMES, *nl.names(kind="gate")])
def test_an_axis_that_is_no_whole_number_is_explained(name: str, axis: Any) -> None:
    activation: Any = nl.get(name)
    x = np.zeros((2, 4))
    calls: list[Callable[[], Any]] = [lambda: activation(x, axis=axis), lambda: activation.vjp(x, x, axis=axis)]
    if activation.kind == "row":
        calls.append(lambda: activation.bind(axis=axis))
    for call in calls:
        with pytest.raises(InvalidTypeError, match="one whole number") as caught:
            call()
        assert caught.value.received == repr(axis)
    with pytest.raises(InvalidTypeError, match="-2 … 1"):
        activation(x, axis=axis)


@pytest.mark.parametrize("name", NAMES)
def test_no_axis_is_the_last(name: str) -> None:
    activation: Any = nl.get(name)
    x = np.arange(6.0).reshape(2, 3)
    same(activation(x, axis=None), activation(x, axis=-1))
    same(activation(x, axis=np.int8(0)), activation(x, axis=0))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_infinities_and_nan(name: str, dtype: str) -> None:
    """An entry at the far end that is never chosen takes no part; NaN spoils its own row and no other."""
    activation: Any = nl.get(name)
    row, last = np.array([0.5, -1.0, 2.0], dtype), -np.inf if activation.facts.keeps_order else np.inf
    shared = activation(np.append(row, last).astype(dtype), -1)
    same(shared[:3], activation(row, -1))
    assert shared[3] == activation(np.array([0.0, last], dtype), -1)[1] in (0.0, -np.inf)
    both = activation(np.stack([row, row * np.nan]).astype(dtype), -1)
    same(both[0], activation(row, -1))
    assert np.isnan(both[1]).all()


INF = np.inf
SHARED = {
    (INF, 1.0, INF): (0.5, 0, 0.5),
    (-INF, -INF): (0.5, 0.5),
    (INF, -INF): (1, 0),
    (INF,) * 3 + (3e38,): (1 / 3,) * 3 + (0,),
}
SHARING = [name for name in NAMES if len(set(nl.get(name)([0.0, 0.0]))) == 1]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SHARING)
def test_equal_infinities_share_the_whole(name: str, dtype: str) -> None:
    """The limit as they grow together; for a logarithm of shares, that of the limit. Its gradient has no NaN."""
    activation: Any = nl.get(name)
    towards = 1 if activation.facts.keeps_order else -1
    for entries, wanted in SHARED.items():
        row = towards * np.array(entries, dtype)
        value = activation(row)
        shares = value if activation.facts.non_negative else np.exp(value)
        np.testing.assert_allclose(shares, wanted, rtol=1e-7 if dtype == "float32" else 1e-15)
        same(shares == 0, np.array(wanted) == 0)
        assert np.isfinite(activation.vjp(row, np.arange(row.size, dtype=dtype))).all()
        assert np.isnan(activation(np.append(row, np.nan).astype(dtype))).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_shifting_a_row_and_permuting_it(name: str, dtype: str) -> None:
    activation: Any = nl.get(name)
    row = np.array([1, -2, 0, 5, 3], dtype)
    order = np.array([3, 0, 4, 1, 2])
    if activation.facts.shift_invariant:
        np.testing.assert_array_max_ulp(activation(row + np.dtype(dtype).type(64), -1), activation(row, -1), 2)
    if activation.facts.permutation_equivariant:
        np.testing.assert_array_max_ulp(activation(row[order], -1), activation(row, -1)[order], 4)


def test_the_run_list_is_the_catalogue() -> None:
    assert set(NAMES) == {d.name for d in DEFINITIONS.values() if d.kind == "row"}
    assert len(NAMES) > len(SHARING) >= 2


def test_the_measures_see_a_wrong_row() -> None:
    for name in NAMES:
        row = rows("float64")[6]
        wanted = oracle.row_value(nl.get(name).expression, row)
        got = np.array([float(w) for w in wanted])
        assert oracle.ulp_error(got * (1 + 2e-15), wanted, "float64").max() > BARS["float64"]
        assert slope_errors(got + 2e-15, wanted, "float64").max() > 4

"""Arrays as they come, for every activation: shapes, layouts, subclasses, out=, 0-d, empty; the same values in each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.errors import InvalidTypeError, InvalidValueError

NAMES = [*nl.names(kind="elementwise"), *nl.names(kind="row")]
DTYPES = ("float32", "float64")
Array = Any
same = np.testing.assert_array_equal


@pytest.fixture(autouse=True)
def _nothing_is_printed_or_raised() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        yield


def samples(dtype: str, *shape: int) -> Array:
    return (np.random.default_rng(5).standard_normal(shape) * 4).astype(dtype)


def calls(name: str) -> dict[str, Callable[..., Array]]:
    """What maps an array to an array of the same shape: f and f′, or f and its vector-Jacobian product."""
    activation: Any = nl.get(name)
    if activation.kind == "row":
        return {
            "value": lambda x, **out: activation(x, -1, **out),
            "vjp": lambda x: activation.vjp(x, np.ones_like(x), -1),
        }
    return {"value": activation, "slope": activation.derivative}


VIEWS: dict[str, Callable[[Array], Array]] = {
    "whole": lambda x: x,
    "every second": lambda x: x[:, ::2],
    "reversed": lambda x: x[::-1, ::-1],
    "transposed": lambda x: x.T,
    "inner block": lambda x: x[1:3, 2:21],
    "Fortran order": np.asfortranarray,
    "broadcast": lambda x: np.broadcast_to(x[:, :1], (5, 8)),
    "bytes swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "three axes": lambda x: x.reshape(5, 3, 9),
    "no rows": lambda x: x[:0],
    "one row": lambda x: x[2],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_every_view_has_the_same_values(name: str, dtype: str) -> None:
    x = samples(dtype, 5, 27)
    x.flags.writeable = False
    for what, call in calls(name).items():
        for view, take in VIEWS.items():
            seen = take(x)
            got, plain = call(seen), call(np.ascontiguousarray(seen.astype(dtype)))
            assert (got.shape, got.dtype) == (seen.shape, np.dtype(dtype)), (what, view)
            same(got, plain, err_msg=f"{what}, {view}")


@pytest.mark.parametrize("name", NAMES)
def test_empty(name: str) -> None:
    for call in calls(name).values():
        for shape in ((0,), (3, 0), (0, 3)):
            assert call(np.zeros(shape, np.float32)).shape == shape


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_numbers(name: str) -> None:
    activation = nl.get(name)
    for call in (activation, activation.derivative):
        expected = call(np.array([1.5]))[0]
        assert call(1.5) == call(np.float64(1.5)) == call(np.array(1.5)) == expected
        assert np.shape(call(1.5)) == ()
        assert isinstance(call(np.float32(1.5)), np.float32)
        same(call([1.5, 1.5]), [expected, expected])


@pytest.mark.parametrize("name", NAMES)
def test_out(name: str) -> None:
    activation, x = calls(name)["value"], samples("float32", 4, 9)
    expected, out = activation(x), np.empty_like(x)
    assert activation(x, out=out) is out
    same(out, expected)
    strided = np.zeros((4, 18), np.float32)
    activation(x, out=strided[:, ::2])
    same(strided[:, ::2], expected)
    same(strided[:, 1::2], 0)
    assert activation(x, out=x) is x
    same(x, expected)


WRONG_OUT: dict[str, Callable[[Array], Array]] = {
    "too short": lambda x: np.empty(x.shape[:-1] + (x.shape[-1] - 1,), x.dtype),
    "integers": lambda x: np.empty(x.shape, np.int64),
    "a list": lambda x: [0.0] * x.shape[-1],
    "read-only": lambda x: np.broadcast_to(x[:1, :1], x.shape),
}


@pytest.mark.parametrize("wrong", WRONG_OUT)
@pytest.mark.parametrize("name", NAMES)
def test_wrong_out(name: str, wrong: str) -> None:
    x = samples("float32", 4, 9)
    with pytest.raises((InvalidTypeError, InvalidValueError)) as refused:
        calls(name)["value"](x, out=WRONG_OUT[wrong](x))
    assert "out=" in str(refused.value).splitlines()[0]
    assert "fix: a writable floating-point array" in str(refused.value)


@pytest.mark.parametrize("name", NAMES)
def test_subclasses_come_back_as_themselves(name: str) -> None:
    x = samples("float64", 3, 4)
    mask = x > 2
    for call in calls(name).values():
        plain = call(x)
        matrix = call(np.asarray(x).view(Tagged))
        assert type(matrix) is Tagged
        same(np.asarray(matrix), plain)
        if nl.get(name).kind == "elementwise":
            masked = call(np.ma.masked_array(x, mask))
            assert type(masked) is np.ma.MaskedArray
            same(masked.mask, mask)
            same(masked.data[~mask], plain[~mask])


class Tagged(np.ndarray):
    """A plain subclass, as libraries of physical units make them."""


class Wrapped:
    """An array type of its own that speaks NumPy's ufunc protocol, as dask's and CuPy's do."""

    def __init__(self, data: Array):
        self.data = data

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Wrapped:
        plain = [i.data if isinstance(i, Wrapped) else i for i in inputs]
        return Wrapped(getattr(ufunc, method)(*plain, **keywords))


@pytest.mark.parametrize("name", NAMES)
def test_the_ufunc_protocol(name: str) -> None:
    x = samples("float32", 3, 4)
    got = calls(name)["value"](Wrapped(x))
    assert isinstance(got, Wrapped)
    same(got.data, calls(name)["value"](x))


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_columns_of_data_frames(library: str) -> None:
    frames = pytest.importorskip(library)
    x = samples("float64", 7)
    for name in nl.names(kind="elementwise"):
        column = nl.get(name)(frames.Series(x))
        assert isinstance(column, frames.Series)
        same(column.to_numpy(), nl.get(name)(x))


@pytest.mark.parametrize("name", NAMES)
def test_the_input_is_left_alone(name: str) -> None:
    x = samples("float32", 3, 4)
    before = x.copy()
    for call in calls(name).values():
        call(x)
    same(x, before)

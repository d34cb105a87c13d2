"""Which dtypes are taken, what they become, and the error for the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError

NAMES = [*nl.names(kind="elementwise"), *nl.names(kind="row")]
FLOATS = ("float16", "float32", "float64")
INTEGERS = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
REFUSED: dict[str, Any] = {
    "complex64": np.ones(3, np.complex64),
    "complex128": np.ones(3, np.complex128),
    "object": np.array([1.0, None, "a"], dtype=object),
    "text": np.array(["a", "b"]),
    "bytes": np.array([b"a"]),
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "records": np.zeros(3, dtype=[("a", "f8")]),
    "a string": "1.5",
    "None": None,
    "a complex number": 1 + 2j,
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", NAMES)
def test_floats_keep_their_dtype(name: str, dtype: str) -> None:
    x = np.linspace(-3, 3, 12).astype(dtype).reshape(12, 1, 1)
    assert nl.get(name)(x).dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", NAMES)
def test_integers_promote_as_numpy_promotes(name: str, dtype: str) -> None:
    """As np.exp does; with parameters, as an array of that dtype times a Python number does."""
    x = np.array([0, 1, 1, 0]).astype(dtype).reshape(4, 1, 1)
    promoted = (x * 0.5).dtype if nl.get(name).parameters else np.exp(x).dtype
    got = nl.get(name)(x)
    assert got.dtype == promoted
    np.testing.assert_array_equal(got, nl.get(name)(x.astype(promoted)))


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("name", nl.names())
def test_others_are_refused_with_a_reason(name: str, what: str) -> None:
    activation: Any = nl.get(name)
    calls = [activation, activation.derivative] if activation.kind == "elementwise" else [activation]
    for call in calls:
        with pytest.raises(InvalidTypeError, match="takes real numbers") as refused:
            call(REFUSED[what])
        text = str(refused.value)
        assert name in text.splitlines()[0]
        assert "received" in text
        assert "fix" in text


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_bad_orders_and_operands(name: str) -> None:
    activation: Any = nl.get(name)
    for order in (-1, 1.5, "1", None):
        with pytest.raises(InvalidValueError, match="order"):
            activation.derivative(1.0, order)
    with pytest.raises(UnknownNameError, match="operand"):
        activation.derivative(1.0, wrt="nonsense")
    assert activation.derivative(1.0, 0) == activation(1.0)
    assert np.isfinite(activation.derivative(1.0, 3))


@pytest.mark.parametrize("name", nl.names(kind="row"))
def test_a_row_function_has_no_elementwise_derivative(name: str) -> None:
    with pytest.raises(InvalidTypeError, match="vjp"):
        nl.get(name).derivative(np.ones(3))


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_the_ufuncs_are_numpys_own_kind(name: str) -> None:
    activation: Any = nl.get(name)
    operands = 1 + len(activation.parameters)
    for ufunc in (activation.ufunc, activation.derivative_ufunc, activation.derivative_ufunc_of(2)):
        assert isinstance(ufunc, np.ufunc)
        assert (ufunc.nin, ufunc.nout) == (operands, 1)
        assert [kind[-1] for kind in ufunc.types] == ["e", "f", "d"]
    x = np.linspace(-2, 2, 9)
    np.testing.assert_array_equal(activation.ufunc(x, *activation.parameters.values()), activation(x))

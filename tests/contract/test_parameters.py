"""Parameters: by call, by array, bound; outside their domain; and objects that survive copying and pickling."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.catalog import DEFINITIONS, Definition, Parameter
from nonlin.errors import InvalidTypeError, InvalidValueError, UnknownNameError

WITH = [(d, p) for d in DEFINITIONS.values() for p in d.parameters if d.kind == "elementwise"]
IDS = [f"{d.name}-{p.name}" for d, p in WITH]
same = np.testing.assert_array_equal
each_parameter = pytest.mark.parametrize(("definition", "parameter"), WITH, ids=IDS)


def of(definition: Definition) -> Any:
    return nl.get(definition.name)


@each_parameter
def test_by_call_and_bound_are_the_same(definition: Definition, parameter: Parameter) -> None:
    x, value = np.linspace(-4, 4, 801), {parameter.name: 0.625}
    plain, bound = of(definition), of(definition).bind(**value)
    same(bound(x), plain(x, **value))
    same(bound.derivative(x, 2), plain.derivative(x, 2, **value))
    assert (plain(x) != bound(x)).any()
    assert bound.parameters == {**definition.defaults, **value}
    assert plain.parameters == definition.defaults
    assert bound.bind(**definition.defaults).parameters == definition.defaults
    assert "0.625" in repr(bound)


@each_parameter
def test_whole_numbers_are_numbers(definition: Definition, parameter: Parameter) -> None:
    x = np.linspace(-4, 4, 33)
    expected = of(definition)(x, **{parameter.name: 1.0})
    for one in (1, True, np.int8(1), np.float32(1), np.ones(33, np.int64), [1] * 33):
        np.testing.assert_allclose(of(definition)(x, **{parameter.name: one}), expected, rtol=1e-14)
    assert of(definition).bind(**{parameter.name: 1}).parameters[parameter.name] == 1.0


@each_parameter
def test_arrays_broadcast_per_channel(definition: Definition, parameter: Parameter) -> None:
    """A column of values gives each channel its own; in a derivative too.

    To the promise, not to the bit: usual values have a simpler body, which a column of them does not take.
    """
    x = np.random.default_rng(2).standard_normal((3, 50)).astype(np.float32)
    values = np.array([[0.5], [1.0], [2.0]], np.float32)
    for call, ulp in ((of(definition), 2), (of(definition).derivative, 4)):
        together = call(x, **{parameter.name: values})
        assert together.dtype == np.float32
        alone = np.stack([call(x[i], **{parameter.name: float(values[i, 0])}) for i in range(3)])
        np.testing.assert_array_max_ulp(together, alone, 2 * ulp)


@each_parameter
def test_the_domain(definition: Definition, parameter: Parameter) -> None:
    outside = [np.nan, np.inf, -np.inf, np.array([1.0, np.nan])]
    outside += [parameter.low] if parameter.open_low else []
    outside += [parameter.low - 1] if np.isfinite(parameter.low) else []
    outside += [parameter.high + 1] if np.isfinite(parameter.high) else []
    for value in outside:
        for call in (of(definition), of(definition).derivative):
            with pytest.raises(InvalidValueError, match="must be") as refused:
                call(1.0, **{parameter.name: value})
            assert parameter.domain in str(refused.value)
            assert f"{parameter.name} of {definition.name}" in str(refused.value)
        with pytest.raises(InvalidValueError):
            of(definition).bind(**{parameter.name: value})


@each_parameter
def test_what_is_no_number(definition: Definition, parameter: Parameter) -> None:
    for value in ("a", None, 1j, object(), [None]):
        with pytest.raises(InvalidTypeError, match=f"{parameter.name} of {definition.name}"):
            of(definition)(1.0, **{parameter.name: value})
        with pytest.raises(InvalidTypeError, match=f"{parameter.name} of {definition.name}"):
            of(definition).bind(**{parameter.name: value})
    with pytest.raises(InvalidValueError, match="single numbers"):
        of(definition).bind(**{parameter.name: [0.5, 1.0]})
    with pytest.raises(InvalidValueError, match="shapes"):
        of(definition)(np.zeros((2, 2)), **{parameter.name: [0.5, 1.0, 2.0]})


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_unknown_parameters_name_the_known_ones(name: str) -> None:
    activation: Any = nl.get(name)
    calls = (activation, activation.derivative)
    for call in calls:
        with pytest.raises(UnknownNameError, match=f"unknown parameter of {name}") as refused:
            call(1.0, nonsense=2.0)
        assert all(parameter in str(refused.value) for parameter in activation.parameters)
    for parameter in activation.parameters:
        with pytest.raises(UnknownNameError, match=parameter):
            activation.bind(**{parameter[:-1]: 1.0})


@pytest.mark.parametrize("name", [*nl.names(kind="elementwise"), *nl.names(kind="row")])
def test_copies_and_pickles(name: str) -> None:
    x = np.linspace(-3, 3, 13).reshape(13, 1, 1)
    bound = nl.get(name).bind(**dict.fromkeys(nl.get(name).parameters, 0.5))
    for activation in (nl.get(name), bound):
        copies = [pickle.loads(pickle.dumps(activation, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)]
        for twin in (*copies, copy.deepcopy(activation), copy.copy(activation)):
            assert type(twin) is type(activation)
            assert twin.definition == activation.definition
            assert twin.parameters == activation.parameters
            assert repr(twin) == repr(activation)
            same(twin(x), activation(x))


@pytest.mark.parametrize("name", nl.names())
def test_what_it_says_of_itself(name: str) -> None:
    activation = nl.get(name)
    assert repr(activation) == str(activation)
    assert name in repr(activation)
    assert activation.formula in repr(activation)
    for text in (activation.title, activation.formula, activation.latex, activation.mathml, str(activation.reference)):
        assert text.strip()
    assert hash(activation) == hash(nl.get(name))


@pytest.mark.parametrize("name", nl.names())
def test_an_activation_cannot_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        nl.get(name).definition = None  # type: ignore[misc, assignment]

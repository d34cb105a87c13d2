"""The ONNX backend's test cases for every operator the catalogue has a name for."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
import pytest

import nonlin as nl

PREFIX = "onnx."


class Reason(Enum):
    """Why a case cannot be put to our functions."""

    EXPANDED = "the operator is spelt out as other operators"
    NO_PARAMETER = "an attribute is a constant of our function"
    NO_ARRAY = "the input is a sequence or an optional value"
    NOT_FLOATING = "the input is not of a floating dtype of NumPy's"


@dataclass(frozen=True)
class Case:
    """One case: what we compute, and what ONNX's own reference gives."""

    name: str
    got: Any
    expected: Any


def operators() -> list[str]:
    """The ONNX operators that are a name of some activation."""
    names = {alias for name in nl.names() for alias in nl.get(name).aliases if alias.startswith(PREFIX)}
    return sorted(name.removeprefix(PREFIX) for name in names)


@cache
def cases(operator: str) -> tuple[Case | tuple[str, Reason], ...]:
    """Every case of the operator, or the reason why it is none for us. Skips the test without the package."""
    return tuple(_read(operator, case) for case in _published(operator))


def _published(operator: str) -> Iterator[Any]:
    # ONNX computes its expected values on import, from NumPy's global generator and with warnings of NumPy's.
    state = np.random.get_state()  # noqa: NPY002
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pytest.importorskip("onnx", reason="the onnx package, whose cases these are, is not installed")
            module = importlib.import_module("onnx.backend.test.case.node")
            importlib.import_module(f"onnx.backend.test.case.node.{operator.lower()}")
    finally:
        np.random.set_state(state)  # noqa: NPY002
    for case in module._NodeTestCases:
        base = case.name.split("_expanded")[0]
        if module._existing_names[base].op_type == operator:
            yield case


def _read(operator: str, case: Any) -> Case | tuple[str, Reason]:
    graph, (inputs, outputs) = case.model.graph, case.data_sets[0]
    if "_expanded" in case.name:
        return case.name, Reason.EXPANDED
    if not all(isinstance(array, np.ndarray) for array in inputs):
        return case.name, Reason.NO_ARRAY
    if any(array.dtype.kind != "f" for array in inputs):
        return case.name, Reason.NOT_FLOATING
    attribute_value = importlib.import_module("onnx.helper").get_attribute_value
    attributes = {a.name: attribute_value(a) for a in graph.node[0].attribute}
    with np.errstate(all="raise"):
        got = _computed(nl.get(PREFIX + operator), inputs, attributes)
    return (case.name, got) if isinstance(got, Reason) else Case(case.name, got, outputs[0])


def _computed(activation: Any, inputs: list[Any], attributes: dict[str, Any]) -> Any:
    if activation.kind == "row":
        return activation(inputs[0], axis=attributes.get("axis", -1))
    if activation.kind == "gate":
        return Reason.NO_PARAMETER if attributes else activation(*inputs)
    for keyword, value, name in activation.definition.variants:
        if attributes.get(keyword) == value.encode():
            return _computed(nl.get(name), inputs, {k: v for k, v in attributes.items() if k != keyword})
    known, chosen = [p.name for p in activation.definition.parameters], {}
    attributes = {k: v for k, v in attributes.items() if v not in (b"none", b"NONE")}
    for name, value in attributes.items():
        if name not in known and not (len(known) == len(attributes) == 1):
            return Reason.NO_PARAMETER
        chosen[name if name in known else known[0]] = inputs[0].dtype.type(value)
    chosen |= dict(zip(known, inputs[1:], strict=False))
    return activation(inputs[0], **chosen)

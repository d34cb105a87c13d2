"""The inputs PyTorch tests its own functions with (OpInfo), for every function of ours that has a name there."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.errors import InvalidValueError

PREFIX = "torch.nn.functional."
LARGEST = 100_000  # elements; the few larger tensors test PyTorch's own loops


class Reason(Enum):
    """Why a function or one of its inputs cannot be used."""

    NO_OPERATOR = "PyTorch lists no such operator"
    NOT_ELEMENTWISE = "a gate; its halves are held elsewhere"
    OUTSIDE_DOMAIN = "a parameter outside the domain"


@dataclass(frozen=True)
class Sample:
    """One input tensor with what our function is called with."""

    activation: Any
    x: Any
    parameters: Mapping[str, Any]
    axis: int = -1


def functions() -> list[str]:
    """Names below torch.nn.functional that stand for some activation."""
    names = {alias for name in nl.names() for alias in nl.get(name).aliases if alias.startswith(PREFIX)}
    return sorted(name.removeprefix(PREFIX) for name in names)


@cache
def database() -> Mapping[str, Any]:
    """The operators by the last part of their name. Skips the test where PyTorch's testing code cannot be imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        needed = "PyTorch's own test inputs need the expecttest package"
        pytest.importorskip("expecttest", reason=needed)
        module = pytest.importorskip("torch.testing._internal.common_methods_invocations", reason=needed)
    return {op.name.removeprefix("nn.functional."): op for op in module.op_db if not op.variant_test_name}


def samples(function: str, dtype: Any) -> list[Sample] | Reason:
    """Every reference input of a function, or the reason why there are none for us."""
    activation = nl.get(PREFIX + function)
    if activation.kind == "gate":
        return Reason.NOT_ELEMENTWISE
    if function not in database():
        return Reason.NO_OPERATOR
    found = [sample for given in _inputs(function, dtype) if isinstance(sample := _sample(activation, given), Sample)]
    return found or Reason.OUTSIDE_DOMAIN


def _inputs(function: str, dtype: Any) -> Iterator[Any]:
    operator = database()[function]
    kind = "reference_inputs" if hasattr(operator, "reference_inputs") else "sample_inputs"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from (given for given in getattr(operator, kind)("cpu", dtype) if given.input.numel() <= LARGEST)


def _sample(activation: Any, given: Any) -> Sample | Reason:
    if activation.kind == "row":
        return Sample(activation, given.input, {}, int(given.args[0]))
    for keyword, value, name in activation.definition.variants:
        if given.kwargs.get(keyword) == value:
            activation = nl.get(name)
    known = [p.name for p in activation.definition.parameters]
    named = {**dict(zip(known, given.args, strict=False)), **given.kwargs}
    parameters = {name: _beside(given.input, value) for name, value in named.items() if name in known}
    try:
        for name, value in parameters.items():
            activation.check_parameter(name, np.asarray(value))
    except InvalidValueError:
        return Reason.OUTSIDE_DOMAIN
    return Sample(activation, given.input, parameters)


def _beside(x: Any, value: Any) -> Any:
    """A parameter per channel (the second axis) in the shape that broadcasts against x."""
    if not hasattr(value, "numel") or value.numel() == 1:
        return float(value)
    return value.detach().reshape(-1, *[1] * (x.dim() - 2))

"""PyTorch's reference inputs through nonlin.torch: values and gradients, held to the oracle and not to PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin.expression import nodes, oracle
from nonlin.expression.differentiate import derivative
from tests.conformance.bars import SLOPE_ULP, VALUE_ULP, furthest
from tests.conformance.opinfo_cases import PREFIX, Reason, Sample, functions, samples

torch = pytest.importorskip("torch", reason="PyTorch, whose inputs these are, is not installed")
DTYPES = ("float32", "float64")
POINTS = 60  # elements of each function's inputs that are put to the oracle, special ones first
ROWS = 12

Compared = tuple[float, Any, Any]  # got, exact value; what it was computed from, for the message


def elements(all_samples: list[Sample], order: int) -> Iterator[tuple[Any, dict[str, float], float, float]]:
    """(function, parameters, x, result) of some elements: of small inputs and of special values rather than others."""
    random = np.random.default_rng(3)
    for sample in all_samples:
        x = sample.x.detach().clone().requires_grad_(bool(order))
        result = sample.activation(x, **sample.parameters)
        if order:
            (result,) = torch.autograd.grad(result.sum(), x)
        pairs = np.broadcast_arrays(x.detach().numpy(), result.detach().numpy(), *_values(sample, x))
        flat = [array.ravel() for array in pairs]
        special = np.flatnonzero(~(np.abs(flat[0]) < 1e3) | (flat[0] == 0))[:6]
        few = max(2, POINTS // len(all_samples))
        for index in {*special.tolist(), *random.integers(flat[0].size, size=few * bool(flat[0].size)).tolist()}:
            given = {name: float(p[index]) for name, p in zip(sample.parameters, flat[2:], strict=True)}
            yield sample.activation, given, float(flat[0][index]), float(flat[1][index])


def _values(sample: Sample, x: Any) -> list[Any]:
    dtype = x.detach().numpy().dtype
    return [np.asarray(value, dtype) for value in sample.parameters.values()]


def exact(activation: Any, given: dict[str, float], x: float, order: int, dtype: str) -> Any:
    """The certified value; at a kink the one the definition chooses."""
    values = {**activation.parameters, **given}
    parameters: dict[str, Any] = {name: float(np.dtype(dtype).type(value)) for name, value in values.items()}
    node = activation.expression
    try:
        return oracle.derivative(node, x, order, **parameters) if order else oracle.value(node, x, **parameters)
    except oracle.KinkError:
        chosen = derivative(node, nodes.x, order)
        return oracle.value(chosen, x, **{name: parameters[name] for name in nodes.parameters(chosen)})


@pytest.mark.parametrize("order", [0, 1], ids=["values", "gradients"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", functions())
def test_against_the_oracle(function: str, dtype: str, order: int) -> None:
    found = samples(function, getattr(torch, dtype))
    if isinstance(found, Reason):
        assert found is unused()[function]
        return
    if found[0].activation.kind == "row":
        return
    bar = (SLOPE_ULP if order else VALUE_ULP)[dtype]
    count = 0
    for activation, given, x, got in elements(found, order):
        wanted = exact(activation, given, x, order, dtype)
        distance = furthest(got, [wanted], dtype, floor=order > 0 and abs(x) < 4)
        assert distance <= bar, f"{activation.name}{given} at {x!r}: {got!r}, exactly {float(wanted)!r}"
        count += 1
    assert count >= 40


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", functions())
def test_rows_against_the_oracle(function: str, dtype: str) -> None:
    found = samples(function, getattr(torch, dtype))
    if isinstance(found, Reason) or found[0].activation.kind != "row":
        return
    count = 0
    for sample in (one for one in found if one.x.numel()):
        got = np.moveaxis(np.atleast_1d(sample.activation(sample.x, sample.axis).numpy()), sample.axis, -1)
        x = np.moveaxis(np.atleast_1d(sample.x.numpy()), sample.axis, -1)
        for row, result in list(zip(x.reshape(-1, x.shape[-1]), got.reshape(-1, x.shape[-1]), strict=True))[:ROWS]:
            wanted = oracle.row_value(sample.activation.expression, row.tolist())
            assert furthest(result, wanted, dtype) <= 4
            count += 1
    assert count > 10


def unused() -> dict[str, Reason]:
    """Every function listed by PyTorch is used, but for gates."""
    gates = [function for function in functions() if nl.get(PREFIX + function).kind == "gate"]
    return dict.fromkeys(gates, Reason.NOT_ELEMENTWISE)


def test_what_is_not_used_is_listed_with_the_reason() -> None:
    left = {f: found for f in functions() if isinstance(found := samples(f, torch.float32), Reason)}
    assert left == unused()
    assert len(functions()) - len(left) > 20


def test_a_value_that_is_off_by_a_few_ulp_is_seen() -> None:
    seen = []
    for function in functions()[::5]:
        found = samples(function, torch.float32)
        if not isinstance(found, Reason) and found[0].activation.kind == "elementwise":
            checked = [
                furthest(got * (1 + 2.0**-20), [exact(activation, given, x, 0, "float32")], "float32")
                for activation, given, x, got in elements(found, 0)
                if 1e-30 < abs(got) < 1e30
            ]
            seen.append(max(checked) > VALUE_ULP["float32"])
    assert seen == [True] * len(seen)
    assert len(seen) > 3

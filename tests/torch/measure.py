"""Float32 results of compositions, held to the promise for each kind of activation, against the float64 kernels.

At a corner, where neither side is nearer, the kernel of the same dtype decides which side is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import nonlin as nl
from tests.contract.cases import Case
from tests.contract.promise import bar, beside_break, errors_by_wider

Function = Callable[[torch.Tensor], torch.Tensor]
EPSILON = float(np.finfo(np.float32).eps)


def assert_promised(name: str, order: int, x: torch.Tensor, got: torch.Tensor) -> None:
    """An elementwise activation's derivative of this order at float32 points."""
    assert_near(Case(name, order, "x", nl.get(name).definition.defaults), x, got)


def assert_near(case: Case, x: torch.Tensor, got: torch.Tensor, value: torch.Tensor | None = None) -> None:
    """2 ulp for f, 4 ulp for derivatives; `value` is the other operand of a gate."""
    points, results = x.detach().numpy(), got.detach().numpy()
    case = case.rounded(np.float32)
    given: Any = case.parameters if value is None else {"value": value.detach().numpy()}
    wide = {name: np.float64(array) for name, array in given.items()}
    derivative: Any = case.activation.derivative
    exact = derivative(points.astype(np.float64), case.order, wrt=case.wrt, **wide)
    same = derivative(points, case.order, wrt=case.wrt, **given)
    assert results.dtype == same.dtype == np.float32
    assert results.shape == same.shape
    exact = np.where(beside_break(case, points), same, exact)
    errors = errors_by_wider(_without_breaks(case), points, results, exact)
    worst = np.unravel_index(np.argmax(errors), errors.shape)
    assert errors.max(initial=0) <= bar(case, np.float32), (
        f"{case}: {errors[worst]:.3g} ulp at {points[worst]!r}: {results[worst]!r}, exactly {exact[worst]!r}"
    )


class _Unbroken(Case):
    breaks: tuple[float, ...] = ()


def _without_breaks(case: Case) -> Case:
    return _Unbroken(case.name, case.order, case.wrt, case.parameters)


def value_and_gradient(function: Function, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """f(x), gradient in x, and the incoming gradient: powers of two, by which a product is exact."""
    z = x.clone().requires_grad_()
    y = function(z)
    incoming = torch.ones_like(y)
    incoming.view(-1)[::2] = 0.5
    return y.detach(), torch.autograd.grad(y, z, incoming)[0], incoming


def assert_values(name: str, x: torch.Tensor, value: torch.Tensor) -> None:
    """The activation, of any kind, along the last axis."""
    measures = {"elementwise": _elementwise, "row": _row, "gate": _gate, "pool": _exactly, "mirror": _exactly}
    measures[nl.get(name).kind](name, x, value)


def assert_same(name: str, function: Function, x: torch.Tensor) -> None:
    """Values and gradients of a function that should be this activation, of any kind, along the last axis."""
    value, gradient, incoming = value_and_gradient(function, x)
    assert_values(name, x, value)
    measures = {"elementwise": _slope, "row": _row_gradient, "gate": _gate_slopes}
    measures.get(nl.get(name).kind, _exact_gradient)(name, x, gradient, incoming)


def _elementwise(name: str, x: torch.Tensor, value: torch.Tensor) -> None:
    assert_promised(name, 0, x, value)


def _slope(name: str, x: torch.Tensor, gradient: torch.Tensor, incoming: torch.Tensor) -> None:
    assert_promised(name, 1, x, gradient / incoming)


def halves(name: str, x: torch.Tensor, axis: int = -1) -> tuple[torch.Tensor, torch.Tensor]:
    """The operand of a gate's function and the scaled one."""
    first, second = x.chunk(2, dim=axis)
    return (first, second) if nl.get(name).definition.gated == "first" else (second, first)


def _gate(name: str, x: torch.Tensor, value: torch.Tensor) -> None:
    gated, scaled = halves(name, x)
    assert_near(Case(name, 0, "x", nl.get(name).definition.defaults), gated, value, scaled)


def _gate_slopes(name: str, x: torch.Tensor, gradient: torch.Tensor, incoming: torch.Tensor) -> None:
    gated, scaled = halves(name, x)
    for wrt, slope in zip(("x", "value"), halves(name, gradient), strict=True):
        assert_near(Case(name, 1, wrt, nl.get(name).definition.defaults), gated, slope / incoming, scaled)


def _exactly(name: str, x: torch.Tensor, value: torch.Tensor) -> None:
    np.testing.assert_array_equal(value.detach().numpy(), nl.get(name)(x.detach().numpy()))


def _exact_gradient(name: str, x: torch.Tensor, gradient: torch.Tensor, incoming: torch.Tensor) -> None:
    activation: Any = nl.get(name)
    np.testing.assert_array_equal(gradient.numpy(), activation.vjp(x.numpy(), incoming.numpy()))


def _row(name: str, x: torch.Tensor, value: torch.Tensor) -> None:
    """Within 2 ulp; the logarithm of a sum near 1 is right to float64's epsilon in a composition, not relatively."""
    assert value.dtype is torch.float32
    exact = nl.get(name)(x.detach().double().numpy())
    floor = np.maximum(np.abs(exact), np.finfo(np.float32).tiny).astype(np.float32)
    errors = np.abs(value.detach().double().numpy() - exact) - 4 * 2.0**-53
    assert (errors <= 2 * np.spacing(floor)).all()


def _row_gradient(name: str, x: torch.Tensor, gradient: torch.Tensor, incoming: torch.Tensor) -> None:
    """A gradient is a sum that cancels, so its bound is absolute: 4 spacings of the numbers beside 1."""
    activation: Any = nl.get(name)
    exact = torch.from_numpy(activation.vjp(x.double().numpy(), incoming.double().numpy()))
    torch.testing.assert_close(gradient.double(), exact, rtol=0, atol=4 * EPSILON)

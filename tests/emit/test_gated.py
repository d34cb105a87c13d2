"""A σ times something, or with a sign or a constant of its own: the scale, the sign and the constant must survive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nonlin.emit import gated, llvm
from nonlin.emit.narrow import Narrow
from nonlin.expression import oracle
from nonlin.expression.nodes import constant, decimal, logistic, logistic_slope, x
from nonlin.kernels import assemble

SIGMA, SLOPE = logistic(x), logistic_slope(x)
FORMULAS = {
    "σ": SIGMA,
    "−σ": -SIGMA,
    "3 σ": constant(3) * SIGMA,
    "σ′": SLOPE,
    "−σ′": -SLOPE,
    "3 σ′": constant(3) * SLOPE,
    "x σ": x * SIGMA,
    "x (−σ)": x * -SIGMA,
    "x (3 σ)": x * (constant(3) * SIGMA),
    "x σ(−x)": x * logistic(-x),
    "x σ(1.702 x)": x * logistic(decimal("1.702") * x),
}
BAR = 3.0  # two ulp for σ and its products, one rounding more for a constant and one for its product
each = pytest.mark.parametrize("name", FORMULAS)


def points() -> np.ndarray[Any, Any]:
    """Zero, both tails into the subnormal numbers, numbers too small and too large for the scale, infinities."""
    specials = [0.0, np.inf, np.nan, 1e-45, 2.0**-126, 1e-30, 1e-9, 1e20, 1e30, 3.4e38]
    grids = [np.linspace(0, 20, 400), np.linspace(15, 19, 100), np.linspace(50, 112, 400), np.geomspace(1e-7, 1, 60)]
    sides = np.concatenate([specials, *grids])
    return np.concatenate([sides, -sides]).astype(np.float32)


def worst(name: str) -> float:
    formula, inputs = FORMULAS[name], points()
    exact = [oracle.value(formula, float(at)) for at in inputs]
    got = assemble.elementwise("product", formula, ("x",), BAR)(inputs)
    return float(oracle.ulp_error(got, exact, "float32").max())


@each
def test_the_product_is_computed_in_float32(name: str) -> None:
    assert "double" not in llvm.body_text(FORMULAS[name], ("x",), "float32", BAR)


@each
def test_against_the_oracle(name: str) -> None:
    assert worst(name) <= BAR


def _kept(value: Any, high: str, **changes: Any) -> Any:
    return replace(value, high=high, **changes)


def _scaled_late(maths: Any, operand: Any, function: Any, gone: float) -> Any:
    result = maths.body.mul(operand.high, maths.plain(function))
    return replace(function, high=result, shift=0, whole=None, divisor=None)


MISTAKES: dict[str, tuple[Any, str, Callable[..., Any], set[str]]] = {
    "a sign or a constant is forgotten": (
        Narrow, "_other", staticmethod(_kept), {"−σ", "3 σ", "−σ′", "3 σ′", "x (−σ)", "x (3 σ)"}),
    "a product after the scaling": (gated, "product", _scaled_late, {"x σ", "x σ(−x)", "x σ(1.702 x)"}),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_seen(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong, spoils = MISTAKES[mistake]
    monkeypatch.setattr(where, name, wrong)
    for formula in spoils:
        assert not worst(formula) <= BAR, formula

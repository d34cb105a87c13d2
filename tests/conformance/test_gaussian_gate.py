"""JAX's sharpest test of an activation: x·Φ(x) far into the tail, where the usual 1 + erf has no digits left."""

from __future__ import annotations

import numpy as np
import pytest

import nonlin as nl
from nonlin.expression import nodes

special = pytest.importorskip("scipy.special", reason="the reference is SciPy's normal distribution function")
RELATIVE = 2e-5
X = np.linspace(-12, 5, 10_000, dtype=np.float32)
GATED = [
    name
    for name in nl.names(kind="elementwise")
    if nl.get(name).expression is nodes.x * nodes.normal_cdf(nodes.x)
]  # fmt: skip


def test_there_is_one() -> None:
    assert GATED


@pytest.mark.parametrize("name", GATED)
def test_relative_error_in_the_tail(name: str) -> None:
    wide = X.astype(np.float64)
    np.testing.assert_allclose(nl.get(name)(X), wide * special.ndtr(wide), rtol=RELATIVE, atol=0)


@pytest.mark.parametrize("name", GATED)
def test_slopes_in_the_tail(name: str) -> None:
    wide = X.astype(np.float64)
    slope = special.ndtr(wide) + wide * np.exp(-wide * wide / 2) / np.sqrt(2 * np.pi)
    clear = np.abs(wide + 0.7518) > 0.01  # where the slope changes its sign
    np.testing.assert_allclose(nl.get(name).derivative(X)[clear], slope[clear], rtol=RELATIVE, atol=0)


def test_the_usual_formula_would_fail() -> None:
    half = np.float32(0.5)
    usual = half * X * (1 + special.erf(X / np.sqrt(np.float32(2))))
    wide = X.astype(np.float64)
    assert np.mean(np.abs(usual / (wide * special.ndtr(wide)) - 1) > RELATIVE) > 0.4

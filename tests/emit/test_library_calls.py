"""Operations that call the C library: right in every dtype, and compiled without a word on standard error."""

from __future__ import annotations

import numpy as np
import pytest

from nonlin.expression import oracle
from nonlin.expression.formula import parse
from nonlin.kernels import assemble

FORMULAS = ("atan(x)", "abs(x)**1.3", "x * atan(x)", "atan(x)**2 + x", "sin(x) * atan(x)")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_values(formula: str, dtype: str, capfd: pytest.CaptureFixture[str]) -> None:
    node = parse(formula)
    x = np.concatenate([np.linspace(-9, 9, 50), np.geomspace(1e-3, 1e4, 30)]).astype(dtype)
    got = assemble.elementwise("probe", node, ("x",))(x)
    exact = [oracle.value(node, float(at)) for at in x]
    assert oracle.ulp_error(got, exact, dtype).max() < (0.51 if dtype == "float16" else 4)
    assert capfd.readouterr() == ("", "")

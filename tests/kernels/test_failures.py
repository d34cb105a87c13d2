"""A loop that cannot be compiled inside a call: the caller gets the error, and nobody else does."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nonlin.expression import nodes
from nonlin.kernels import assemble
from nonlin.kernels.ufunc import FAILURES, build_ufunc


def test_the_call_raises_what_the_compilation_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", lambda report: None)
    broken = build_ufunc("broken", "", 1, {"float32": lambda: "define nonsense"})
    sound = assemble.elementwise("sound", nodes.x + nodes.x, ("x",))
    x = np.ones(3, np.float32)
    with pytest.raises(RuntimeError, match="nonsense"):
        assemble.call(broken, (x,), None)
    assert "broken" not in FAILURES
    broken(x)
    np.testing.assert_array_equal(assemble.call(sound, (x,), None), x + x)
    FAILURES.pop("broken")

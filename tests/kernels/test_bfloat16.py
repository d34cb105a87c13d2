"""Arrays of `ml_dtypes.bfloat16`, over all their values."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nonlin.emit.loops import loop_module
from nonlin.expression import nodes
from nonlin.kernels import add_bfloat16, assemble, build_ufunc
from nonlin.kernels.ufunc import FAILURES, Loop
from tests.kernels import toys

ml_dtypes = pytest.importorskip("ml_dtypes")


def test_every_value_is_rounded_once() -> None:
    ufunc = toys.toy(toys.ONE, 1, ("float32", "bfloat16"))
    assert add_bfloat16(ufunc) is False, "it already has the loop"
    x = np.arange(1 << 16, dtype=np.uint16).view(ml_dtypes.bfloat16)
    with np.errstate(all="ignore"):
        y, expected = ufunc(x), toys.one(x.astype(np.float32)).astype(ml_dtypes.bfloat16)
    assert y.dtype == x.dtype
    number = ~np.isnan(x.astype(np.float32))
    np.testing.assert_array_equal(y.view(np.uint16)[number], expected.view(np.uint16)[number])
    assert np.isnan(y[~number].astype(np.float32)).all()


def test_a_ufunc_without_the_loop_is_left_alone() -> None:
    assert add_bfloat16(toys.toy(toys.ONE)) is False


PRODUCT = """
define internal float @body(float %x, float %p0) alwaysinline {
  %r = fmul float %x, %p0
  ret float %r
}
"""


def test_products_are_rounded_to_nearest_even_and_overflow() -> None:
    """Of two 8-bit significands: ties of every kind, subnormal results and overflow, against the package's own cast."""
    texts = {"bfloat16": lambda: loop_module(PRODUCT, 2, "bfloat16")}
    ufunc = build_ufunc("product", "", 2, {"float32": lambda: loop_module(PRODUCT, 2, "float32"), **texts})
    x = np.arange(1 << 16, dtype=np.uint16).view(ml_dtypes.bfloat16)
    number = ~np.isnan(x.astype(np.float32))
    for factor in (1.0078125, 1.5, 0.5, 3e38, 1e-38, -1.9921875):
        p = ml_dtypes.bfloat16(factor)
        with np.errstate(all="ignore"):
            expected = (x.astype(np.float32) * np.float32(p)).astype(ml_dtypes.bfloat16)
        got = ufunc(x, p)
        np.testing.assert_array_equal(got.view(np.uint16)[number], expected.view(np.uint16)[number])
        assert np.isnan(got[~number].astype(np.float32)).all()


def test_patterns_with_parameters_of_float32() -> None:
    """The parameter is not rounded: 0.1 in float32 gives other results than 0.1 in bfloat16."""
    ufunc = assemble.elementwise("line", nodes.x * nodes.parameter("a"), ("x", "a"))
    patterns = assemble.patterns(ufunc, "float32")
    x = np.arange(1 << 16, dtype=np.uint16)
    wide = x.view(ml_dtypes.bfloat16).astype(np.float32)
    number = ~np.isnan(wide)
    for a in (np.float32(0.1), np.linspace(-2, 2, 1 << 16, dtype=np.float32), np.ones((1 << 17), np.float32)[::2]):
        with np.errstate(all="ignore"):
            expected = (wide * a).astype(ml_dtypes.bfloat16).view(np.uint16)
        np.testing.assert_array_equal(patterns(x, a)[number], expected[number])
        np.testing.assert_array_equal(patterns(x[:21], np.atleast_1d(a)[:21]), patterns(x, a)[:21])
    both, back = assemble.patterns(ufunc, "bfloat16"), x[::-1]
    expected = ufunc(x.view(ml_dtypes.bfloat16), back.view(ml_dtypes.bfloat16)).view(np.uint16)
    np.testing.assert_array_equal(both(x, back)[number & number[::-1]], expected[number & number[::-1]])


def test_after_the_first_call_numpy_calls_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = Loop.first_call

    def counted(self: Loop, *arguments: int) -> None:
        calls.append(1)
        real(self, *arguments)

    monkeypatch.setattr(Loop, "first_call", counted)
    ufunc = toys.toy(toys.ONE, 1, ("float32", "bfloat16"))
    x = np.ones(40, ml_dtypes.bfloat16)
    for _ in range(5):
        assert ufunc(x).dtype == x.dtype
    assert len(calls) == 1


def test_a_loop_that_cannot_be_compiled_gives_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", lambda report: None)
    ufunc = build_ufunc("broken", "", 1, {"bfloat16": lambda: "define nonsense", "float32": lambda: "define nonsense"})
    assert np.isnan(ufunc(np.ones(5, ml_dtypes.bfloat16)).astype(np.float32)).all()
    FAILURES.pop("broken")

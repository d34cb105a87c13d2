"""Arrays of `ml_dtypes.bfloat16`, over all their values."""

from __future__ import annotations

import numpy as np
import pytest

from nonlin.kernels import add_bfloat16
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

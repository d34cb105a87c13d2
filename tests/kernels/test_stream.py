"""Large results written past the caches: the same bits, wherever the result begins and ends, and nothing beside it."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from nonlin.emit import stream
from nonlin.kernels import jit
from nonlin.kernels.loader import addresses
from tests.kernels import toys

SMALL = 1 << 14
"""What counts as large in these tests, in bytes."""
DTYPES = ("float16", "float32", "float64")


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAM_BYTES", SMALL)


def surrounded(dtype: str, length: int, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Memory full of sevens and the part of it that is to be written, `start` elements from a cache line."""
    whole = np.full(length + 400, 7, dtype)
    first = -whole.ctypes.data % 64 // whole.itemsize + 64 // whole.itemsize + start
    return whole, whole[first : first + length]


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("beyond", [0, 1, 17, 511, 2048, 4099])
def test_every_start_and_length(dtype: str, beyond: int) -> None:
    f, length = toys.toy(toys.ONE), SMALL // np.dtype(dtype).itemsize + beyond
    x = toys.samples(dtype, length)
    expected = toys.one(x)
    for start in (0, 1, 3, 5):
        whole, out = surrounded(dtype, length, start)
        f(x, out=out)
        np.testing.assert_array_equal(out, expected)
        assert np.count_nonzero(whole != 7) == np.count_nonzero(expected != 7)


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_kind_of_operand(dtype: str) -> None:
    g, x, p = toys.toy(toys.TWO, 2), toys.samples(dtype, 20011), toys.samples(dtype, 20011, seed=1)
    for left, right in ((x, p), (x, p[0]), (x[::-1], p), (x, p[::-1]), (x[0], p), (np.repeat(x, 2)[::2], p)):
        np.testing.assert_array_equal(g(left, right), toys.two(left, right))


@pytest.mark.usefixtures("streamed")
def test_in_place_and_strided_results() -> None:
    f, x = toys.toy(toys.ONE), toys.samples("float32", 20011)
    expected, wide = toys.one(x), np.full((20011, 3), 7, np.float32)
    f(x, out=wide[:, 1])
    np.testing.assert_array_equal(wide[:, 1], expected)
    assert (wide[:, ::2] == 7).all()
    f(x, out=x)
    np.testing.assert_array_equal(x, expected)
    p = toys.samples("float32", 20011, seed=1)
    expected = toys.two(x, p)
    toys.toy(toys.TWO, 2)(x, p, out=p)
    np.testing.assert_array_equal(p, expected)


def test_as_large_as_it_takes() -> None:
    x = toys.samples("float32", (stream.STREAM_BYTES >> 2) + 5)
    np.testing.assert_array_equal(toys.toy(toys.ONE)(x), toys.one(x))


def test_the_stores_pass_the_caches() -> None:
    listing = jit.assembly(toys.module(toys.ONE, 1, "float32"))
    assert "vmovntps" in listing or "movnt" in listing or "stnp" in listing


def test_the_slice_of_a_large_result_is_streamed() -> None:
    """Seen by a loop that writes zeros where it should pass the caches."""
    text = toys.module(toys.ONE, 1, "float32")
    planted = text.replace("store <8 x i64> %value, ptr %to", "store <8 x i64> zeroinitializer, ptr %to")
    assert planted != text
    loop = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(addresses(planted, "loop")["loop"])
    x, (_, out) = np.ones(1 << 13, np.float32), surrounded("float32", 1 << 13, 0)
    steps = (ctypes.c_int64 * 2)(4, 4)
    for whole, expected in ((None, 2), (stream.STREAM_BYTES // 4 - 1, 2), (stream.STREAM_BYTES // 4, 0)):
        operands = (ctypes.c_void_p * 2)(x.ctypes.data, out.ctypes.data)
        loop(operands, (ctypes.c_int64 * 1)(1 << 13), steps, whole)
        assert (out == expected).all()

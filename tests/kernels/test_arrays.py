"""Arrays as they come: whatever NumPy hands to the loop, the result is NumPy's own, bit for bit."""

from __future__ import annotations

import ctypes
import itertools
import mmap
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from nonlin.kernels import build_ufunc
from tests.kernels import toys

F = toys.toy(toys.ONE)
G = toys.toy(toys.TWO, 2)
LENGTHS = (0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 255, 256, 257, 272, 273, 1000, 4099)

same = np.testing.assert_array_equal


@pytest.mark.parametrize("dtype", toys.DTYPES)
@pytest.mark.parametrize("length", LENGTHS)
def test_every_length(dtype: str, length: int) -> None:
    x = toys.samples(dtype, length)
    y = F(x)
    assert y.dtype == x.dtype
    same(y, toys.one(x))


VIEWS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "every second": lambda x: x[:, ::2],
    "reversed": lambda x: x[:, ::-1],
    "both reversed": lambda x: x[::-1, ::-3],
    "transposed": lambda x: x.T,
    "column": lambda x: x[:, 3],
    "inner block": lambda x: x[2:5, 5:300],
    "fortran order": np.asfortranarray,
    "broadcast": lambda x: np.broadcast_to(x[:, :1], (7, 500)),
    "swapped bytes": lambda x: x.astype(x.dtype.newbyteorder()),
    "0-d": lambda x: x[3, 3].reshape(()),
    "empty axis": lambda x: x[:, :0],
}


def _read_only(x: np.ndarray) -> np.ndarray:
    x.flags.writeable = False
    return x


def _misaligned(x: np.ndarray) -> np.ndarray:
    raw = np.zeros(x.nbytes + 1, np.uint8)
    view = raw[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    assert not view.flags.aligned
    return view


VIEWS |= {"read-only": _read_only, "misaligned": _misaligned}


@pytest.mark.parametrize("dtype", toys.DTYPES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view(dtype: str, view: str) -> None:
    x = VIEWS[view](toys.samples(dtype, 7, 500))
    expected = toys.one(x.astype(dtype))
    same(F(x), expected)
    out = np.full(x.shape + (3,), 7, dtype)
    F(x, out=out[..., 1])
    same(out[..., 1], expected)
    same(out[..., ::2], np.full(x.shape + (2,), 7, dtype))


PARAMETERS = {
    "scalar": lambda p, length: p[0, 0],
    "array": lambda p, length: p[:, :length].copy(),
    "strided": lambda p, length: p[:, : 2 * length : 2],
    "row": lambda p, length: p[:1, :length],
    "column": lambda p, length: p[:, :1],
}


@pytest.mark.parametrize("dtype", toys.DTYPES)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("kind", PARAMETERS)
def test_parameters_broadcast(dtype: str, length: int, kind: str) -> None:
    x = toys.samples(dtype, 3, length)
    p = toys.samples(dtype, 3, 2 * length + 1, seed=1)
    p = PARAMETERS[kind](p, length)
    same(G(x, p), toys.two(x, p))


def test_a_python_number_keeps_the_dtype() -> None:
    x = toys.samples("float32", 40)
    assert G(x, 0.1).dtype == np.float32
    same(G(x, 0.1), toys.two(x, np.float32(0.1)))


@pytest.mark.parametrize("length", LENGTHS)
def test_in_place(length: int) -> None:
    x = toys.samples("float32", length)
    expected = toys.one(x)
    assert F(x, out=x) is x
    same(x, expected)


@pytest.mark.parametrize("shift", [1, 3, 16, 17, 100])
@pytest.mark.parametrize("forward", [True, False])
def test_overlapping_out(shift: int, forward: bool) -> None:
    x = toys.samples("float32", 3000)
    source, target = (x[shift:], x[:-shift]) if forward else (x[:-shift], x[shift:])
    expected = toys.one(source.copy())
    F(source, out=target)
    same(target, expected)


def test_out_overlaps_reversed_and_parameter() -> None:
    x = toys.samples("float32", 3000)
    expected = toys.two(x[::-1].copy(), x.copy())
    G(x[::-1], x, out=x)
    same(x, expected)


def test_where_leaves_the_rest_alone() -> None:
    x, mask = toys.samples("float64", 500), toys.samples("float64", 500, seed=2) > 0
    out = np.full(500, 9.0)
    F(x, out=out, where=mask)
    same(out, np.where(mask, toys.one(x), 9.0))


def test_large() -> None:
    x = toys.samples("float32", (1 << 20) + 5)
    same(F(x), toys.one(x))


@pytest.mark.parametrize("dtype", [np.bool_, *np.typecodes["AllInteger"]])
def test_integers_promote_like_numpy(dtype: str) -> None:
    x = np.arange(2).astype(dtype)
    assert F(x).dtype == np.exp(x).dtype
    same(F(x), toys.one(x.astype(F(x).dtype)))


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "S3", "M8[s]"])
def test_other_dtypes_are_a_type_error(dtype: str) -> None:
    with pytest.raises(TypeError):
        F(np.zeros(3, dtype))


@pytest.mark.parametrize("dtype", toys.DTYPES)
@pytest.mark.parametrize("step", [1, 2])
def test_no_warning(dtype: str, step: int) -> None:
    reciprocal = toys.toy(toys.RECIPROCAL)
    x = np.array([0.0, -0.0, np.inf, np.nan, 6e-8] * 20, dtype)[::step]
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        y = reciprocal(x)
    assert y[0] == np.inf


def test_flags_raised_before_survive() -> None:
    """NumPy's own checks after a later operation still work."""
    F(toys.samples("float32", 40))
    with pytest.raises(FloatingPointError), np.errstate(all="raise"):
        np.float32(1) / np.zeros(40, np.float32)


def test_an_element_does_not_depend_on_its_place() -> None:
    x = toys.samples("float32", 1000)
    whole = F(x)
    for start in range(40):
        same(F(x[start : start + 21]), whole[start : start + 21])


def _keeps_to_its_elements(ufunc: np.ufunc, dtype: str, length: int) -> bool:
    out = np.full(length + 80, 7, dtype)
    ufunc(toys.samples(dtype, length), out=out[40 : 40 + length])
    return bool((np.delete(out, np.s_[40 : 40 + length]) == 7).all())


@pytest.mark.parametrize("dtype", toys.DTYPES)
@pytest.mark.parametrize("length", [1, 3, 7, 9, 15, 17, 41])
def test_a_call_writes_its_elements_and_no_others(dtype: str, length: int) -> None:
    assert _keeps_to_its_elements(F, dtype, length)
    text = toys.module(toys.ONE, 1, dtype)
    wider = text.replace(
        "%left.small = trunc i64 %left to i8", "%more.left = add i64 %left, 1\n%left.small = trunc i64 %more.left to i8"
    )
    assert wider != text
    assert not _keeps_to_its_elements(build_ufunc("wider", "", 1, {dtype: lambda: wider}), dtype, length)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="protects memory by Linux's call")
def test_memory_beyond_the_operands_is_not_touched() -> None:
    """Operands that end where a page ends, before one that nobody may read: the process would die."""
    page = mmap.PAGESIZE
    with mmap.mmap(-1, 2 * page) as memory:
        start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        assert protect(start + page, page, 0) == 0
        for dtype, length in itertools.product(toys.DTYPES, (1, 3, 8, 16, 17, 40)):
            x = np.frombuffer(memory, dtype, length, page - length * np.dtype(dtype).itemsize)
            x[...] = toys.samples(dtype, length)
            same(F(x), toys.one(x))
            expected = toys.two(x, x)
            same(G(x, x), expected)
            assert G(x, x, out=x) is x
            same(x, expected)
            del x


def test_it_is_a_ufunc() -> None:
    assert isinstance(F, np.ufunc)
    assert (F.nin, F.nout, F.types, F.__name__) == (1, 1, ["e->e", "f->f", "d->d"], "toy")
    assert "A toy." in (F.__doc__ or "")

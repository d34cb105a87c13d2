"""Arrays of `ml_dtypes.bfloat16`: every value of every function, rounded once, whoever calls it and however."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from benchmarks.exhaustive.scan import scan
from benchmarks.exhaustive.subject import ORDERS, Subject
from nonlin.kernels import set_num_threads, threads

ml_dtypes = pytest.importorskip("ml_dtypes")
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
EVERY = np.arange(1 << 16, dtype=np.uint16).view(BFLOAT16)
INFINITE = (0x7F80, 0xFF80)
get: Any = nl.get


def same(a: np.ndarray, b: np.ndarray) -> None:
    assert a.dtype == b.dtype == BFLOAT16
    np.testing.assert_array_equal(a.view(np.uint16), b.view(np.uint16))


@pytest.mark.filterwarnings("ignore:invalid value encountered in isnan")  # ml_dtypes' own, of signalling NaN
@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_every_input_is_rounded_once(name: str) -> None:
    for order in ORDERS:
        subject = Subject(name, order, "bfloat16")
        found = scan(subject, threads=1)
        without_limit = [pattern for pattern in INFINITE if np.isnan(subject.values(EVERY[[pattern]].astype(float)))]
        assert found.inputs == 1 << 16
        assert max(error for error, pattern in found.worst if pattern not in without_limit) <= 0.51, order


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_calls_keep_the_dtype_and_give_what_the_ufunc_gives(name: str) -> None:
    activation = get(name)
    values = {p.name: p.default * 0.75 for p in activation.definition.parameters if p.admits(p.default * 0.75)}
    given = [BFLOAT16.type(v) for v in {**activation.parameters, **values}.values()]
    expected = activation.ufunc(EVERY, *given)
    same(activation(EVERY, **values), expected)
    same(activation.bind(**values)(EVERY), expected)
    out = np.empty_like(EVERY)
    assert activation.bind(**values)(EVERY, out=out) is out
    same(out, expected)
    same(activation(EVERY[::-3], **values), expected[::-3])
    assert activation(EVERY[5], **values).dtype == BFLOAT16


def test_large_arrays_are_split_between_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 0.0)
    monkeypatch.setattr(threads, "LOSS", float("inf"))
    x = np.tile(EVERY, 9)
    for name in nl.names(kind="elementwise")[:3]:
        expected = get(name)(EVERY)
        for number in (1, 2, None):
            set_num_threads(number)
            same(get(name)(x), np.tile(expected, 9))
    set_num_threads(None)


LATE = """
import sys
import numpy as np
import nonlin as nl
names = [name for name in nl.names(kind="elementwise")]
functions = [nl.get(name) for name in (names[0], names[-1])]
for f in functions:
    f(np.ones(3, np.float32)), f.derivative(np.ones(3, np.float32))
assert "ml_dtypes" not in sys.modules, "it is imported by whoever wants it"
import ml_dtypes
x = np.ones(3, ml_dtypes.bfloat16)
print({f(x).dtype.name for f in functions} | {f.derivative(x).dtype.name for f in functions})
"""


def test_the_package_may_be_imported_later() -> None:
    printed = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "{'bfloat16'}"

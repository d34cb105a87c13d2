"""Small scalar bodies whose result NumPy gives bit for bit, and ufuncs made of them."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest

from nonlin.emit.loops import loop_module
from nonlin.emit.storage import STORAGE
from nonlin.kernels import build_ufunc, share, threads

DTYPES = ("float16", "float32", "float64")
_serial = itertools.count()

ONE = """
define internal {T} @body({T} %x) alwaysinline {{
  %negative = fcmp olt {T} %x, 0.0
  %low = fmul {T} %x, 3.0
  %high = fadd {T} %x, 1.0
  %r = select i1 %negative, {T} %low, {T} %high
  ret {T} %r
}}
"""
TWO = """
define internal {T} @body({T} %x, {T} %p0) alwaysinline {{
  %negative = fcmp olt {T} %x, 0.0
  %low = fmul {T} %x, %p0
  %high = fadd {T} %x, 1.0
  %r = select i1 %negative, {T} %low, {T} %high
  ret {T} %r
}}
"""
RECIPROCAL = """
define internal {T} @body({T} %x) alwaysinline {{
  %r = fdiv {T} 1.0, %x
  ret {T} %r
}}
"""
IDENTITY = """
define internal {T} @body({T} %x) alwaysinline {{
  ret {T} %x
}}
"""


def one(x: np.ndarray) -> np.ndarray:
    """What ONE computes."""
    y: np.ndarray = np.where(x < 0, x * x.dtype.type(3), x + x.dtype.type(1))
    return y


def two(x: np.ndarray, p: np.ndarray | np.float32) -> np.ndarray:
    """What TWO computes."""
    y: np.ndarray = np.where(x < 0, x * p, x + x.dtype.type(1))
    return y


def module(body: str, operands: int, dtype: str) -> str:
    return loop_module(
        body.replace("{T}", STORAGE[dtype].compute).replace("{{", "{").replace("}}", "}"), operands, dtype
    )


def fresh(text: str) -> str:
    """`text` with a comment no earlier text had, so that no cache knows it."""
    return f"; {next(_serial)} {np.random.default_rng().integers(1 << 62)}\n{text}"


def toy(body: str, operands: int = 1, dtypes: tuple[str, ...] = DTYPES) -> np.ufunc:
    return build_ufunc("toy", "A toy.", operands, {dtype: partial(module, body, operands, dtype) for dtype in dtypes})


def note_shares(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that gets the number of slices of every call shared between threads from now on."""
    seen: list[int] = []

    def noted(job: share.Job, number: int, kept: object) -> bool:
        done = share.share(job, number, kept)
        seen.extend([job.slices] if done else [])
        return done

    monkeypatch.setattr(threads, "share", noted)
    return seen


def samples(dtype: str, *shape: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape) * 4).astype(dtype)

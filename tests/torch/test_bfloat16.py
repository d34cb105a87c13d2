"""Tensors of bfloat16: computed on their own bits, parameters in float32, without the package `ml_dtypes`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import nonlin as nl
from benchmarks.exhaustive.distance import ulp_distance
from nonlin.kernels import set_num_threads, share, threads

get: Any = nl.get
EVERY = torch.arange(1 << 16).to(torch.uint16).view(torch.bfloat16)
FINITE = EVERY[EVERY.isfinite()]
WITH_PARAMETERS = [name for name in nl.names(kind="elementwise") if get(name).parameters]


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.dtype == b.dtype == torch.bfloat16 and torch.equal(a.view(torch.int16), b.view(torch.int16))


@pytest.mark.parametrize("name", nl.names(kind="elementwise"))
def test_every_finite_input_is_rounded_once_with_unrounded_parameters(name: str) -> None:
    """The parameters are the float32 numbers nearest to what was given, as in PyTorch's own functions."""
    activation = get(name)
    values = {p: float(np.float32(v)) for p, v in activation.parameters.items()}
    got = activation(FINITE)
    errors = ulp_distance("bfloat16")(got.double().numpy(), activation.bind(**values)(FINITE.double()).numpy())
    assert got.dtype == torch.bfloat16
    assert errors.max() <= 0.51
    assert torch.equal(activation(EVERY).isnan(), activation(EVERY.double()).isnan())


VIEWS = {
    "reversed step": lambda x: x.view(256, 256)[:, ::3],
    "transposed": lambda x: x.view(256, 256).T,
    "expanded": lambda x: x[40:41].expand(5, 7),
    "0-d": lambda x: x[77],
    "empty": lambda x: x[:0],
    "channels last": lambda x: x.view(4, 16, 32, 32).contiguous(memory_format=torch.channels_last),
    "inner block": lambda x: x.view(256, 256)[3:60, 5:77],
}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_and_out(view: str) -> None:
    for name in (nl.names(kind="elementwise")[0], WITH_PARAMETERS[0]):
        activation, x = get(name), VIEWS[view](EVERY)
        expected = activation(x.contiguous().view(-1)).view(x.shape)
        assert same(activation(x), expected)
        out = torch.zeros_like(x)
        version = out._version
        assert activation(x, out=out) is out
        assert same(out, expected)
        assert out._version > version


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_parameters_as_tensors(name: str) -> None:
    activation, x = get(name), FINITE[:4096].view(64, 64)
    for dtype in (torch.bfloat16, torch.float32):
        values = {p: torch.full((64, 1), v, dtype=dtype) for p, v in activation.parameters.items()}
        expected = activation(x, **{p: float(v[0, 0]) for p, v in values.items()})
        assert same(activation(x, **values), expected)


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """With how many threads each split call ran."""
    seen: list[int] = []

    def noted(job: share.Job, number: int, kept: object) -> bool:
        done = share.share(job, number, kept)
        seen.extend([number] if done else [])
        return done

    monkeypatch.setattr(threads, "share", noted)
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 0.0)
    monkeypatch.setattr(threads, "LOSS", float("inf"))
    before = torch.get_num_threads()
    set_num_threads(3)
    yield seen
    set_num_threads(None)
    torch.set_num_threads(before)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_no_more_threads_than_pytorch_may_use(dtype: torch.dtype, split: list[int]) -> None:
    activation, x = get(WITH_PARAMETERS[0]), torch.randn(1 << 20).to(dtype)
    torch.set_num_threads(1)
    expected = activation(x)
    assert split == []
    for number, used in ((2, 2), (8, 3)):
        torch.set_num_threads(number)
        assert torch.equal(activation(x), expected)
        assert split.pop() == used


def helpers() -> int:
    return sum(thread.name.startswith("nonlin") for thread in threading.enumerate())


def test_many_callers_share_the_helpers(split: list[int]) -> None:
    """Six threads that differentiate at once: each computes itself, and the helpers are the same two."""
    torch.set_num_threads(3)
    activation, x = get(nl.names(kind="elementwise")[0]), torch.randn(1 << 19)
    weights = torch.ones_like(x)
    expected, before = activation.derivative(x), helpers()
    wrong: list[bool] = []

    def work() -> None:
        z = x.clone().requires_grad_()
        activation(z).backward(weights)
        wrong.append(z.grad is None or not torch.equal(z.grad, expected))

    callers = [threading.Thread(target=work) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=60)
    assert wrong == [False] * 6
    assert split
    assert helpers() <= max(before, 2)


class Computed(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """Computes in whatever process asks, and says how many calls were split there."""

    def __init__(self, split: list[int]) -> None:
        self.split = split

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        before = len(self.split)
        value = get(WITH_PARAMETERS[0])(torch.full((1 << 19,), float(index) - 2))
        return value, len(self.split) - before


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_that_load_data_use_one_thread_each(split: list[int]) -> None:
    """PyTorch gives each such process one thread; started by fork, it has none of the parent's helpers either."""
    data = Computed(split)
    torch.set_num_threads(2)
    expected = [data[i] for i in range(4)]
    assert [count for _, count in expected] == [1] * 4
    loaded = list(torch.utils.data.DataLoader(data, batch_size=None, num_workers=2, timeout=60))
    assert [int(count) for _, count in loaded] == [0] * 4
    assert all(torch.equal(got, wanted) for (got, _), (wanted, _) in zip(loaded, expected, strict=True))

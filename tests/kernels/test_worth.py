"""When large arrays are split: by the time a function is known to take, and into slices of the right size."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from nonlin.kernels import run_chunked, set_num_threads, threads
from tests.kernels import toys

LARGE = (1 << 19) + 37


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many slices each split call made, where every call is worth it."""
    seen = toys.note_shares(monkeypatch)
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 0.0)
    monkeypatch.setattr(threads, "LOSS", float("inf"))
    yield seen
    set_num_threads(None)


@pytest.mark.parametrize(("seconds", "split"), [(0.0, True), (1.0, False)])
def test_threads_are_used_where_the_last_call_says_they_pay(
    seconds: float, split: bool, used: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_num_threads(2)
    monkeypatch.setattr(threads, "WORTH_SECONDS", seconds)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", seconds)
    f, x = toys.toy(toys.ONE), toys.samples("float32", LARGE)
    for _ in range(3):  # the first call knows nothing yet
        np.testing.assert_array_equal(run_chunked(f, (x,)), toys.one(x))
    assert len(used) == (3 if split else 0)


@pytest.mark.parametrize(
    ("since", "team", "split"), [(9e-5, None, True), (1.1e-4, None, False), (9.0, "PyTorch", True)]
)
def test_sleeping_helpers_are_called_for_longer_work_only(
    since: float, team: str | None, split: bool, used: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    f, x = toys.toy(toys.ONE), toys.samples("float32", LARGE)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 1.0)
    monkeypatch.setattr(threads, "openmp", SimpleNamespace(library=lambda: team))
    monkeypatch.setattr(threads, "time", SimpleNamespace(perf_counter=lambda: 100.0 + since))
    monkeypatch.setattr(threads, "_pace", {(f, x.dtype): 1e-3 / x.nbytes})
    monkeypatch.setattr(threads, "_state", threads._State(chosen=2, ended=100.0))
    run_chunked(f, (x,))
    assert len(used) == split


def test_an_interruption_at_most_doubles_what_is_known_of_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    f, x = toys.toy(toys.ONE), np.zeros(1 << 18, np.float32)
    for seconds, expected in ((1e-4, 1e-4), (1.0, 2e-4), (5e-5, 5e-5)):
        clock = iter((7.0, 7.0 + seconds))
        monkeypatch.setattr(threads, "time", SimpleNamespace(perf_counter=clock.__next__))
        threads._alone(f, (x,), None)
        assert threads._pace[f, x.dtype] * x.nbytes == pytest.approx(expected)
    assert (f, np.dtype(np.float64)) not in threads._pace


def test_after_losses_no_call_is_split_for_a_while(used: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    set_num_threads(2)
    f, x = toys.toy(toys.ONE), toys.samples("float32", LARGE)
    monkeypatch.setattr(threads, "LOSS", 4.0)
    monkeypatch.setattr(threads, "_state", threads._State(chosen=2))
    for took, alone_until in ((3.9, 0.0), (5.0, 105.0), (4.0, 105.0), (5.0, 105.0), (6.0, 112.0), (1.0, 112.0)):
        threads._rest(100.0, took, 1.0)
        assert threads._state.alone_until == alone_until
    clock = [111.9]
    monkeypatch.setattr(threads, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    run_chunked(f, (x,))
    assert used == []
    clock[0] = 112.1
    run_chunked(f, (x,))
    assert len(used) == 1


def test_a_caller_may_ask_for_fewer(used: list[int]) -> None:
    set_num_threads(4)
    f, x = toys.toy(toys.ONE), toys.samples("float32", LARGE)
    for most, calls in ((1, 0), (2, 1), (None, 2)):
        np.testing.assert_array_equal(run_chunked(f, (x,), most=most), toys.one(x))
        assert len(used) == calls


@pytest.mark.parametrize(("rows", "core", "number", "slices"), [
    (1 << 16, 1, 2, 8), (1 << 24, 1, 2, 256), (1 << 24, 1, 8, 256), (100_000, 10, 2, 16), (20, 50_000, 2, 20),
    (2, 1 << 20, 8, 2), (1, 1 << 20, 8, 1), ((1 << 20) + 3, 1, 2, 17)])  # fmt: skip
def test_slices_are_whole_pages_or_rows(rows: int, core: int, number: int, slices: int) -> None:
    out = np.empty((rows, core), np.float32)
    job = threads._Split(0, [out, out], core).job(number, streamed=False)
    assert (job.rows, job.core, job.slices) == (rows, core, slices)
    assert job.slice == 1 or -job.slice * core * 4 % threads.PAGE < core * 4
    assert [*job.steps] == [4 * core, 4 * core, 4, 4]


def test_only_a_function_that_waits_for_memory_is_streamed() -> None:
    split = threads._Split(0, [np.empty(1 << 20, np.float32)] * 2, 1)
    assert [split.job(2, streamed=streamed).data for streamed in (True, False)] == [1 << 20, 0]

"""When large arrays are split: by the time a function is known to take, and into slices of the right size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nonlin.kernels import run_chunked, set_num_threads, threads
from tests.kernels import toys

LARGE = (1 << 19) + 37


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many slices each split call made, where every call is worth it."""
    seen: list[int] = []
    real = threads._run_tasks

    def noted(*arguments: Any) -> None:
        seen.append(arguments[-1])
        real(*arguments)

    monkeypatch.setattr(threads, "_run_tasks", noted)
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    yield seen
    set_num_threads(None)


@pytest.mark.parametrize(("seconds", "split"), [(0.0, True), (1.0, False)])
def test_threads_are_used_where_the_last_call_says_they_pay(
    seconds: float, split: bool, used: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_num_threads(2)
    monkeypatch.setattr(threads, "WORTH_SECONDS", seconds)
    f, x = toys.toy(toys.ONE), toys.samples("float32", LARGE)
    for _ in range(3):  # the first call knows nothing yet
        np.testing.assert_array_equal(run_chunked(f, (x,)), toys.one(x))
    assert len(used) == (3 if split else 0)


def test_an_interruption_at_most_doubles_what_is_known_of_a_function() -> None:
    f, x = toys.toy(toys.ONE), np.zeros(1 << 18, np.float32)
    for seconds, expected in ((1e-4, 1e-4), (1.0, 2e-4), (5e-5, 5e-5)):
        threads._note(f, x, seconds)
        assert threads._takes(f, x) == pytest.approx(expected)
    assert threads._takes(f, x.astype(np.float64)) == float("inf")


def test_a_caller_may_ask_for_fewer(used: list[int]) -> None:
    set_num_threads(4)
    f, x = toys.toy(toys.ONE), toys.samples("float32", LARGE)
    for most, calls in ((1, 0), (2, 1), (None, 2)):
        np.testing.assert_array_equal(run_chunked(f, (x,), most=most), toys.one(x))
        assert len(used) == calls


@pytest.mark.parametrize(("megabytes", "number", "tasks"), [(1, 2, 2), (4, 2, 8), (64, 2, 4), (64, 8, 32), (512, 2, 8)])
def test_slices_of_large_results_are_large_enough_to_pass_the_caches(megabytes: int, number: int, tasks: int) -> None:
    assert threads._tasks(np.empty(megabytes << 20, np.int8), number) == tasks

"""Beside PyTorch its OpenMP threads help; where they cannot, our own do, and nothing waits forever."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch

import nonlin as nl
from nonlin.kernels import openmp, set_num_threads, share, threads
from tests.kernels.test_threads import forks, in_child, may_warn
from tests.kernels.test_threads_share import Together, job_of, shared

pytestmark = pytest.mark.skipif(openmp.library() is None, reason="PyTorch without libgomp")
ACTIVATION = nl.get(nl.names(kind="elementwise")[0])
X = (np.random.default_rng(0).standard_normal((1 << 19) + 37) * 3).astype(np.float32)


@pytest.fixture(autouse=True)
def _two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 0.0)
    monkeypatch.setattr(threads, "LOSS", float("inf"))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    set_num_threads(2)
    yield
    set_num_threads(None)
    torch.set_num_threads(before)


def team() -> openmp.OpenMP:
    library = openmp.library()
    assert library is not None
    return library


def test_its_threads_take_part_and_its_settings_stay() -> None:
    before = len(share._state.helpers), team().threads(), torch.get_num_threads()
    loop = Together(threading.get_ident())
    job, kept = job_of(loop, 2)
    shared(job, 2, kept)
    assert (len(loop.threads), loop.left) == (2, 2)
    assert (len(share._state.helpers), team().threads(), torch.get_num_threads()) == before


def test_no_more_than_were_asked_for_take_part() -> None:
    torch.set_num_threads(4)
    seen: set[int] = set()
    job, kept = job_of(lambda: seen.add(threading.get_ident()), 100)
    shared(job, 2, kept)
    assert 1 <= len(seen) <= 2


def test_more_threads_than_it_has_are_our_own() -> None:
    torch.set_num_threads(1)
    loop = Together(threading.get_ident())
    job, kept = job_of(loop, 2)
    shared(job, 2, kept)
    assert len(loop.threads) == 2
    assert share._state.helpers


def test_inside_a_parallel_region_every_thread_computes_alone() -> None:
    set_num_threads(1)
    expected = ACTIVATION(X)
    set_num_threads(2)
    found: list[tuple[bool, bool]] = []
    job, kept = job_of(lambda: None, 1)

    def work(data: int) -> None:
        found.append((share.share(job, 2, kept), np.array_equal(ACTIVATION(X), expected)))

    callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(work)
    address = ctypes.cast(callback, ctypes.c_void_p).value
    assert address
    team().parallel(address, 0, 2, 0)
    assert found == [(False, True)] * 2


@forks
@may_warn
def test_a_forked_child_has_none_of_its_threads() -> None:
    expected = ACTIVATION(X)
    torch.zeros(1 << 20).add_(1)
    assert in_child(lambda: openmp.library() is None and np.array_equal(ACTIVATION(X), expected))
    assert openmp.library() is not None


LATE = """
import multiprocessing
import numpy as np
import torch

torch.zeros(1 << 22).add_(1)

def work(answers):
    import nonlin as nl
    from nonlin.kernels import openmp, set_num_threads, threads
    threads.WORTH_SECONDS = threads.WORTH_WAKING_SECONDS = 0.0
    set_num_threads(2)
    value = nl.get(nl.names(kind="elementwise")[0])(np.zeros(1 << 20, np.float32))
    answers.put((openmp.library() is None, value.shape))

context = multiprocessing.get_context("fork")
answers = context.Queue()
child = context.Process(target=work, args=(answers,), daemon=True)
child.start()
print(answers.get(timeout=60))
child.join(10)
"""


@forks
def test_a_child_that_imports_late_does_not_wait_for_them() -> None:
    command = [sys.executable, "-W", "ignore", "-c", LATE]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert (ended.stdout, ended.returncode) == (f"{(True, (1 << 20,))}\n", 0), ended.stderr


def test_beside_its_own_calls_in_several_threads() -> None:
    expected, t = ACTIVATION(X), torch.from_numpy(X)
    doubled, wrong = t * 2, list[bool]()

    def work() -> None:
        for _ in range(20):
            wrong.append(not torch.equal(t * 2, doubled))
            wrong.append(not np.array_equal(ACTIVATION(X), expected))

    callers = [threading.Thread(target=work, daemon=True) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=60)
    assert wrong == [False] * 160

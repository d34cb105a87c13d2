"""Sharing a loop in machine code: every row once, whoever comes, and nobody inside when the call returns."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nonlin.emit.share import share_text
from nonlin.kernels import openmp, share
from nonlin.kernels.loader import addresses
from nonlin.kernels.share import Job, Record

COUNTING = """
define void @loop(ptr %args, ptr %dimensions, ptr %steps, ptr %data) {
entry:
  %n = load i64, ptr %dimensions
  %out = load ptr, ptr %args
  %step = load i64, ptr %steps
  br label %row
row:
  %i = phi i64 [0, %entry], [%i.next, %row]
  %offset = mul i64 %i, %step
  %at = getelementptr i8, ptr %out, i64 %offset
  %old = load i32, ptr %at
  %new = add i32 %old, 1
  store i32 %new, ptr %at
  %i.next = add i64 %i, 1
  %done = icmp eq i64 %i.next, %n
  br i1 %done, label %end, label %row
end:
  ret void
}
"""


@pytest.fixture(autouse=True)
def _helpers_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmp, "library", lambda: None)


LOOP = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)
CASES = [(1, 1, 1), (7, 1, 3), (100, 7, 2), (1000, 1000, 4), (1001, 1000, 4), (5000, 1, 64), (5000, 3, 70), (12, 5, 5)]


def counts(text: str, rows: int, length: int, members: int, helpers: int) -> np.ndarray:
    """How often each row is computed, with `helpers` threads beside this one."""
    out, record, code = np.zeros((rows, 3), np.int32), Record(), share.loaded(text)
    job = Job(addresses(COUNTING, "loop")["loop"], [out[:, 1:].ctypes.data], [12, 4], rows, length)
    record.write(job, members)
    come = [
        threading.Thread(target=code.serve, args=(record.address, me + 1, 1 << 40), daemon=True)
        for me in range(helpers)
    ]
    for thread in come:
        thread.start()
    code.open(record.address)
    assert code.lead(record.address, 1 << 40) == 0
    record.stop.value = 1
    for thread in come:
        thread.join(timeout=60)
    assert (out[:, ::2] == 0).all()
    return out[:, 1]


@pytest.mark.parametrize("helpers", [0, 1, 3])
@pytest.mark.parametrize(("rows", "length", "members"), CASES)
def test_every_row_once(rows: int, length: int, members: int, helpers: int) -> None:
    assert (counts(share_text(), rows, length, members, helpers) == 1).all()


@pytest.mark.parametrize(("right", "wrong"), [
    ("%left = sub i64 %rows, %first", "%less = sub i64 %rows, 1\n  %left = sub i64 %less, %first"),
    ("%end = udiv i64 %share.next, %queues", "%far = udiv i64 %share.next, %queues\n  %end = sub i64 %far, 1"),
    ("%done = icmp eq i64 %visit.next, %queues", "%done = icmp eq i64 %visit.next, 1"),
    ("%index = add i64 %begin, %before", "%index = add i64 %begin, 0"),
])  # fmt: skip
def test_a_mistake_in_the_bounds_is_caught(right: str, wrong: str) -> None:
    """The last row, the last slice of a queue, the queues of threads that never come, and a slice twice."""
    text = share_text()
    assert text.count(right) == 1
    if "%before" in right:  # or it would never end
        wrong += "\n  %again = icmp slt i64 %before, 3"
        text = text.replace("%some = icmp slt i64 %index, %end", "%some = and i1 %again, true")
    assert (counts(text.replace(right, wrong), 100, 7, 2, 0) != 1).any()


def job_of(loop: Callable[[], None], slices: int) -> tuple[Job, Any]:
    """A job whose slices are calls of a Python function."""
    pointer = LOOP(lambda *_: loop())
    return Job(ctypes.cast(pointer, ctypes.c_void_p).value or 0, [0], [0, 0], slices, 1), pointer


class Together:
    """A loop for two threads: each waits for the other, and all but the first to come stays longer."""

    def __init__(self, caller: int) -> None:
        self.both, self.caller = threading.Barrier(2), caller
        self.threads: set[int] = set()
        self.left = 0

    def __call__(self) -> None:
        self.threads.add(threading.get_ident())
        self.both.wait(timeout=60)
        if threading.get_ident() != self.caller:
            time.sleep(0.1)
        self.left += 1


def shared(job: Job, threads: int, kept: object) -> None:
    """Also where threads of another test are still about to leave."""
    for _ in range(1000):
        if share.share(job, threads, kept):
            return
        time.sleep(0.01)
    raise AssertionError("always busy")


def asleep() -> bool:
    return all(helper.asleep for helper in share._state.helpers)


def test_the_call_returns_when_the_last_thread_has_left_and_wakes_who_sleeps() -> None:
    for _ in range(3):
        loop = Together(threading.get_ident())
        job, kept = job_of(loop, 2)
        shared(job, 2, kept)
        assert loop.left == 2
        assert len(loop.threads) == 2
        assert share._state.kept is None
        while not asleep():
            time.sleep(0.001)


def test_a_call_that_does_not_wait_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = "%inside = call i64 @wait(ptr %job, i64 %patience)"
    assert right in share_text()
    hasty = share.loaded(share_text().replace(right, "%inside = add i64 0, 0"))
    monkeypatch.setattr(share, "_code", lambda: hasty)
    loop = Together(threading.get_ident())
    job, kept = job_of(loop, 2)
    shared(job, 2, kept)
    left = loop.left
    while share._state.record.state.value:
        time.sleep(0.001)
    assert (left, loop.left) == (1, 2)


def test_no_more_than_were_asked_for_take_part() -> None:
    seen: set[int] = set()

    def note() -> None:
        seen.add(threading.get_ident())
        time.sleep(0.002)

    job, kept = job_of(note, 40)
    for threads in (4, 2):
        seen.clear()
        shared(job, threads, kept)
        assert len(seen) <= threads


def test_one_job_at_a_time() -> None:
    answers: list[bool] = []
    inner, kept = job_of(lambda: answers.append(True), 1)
    outer, kept_too = job_of(lambda: answers.append(share.share(inner, 2, kept)), 1)
    shared(outer, 2, kept_too)
    assert answers == [False]


def test_an_interrupted_job_is_waited_for() -> None:
    job, kept = job_of(lambda: None, 1)
    share._state.record.state.value = 1
    try:
        assert not share.share(job, 2, kept)
    finally:
        share._state.record.state.value = 0
    shared(job, 2, kept)


ENDING = """
import threading, sys
import numpy as np
from nonlin.kernels import run_chunked, set_num_threads, threads
from tests.kernels import toys
threads.WORTH_SECONDS = threads.WORTH_WAKING_SECONDS = 0.0
set_num_threads(3)
f, x = toys.toy(toys.ONE), toys.samples("float32", 1 << 20)
expected = toys.one(x)
for _ in range(5):
    assert (run_chunked(f, (x,)) == expected).all()
print(sum(t.name.startswith("nonlin") for t in threading.enumerate()))
"""


@pytest.mark.usefixtures("_own_cache")
def test_the_end_of_the_process_ends_the_helpers() -> None:
    for _ in range(3):
        command = [sys.executable, "-c", ENDING]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "2\n", "")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "riscv64"])
def test_a_pause_on_every_processor_that_has_one(machine: str) -> None:
    text = share_text(machine)
    assert text.count("call void @llvm") == (0 if machine == "riscv64" else 2)

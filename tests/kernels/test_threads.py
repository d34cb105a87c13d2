"""Large arrays over threads: the same bits for any number of threads, from anywhere."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import pytest

from nonlin.errors import InvalidValueError
from nonlin.kernels import build_ufunc, get_num_threads, loader, run_chunked, set_num_threads, share, threads
from tests.kernels import toys

F = toys.toy(toys.ONE)
G = toys.toy(toys.TWO, 2)
LARGE = (1 << 19) + 37


@pytest.fixture(autouse=True)
def _every_large_call_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 0.0)
    monkeypatch.setattr(threads, "LOSS", float("inf"))
    yield
    set_num_threads(None)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many slices each split call made."""
    return toys.note_shares(monkeypatch)


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_same_bits_for_any_number(number: int, used: list[int]) -> None:
    set_num_threads(number)
    x, p = toys.samples("float32", LARGE), toys.samples("float32", LARGE, seed=1)
    np.testing.assert_array_equal(run_chunked(F, (x,)), F(x))
    np.testing.assert_array_equal(run_chunked(G, (x, p)), G(x, p))
    np.testing.assert_array_equal(run_chunked(G, (x, 0.1)), G(x, 0.1))
    out = np.empty_like(x)
    assert run_chunked(F, (x,), out) is out
    np.testing.assert_array_equal(out, F(x))
    expected = F(x)
    assert run_chunked(F, (x,), x) is x
    np.testing.assert_array_equal(x, expected)
    assert len(used) == (5 if number > 1 else 0)


X = toys.samples("float32", 600, 1000)
WHOLE: dict[str, Callable[[], tuple[Any, ...]]] = {
    "small": lambda: (X[:3].copy(),),
    "strided": lambda: (X[:, ::2],),
    "integers": lambda: (np.arange(1 << 19),),
    "wide scalar": lambda: (X, np.float64(0.1)),
    "broadcast": lambda: (X, X[0]),
    "unaligned": lambda: (np.frombuffer(bytearray(4 * LARGE + 1), np.float32, LARGE, 1),),
    "foreign": lambda: (X.astype(">f4"),),
    "list": lambda: ([1.0, -2.0],),
    "scalar": lambda: (0.5,),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_cannot_be_split_is_one_call(case: str, used: list[int]) -> None:
    set_num_threads(2)
    operands = WHOLE[case]()
    ufunc = F if len(operands) == 1 else G
    got, expected = run_chunked(ufunc, operands), ufunc(*operands)
    np.testing.assert_array_equal(got, expected)
    assert got.dtype == expected.dtype
    assert type(got) is type(expected)
    assert used == []


def test_overlapping_out_is_one_call(used: list[int]) -> None:
    set_num_threads(2)
    x = toys.samples("float32", LARGE)
    expected = F(x[:-1].copy())
    run_chunked(F, (x[:-1],), x[1:])
    np.testing.assert_array_equal(x[1:], expected)
    assert used == []


def test_rows_are_split_between_rows(used: list[int]) -> None:
    set_num_threads(2)
    np.testing.assert_array_equal(run_chunked(cumulative(), (X,)), np.cumsum(X, axis=-1, dtype=np.float32))
    assert len(used) == 1
    column = run_chunked(cumulative(), (np.ascontiguousarray(X.reshape(1, -1)),))
    np.testing.assert_array_equal(column, np.cumsum(X.reshape(1, -1), axis=-1, dtype=np.float32))
    assert len(used) == 1


ROWS = """
define void @loop(ptr %args, ptr %dimensions, ptr %steps, ptr %data) {
entry:
  %n = load i64, ptr %dimensions
  %m.at = getelementptr i64, ptr %dimensions, i64 1
  %m = load i64, ptr %m.at
  %x = load ptr, ptr %args
  %y.at = getelementptr ptr, ptr %args, i64 1
  %y = load ptr, ptr %y.at
  %sx = load i64, ptr %steps
  %sy.at = getelementptr i64, ptr %steps, i64 1
  %sy = load i64, ptr %sy.at
  %cx.at = getelementptr i64, ptr %steps, i64 2
  %cx = load i64, ptr %cx.at
  %cy.at = getelementptr i64, ptr %steps, i64 3
  %cy = load i64, ptr %cy.at
  br label %rows
rows:
  %i = phi i64 [0, %entry], [%i.next, %row.end]
  %ox = mul i64 %i, %sx
  %oy = mul i64 %i, %sy
  br label %row
row:
  %j = phi i64 [0, %rows], [%j.next, %row]
  %sum = phi float [0.0, %rows], [%sum.next, %row]
  %jx = mul i64 %j, %cx
  %jy = mul i64 %j, %cy
  %px = add i64 %ox, %jx
  %py = add i64 %oy, %jy
  %from = getelementptr i8, ptr %x, i64 %px
  %to = getelementptr i8, ptr %y, i64 %py
  %v = load float, ptr %from
  %sum.next = fadd float %sum, %v
  store float %sum.next, ptr %to
  %j.next = add i64 %j, 1
  %done = icmp eq i64 %j.next, %m
  br i1 %done, label %row.end, label %row
row.end:
  %i.next = add i64 %i, 1
  %all = icmp eq i64 %i.next, %n
  br i1 %all, label %end, label %rows
end:
  ret void
}
"""


def cumulative() -> np.ufunc:
    return build_ufunc("cumulative", "", 1, {"float32": lambda: ROWS}, signature="(n)->(n)")


def test_a_row_ufunc_takes_any_axis_and_stride() -> None:
    ufunc = cumulative()
    assert ufunc.signature == "(n)->(n)"
    np.testing.assert_array_equal(ufunc(X[:, ::3]), np.cumsum(X[:, ::3], -1, np.float32))
    np.testing.assert_array_equal(ufunc(X, axis=0), np.cumsum(X, 0, np.float32))


def test_from_many_python_threads_at_once_with_a_first_call() -> None:
    set_num_threads(2)
    text = toys.fresh(toys.module(toys.ONE, 1, "float32"))
    ufunc = build_ufunc("toy", "", 1, {"float32": lambda: text})
    x = toys.samples("float32", LARGE)
    expected, start = toys.one(x), threading.Barrier(8)
    wrong: list[bool] = []

    def work() -> None:
        start.wait()
        wrong.extend(not np.array_equal(run_chunked(ufunc, (x,)), expected) for _ in range(4))

    workers = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert not any(worker.is_alive() for worker in workers), "a deadlock"
    assert wrong == [False] * 32


def in_child(work: Callable[[], bool]) -> bool:
    """Whether `work` ends within a minute in a forked child, and is true there."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if work() else 2
        finally:
            os._exit(code)
    watchdog = threading.Timer(60, partial(os.kill, child, 9))
    watchdog.start()
    status = os.waitpid(child, 0)[1]
    watchdog.cancel()
    return status == 0


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
may_warn = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@forks
@may_warn
@pytest.mark.parametrize("held", [False, True])
def test_after_fork(held: bool) -> None:
    """The pool is in use before the fork, and its lock may be held by a thread the child does not have."""
    set_num_threads(2)
    x = toys.samples("float32", LARGE)
    expected = run_chunked(F, (x,))
    with share._state.busy if held else nullcontext():
        assert in_child(lambda: np.array_equal(run_chunked(F, (x,)), expected))
    np.testing.assert_array_equal(run_chunked(F, (x,)), expected)


@forks
@may_warn
def test_fork_waits_for_a_compilation() -> None:
    """A child must not inherit LLVM in the middle of its work, nor a lock nobody will open."""
    text = toys.fresh(toys.module(toys.ONE, 1, "float32"))
    ufunc = build_ufunc("toy", "", 1, {"float32": lambda: text})
    x, compiling = toys.samples("float32", 100), threading.Event()

    def compile_slowly() -> None:
        with loader.LOCK:
            compiling.set()
            time.sleep(0.2)

    other = threading.Thread(target=compile_slowly)
    other.start()
    compiling.wait()
    assert in_child(lambda: np.array_equal(ufunc(x), toys.one(x)))
    other.join()


def test_an_error_reaches_the_caller(used: list[int]) -> None:
    """Loops of other packages may raise: they are not split."""
    set_num_threads(2)
    x = np.zeros(LARGE, np.float32)
    with pytest.raises(FloatingPointError), np.errstate(all="raise"):
        run_chunked(np.reciprocal, (x,))
    assert used == []


def test_what_the_compilation_raises_reaches_the_caller() -> None:
    set_num_threads(2)
    broken = build_ufunc("broken", "", 1, {"float32": lambda: "no module"})
    with pytest.raises(RuntimeError, match="expected top-level entity"):
        run_chunked(broken, (toys.samples("float32", LARGE),))


def test_a_read_only_result_is_numpys_error() -> None:
    set_num_threads(2)
    x = toys.samples("float32", LARGE)
    out = np.zeros_like(x)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        run_chunked(F, (x,), out)
    assert not out.any()


def test_no_status_flag_is_raised_in_any_thread() -> None:
    set_num_threads(2)
    reciprocal = toys.toy(toys.RECIPROCAL)
    with np.errstate(all="raise"):
        assert np.isinf(run_chunked(reciprocal, (np.zeros(LARGE, np.float32),))).all()


def test_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NONLIN_NUM_THREADS", raising=False)
    assert get_num_threads() == threads._cores()
    monkeypatch.setenv("NONLIN_NUM_THREADS", "3")
    assert get_num_threads() == 3
    set_num_threads(5)
    assert get_num_threads() == 5
    unfit: tuple[Any, ...] = (0, -1, 2.5, "many", True)
    for wrong in unfit:
        with pytest.raises(InvalidValueError, match="whole number"):
            set_num_threads(wrong)
    assert get_num_threads() == 5
    set_num_threads(None)
    monkeypatch.setenv("NONLIN_NUM_THREADS", "none")
    with pytest.raises(InvalidValueError, match="NONLIN_NUM_THREADS"):
        get_num_threads()

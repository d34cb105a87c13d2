"""Where cells run: this process, worker processes on this machine, Ray, or any object with `submit()` (PEP 3148)."""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, Protocol, runtime_checkable

from nonlin.errors import InvalidTypeError, InvalidValueError, MissingDependencyError, RunError

NAMES = ("local", "serial", "ray")


@runtime_checkable
class Submits(Protocol):
    """What a comparison needs of an executor."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]: ...


class Serial(Executor):
    """Runs a call at once, in this process and thread."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """The finished future of the call."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:  # noqa: BLE001 - it belongs to the future
            future.set_exception(error)
        return future


class Workers(ThreadPoolExecutor):
    """Worker processes, each fed by one thread of this pool. A worker that dies is replaced by the next call."""

    def __init__(self, count: int):
        super().__init__(max_workers=count)
        self._here = threading.local()
        self._processes: list[subprocess.Popen[bytes]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """The future of the call in some worker process; `function` is found there by its import path."""
        assert not options
        return super().submit(self._call, function, arguments)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        process = self._worker()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((function, arguments), process.stdin)
            process.stdin.flush()
            done, value = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise RunError(f"the worker process died (exit status {process.wait()})") from error
        if not done:
            raise RunError(value)
        return value

    def _worker(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] | None = getattr(self._here, "process", None)
        if process is None or process.poll() is not None:
            process = self._here.process = _start()
            self._processes.append(process)
        return process

    def stop(self) -> None:
        """End the worker processes at once, finished or not."""
        self.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.kill()
        self.shutdown(wait=True)
        for process in self._processes:
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            process.wait()


def _start() -> subprocess.Popen[bytes]:
    """A worker in a session of its own: the terminal's Ctrl-C does not reach it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nonlin.comparison.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert process.stdin is not None
    pickle.dump(list(sys.path), process.stdin)
    process.stdin.flush()
    return process


class Ray:
    """Ray core tasks. Joins the cluster of RAY_ADDRESS when there is one; the data are sent to it once."""

    def __init__(self) -> None:
        try:
            ray = importlib.import_module("ray")
        except ImportError as error:
            raise MissingDependencyError(
                'executor="ray" needs Ray', received="ray is not installed", fix='pip install "nonlin[ray]"'
            ) from error
        self._ray = ray
        self._shared: dict[int, Any] = {}
        self._started = not ray.is_initialized()
        if self._started:
            with _variable("RAY_USAGE_STATS_ENABLED", "0"):  # a local Ray would report its use by default
                ray.init(include_dashboard=False, log_to_driver=False)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """The future of one task."""
        task = self._ray.remote(max_retries=1)(function)
        future: Future[Any] = task.remote(*map(self._share, arguments)).future()
        return future

    def _share(self, argument: Any) -> Any:
        if type(argument).__name__ != "Data":
            return argument
        if id(argument) not in self._shared:
            self._shared[id(argument)] = self._ray.put(argument)
        return self._shared[id(argument)]

    def stop(self) -> None:
        """Leave Ray as it was found."""
        if self._started:
            self._ray.shutdown()


@contextlib.contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """An environment variable set for a while, unless the user has set it."""
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _cores() -> int:
    """The cores this process may use, where the system says so."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@contextlib.contextmanager
def opened(executor: object, workers: int | None) -> Iterator[tuple[Submits, int]]:
    """The executor of that name, and how many calls to keep in flight. What was started here is stopped here."""
    count = _cores() if workers is None else workers
    if count < 1:
        raise InvalidValueError("at least one worker is needed", received=count)
    if executor == "serial":
        yield Serial(), 1
    elif executor in ("local", "ray"):
        made = Workers(count) if executor == "local" else Ray()
        try:
            yield made, count
        finally:
            made.stop()
    elif isinstance(executor, str):
        raise InvalidValueError("no such executor", received=repr(executor), choices=NAMES)
    elif isinstance(executor, Submits):
        yield executor, count
    else:
        raise InvalidTypeError(
            "an executor is a name or an object with submit()", received=repr(executor), choices=NAMES
        )

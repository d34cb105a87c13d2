"""The store of compiled kernels: it saves time and never decides a result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nonlin.kernels import build_ufunc, cache, compile_loops, jit, loader
from nonlin.kernels.ufunc import Loop
from tests.kernels import toys

X = toys.samples("float32", 100)


def build(text: str) -> np.ufunc:
    return build_ufunc("toy", "", 1, {"float32": lambda: text})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NONLIN_CACHE_DIR", str(tmp_path))
    return tmp_path / "kernels"


@pytest.fixture
def text() -> str:
    return toys.fresh(toys.module(toys.ONE, 1, "float32"))


def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    real = jit.object_file

    def noted(text: str) -> bytes:
        seen.append(text)
        return real(text)

    monkeypatch.setattr(jit, "object_file", noted)
    return seen


def right(text: str) -> None:
    np.testing.assert_array_equal(build(text)(X), toys.one(X))


def test_compiled_once(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = compilations(monkeypatch)
    right(text)
    right(text)
    assert len(seen) == 1
    assert [path.name for path in folder.iterdir()] == [cache.key(text)]


def test_another_text_processor_or_version_is_another_key(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {cache.key(text), cache.key(text + " ")}
    for part in ("_processor", "_llvm_version"):
        with monkeypatch.context() as patch:
            patch.setattr(cache, part, lambda: "another")
            cache._environment.cache_clear()
            keys.add(cache.key(text))
    cache._environment.cache_clear()
    assert len(keys) == 4


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "flipped bit": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "another format": lambda content: b"nonlin kernel 0\n" + content[len(cache.FORMAT) :],
    "longer": lambda content: content + b"\0",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_replaced(folder: Path, text: str, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right(text)
    path = folder / cache.key(text)
    whole = path.read_bytes()
    path.write_bytes(DAMAGE[damage](whole))
    seen = compilations(monkeypatch)
    right(text)
    assert len(seen) == 1
    assert path.read_bytes() == whole


def test_a_file_others_can_write_is_not_run(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right(text)
    (folder / cache.key(text)).chmod(0o666)
    seen = compilations(monkeypatch)
    right(text)
    assert len(seen) == 1


def test_off(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NONLIN_CACHE_DIR", "")
    right(text)
    assert cache.directory() is None
    assert not folder.exists()


def test_a_directory_that_cannot_be_made(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    monkeypatch.setenv("NONLIN_CACHE_DIR", str(file))
    right(text)
    assert file.read_text() == "in the way"


def test_a_full_disk(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    right(text)
    assert list(folder.iterdir()) == []


def test_what_cannot_be_flat_is_linked_by_llvm(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function from outside: the C library's fabs."""
    outside = text.replace("%low = fmul float %x, 3.0", "%low = call float @floorf(float %x)")
    outside += "\ndeclare float @floorf(float)\n"
    outside = outside.replace('"no-builtins"', '"no-builtins" "target-features"="-sse4.1,-avx"')
    stored = loader.compiled(outside, ("loop",))
    for _ in range(2):
        np.testing.assert_array_equal(build(outside)(X), np.where(X < 0, np.floor(X), X + 1))
    head = json.loads((folder / cache.key(outside)).read_bytes()[len(cache.FORMAT) + 32 :].partition(b"\n")[0])
    assert head["kind"] == stored.kind == "object"


def test_after_the_first_call_numpy_calls_machine_code(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = Loop.first_call

    def counted(self: Loop, *arguments: int) -> None:
        calls.append(1)
        real(self, *arguments)

    monkeypatch.setattr(Loop, "first_call", counted)
    ufunc = build(text)
    for x in (X, X, X[::2], X[0], X.reshape(10, 10).T, list(X)):
        ufunc(x)
    assert len(calls) == 1


def test_text_llvm_refuses_is_an_error(folder: Path) -> None:
    ufunc = build("define nonsense")
    with pytest.raises(RuntimeError, match="LLVM IR parsing error"):
        compile_loops(ufunc)
    assert not folder.exists()


def test_a_loop_that_cannot_be_compiled_gives_nan_and_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    reports: list[str] = []
    ufunc = build("define nonsense")
    old, sys.unraisablehook = sys.unraisablehook, lambda report: reports.append(str(report.exc_value))
    try:
        assert np.isnan(ufunc(X)).all()
        assert np.isnan(ufunc(np.repeat(X, 2)[::2], out=np.zeros((100, 2), np.float32)[:, 1])).all()
    finally:
        sys.unraisablehook = old
    assert len(reports) == 2
    assert "LLVM IR parsing error" in reports[0]


PROGRAM = """
import sys
import numpy as np
from nonlin.kernels import build_ufunc
text = open(sys.argv[1]).read()
x = np.linspace(-3, 3, 50, dtype=np.float32)
y = build_ufunc("toy", "", 1, {"float32": lambda: text})(x)
assert (y == np.where(x < 0, x * np.float32(3), x + np.float32(1))).all()
print("llvmlite" in sys.modules)
"""


def test_processes_at_once_then_one_without_llvm(folder: Path, text: str, tmp_path: Path) -> None:
    source = tmp_path / "module.ll"
    source.write_text(text)
    command = [sys.executable, "-c", PROGRAM, str(source)]
    environment = os.environ | {"PYTHONPATH": str(Path(cache.__file__).parents[2])}
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[0].split() != [] and process.returncode for process in started] == [0, 0, 0]
    assert [path.name for path in folder.iterdir()] == [cache.key(text)]
    later = subprocess.run(command, env=environment, capture_output=True, check=True)
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        assert later.stdout.split() == [b"False"]

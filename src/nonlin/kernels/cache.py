"""Compiled kernels on disk, so that a later process need not compile them again.

One file per kernel, named by a hash of everything its machine code depends on. A file is written under another
name and then moved into place, and it carries a checksum: a reader sees a whole kernel or none. Whatever goes wrong
(no permission, a full disk, a damaged file) means compiling again and never an error.

The directory is `NONLIN_CACHE_DIR`, or the user's cache directory; an empty `NONLIN_CACHE_DIR` turns the cache off.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

FORMAT = b"nonlin kernel 1\n"
_DIGEST_SIZE = 32
_PROCESSOR_KEYS = ("vendor_id", "cpu family", "model", "stepping", "flags", "CPU ", "Features")


@dataclass(frozen=True)
class Compiled:
    """Machine code as stored: a flat image with the offsets of its functions, or an object file."""

    kind: Literal["image", "object"]
    entries: dict[str, int]
    data: bytes


def directory() -> Path | None:
    """Where kernels are kept; None when the cache is off."""
    chosen = os.environ.get("NONLIN_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) / "kernels" if chosen else None
    import platformdirs

    return Path(platformdirs.user_cache_dir("nonlin")) / "kernels"


def key(text: str) -> str:
    """The hash of all that decides the machine code of module `text` on this machine."""
    return hashlib.sha256(_environment() + text.encode()).hexdigest()


def load(name: str) -> Compiled | None:
    """The kernel stored under `name`; None when there is none, or none that can be trusted."""
    folder = directory()
    if folder is None:
        return None
    try:
        with (folder / name).open("rb") as file:
            if not _ours(file.fileno()):
                return None
            return _decode(file.read())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def store(name: str, kernel: Compiled) -> None:
    """Keep `kernel` under `name`, replacing what is there; does nothing where that is not possible."""
    folder = directory()
    if folder is None:
        return
    import tempfile

    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(_encode(kernel))
                file.close()
                temporary.replace(folder / name)
            finally:
                temporary.unlink(missing_ok=True)


def _encode(kernel: Compiled) -> bytes:
    head = json.dumps({"kind": kernel.kind, "entries": kernel.entries}).encode()
    payload = head + b"\n" + kernel.data
    return FORMAT + hashlib.sha256(payload).digest() + payload


def _decode(content: bytes) -> Compiled | None:
    start = len(FORMAT) + _DIGEST_SIZE
    payload = content[start:]
    if content[:start] != FORMAT + hashlib.sha256(payload).digest():
        return None
    head, _, data = payload.partition(b"\n")
    fields = json.loads(head)
    return Compiled(fields["kind"], fields["entries"], data)


def _ours(handle: int) -> bool:
    """Whether nobody but this user could have written the file; machine code of others is not run."""
    if not hasattr(os, "getuid"):
        return True
    status = os.fstat(handle)
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


@cache
def _environment() -> bytes:
    """This processor and this LLVM. llvmlite is not imported for it: that alone takes 45 ms."""
    present = import_module("numpy._core._multiarray_umath").__cpu_features__
    features = ",".join(sorted(name for name in present if present[name]))
    parts = [FORMAT.decode(), platform.machine(), platform.system(), features, _processor(), _llvm_version()]
    return "\0".join([*parts, ""]).encode()


def _processor() -> str:
    """The first processor's identity on Linux; the general name elsewhere."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            block = file.read(16384).split("\n\n")[0]
    except OSError:
        return platform.processor()
    return "\n".join(line for line in block.splitlines() if line.startswith(_PROCESSOR_KEYS))


def _llvm_version() -> str:
    """The text of llvmlite's version file; empty without llvmlite."""
    spec = find_spec("llvmlite")
    if spec is None or spec.origin is None:
        return ""
    try:
        return Path(spec.origin).with_name("_version.py").read_text(encoding="utf-8")
    except OSError:
        return str(Path(spec.origin).stat().st_mtime_ns)

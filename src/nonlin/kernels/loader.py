"""Module text to function addresses, compiling only what no earlier process has compiled."""

from __future__ import annotations

import os
import threading

import nonlin.kernels.cache as cache
import nonlin.kernels.memory as memory

LOCK = threading.RLock()
"""Held while anything is compiled or loaded. A fork waits for it, so a child never inherits it locked."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


def addresses(text: str, *names: str) -> dict[str, int]:
    """The addresses of the functions `names` of LLVM module `text`, compiled or from the cache.

    The code stays loaded for the life of the process. Raises RuntimeError for text LLVM does not accept.
    """
    with LOCK:
        name = cache.key(text)
        kernel = cache.load(name)
        if kernel is None or not set(names) <= set(kernel.entries):
            kernel = compiled(text, names)
            cache.store(name, kernel)
        return _load(kernel, names)


def compiled(text: str, names: tuple[str, ...]) -> cache.Compiled:
    """Compile `text`, into a flat image where that is possible and else into an object file."""
    from nonlin.kernels import image, jit

    data = jit.object_file(text)
    try:
        flat = image.flatten(data) if memory.SUPPORTED else None
    except image.NotFlatError:
        flat = None
    if flat is None:
        return cache.Compiled("object", dict.fromkeys(names, 0), data)
    return cache.Compiled("image", flat.entries, flat.code)


def _load(kernel: cache.Compiled, names: tuple[str, ...]) -> dict[str, int]:
    if kernel.kind == "object":
        from nonlin.kernels import jit

        return jit.link(kernel.data, names)
    base = memory.place(kernel.data)
    return {name: base + kernel.entries[name] for name in names}

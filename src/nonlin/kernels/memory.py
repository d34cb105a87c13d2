"""Executable memory for flat images: written first, then made executable and read-only, and never freed."""

from __future__ import annotations

import ctypes
import mmap
import sys

_KEPT: list[mmap.mmap] = []
"""Every block handed out. NumPy keeps raw addresses into them, so they live as long as the process."""

SUPPORTED = sys.platform == "linux"


def place(code: bytes) -> int:
    """Copy `code` into fresh executable memory and return its address; raises OSError where the system refuses."""
    block = mmap.mmap(-1, len(code), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE)
    block[: len(code)] = code
    address = ctypes.addressof(ctypes.c_char.from_buffer(block))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    if protect(address, len(code), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "the system does not allow executable memory")
    _KEPT.append(block)
    return address

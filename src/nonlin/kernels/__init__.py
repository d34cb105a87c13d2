"""Kernels: LLVM text to machine code, machine code to `numpy.ufunc`, and large arrays over several threads.

Importing this package loads NumPy and ctypes; LLVM is loaded when something has to be compiled.
"""

from nonlin.kernels.threads import get_num_threads, run_chunked, set_num_threads
from nonlin.kernels.ufunc import add_bfloat16, build_ufunc, compile_loops, loop_text

__all__ = [
    "add_bfloat16",
    "build_ufunc",
    "compile_loops",
    "get_num_threads",
    "loop_text",
    "run_chunked",
    "set_num_threads",
]

"""Compiled loops to genuine `numpy.ufunc` objects, through NumPy's C interface and without a C compiler.

Building a ufunc compiles nothing. Each dtype starts with a stand-in loop: on its first call it compiles the real
loop, writes its address into the table NumPy reads at every call, and runs it. From then on NumPy calls machine code
directly. Where NumPy kept the stand-in's address, the stand-in goes on forwarding: slower by 2 µs, and as right.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from nonlin.errors import InvalidValueError
from nonlin.kernels.loader import LOCK, addresses

TYPE_NUMBERS = {"float16": 23, "float32": 11, "float64": 12}
"""NumPy's type number of each dtype, in the order in which NumPy looks for one that holds the operands."""

_UINT16 = 4
_BFLOAT16_NAN = b"\xc0\x7f"

_NO_IDENTITY = -1
_LOOP = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)
_FROM_FUNCTIONS, _REGISTER_LOOP, _FROM_FUNCTIONS_WITH_SIGNATURE = 1, 2, 31  # places in NumPy's table of C functions


@dataclass(eq=False)
class Loop:
    """The inner loop of one dtype: `text` until it is compiled, `address` afterwards."""

    name: str
    dtype: str
    text: Callable[[], str]
    core: tuple[int, ...]
    address: int | None = None
    publish: Callable[[int], None] = field(default=lambda address: None)
    stand_in: Any = None

    def compile(self) -> int:
        """The address of the machine code, compiled on the first call; raises what the compilation raises."""
        with LOCK:
            if self.address is None:
                self.address = addresses(self.text(), "loop")["loop"]
                self.publish(self.address)
            return self.address

    def first_call(self, arguments: int, dimensions: int, steps: int, data: int) -> None:
        """Compile and compute. C code cannot pass on an exception: the result is all NaN and the exception is kept
        for `raise_failure`; where nobody asks for it, it is printed.
        """
        try:
            address = self.compile()
        except BaseException as error:
            _fill_with_nan(self, arguments, dimensions, steps)
            FAILURES[self.name] = error
            raise
        _LOOP(address)(arguments, dimensions, steps, data)


FAILURES: dict[str, BaseException] = {}
"""What went wrong in loops compiled on their first call, by the ufunc's name."""


def raise_failure(ufunc: np.ufunc) -> None:
    """Raise what went wrong when a loop of this ufunc was compiled inside a call, if anything did."""
    error = FAILURES.pop(ufunc.__name__, None)
    if error is not None:
        raise error


_KEPT: list[Any] = []
"""All memory NumPy holds addresses of."""
_LOOPS: dict[np.ufunc, dict[str, Loop]] = {}
WAITING: set[np.ufunc] = set()
"""Those with a loop for a dtype that NumPy gets from `ml_dtypes`, which nobody has imported yet."""


def build_ufunc(
    name: str, doc: str, operands: int, texts: Mapping[str, Callable[[], str]], *, signature: str | None = None
) -> np.ufunc:
    """A `numpy.ufunc` with `operands` inputs and one output whose loops are compiled on first use.

    `texts` maps "float16", "float32", "float64" (and "bfloat16") to a function returning the LLVM module with the
    inner loop `loop`. Narrower types are promoted as in `numpy.exp`: int8 to float16, int32 to float64; complex is
    NumPy's TypeError. With `signature`, as in "(n)->(n)", it is a generalised ufunc over rows.

    A loop that cannot be compiled gives NaN and an error report on standard error, since NumPy's loops cannot raise;
    `compile_loops` raises instead. Raises InvalidValueError for a dtype that has no loop.
    """
    unknown = [dtype for dtype in texts if dtype not in TYPE_NUMBERS and dtype != "bfloat16"]
    if unknown or not texts:
        raise InvalidValueError("no ufunc loop for this dtype", received=unknown, choices=[*TYPE_NUMBERS, "bfloat16"])
    core = _core_dimensions(signature, operands)
    loops = {dtype: Loop(name, dtype, text, core) for dtype, text in texts.items()}
    native = [loops[dtype] for dtype in TYPE_NUMBERS if dtype in loops]
    types = [[TYPE_NUMBERS[loop.dtype]] * (operands + 1) for loop in native]
    ufunc = _create(name, doc, native, types, signature)
    _LOOPS[ufunc] = loops
    if "bfloat16" in loops:
        WAITING.add(ufunc)
        add_bfloat16(ufunc)
    return ufunc


def build_patterns_ufunc(name: str, doc: str, operands: int, text: Callable[[], str], parameters: str) -> np.ufunc:
    """A `numpy.ufunc` of one loop, on the bit patterns of bfloat16 as uint16: for owners of such numbers and no dtype.

    The parameters are "bfloat16", as patterns too, or "float32" numbers.
    """
    loop = Loop(name, "bfloat16", text, (0,) * (operands + 1))
    number = {"bfloat16": _UINT16, "float32": TYPE_NUMBERS["float32"]}[parameters]
    ufunc = _create(name, doc, [loop], [[_UINT16, *[number] * (operands - 1), _UINT16]], None)
    _LOOPS[ufunc] = {"uint16": loop}
    return ufunc


def compile_loops(ufunc: np.ufunc, *dtypes: str) -> None:
    """Compile now what the first call would; all dtypes when none is named. Raises what the compilation raises."""
    loops = _LOOPS[ufunc]
    for dtype in dtypes or loops:
        loops[dtype].compile()


def loop_address(ufunc: np.ufunc, dtype: str) -> int | None:
    """Where the machine code of one dtype's loop is, compiled if need be; None where the ufunc has no such loop.

    Raises what the compilation raises.
    """
    loop = _LOOPS.get(ufunc, {}).get(dtype)
    return loop.address or loop.compile() if loop else None


def loop_text(ufunc: np.ufunc, dtype: str) -> str:
    """The LLVM module of the loop of one dtype. Raises KeyError where the ufunc has no such loop."""
    return _LOOPS[ufunc][dtype].text()


def add_bfloat16(ufunc: np.ufunc) -> bool:
    """Give `ufunc` its loop for `ml_dtypes.bfloat16` arrays; False without that package or loop, or when it has it.

    Done by itself when `ml_dtypes` is imported before the ufunc is built, and by `add_waiting`.
    """
    loop = _LOOPS[ufunc].get("bfloat16")
    if loop is None or ufunc not in WAITING or "ml_dtypes" not in sys.modules:
        return False
    WAITING.discard(ufunc)
    number = np.dtype(sys.modules["ml_dtypes"].bfloat16).num
    numbers = (ctypes.c_int * ufunc.nargs)(*[number] * ufunc.nargs)
    loop.stand_in = _LOOP(loop.first_call)
    register = _interface(_REGISTER_LOOP, ctypes.c_int, ctypes.py_object, ctypes.c_int, *[ctypes.c_void_p] * 3)
    _KEPT.append(numbers)

    def publish(address: int | None) -> None:
        register(ufunc, number, address, numbers, None)  # in place of the loop registered before

    publish(ctypes.cast(loop.stand_in, ctypes.c_void_p).value)
    loop.publish = publish
    return True


def add_waiting() -> None:
    """Give every ufunc that waits for `ml_dtypes` its bfloat16 loop, once that package is there."""
    for ufunc in list(WAITING) if "ml_dtypes" in sys.modules else ():
        add_bfloat16(ufunc)


def _create(
    name: str, doc: str, loops: Sequence[Loop], operand_types: Sequence[Sequence[int]], signature: str | None
) -> np.ufunc:
    """`operand_types` are NumPy's type numbers of each loop's operands, the result last."""
    count, operands = len(loops), len(operand_types[0]) - 1
    functions, data = (ctypes.c_void_p * count)(), (ctypes.c_void_p * count)()
    numbers = [bytes([number]) for row in operand_types for number in row]
    types = (ctypes.c_char * len(numbers))(*numbers)
    for index, loop in enumerate(loops):
        loop.stand_in = _LOOP(loop.first_call)
        functions[index] = ctypes.cast(loop.stand_in, ctypes.c_void_p)
        loop.publish = _publisher(functions, index)
    texts = [ctypes.c_char_p(part.encode()) for part in (name, doc, signature or "")]
    _KEPT.append((functions, data, types, texts, loops))
    slot, last = (_FROM_FUNCTIONS_WITH_SIGNATURE, texts[2:]) if signature else (_FROM_FUNCTIONS, [])
    kinds = [*[ctypes.c_void_p] * 3, *[ctypes.c_int] * 4, *[ctypes.c_char_p] * 2, ctypes.c_int]
    create = _interface(slot, ctypes.py_object, *kinds, *[ctypes.c_char_p for _ in last])
    ufunc: np.ufunc = create(functions, data, types, count, operands, 1, _NO_IDENTITY, *texts[:2], 0, *last)
    return ufunc


def _publisher(functions: Any, index: int) -> Callable[[int], None]:
    def publish(address: int) -> None:
        functions[index] = address

    return publish


def _interface(slot: int, result: Any, *arguments: Any) -> Callable[..., Any]:
    """One function of NumPy's C interface for ufuncs."""
    capsule = import_module("numpy._core._multiarray_umath")._UFUNC_API
    unwrap = ctypes.pythonapi.PyCapsule_GetPointer
    unwrap.restype, unwrap.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(unwrap(capsule, None), ctypes.POINTER(ctypes.c_void_p))
    address = table[slot]
    assert address is not None
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def _core_dimensions(signature: str | None, operands: int) -> tuple[int, ...]:
    """How many core dimensions each operand has, the output last: "(n),()->(n)" gives (1, 0, 1)."""
    if signature is None:
        return (0,) * (operands + 1)
    parts = [part.split(")")[0] for part in signature.split("(")[1:]]
    return tuple(len([word for word in part.split(",") if word.strip()]) for part in parts)


def _fill_with_nan(loop: Loop, arguments: int, dimensions: int, steps: int) -> None:
    """Put NaN into every output element, so that a loop that could not be compiled leaves no chance values."""
    output = len(loop.core) - 1
    integers = ctypes.POINTER(ctypes.c_ssize_t)
    sizes, strides = ctypes.cast(dimensions, integers), ctypes.cast(steps, integers)
    start = ctypes.cast(arguments, ctypes.POINTER(ctypes.c_void_p))[output] or 0
    before = sum(loop.core[:-1])
    shape = [sizes[0], *([sizes[1]] if loop.core[output] else [])]
    stride = [strides[output], *([strides[output + 1 + before]] if loop.core[output] else [])]
    item = np.array(np.nan, loop.dtype).tobytes() if loop.dtype in TYPE_NUMBERS else _BFLOAT16_NAN
    for index in np.ndindex(*shape):
        at = start + sum(i * s for i, s in zip(index, stride, strict=True))
        ctypes.memmove(at, item, len(item))

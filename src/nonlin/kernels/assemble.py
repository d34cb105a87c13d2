"""Expression to ufunc: the text of each dtype's loop, compiled when the ufunc is first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from nonlin.emit import llvm, rows
from nonlin.expression.nodes import Node
from nonlin.kernels.threads import run_chunked
from nonlin.kernels.ufunc import add_waiting, build_patterns_ufunc, build_ufunc, raise_failure

ROW_DTYPES = ("float32", "float64")


def elementwise(
    name: str,
    expression: Node,
    operands: tuple[str, ...],
    ulp: float = 2.0,
    usual: tuple[float, ...] = (),
    written: Node | None = None,
) -> np.ufunc:
    """The ufunc of an expression; `operands` names its inputs, x first and then the parameters.

    `ulp` bounds the error of its float32 results: 2 units in the last place for a function, 4 for a derivative.
    `usual` are the parameter values most calls will have; `written` is another spelling of the expression.
    """
    text = partial(llvm.kernel_text, expression, operands, ulp=ulp, usual=usual, written=written)
    texts = {dtype: partial(text, dtype) for dtype in llvm.DTYPES}
    doc = f"{name}({', '.join(operands)}), compiled from: {expression!r}"
    ufunc = build_ufunc(name, doc, len(operands), texts)
    _patterns[ufunc] = lambda kind: build_patterns_ufunc(
        name, f"{doc}, on patterns of bfloat16", len(operands), partial(text, "bfloat16", parameters=kind), kind
    )
    return ufunc


_patterns: dict[np.ufunc, Callable[[str], np.ufunc]] = {}


@cache
def patterns(ufunc: np.ufunc, parameters: str) -> np.ufunc:
    """The function of `elementwise`'s `ufunc` on the bit patterns of bfloat16, which need no dtype of their own.

    x and the result are uint16; the parameters float32 numbers, or patterns too ("bfloat16").
    """
    return _patterns[ufunc](parameters)


def row(name: str, expression: Node, operands: tuple[str, ...]) -> np.ufunc:
    """The generalised ufunc of a row expression; every operand and the result is a row."""
    texts = {dtype: partial(rows.kernel_text, expression, operands, dtype) for dtype in ROW_DTYPES}
    signature = ",".join(["(n)"] * len(operands)) + "->(n)"
    return build_ufunc(name, f"{name} over the last axis", len(operands), texts, signature=signature)


def call(ufunc: np.ufunc, operands: tuple[Any, ...], out: Any, *, most: int | None = None) -> Any:
    """The ufunc on the operands, over several threads where that pays, `most` at most.

    Raises what compiling its loop raised.

    Beside an array of `ml_dtypes.bfloat16` a Python number takes that dtype, as NumPy has it for its own.
    """
    dtype = getattr(operands[0], "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind == "V":
        operands = (operands[0], *beside(dtype, operands[1:]))
    result = run_chunked(ufunc, operands, out, most=most)
    raise_failure(ufunc)
    return result


class Values(dict[np.dtype[Any], tuple[Any, ...]]):
    """Parameter values as operands, by the dtype of x; made when first asked for."""

    def __init__(self, values: tuple[float, ...]):
        super().__init__()
        self._numbers = values

    def __missing__(self, dtype: np.dtype[Any]) -> tuple[Any, ...]:
        made = self[dtype] = beside(dtype, self._numbers)
        return made


def beside(dtype: np.dtype[Any], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Python numbers among `values` as arrays of a floating dtype: 0.25 µs a call less, and bfloat16 stays bfloat16.

    Where NumPy would promote (x of integers, say) they are left as they are.
    """
    add_waiting()  # whoever has an array of bfloat16 has imported ml_dtypes
    if not (dtype.char in "efd" and dtype.isnative) and dtype.name != "bfloat16":
        return values
    with np.errstate(all="ignore"):
        return tuple(np.array(value, dtype) if type(value) in (int, float) else value for value in values)

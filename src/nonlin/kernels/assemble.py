"""Expression to ufunc: the text of each dtype's loop, compiled when the ufunc is first needed."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from nonlin.emit import llvm, rows
from nonlin.expression.nodes import Node
from nonlin.kernels.threads import run_chunked
from nonlin.kernels.ufunc import build_ufunc, raise_failure

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
    texts = {
        dtype: partial(llvm.kernel_text, expression, operands, dtype, ulp, usual, written) for dtype in llvm.DTYPES
    }
    return build_ufunc(name, f"{name}({', '.join(operands)}), compiled from: {expression!r}", len(operands), texts)


def row(name: str, expression: Node, operands: tuple[str, ...]) -> np.ufunc:
    """The generalised ufunc of a row expression; every operand and the result is a row."""
    texts = {dtype: partial(rows.kernel_text, expression, operands, dtype) for dtype in ROW_DTYPES}
    signature = ",".join(["(n)"] * len(operands)) + "->(n)"
    return build_ufunc(name, f"{name} over the last axis", len(operands), texts, signature=signature)


def call(ufunc: np.ufunc, operands: tuple[Any, ...], out: Any) -> Any:
    """The ufunc on the operands, over several threads where that pays. Raises what compiling its loop raised."""
    result = run_chunked(ufunc, operands, out)
    raise_failure(ufunc)
    return result

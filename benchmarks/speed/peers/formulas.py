"""The formula written out, as people write it: with NumPy, with SciPy's special functions, and in numexpr."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from nonlin.expression.differentiate import derivative
from nonlin.expression.nodes import Node, walk

Functions = Mapping[str, Callable[..., Any]]

_ROOT = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)

# What NumPy has under another name, or not at all.
_NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative, "atan": np.arctan,
    "less": np.less, "less_equal": np.less_equal, "equal": np.equal, "select": np.where,
    "logistic": lambda a: 1 / (1 + np.exp(-a)),
    "logistic_slope": lambda a: (s := 1 / (1 + np.exp(-a))) * (1 - s),
    "softplus": lambda a: np.logaddexp(a, 0),
    "normal_pdf": lambda a: np.exp(-0.5 * a * a) * _DENSITY,
    "row_sum": lambda a: a.sum(axis=-1, keepdims=True),
    "row_anchor": lambda a: a.max(axis=-1, keepdims=True),
}  # fmt: skip


def numpy_formula(cell: Cell, memory: Memory) -> list[Runner]:
    """The formula with NumPy's functions, each into a new array; not offered where NumPy lacks a function."""
    return _by_arrays(cell, memory, _NUMPY)


def scipy_formula(cell: Cell, memory: Memory) -> list[Runner]:
    """The same with `scipy.special`'s functions where the formula has one of them."""
    try:
        from scipy import special
    except ImportError:
        raise UnavailableError("scipy is not installed") from None
    if cell.row:
        whole = getattr(special, cell.function, None)
        if whole is None:
            raise UnavailableError("SciPy has no such function")
        return [Runner("scipy.special", lambda: whole(memory.x, axis=-1))]
    offered = {"logistic": special.expit, "normal_cdf": special.ndtr, "erf": special.erf, "erfc": special.erfc}
    if not any(node.op in offered for node in walk(_expression(cell))):
        raise UnavailableError("SciPy adds nothing to NumPy here")
    return _by_arrays(cell, memory, {**_NUMPY, **offered})


def _by_arrays(cell: Cell, memory: Memory, functions: Functions) -> list[Runner]:
    order, result, x = tuple(walk(_expression(cell))), _expression(cell), memory.x
    table = {node: functions.get(node.op) or getattr(np, node.op, None) for node in order if node.args}
    missing = sorted({node.op for node, function in table.items() if function is None})
    if missing:
        raise UnavailableError(f"NumPy has no {', '.join(missing)}")

    def call() -> Any:
        values: dict[Node, Any] = {}
        with np.errstate(all="ignore"):
            for node in order:
                made = table.get(node)
                values[node] = made(*(values[a] for a in node.args)) if made else _leaf(node, x)
        return values[result]

    if call().dtype != x.dtype:
        raise UnavailableError("NumPy widens the dtype")
    return [Runner("formula", call)]


def _leaf(node: Node, x: Any) -> Any:
    if node.op == "variable":
        return x
    return x.dtype.type(math.pi if node.value is None else float(node.value))


def _expression(cell: Cell) -> Node:
    return derivative(cell.activation.bound_expression, order=cell.order)


# Operation -> text in numexpr's language. It has no error function.
_NUMEXPR: Mapping[str, str] = {
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})", "neg": "(-{0})",
    "power": "({0} ** {1})", "less": "({0} < {1})", "less_equal": "({0} <= {1})", "equal": "({0} == {1})",
    "select": "where({0}, {1}, {2})", "atan": "arctan({0})",
    "logistic": "(one / (one + exp(-{0})))",
    "logistic_slope": "(exp(-{0}) / ((one + exp(-{0})) * (one + exp(-{0}))))",
    "softplus": "log1p(exp({0}))",
    "normal_pdf": "(density * exp(-half * {0} * {0}))",
}  # fmt: skip


def numexpr_formula(cell: Cell, memory: Memory) -> list[Runner]:
    """The formula as one numexpr expression, into memory that is there already."""
    try:
        import numexpr
    except ImportError:
        raise UnavailableError("numexpr is not installed") from None
    numexpr.set_num_threads(cell.threads)
    x, out = memory.x, memory.out
    names: dict[str, Any] = {"x": x}
    for name, value in {"one": 1.0, "half": 0.5, "density": _DENSITY}.items():
        names[name] = x.dtype.type(value)
    text = _text(_expression(cell), names)
    try:
        numexpr.evaluate(text, local_dict=names, global_dict={}, out=out, casting="same_kind")
    except (TypeError, ValueError, KeyError, NotImplementedError) as error:
        raise UnavailableError(f"numexpr: {error}") from None
    return [Runner("evaluate, out=", lambda: numexpr.evaluate(text, local_dict=names, global_dict={}, out=out))]


def _text(node: Node, names: dict[str, Any]) -> str:
    if node.op == "variable":
        return "x"
    if not node.args:
        name = f"c{len(names)}"
        names[name] = _leaf(node, names["x"])
        return name
    arguments = [_text(argument, names) for argument in node.args]
    return _NUMEXPR.get(node.op, f"{node.op}({', '.join(arguments)})").format(*arguments)

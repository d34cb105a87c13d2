"""Plain NumPy evaluation of an expression in float64, for facts and pictures.

One function per operation, each in a form that neither overflows nor cancels. The result is as good as float64
arithmetic makes it and is not the promise the compiled kernels give: a product such as x·σ(x) is evaluated as
written, so it may be NaN at ±inf, where its limit is the business of `nonlin.facts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonlin.errors import InvalidValueError
from nonlin.expression.nodes import Node, walk
from nonlin.expression.nodes import parameters as parameters_of

Array = NDArray[np.float64]
_Step = tuple[Node | None, Callable[..., Array], tuple[int, ...]]


def evaluate(node: Node, x: ArrayLike, parameters: Mapping[str, ArrayLike] | None = None) -> Array:
    """The expression's value at every element of `x`, in float64, in the shape of `x` broadcast with the parameters.

    Row operations reduce the last axis. A `select` computes both branches and returns only the chosen one; no
    warning is ever printed. Raises `InvalidValueError` when a parameter the expression reads has no value.
    """
    points = np.asarray(x, dtype=np.float64)
    values = {name: np.asarray(value, dtype=np.float64) for name, value in (parameters or {}).items()}
    steps, needed = _program(node)
    for name in needed:
        if name not in values:
            raise InvalidValueError(
                "every parameter the formula reads needs a value",
                received=f"no value for {name!r}",
                choices=needed,
                fix=f"pass parameters={{{name!r}: ...}}",
            )
    shape = np.broadcast_shapes(points.shape, *(value.shape for value in values.values()))
    results: list[Array] = []
    with np.errstate(all="ignore"):
        for leaf, function, places in steps:
            results.append(_leaf(leaf, points, values) if leaf else function(*[results[place] for place in places]))
    return np.array(np.broadcast_to(results[-1], shape), dtype=np.float64)


@lru_cache(maxsize=1024)
def _program(node: Node) -> tuple[tuple[_Step, ...], tuple[str, ...]]:
    """What to compute in which order, and the parameters that it reads."""
    place = {current: index for index, current in enumerate(walk(node))}
    return tuple(_step(current, place) for current in place), parameters_of(node)


def _step(node: Node, place: Mapping[Node, int]) -> _Step:
    """A leaf, or a function and where its arguments are among the results; a constant is the function of nothing."""
    if node.args:
        return None, FUNCTIONS[node.op], tuple(place[argument] for argument in node.args)
    if node.op in ("variable", "parameter"):
        return node, _nothing, ()
    value = np.asarray(math.pi if node.value is None else float(node.value), dtype=np.float64)
    return None, lambda: value, ()


def _nothing() -> Array:
    raise AssertionError("a leaf is read, not computed")


def _leaf(node: Node, points: Array, parameters: Mapping[str, Array]) -> Array:
    return points if node.op == "variable" else parameters[str(node.name)]


def _elementwise(function: Callable[[float], float]) -> Callable[[Array], Array]:
    """A function of one float applied to every element of an array."""

    def vectorised(a: Array) -> Array:
        return np.fromiter(map(function, a.ravel().tolist()), np.float64, a.size).reshape(a.shape)

    return vectorised


_erf, _erfc = _elementwise(math.erf), _elementwise(math.erfc)


def _logistic(a: Array) -> Array:
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, e) / (1.0 + e)


def _logistic_slope(a: Array) -> Array:
    e = np.exp(-np.abs(a))
    return e / (1.0 + e) ** 2


def _softplus(a: Array) -> Array:
    return np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a)))


def _normal_cdf(a: Array) -> Array:
    return 0.5 * _erfc(-a / math.sqrt(2.0))


def _normal_pdf(a: Array) -> Array:
    return np.exp(-0.5 * a * a) / math.sqrt(2.0 * math.pi)


def _row_sum(a: Array) -> Array:
    return np.broadcast_to(a.sum(axis=-1, keepdims=True), a.shape)


def _row_anchor(a: Array) -> Array:
    return np.broadcast_to(a.max(axis=-1, keepdims=True), a.shape)


def _row_offset(a: Array, anchor: Array) -> Array:
    return np.where(np.isinf(a) & (a == anchor), 0.0, a - anchor)


def _row_threshold(power: int) -> Callable[[Array], Array]:
    """τ from the longest run of largest entries that all lie above the τ of that run alone."""

    def function(a: Array) -> Array:
        ordered = -np.sort(-a, axis=-1)
        counts = np.arange(1, a.shape[-1] + 1)
        mean = np.cumsum(ordered, axis=-1) / counts
        spread = np.cumsum(ordered * ordered, axis=-1) - counts * mean * mean
        taus = mean - (1.0 / counts if power == 1 else np.sqrt(np.maximum(1.0 - spread, 0.0) / counts))
        inside = np.where(ordered > taus, counts, 0).max(axis=-1, keepdims=True, initial=1)
        return np.broadcast_to(np.take_along_axis(taus, inside - 1, axis=-1), a.shape)

    return function


def _row_winner(a: Array) -> Array:
    return np.where(np.arange(a.shape[-1]) == a.argmax(axis=-1)[..., np.newaxis], 1.0, 0.0)


# operation -> function of as many arrays as the operation has arguments
FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "power": np.power,
    "tanh": np.tanh, "logistic": _logistic, "logistic_slope": _logistic_slope, "softplus": _softplus,
    "erf": _erf, "erfc": _erfc, "normal_cdf": _normal_cdf, "normal_pdf": _normal_pdf,
    "minimum": np.minimum, "maximum": np.maximum, "abs": np.abs, "sign": np.sign, "floor": np.floor,
    "sin": np.sin, "cos": np.cos, "atan": np.arctan,
    "select": np.where, "less": np.less, "less_equal": np.less_equal, "equal": np.equal,
    "row_sum": _row_sum, "row_anchor": _row_anchor, "row_offset": _row_offset, "row_winner": _row_winner,
    "row_threshold": _row_threshold(1), "row_square_threshold": _row_threshold(2),
}  # fmt: skip

"""Inputs at which a function gives no finite number, or a wrong one, and whether mathematics or the machine is why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nonlin.accuracy.target import Kernel, Points, Target, targets
from nonlin.catalog.definition import Definition

Kind = Literal["wrong", "undefined", "overflow"]
DTYPES = ("float32", "float64")
FURTHEST = 1e4
_FAR = np.geomspace(10, FURTHEST, 200)
TRIED: Points = np.unique(np.concatenate([np.linspace(-10, 10, 401), _FAR, -_FAR, 2.0 ** -np.arange(5, 60)]))
MOST_EXAMINED = 40  # of the inputs without a finite result, this many are put to the oracle
COMPARED = tuple(range(-6, 7))  # inputs whose finite results are compared with the exact ones
FAR_OFF = 1e-3  # a finite result is wrong when it is off by more than this, and by more than this part of the exact one
_SENTENCES: Mapping[Kind, str] = {
    "wrong": "{what} is {got} at x = {x} in {dtype}, and exactly {exact}",
    "undefined": "{what} has no value at x = {x}",
    "overflow": "{what} overflows {dtype} at x = {x}",
}


@dataclass(frozen=True)
class Fault:
    """The input nearest to 0 at which f, or a derivative, is infinite, NaN or far off.

    kind: "wrong" where the exact value is another finite number, "undefined" where there is none, "overflow" where it
    is beyond the largest number of the dtype. `count` of the `tried` inputs (|x| ≤ 10⁴) gave no finite number.
    """

    kind: Kind
    order: int
    wrt: str
    dtype: str
    x: float
    got: float
    exact: float
    count: int
    tried: int

    @property
    def what(self) -> str:
        """f, f′, f″ or ∂f/∂parameter."""
        return label(self.order, self.wrt)

    def __str__(self) -> str:
        text = _SENTENCES[self.kind].format(
            what=self.what, x=_short(self.x), got=_short(self.got), exact=_short(self.exact), dtype=self.dtype
        )
        if math.isfinite(self.got):
            return text
        return f"{text} ({self.count} of {self.tried} inputs tried within ±10⁴ give no finite number)"


def label(order: int, wrt: str) -> str:
    """How mathematics writes the derivative of this order in this operand."""
    return ("f", "f′", "f″")[order] if wrt == "x" else f"∂f/∂{wrt}"


def _short(value: float) -> str:
    return f"{value:.6g}"


def faults(definition: Definition, parameters: Mapping[str, float], kernel: Kernel) -> tuple[Fault, ...]:
    """Every kind of fault once per derivative, at its input nearest to 0, in the narrowest dtype that has it."""
    found: dict[tuple[Kind, int, str], Fault] = {}
    for target in targets(definition, parameters, kernel):
        for dtype in DTYPES:
            for fault in _faults(target, dtype):
                found.setdefault((fault.kind, fault.order, fault.wrt), fault)
    return tuple(found.values())


def _faults(target: Target, dtype: str) -> Iterator[Fault]:
    x = TRIED.astype(dtype)
    got = target.computed(x)
    bad = np.flatnonzero(~np.isfinite(got))
    nearest = bad[np.argsort(np.abs(x[bad]), kind="stable")]
    compared = np.flatnonzero(np.isin(x, COMPARED) & np.isfinite(got))
    for index in (*nearest[_spread(bad.size)], *compared[np.argsort(np.abs(x[compared]), kind="stable")]):
        exact = target.exact(float(x[index]), dtype)
        kind = None if exact is None else _kind(float(got[index]), exact, float(np.finfo(dtype).max))
        if exact is not None and kind is not None:
            where = (float(x[index]), float(got[index]), float(exact))
            yield Fault(kind, target.order, target.wrt, dtype, *where, count=bad.size, tried=x.size)


def _spread(count: int) -> NDArray[np.intp]:
    """Of `count` places, the first few and then ever fewer."""
    return np.unique(np.geomspace(1, max(count, 1), MOST_EXAMINED).astype(np.intp) - 1)[:count]


def _kind(got: float, exact: Any, largest: float) -> Kind | None:
    if exact != exact or (abs(exact) == math.inf and got != got):
        return "undefined"
    if math.isfinite(got):
        return "wrong" if abs(got - exact) > FAR_OFF * max(1, abs(exact)) else None
    return "overflow" if abs(exact) > largest and got * exact > 0 else "wrong"

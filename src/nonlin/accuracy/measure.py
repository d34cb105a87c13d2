"""Errors at sampled points, against the oracle."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.accuracy.faults import faults
from nonlin.accuracy.record import Accuracy, WorstError
from nonlin.accuracy.target import Kernel, Points, Target, targets
from nonlin.catalog.definition import Definition
from nonlin.errors import InvalidValueError
from nonlin.expression import nodes, oracle
from nonlin.expression.numeric import evaluate
from nonlin.expression.text import to_text
from nonlin.facts.breakpoints import bisect_changes, breakpoints

DTYPES = ("float16", "float32", "float64")
FEWEST, MOST = 10, 100_000
NEAR, FLOOR = 1 / 16, 2.0**-8
_SEARCHED = np.linspace(-60.0, 60.0, 24_001)
MOST_ZEROS = 20
_BESIDE = 2.0 ** -np.arange(3, 30, 4)


def measure(definition: Definition, parameters: Mapping[str, float], kernel: Kernel, points: int = 100) -> Accuracy:
    """The worst errors of f, f′, f″ and the derivatives in the parameters, in each dtype.

    About `points` random finite inputs of each dtype (the same in every call) and those that are hard: 0, subnormal
    and the largest numbers, beside kinks and sign changes. Raises InvalidValueError for a count outside 10 … 100,000.
    """
    if not (hasattr(points, "__index__") and FEWEST <= points <= MOST):
        raise InvalidValueError(f"points is a whole number from {FEWEST} to {MOST:,}", received=repr(points))
    start = time.perf_counter()
    measured = targets(definition, parameters, kernel)
    errors = [_worst(target, dtype, points) for target in measured for dtype in DTYPES]
    return Accuracy(
        name=definition.name,
        formula=to_text(definition.formula),
        computed=to_text(definition.derivative()),
        parameters=dict(parameters),
        errors=tuple(errors),
        faults=faults(definition, parameters, kernel),
        points=sum(error.points for error in errors),
        seconds=time.perf_counter() - start,
    )


def _worst(target: Target, dtype: str, points: int) -> WorstError:
    zeros = sign_changes(target)
    x = sample(dtype, points, [*zeros, *breakpoints(_bound(target))])
    got = target.computed(x)
    exact = [target.exact(float(at), dtype) for at in x]
    known = np.array([value is not None and value == value for value in exact], np.bool_)
    what: Any = {"dtype": dtype, "order": target.order, "wrt": target.wrt, "points": int(known.sum())}
    what["unmeasured"] = x.size - what["points"]
    if not known.any():
        return WorstError(**what, ulp=math.nan, x=math.nan, got=math.nan, exact=math.nan)
    x, got, wanted = x[known], got[known], np.array(exact, object)[known]
    errors = _errors(x, got, wanted, dtype, zeros)
    worst = int(np.argmax(errors))
    x, got, wanted = x[worst], got[worst], wanted[worst]
    return WorstError(**what, ulp=float(errors[worst]), x=float(x), got=float(got), exact=float(wanted))


def _errors(x: Points, got: Points, exact: Any, dtype: str, zeros: list[float]) -> NDArray[np.float64]:
    errors = oracle.ulp_error(got, exact, dtype)
    near = np.zeros(x.shape, np.bool_)
    for zero in zeros:
        near |= np.abs(x.astype(np.float64) - zero) <= NEAR
    for index in np.flatnonzero(near & (errors > 0) & np.isfinite(got)):
        exponent = math.floor(math.log2(max(abs(float(exact[index])), FLOOR)))
        difference = abs(oracle.CONTEXT.mpf(float(got[index])) - exact[index])
        errors[index] = float(difference) / (2.0**exponent * float(np.finfo(dtype).eps))
    return errors


def sign_changes(target: Target) -> list[float]:
    """Where a derivative changes its sign away from x = 0; none for f itself, whose zeros are held exactly.

    Where the values are small against the largest, their sign may be rounding's: such points are passed over.
    """
    if not target.order:
        return []
    size = np.abs(evaluate(target.computed_node, _SEARCHED, target.parameters))
    clear = _SEARCHED[size > 1e-9 * np.max(size, where=np.isfinite(size), initial=0.0)]
    found = bisect_changes(lambda x: np.sign(evaluate(target.computed_node, x, target.parameters)), clear)
    return sorted((zero for zero in found if abs(zero) > 1e-3), key=abs)[:MOST_ZEROS]


def _bound(target: Target) -> nodes.Node:
    values = {nodes.parameter(name): nodes.decimal(repr(value)) for name, value in target.parameters.items()}
    return nodes.substitute(target.definition.formula, values)


def sample(dtype: str, count: int, centres: list[float]) -> Points:
    """Finite inputs: half of `count` between −9 and 9, a quarter in the tails, a quarter of all magnitudes."""
    info, random = np.finfo(dtype), np.random.default_rng(7)
    tails = random.choice([-1.0, 1.0], count) * np.geomspace(1, 2000, count)
    magnitudes = (
        tails / np.abs(tails) * 2.0 ** np.linspace(info.minexp - info.nmant, info.maxexp, count, endpoint=False)
    )
    ends = [float(info.smallest_subnormal), float(info.tiny), float(info.max)]
    beside = [centre + sign * step for centre in centres for step in (0.0, *_BESIDE) for sign in (-1, 1)]
    single = np.array([0.0, *ends, *(-end for end in ends), *beside])
    together = np.concatenate([random.uniform(-9, 9, count // 2), tails[::4], magnitudes[::4], single])
    with np.errstate(over="ignore", under="ignore"):
        found: Points = np.unique(together.astype(dtype))
    return found[np.isfinite(found)]

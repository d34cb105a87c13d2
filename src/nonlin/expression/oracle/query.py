"""The questions one can ask the oracle: a value, a derivative, a one-sided derivative, a row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

import mpmath
from mpmath import libmp as raw

import nonlin.expression.oracle.intervals as iv
import nonlin.expression.oracle.series as series
from nonlin.errors import InvalidTypeError, InvalidValueError, NonlinError
from nonlin.expression.nodes import Node
from nonlin.expression.nodes import parameters as parameters_of
from nonlin.expression.oracle.evaluate import Evaluation, OrderTooLowError, TieError
from nonlin.expression.oracle.intervals import Interval, UndecidedError, UndefinedError

DIGITS = 40
LAST_PRECISION = 2**15  # bits
RESULT_BITS = 180
VANISHING = 1_200  # an answer within ±2^−1200 that is known no better is zero: float64 ends at 2^−1074
EXTRA_ORDERS = 12  # how many orders further a comparison is followed at a tie
LIMIT_STEPS = (9, 10, 11, 12)  # a limit is read off at ±2^(2^k)

CONTEXT = mpmath.MPContext()
CONTEXT.prec = RESULT_BITS
Real = Any  # int, float, numpy floating, Fraction or mpf
Result = TypeVar("Result")
Accept = Callable[[Interval], Result | None]
Leaves = Mapping[str, Fraction]


class OracleError(NonlinError, ArithmeticError):
    """The oracle could not certify an answer."""


class KinkError(OracleError):
    """The derivative does not exist: the two sides differ. `left` and `right` hold the one-sided derivatives."""

    def __init__(self, rule: str, left: Any, right: Any, **details: Any):
        super().__init__(rule, fix="ask one_sided(node, x, side=-1 or +1) for the side you mean", **details)
        self.left, self.right = left, right


def exact(number: Real) -> Fraction | float:
    """The exact value of a real number, or ±inf or NaN as a float."""
    if isinstance(number, bool | complex | str) or not (hasattr(number, "__float__") or hasattr(number, "_mpf_")):
        raise InvalidTypeError("the oracle takes real numbers", received=repr(number))
    if isinstance(number, int | Fraction):
        return Fraction(number)
    if hasattr(number, "_mpf_"):
        sign, mantissa, exponent, _ = number._mpf_
        if not mantissa and exponent:
            return float(number)
        return Fraction(-mantissa if sign else mantissa) * Fraction(2) ** int(exponent)
    if not math.isfinite(number):
        return float(number)
    return Fraction(*number.as_integer_ratio()) if hasattr(number, "as_integer_ratio") else Fraction(float(number))


def to_mpf(number: Any) -> Any:
    return CONTEXT.make_mpf(number)


def power_of_two(exponent: int) -> Any:
    return to_mpf(raw.from_man_exp(1, exponent))


NAN, INFINITY = to_mpf(raw.fnan), to_mpf(raw.finf)


def certified(answer: Interval) -> Any | None:
    """The number an enclosure stands for, once it is known to 40 digits or beyond every format; else None."""
    low, high = answer
    if low == high:
        return to_mpf(low)
    width = raw.mpf_sub(high, low, 64, iv.UP)
    smallest = raw.mpf_abs(low) if raw.mpf_gt(low, raw.fzero) else raw.mpf_abs(high)
    same_sign = raw.mpf_gt(low, raw.fzero) or raw.mpf_lt(high, raw.fzero)
    if same_sign and raw.mpf_le(width, raw.mpf_shift(smallest, -math.ceil(DIGITS * math.log2(10)))):
        return to_mpf(raw.mpf_shift(raw.mpf_add(low, high, RESULT_BITS, "n"), -1))
    limit = raw.from_man_exp(1, VANISHING)
    if raw.mpf_gt(low, limit) or raw.mpf_lt(high, raw.mpf_neg(limit)):
        return INFINITY if raw.mpf_gt(low, limit) else -INFINITY
    tiny = raw.from_man_exp(1, -VANISHING)
    return to_mpf(raw.fzero) if raw.mpf_gt(low, raw.mpf_neg(tiny)) and raw.mpf_lt(high, tiny) else None


def near(answer: Interval) -> Any | None:
    """As `certified`, but what is within ±2^−150 and known no better is zero: for reading off limits."""
    small = all(raw.mpf_lt(raw.mpf_abs(end), raw.from_man_exp(1, -150)) for end in answer)
    found = certified(answer)
    return to_mpf(raw.fzero) if found is None and small else found


def refine(compute: Callable[[int], Interval], accept: Accept[Result]) -> Result | None:
    """Evaluate at growing precision until the enclosure is accepted; None where the function has no value."""
    prec = iv.FIRST_PRECISION
    while prec <= LAST_PRECISION:
        try:
            accepted = accept(compute(prec))
            if accepted is not None:
                return accepted
        except UndecidedError:
            pass
        except UndefinedError:
            return None
        prec *= 2
    raise OracleError(f"{LAST_PRECISION} bits do not certify the value; a comparison or a sum may be exactly at a tie")


def _check(node: Node, given: Mapping[str, Real]) -> dict[str, Fraction | float]:
    wanted = parameters_of(node)
    if missing := [name for name in wanted if name not in given]:
        rule, fix = "every parameter of the expression needs a value", f"add {', '.join(missing)}"
        raise InvalidValueError(rule, received=sorted(given), choices=wanted, fix=fix)
    if unknown := sorted(set(given) - set(wanted)):
        raise InvalidValueError("no such parameter in the expression", received=", ".join(unknown), choices=wanted)
    values = {name: exact(number) for name, number in given.items()}
    if any(number in (math.inf, -math.inf) for number in values.values()):
        raise InvalidValueError("parameters must be finite", received=dict(given))
    return values


def _given(node: Node, x: Real, parameters: Mapping[str, Real]) -> tuple[Leaves, int] | None:
    """Exact values of the leaves, and −1 or +1 where x is infinite (0 otherwise); None where one is NaN."""
    values = {"x": exact(x), **_check(node, parameters)}
    if any(number != number for number in values.values()):
        return None
    infinite = 0 if isinstance(values["x"], Fraction) else 1 if values["x"] > 0 else -1
    if infinite:
        values["x"] = Fraction(0)
    return {name: Fraction(number) for name, number in values.items()}, infinite


def _coefficient(
    node: Node, rows: Sequence[Leaves], order: int, wrt: tuple[str, int], side: int | None, lane: int = 0
) -> Callable[[int], Interval]:
    """The function precision -> enclosure of the derivative of this order (of the value for order 0).

    `wrt` is the name of the leaf that moves and the entry of the row it moves in.
    """

    def compute(prec: int) -> Interval:
        for extra in range(0, EXTRA_ORDERS + 1, 4):
            length = max(order, 1 if side else 0) + extra + 1  # a side needs a direction: at least one slope
            lanes = [_series(row, length, prec, wrt[0] if i == wrt[1] else "") for i, row in enumerate(rows)]
            try:
                run = Evaluation(lanes, length, prec, side)
                return iv.mul(run(node, lane)[order], series.whole(math.factorial(order)), prec)
            except OrderTooLowError:
                continue
        raise OracleError(f"a comparison stays at a tie to order {order + EXTRA_ORDERS}")

    return compute


def _series(row: Leaves, length: int, prec: int, moving: str) -> dict[str, series.Series]:
    leaves = {}
    for name, number in row.items():
        leaves[name] = series.constant(iv.rational(number.numerator, number.denominator, prec), length)
        if name == moving and length > 1:
            leaves[name][1] = iv.ONE
    return leaves


def enclose(
    node: Node,
    x: Real,
    accept: Accept[Result],
    *,
    order: int = 0,
    wrt: str = "x",
    side: int | None = 0,
    parameters: Mapping[str, Real],
) -> Result | None:
    """The accepted enclosure at a finite or infinite x; None where there is no value. The core of this module."""
    given = _given(node, x, parameters)
    if given is None:
        return None
    leaves, infinite = given
    if wrt not in leaves:
        raise InvalidValueError("no such variable in the expression", received=wrt, choices=leaves)
    if infinite:
        return _limit(node, leaves, infinite, accept, order, wrt)
    if order and side is None:
        return _two_sided(node, leaves, accept, order, wrt)
    return refine(_coefficient(node, [leaves], order, (wrt, 0), side or 0), accept)


def _two_sided(node: Node, leaves: Leaves, accept: Accept[Result], order: int, wrt: str) -> Result | None:
    try:
        return refine(_coefficient(node, [leaves], order, (wrt, 0), None), accept)
    except TieError:
        pass
    for k in range(order + 1):
        at_x = [refine(_coefficient(node, [leaves], 0, (wrt, 0), 0), certified)] if k == 0 else []
        left, right = (refine(_coefficient(node, [leaves], k, (wrt, 0), s), certified) for s in (-1, +1))
        if any(_differ(left, other) for other in (right, *at_x)):
            what = "value jumps" if k == 0 else f"derivative of order {k} jumps"
            raise KinkError(f"the {what} here", left, right, received=f"{wrt} = {float(leaves[wrt])!r}")
    return refine(_coefficient(node, [leaves], order, (wrt, 0), +1), accept)


def _differ(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return (a is None) != (b is None)
    return bool(abs(a - b) > power_of_two(-120) * max(abs(a), abs(b)))


def _limit(node: Node, leaves: Leaves, direction: int, accept: Accept[Result], order: int, wrt: str) -> Result | None:
    """The limit at ±inf, read off at four points that each square the last.

    Four values of a wave may happen to rise: what seems to grow without bound must do so on other points too.
    """
    limit = _seen_at(1, node, leaves, direction, order, wrt)
    factors = (3, 5) if limit is not None and abs(limit) == INFINITY else ()
    if limit is None or any(_seen_at(factor, node, leaves, direction, order, wrt) != limit for factor in factors):
        return None
    return accept(iv.point(limit._mpf_))


def _seen_at(factor: int, node: Node, leaves: Leaves, direction: int, order: int, wrt: str) -> Any | None:
    """What the values at factor · 2^(2^k) tend to."""
    points = []
    for k in LIMIT_STEPS:
        there = {**leaves, "x": Fraction(direction * factor * 2 ** (2**k))}
        points.append(refine(_coefficient(node, [there], order, (wrt, 0), +1), near))
    return None if None in points else settle(points)


def settle(points: Sequence[Any]) -> Any | None:
    """The limit of a sequence sampled at squared distances: a number, ±inf, or None where there is none."""
    last, before, steps = points[-1], points[-2], [b - a for a, b in pairwise(points)]
    if abs(last) < power_of_two(-400) or (abs(last) < power_of_two(-100) and abs(last) < abs(before) ** 1.5):
        return CONTEXT.zero
    if abs(last) == INFINITY:
        return last if before * last > 0 else None
    if abs(steps[-1]) <= abs(last) * power_of_two(-3 * DIGITS):
        return last
    growing = all(step * last > 0 for step in steps) and abs(steps[-1]) >= abs(steps[-2]) / 2
    return (INFINITY if last > 0 else -INFINITY) if growing else None


def value(node: Node, x: Real, **parameters: Real) -> Any:
    """f(x) as an mpf known to 40 digits (of `oracle.CONTEXT`: its own precision, apart from mpmath's global one).

    x is taken exactly. At ±inf the limit; NaN where f has no real value or no limit. Raises `OracleError`.
    """
    found = enclose(node, x, certified, parameters=parameters)
    return NAN if found is None else found


def derivative(node: Node, x: Real, order: int = 1, wrt: str = "x", **parameters: Real) -> Any:
    """The derivative of this order in x or a parameter, at x. Raises `KinkError` where the two sides differ."""
    found = enclose(node, x, certified, order=order, wrt=wrt, side=None, parameters=parameters)
    return NAN if found is None else found


def one_sided(node: Node, x: Real, order: int = 1, side: int = +1, wrt: str = "x", **parameters: Real) -> Any:
    """The derivative from above (side = +1) or from below (side = −1); order 0 gives the one-sided value."""
    if side not in (-1, 1):
        raise InvalidValueError("side is -1 (from below) or +1 (from above)", received=side)
    found = enclose(node, x, certified, order=order, wrt=wrt, side=side, parameters=parameters)
    return NAN if found is None else found


def row_value(node: Node, row: Sequence[Real], **parameters: Real) -> list[Any]:
    """The values of a row function at each entry of a finite row."""
    return [_row_entry(node, row, lane, 0, 0, parameters) for lane in range(len(row))]


def row_derivative(node: Node, row: Sequence[Real], wrt: int, order: int = 1, **parameters: Real) -> list[Any]:
    """The derivatives of every entry of the result in the entry `wrt` of the row: a column of the Jacobian."""
    return [_row_entry(node, row, lane, order, wrt, parameters) for lane in range(len(row))]


def _row_entry(node: Node, row: Sequence[Real], lane: int, order: int, wrt: int, parameters: Mapping[str, Real]) -> Any:
    lanes = [_given(node, entry, parameters) for entry in row]
    if None in lanes:
        return NAN
    if any(given[1] for given in lanes if given):
        raise InvalidValueError("the oracle takes rows of finite numbers", received=list(row))
    leaves = [given[0] for given in lanes if given]
    found = refine(_coefficient(node, leaves, order, ("x", wrt), 0, lane), certified)
    return NAN if found is None else found

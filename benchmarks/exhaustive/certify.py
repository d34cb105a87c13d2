"""The second opinion: inputs of a row held to the oracle, which shares no code with the kernels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.exhaustive.subject import FLOOR, NEAR, Subject
from nonlin.expression import oracle
from nonlin.expression.nodes import parameters as parameters_of
from nonlin.expression.oracle.rounding import FORMATS

SAMPLE = 2_000
_BESIDE = 2


class CertificationError(ArithmeticError):
    """The kernel and the oracle do not agree; the message gives the input."""


def errors(subject: Subject, x: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The error of the kernel at each x in ulp, against certified values.

    Raises CertificationError where the definition's choice at a kink is not between the slopes of the two sides.
    """
    got = subject.values(x).astype(np.float64)
    exact = [certified(subject, float(point)) for point in x]
    found = oracle.ulp_error(got, exact, subject.dtype)
    for index in np.flatnonzero(found > 0):
        if any(abs(float(x[index]) - zero) <= NEAR for zero in subject.sign_changes):
            unit = max(abs(float(exact[index])), FLOOR)
            ulp = 2.0 ** (np.floor(np.log2(unit)) - FORMATS[subject.dtype].bits + 1)
            found[index] = float(abs(oracle.CONTEXT.mpf(float(got[index])) - exact[index])) / ulp
    return found


def certified(subject: Subject, x: float) -> Any:
    """The mathematical value, found without the derivative rules; at a kink the choice of the definition."""
    formula = subject.activation.expression
    used: dict[str, Any] = subject.parameters
    if not subject.order:
        return oracle.value(formula, x, **used)
    try:
        return oracle.derivative(formula, x, subject.order, **used)
    except oracle.KinkError:
        read = parameters_of(subject.expression)
        chosen = oracle.value(subject.expression, x, **{name: used[name] for name in read})
        sides = [oracle.one_sided(formula, x, subject.order, side, **used) for side in (-1, 1)]
        if not min(sides) <= chosen <= max(sides):
            raise CertificationError(f"{subject} at {x!r}: {chosen} is not between {sides}") from None
        return chosen


def sample(subject: Subject, size: int = SAMPLE, seed: int = 0) -> np.ndarray[Any, Any]:
    """Random inputs, half of them any bit pattern and half where the function bends, and every special point."""
    random = np.random.default_rng(seed)
    dtype, bits = subject.numpy_dtype, 8 * subject.numpy_dtype.itemsize
    patterns = random.integers(0, 1 << bits, size // 2, dtype=np.uint64).astype(f"u{dtype.itemsize}").view(dtype)
    curved = random.normal(0, 4, size - size // 2).astype(dtype)
    return np.concatenate([patterns[~np.isnan(patterns)], curved, specials(subject)])


def specials(subject: Subject) -> np.ndarray[Any, Any]:
    """±0, the ends of the subnormal and of the normal numbers, ±inf, NaN, kinks and sign changes with neighbours."""
    form, facts, dtype = FORMATS[subject.dtype], subject.activation.facts, subject.numpy_dtype
    least, tiny = 2.0 ** (form.lowest - form.bits + 1), 2.0**form.lowest
    largest = (2.0 - 2.0 ** (1 - form.bits)) * 2.0**form.highest
    ends = [0.0, least, 2 * least, tiny - least, tiny, 1.0, largest / 2, largest, np.inf]
    centres = [*(k.x for k in facts.kinks), *(j.x for j in facts.jumps), *subject.sign_changes]
    around = [neighbour for centre in centres for neighbour in _beside(dtype.type(centre))]
    return np.array([*ends, *(-end for end in ends), *around, np.nan]).astype(dtype)


def _beside(centre: Any) -> Iterable[float]:
    yield float(centre)
    for towards in (-np.inf, np.inf):
        at = centre
        for _ in range(_BESIDE):
            at = np.nextafter(at, type(centre)(towards))
            yield float(at)

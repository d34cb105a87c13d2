"""The τ with Σ max(u − τ, 0)ᵖ = 1 over a row of series, by sorting: exact, for p = 1 and p = 2.

The entries above τ are the largest k, where k is the largest number for which the k-th entry u₍ₖ₎ itself still lies
above τ, that is, for which Σⱼ (u₍ⱼ₎ − u₍ₖ₎)ᵖ < 1 over the entries before it. On these, τ solves a linear or a
quadratic equation. An entry that equals τ contributes nothing, whichever side it is counted on.
"""

from __future__ import annotations

from functools import cmp_to_key

import nonlin.expression.oracle.intervals as iv
import nonlin.expression.oracle.series as series
from nonlin.expression.oracle.series import Series


def order(a: Series, b: Series, prec: int) -> int:
    """The sign of a − b at x; `UndecidedError` where the precision does not tell."""
    return iv.sign_of(iv.sub(a[0], b[0], prec))


def threshold(entries: list[Series], power: int, prec: int) -> Series:
    """τ as a series in what the entries are series in."""

    def falling(a: Series, b: Series) -> int:
        return order(b, a, prec)

    ordered = sorted(entries, key=cmp_to_key(falling))
    count = 1
    while count < len(ordered) and _lies_above(ordered, count, power, prec):
        count += 1
    return _solution(ordered[:count], power, prec)


def _lies_above(ordered: list[Series], place: int, power: int, prec: int) -> bool:
    """Whether the entry at this place is larger than the τ that it and the larger ones would have."""
    excess = iv.neg(iv.ONE)
    for larger in ordered[:place]:
        excess = iv.add(excess, _raised(iv.sub(larger[0], ordered[place][0], prec), power, prec), prec)
    return iv.sign_of(excess) < 0


def _raised(a: iv.Interval, power: int, prec: int) -> iv.Interval:
    return a if power == 1 else iv.mul(a, a, prec)


def _solution(inside: list[Series], power: int, prec: int) -> Series:
    """τ = mean − 1/k for p = 1, τ = mean − √((1 − Σ(u − mean)²)/k) for p = 2."""
    length, count = len(inside[0]), series.whole(len(inside))
    share = iv.div(iv.ONE, count, prec)
    mean = series.scale(share, _sum(inside, prec), prec)
    if power == 1:
        return series.sub(mean, series.constant(share, length), prec)
    deviations = [series.sub(u, mean, prec) for u in inside]
    spread = _sum([series.mul(d, d, prec) for d in deviations], prec)
    rest = series.sub(series.constant(iv.ONE, length), spread, prec)
    return series.sub(mean, series.sqrt(series.scale(share, rest, prec), prec), prec)


def _sum(entries: list[Series], prec: int) -> Series:
    total = entries[0]
    for entry in entries[1:]:
        total = series.add(total, entry, prec)
    return total

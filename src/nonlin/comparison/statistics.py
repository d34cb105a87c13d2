"""The statistics of a comparison: pure functions of numbers.

The scores of one candidate over seeds are not independent when every seed draws its own split: the training parts
overlap, and a plain t-test then finds differences that are not there. Nadeau & Bengio (2003), "Inference for the
generalization error", Machine Learning 52, replace the variance of the mean, s²/n, by s²·(1/n + r) with
r = test rows / training rows. With one fixed split for all seeds r = 0, and the plain t-test is right for a statement
about that split. Functions here take r as `overlap`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.05


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its interval and the standard deviation over seeds; one seed has neither."""

    mean: float
    low: float | None
    high: float | None
    deviation: float | None
    seeds: int


@dataclass(frozen=True)
class Difference:
    """A paired difference a - b: its interval, two-sided p (before correction), and effect = mean / deviation."""

    estimate: Estimate
    p: float | None
    effect: float | None


def estimate(
    values: Sequence[float],
    *,
    overlap: float = 0.0,
    level: float = LEVEL,
    resolution: float = 0.0,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """Mean and (1 - `level`) t interval over seeds, cut where no score can lie (`bounds`).

    `resolution` is the smallest step a score can take (one test row): the deviation is not taken below that of the
    rounding, resolution/√12, so that three equal scores do not claim certainty.
    """
    count, mean = len(values), math.fsum(values) / len(values)
    if count < 2:
        return Estimate(mean, None, None, None, count)
    deviation = float(np.std(values, ddof=1))
    half = float(stats.t.ppf(1 - level / 2, count - 1)) * _standard_error(deviation, count, overlap, resolution)
    return Estimate(mean, max(mean - half, bounds[0]), min(mean + half, bounds[1]), deviation, count)


def difference(a: Sequence[float], b: Sequence[float], *, overlap: float = 0.0, resolution: float = 0.0) -> Difference:
    """Paired comparison of two candidates over the same seeds: (corrected resampled) t-test, two-sided."""
    paired = [x - y for x, y in zip(a, b, strict=True)]
    found = estimate(paired, overlap=overlap, resolution=resolution)
    if found.deviation is None:
        return Difference(found, None, None)
    effect = found.mean / found.deviation if found.deviation > 0 else None
    if found.mean == 0:
        return Difference(found, 1.0, effect)
    error = _standard_error(found.deviation, found.seeds, overlap, resolution)
    p = 2 * float(stats.t.sf(abs(found.mean) / error, found.seeds - 1)) if error > 0 else 0.0
    return Difference(found, p, effect)


def _standard_error(deviation: float, seeds: int, overlap: float, resolution: float) -> float:
    return max(deviation, resolution / math.sqrt(12)) * math.sqrt(1 / seeds + overlap)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down correction: p-values that keep the chance of any false finding at the level."""
    order = np.argsort(p_values, kind="stable")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def pairwise(
    scores: Mapping[str, Mapping[int, float]], *, overlap: float = 0.0, resolution: float = 0.0
) -> dict[tuple[str, str], tuple[Difference, float | None]]:
    """Every ordered pair (a, b) with its difference and its Holm-corrected p, over the seeds both have.

    The correction is over all pairs, not only those with the best: which candidate is best is chosen from the same
    scores, so each of its comparisons is one picked out of all.
    """
    names = list(scores)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    found = {}
    for a, b in pairs:
        seeds = sorted(scores[a].keys() & scores[b].keys())
        if seeds:
            found[a, b] = difference(
                [scores[a][s] for s in seeds], [scores[b][s] for s in seeds], overlap=overlap, resolution=resolution
            )
    tested = [pair for pair, d in found.items() if d.p is not None]
    corrected = dict(zip(tested, holm([found[pair].p or 0.0 for pair in tested]), strict=True))
    forward = {pair: (d, corrected.get(pair)) for pair, d in found.items()}
    return forward | {(b, a): (_turned(d), p) for (a, b), (d, p) in forward.items()}


def _turned(d: Difference) -> Difference:
    e = d.estimate
    low, high = (None if e.high is None else -e.high), (None if e.low is None else -e.low)
    return Difference(Estimate(-e.mean, low, high, e.deviation, e.seeds), d.p, None if d.effect is None else -d.effect)


def equivalent(
    a: Sequence[float], b: Sequence[float], within: float, *, overlap: float = 0.0, resolution: float = 0.0
) -> bool:
    """Whether the mean paired difference is shown to lie within ±`within` (two one-sided tests at 5 %).

    Not the same as "no difference was found": with few seeds neither a difference nor equivalence can be shown.
    """
    paired = [x - y for x, y in zip(a, b, strict=True)]
    found = estimate(paired, overlap=overlap, level=2 * LEVEL, resolution=resolution)
    return found.low is not None and found.high is not None and -within < found.low and found.high < within


@dataclass(frozen=True)
class AcrossDataSets:
    """Several data sets: mean rank of each candidate (1 is best), Friedman's test, and per candidate the two-sided
    Wilcoxon p against the best mean rank, Holm-corrected (1 for the best itself).
    """

    mean_ranks: tuple[float, ...]
    friedman: float
    friedman_p: float
    best: int
    p_values: tuple[float, ...]


def across_data_sets(scores: Sequence[Sequence[float]] | np.ndarray) -> AcrossDataSets:
    """Compare candidates over many data sets (Demšar 2006): `scores` has one row per data set, higher is better.

    Pairwise Wilcoxon tests rather than Nemenyi's, whose verdict on two candidates depends on the others
    (Benavoli, Corani & Mangili 2016).
    """
    table = np.asarray(scores, dtype=np.float64)
    ranks = stats.rankdata(-table, axis=1).mean(axis=0)
    statistic, p = stats.friedmanchisquare(*table.T)
    best = int(ranks.argmin())
    others = [i for i in range(table.shape[1]) if i != best]
    corrected = dict(zip(others, holm([wilcoxon(table[:, best], table[:, i]) for i in others]), strict=True))
    return AcrossDataSets(
        tuple(map(float, ranks)),
        float(statistic),
        float(p),
        best,
        tuple(corrected.get(i, 1.0) for i in range(table.shape[1])),
    )


def wilcoxon(
    a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray, *, alternative: str = "two-sided"
) -> float:
    """p of the Wilcoxon signed-rank test over data sets, normal approximation; equal pairs are left out."""
    return float(stats.wilcoxon(a, b, alternative=alternative, method="asymptotic").pvalue)

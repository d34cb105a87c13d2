"""The statistics against published numbers, hand-worked examples and simulated truth."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nonlin.comparison import statistics

TABLE = Path(__file__).parent / "data" / "selu-table-a11.csv"
METHODS = ("SNN", "MS", "HW", "ResNet", "BN", "WN", "LN")
PRINTED = {"MS": 2.7e-2, "LN": 1.5e-2, "HW": 1.9e-3, "ResNet": 5.4e-4, "WN": 7.8e-7, "BN": 3.5e-6}  # in the paper
TWO_SIDED = {"MS": 5.5e-2, "LN": 3.0e-2, "HW": 3.7e-3, "ResNet": 1.1e-3, "WN": 1.6e-6, "BN": 6.7e-6}


def published() -> np.ndarray:
    """Accuracies, shape (121, 7), NaN where a method has none."""
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return np.array([[float(row[m]) if row[m] not in ("", "NA") else math.nan for m in METHODS] for row in rows])


def complete() -> np.ndarray:
    table = published()
    whole: np.ndarray = table[~np.isnan(table).any(axis=1)]
    return whole


def test_the_published_table_is_whole() -> None:
    assert published().shape == (121, 7)
    assert complete().shape == (120, 7)


@pytest.mark.parametrize("method", METHODS[1:])
def test_wilcoxon_reproduces_the_published_p_values(method: str) -> None:
    """Klambauer et al. (2017), Table 1: one-sided and uncorrected, as their own accuracies show."""
    table = published()
    ours, theirs = table[:, 0], table[:, METHODS.index(method)]
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    one = statistics.wilcoxon(ours[both], theirs[both], alternative="greater")
    two = statistics.wilcoxon(ours[both], theirs[both])
    assert one == pytest.approx(PRINTED[method], rel=0.06)
    assert two == pytest.approx(TWO_SIDED[method], rel=0.04)


def test_across_data_sets_on_the_published_table() -> None:
    found = statistics.across_data_sets(complete())
    assert found.friedman == pytest.approx(31.48, abs=0.01)
    assert found.friedman_p == pytest.approx(2.05e-5, rel=0.01)
    assert METHODS[found.best] == "SNN"
    differences = {m: r - 4 for m, r in zip(METHODS, found.mean_ranks, strict=True)}
    assert differences == pytest.approx(
        {"SNN": -0.763, "MS": -0.233, "LN": -0.171, "HW": 0.0, "ResNet": 0.242, "WN": 0.4, "BN": 0.525}, abs=0.001
    )
    p = dict(zip(METHODS, found.p_values, strict=True))
    assert p["MS"] == pytest.approx(0.061, abs=0.003)
    assert p["LN"] == pytest.approx(0.061, abs=0.003)
    assert {m for m, value in p.items() if value < 0.05} == {"HW", "ResNet", "BN", "WN"}


def test_holm_worked_by_hand() -> None:
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.6, 0.7]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_interval_is_the_t_interval() -> None:
    values = [0.91, 0.93, 0.90, 0.95, 0.92]
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    found = statistics.estimate(values)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_an_interval_ends_where_no_score_can_lie() -> None:
    assert statistics.estimate([0.97, 1.0], bounds=(0.0, 1.0)).high == 1.0


def test_without_overlap_the_test_is_the_paired_t_test() -> None:
    a, b = [0.91, 0.93, 0.90, 0.95, 0.92], [0.90, 0.90, 0.91, 0.93, 0.90]
    assert statistics.difference(a, b).p == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_corrected_resampled_test_worked_by_hand() -> None:
    """Differences 1, 2, 3, 4, 5: mean 3, s² = 2.5; t = 3 / √(2.5·(1/5 + 1/4)) = 2.8284…, 4 degrees of freedom."""
    found = statistics.difference([1, 2, 3, 4, 5], [0, 0, 0, 0, 0], overlap=0.25)
    assert found.p == pytest.approx(2 * stats.t.sf(math.sqrt(8), 4))
    assert found.effect == pytest.approx(3 / math.sqrt(2.5))
    assert found.estimate.low == pytest.approx(3 - stats.t.ppf(0.975, 4) * math.sqrt(2.5 * 0.45))


def test_equal_differences_do_not_claim_certainty() -> None:
    """Two seeds, one test row of 300 apart in each: the deviation is zero, the evidence is not infinite."""
    found = statistics.difference([0.91, 0.92], [0.91 - 1 / 300, 0.92 - 1 / 300], overlap=0.25, resolution=1 / 300)
    assert found.p is not None
    assert found.p > 0.1


def test_one_seed_has_no_interval_and_no_p() -> None:
    found = statistics.difference([0.9], [0.8])
    assert (found.p, found.effect, found.estimate.low) == (None, None, None)


def test_pairs_are_formed_over_common_seeds_and_turn_around() -> None:
    pairs = statistics.pairwise({"a": {0: 1.0, 1: 2.0, 2: 4.0}, "b": {1: 1.5, 2: 3.0, 3: 9.0}})
    forward, backward = pairs["a", "b"], pairs["b", "a"]
    assert forward[0].estimate.mean == pytest.approx(0.75)
    assert backward[0].estimate.mean == pytest.approx(-0.75)
    assert forward[1] == backward[1]
    assert backward[0].estimate.low == pytest.approx(-(forward[0].estimate.high or 0.0))


def _separated(random: np.random.Generator, candidates: int, seeds: int) -> bool:
    """Whether any of several equal candidates is told apart from the one that happens to have the best mean."""
    scores = {str(c): dict(enumerate(random.normal(size=seeds))) for c in range(candidates)}
    best = max(scores, key=lambda name: sum(scores[name].values()))
    found = statistics.pairwise(scores)
    return any((found[name, best][1] or 1.0) < statistics.LEVEL for name in scores if name != best)


def test_equal_candidates_are_rarely_told_apart() -> None:
    """The best of six is picked by the data, and still at most one comparison in twenty claims a difference."""
    random = np.random.default_rng(1)
    trials = 300
    wrong = sum(_separated(random, 6, 8) for _ in range(trials))
    assert wrong <= stats.binom.ppf(0.999, trials, statistics.LEVEL)


def test_equivalence_needs_evidence() -> None:
    close = [0.9 + 0.0001 * i for i in range(8)]
    assert statistics.equivalent(close, close[::-1], 0.01)
    assert not statistics.equivalent([0.9, 0.8], [0.8, 0.9], 0.01)
    assert not statistics.equivalent([0.9], [0.9], 0.01)

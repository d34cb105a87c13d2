"""Training, validation and test rows.

The split depends on the data, the fractions and a seed, never on the activation: all candidates of a seed learn from
the same rows, choose their learning rate on the same rows and are tested on the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonlin.comparison.data import Data

VALIDATION = 0.2
TEST = 0.2


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers; the three parts do not overlap and cover every row."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split(data: Data, seed: int) -> Split:
    """60 % training, 20 % validation, 20 % test; each class keeps its share in every part."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(data.rows)
    labels = data.targets if data.task == "classification" else None
    rest, test = train_test_split(rows, test_size=_part(data, TEST), random_state=seed, stratify=labels)
    train, validation = train_test_split(
        rest, test_size=_part(data, VALIDATION), random_state=seed, stratify=None if labels is None else labels[rest]
    )
    return Split(train, validation, test)


def _part(data: Data, share: float) -> int:
    """At least one row per class, as stratification asks."""
    return max(round(share * data.rows), len(data.classes), 1)


def test_to_fit_ratio() -> float:
    """Rows of the test part over rows the procedure learns from (training and validation together)."""
    return TEST / (1 - TEST)

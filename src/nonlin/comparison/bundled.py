"""The data sets that come with scikit-learn: real, small, and there without a network connection."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from nonlin.comparison.targets import Task
from nonlin.errors import MissingDependencyError

_TASKS: dict[str, Task] = {
    "digits": "classification",
    "iris": "classification",
    "wine": "classification",
    "breast_cancer": "classification",
    "diabetes": "regression",
}
NAMES: tuple[str, ...] = tuple(_TASKS)


def read(name: str) -> tuple[NDArray[Any], NDArray[Any], Task]:
    """Inputs, targets and task of a bundled set. The digits come as images, shape (1797, 8, 8), values 0 to 16."""
    try:
        from sklearn import datasets
    except ImportError as error:
        raise MissingDependencyError(
            "the bundled data sets need scikit-learn",
            received="scikit-learn is not installed",
            fix='pip install "nonlin[compare]"',
        ) from error
    bunch = getattr(datasets, f"load_{name}")()
    return (bunch.images if "images" in bunch else bunch.data), bunch.target, _TASKS[name]

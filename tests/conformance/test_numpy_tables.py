"""NumPy's validation tables for elementary functions: inputs and correctly rounded results, held by our kernels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pytest

from nonlin.expression import nodes
from nonlin.kernels import assemble
from tests.conformance.bars import VALUE_ULP

BUILT_INTO_KERNELS = ("exp", "expm1", "log1p", "tanh")
FROM_THE_LIBRARY = ("log", "sin", "cos")
INTEGERS: Mapping[str, Any] = {"float32": np.uint32, "float64": np.uint64}


@cache
def table(name: str, dtype: str) -> tuple[Any, Any, Any]:
    """Inputs, correctly rounded results, and how many neighbouring numbers away a result may lie."""
    path = resources.files("numpy._core.tests") / "data" / f"umath-validation-set-{name}.csv"
    lines = [line.split(",") for line in path.read_text().splitlines() if line.startswith(f"np.{dtype},")]
    numbers = [np.array([int(line[k], 16) for line in lines], INTEGERS[dtype]).view(dtype) for k in (1, 2)]
    return numbers[0], numbers[1], np.array([int(line[3]) for line in lines])


def places(values: Any) -> Any:
    """The position of each number among all numbers of its dtype, so that neighbours differ by 1."""
    integers = values.view(f"i{values.itemsize}").astype(object)
    least = -(2 ** (8 * values.itemsize - 1))
    return np.where(integers < 0, least - integers, integers)


def too_far(got: Any, name: str, dtype: str) -> list[float]:
    """The inputs at which a result is further off than the table admits, or than we promise."""
    x, exact, admitted = table(name, dtype)
    nan = np.isnan(got) & np.isnan(exact)
    distance = np.where(nan, 0, abs(places(got) - places(exact)))
    return x[distance > np.minimum(admitted, VALUE_ULP[dtype])].tolist()  # type: ignore[no-any-return]


def computed(name: str, dtype: str) -> Any:
    return assemble.elementwise(name, nodes.apply(name, nodes.x), ("x",))(table(name, dtype)[0])


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", [*BUILT_INTO_KERNELS, *FROM_THE_LIBRARY])
def test_within_the_table(name: str, dtype: str) -> None:
    assert table(name, dtype)[0].size > 100
    assert too_far(computed(name, dtype), name, dtype) == []


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", BUILT_INTO_KERNELS)
def test_a_result_three_numbers_away_is_seen(name: str, dtype: str) -> None:
    got = computed(name, dtype)
    for _ in range(4):
        got = np.nextafter(got, np.dtype(dtype).type(np.inf))
    assert len(too_far(got, name, dtype)) > table(name, dtype)[0].size / 3

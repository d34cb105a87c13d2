"""Where arrays lie in memory: out= that overlaps the input, unaligned data, missing values in columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl

SIZES = (20, 5_000, 1 << 20)  # below one block, several blocks, several threads
SMOOTH = [name for name in nl.names(kind="elementwise") if nl.get(name).facts.smoothness > 1]
CHOSEN = [SMOOTH[0], SMOOTH[-1]]  # what happens to memory does not depend on the formula
ROWS = nl.names(kind="row")
same = np.testing.assert_array_equal


def samples(size: int) -> Any:
    return np.random.default_rng(8).standard_normal(size) * 4


@pytest.mark.parametrize("shift", [-3, -1, 1, 3])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CHOSEN)
def test_out_overlaps_the_input(name: str, size: int, shift: int) -> None:
    activation, memory = nl.get(name), samples(size + 3)
    start, to = max(0, -shift), max(0, shift)
    expected = activation(memory[start : start + size].copy())
    activation(memory[start : start + size], out=memory[to : to + size])
    same(memory[to : to + size], expected)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CHOSEN)
def test_out_is_the_input_reversed(name: str, size: int) -> None:
    activation, memory = nl.get(name), samples(size)
    expected = activation(memory.copy())
    activation(memory, out=memory[::-1])
    same(memory[::-1], expected)


@pytest.mark.parametrize("name", ROWS)
def test_rows_that_overlap_their_out(name: str) -> None:
    activation, memory = nl.get(name), samples(60).reshape(10, 6)
    expected = activation(memory[:8].copy())
    activation(memory[:8], out=memory[2:])
    same(memory[2:], expected)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CHOSEN)
def test_data_at_an_odd_address(name: str, size: int) -> None:
    x = samples(size)
    shifted = np.frombuffer(b"-" + x.tobytes(), np.uint8)[1:].view(np.float64)
    assert not shifted.flags.aligned
    same(nl.get(name)(shifted), nl.get(name)(x))


@pytest.mark.parametrize("name", CHOSEN)
def test_missing_values_stay_missing(name: str) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    polars = pytest.importorskip("polars", reason="polars is not installed")
    activation, expected = nl.get(name), nl.get(name)(1.5)
    column = activation(pandas.Series([1.5, None], index=["a", "b"], dtype="Float64", name="z"))
    assert (column["a"], column.isna().tolist(), column.name) == (expected, [False, True], "z")
    assert activation(polars.Series("z", [1.5, None])).to_list() == [expected, None]
    frame = activation(pandas.DataFrame({"a": [1.5], "b": [1.5]}))
    assert frame.columns.tolist() == ["a", "b"]
    same(frame.to_numpy(), expected)

"""Every function of the catalogue, shared between threads: the bits of one thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import nonlin as nl
from nonlin.kernels import set_num_threads, threads
from tests.kernels import toys


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    monkeypatch.setattr(threads, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(threads, "WORTH_WAKING_SECONDS", 0.0)
    monkeypatch.setattr(threads, "LOSS", float("inf"))
    yield toys.note_shares(monkeypatch)
    set_num_threads(None)


@pytest.mark.parametrize("kind", ["elementwise", "row"])
def test_same_bits_for_any_number_of_threads(kind: str, used: list[int]) -> None:
    calls = 0
    for name in nl.names(kind=kind):
        activation: Any = nl.get(name)
        x = toys.samples("float32", 331, 211)
        set_num_threads(1)
        expected = activation(x).tobytes()
        for number in (2, 3, 5):
            set_num_threads(number)
            assert activation(x).tobytes() == expected, name
            calls += 1
    assert calls == len(used) > 0

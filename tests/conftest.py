"""What every test shares: single-threaded libraries, repeatable random examples, and no change left in global state."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

# Before any library starts its threads: the run has as many processes as cores already.
for _library in ("OMP", "OPENBLAS", "MKL", "NONLIN"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ["MPLBACKEND"] = "agg"

import hypothesis
import numpy as np
import pytest

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("repeatable")


def _global_state() -> dict[str, object]:
    state: dict[str, object] = {"NumPy's error handling": np.geterr()}
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_default_dtype"):
        state["torch's default dtype"] = torch.get_default_dtype()
        state["torch's gradient mode"] = torch.is_grad_enabled()
    return state


@pytest.fixture(autouse=True)
def _global_state_is_left_alone() -> Iterator[None]:
    before = _global_state()
    yield
    after = _global_state()
    changed = [what for what in before if before[what] != after[what]]
    assert not changed, f"the test, or what it called, changed {', '.join(changed)}"


@pytest.fixture(autouse=True)
def _what_a_test_defines_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of the catalogue in the same process go over every name there is."""
    registry = sys.modules.get("nonlin.registry")
    if registry is not None:
        monkeypatch.setattr(registry, "_defined", dict(registry._defined))

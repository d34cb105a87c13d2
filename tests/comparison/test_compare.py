"""The comparison as a whole: resuming, choosing on validation, counting failures, and what the result says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import types
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import nonlin
from nonlin import registry
from nonlin.comparison import selection, training
from nonlin.comparison.cells import Candidate, Cell, Recipe
from nonlin.comparison.data import from_arrays
from nonlin.errors import RunError
from tests.comparison.helpers import HIDDEN, PAIR, Counting, blobs, cell_files, tiny


@pytest.fixture
def nothing_defined(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test defines is forgotten afterwards."""
    monkeypatch.setattr(registry, "_defined", {})


def test_an_interrupted_run_resumes_with_the_missing_cells_only(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"3 of 8 .*kept") as caught:
        tiny(tmp_path, executor=Counting(stop_after=3), workers=1)
    assert caught.value.exit_code == 1
    kept = cell_files(tmp_path)
    assert len(kept) == 3
    rest = Counting()
    result = tiny(tmp_path, executor=rest, workers=1)
    assert rest.calls == 5
    assert {name: text for name, text in cell_files(tmp_path).items() if name in kept} == kept
    assert [row.seeds for row in result.table] == [2, 2]


def test_activations_and_seeds_can_be_added(tmp_path: Path) -> None:
    tiny(tmp_path)
    more = Counting()
    tiny(tmp_path, HIDDEN[:3], seeds=3, executor=more)
    assert more.calls == 3 * 3 * 2 - 8


def test_a_damaged_file_is_trained_again_with_a_note(tmp_path: Path) -> None:
    first = tiny(tmp_path)
    name, text = next(iter(cell_files(tmp_path).items()))
    (tmp_path / "cells" / name).write_text(text[: len(text) // 2], encoding="utf-8")
    again = Counting()
    second = tiny(tmp_path, executor=again)
    assert again.calls == 1
    assert any(name in note for note in second.notes)
    assert [row.scores for row in second.table] == [row.scores for row in first.table]


def test_worker_processes_give_the_records_of_this_process(tmp_path: Path) -> None:
    here = tiny(tmp_path / "here", seeds=1)
    there = tiny(tmp_path / "there", seeds=1, executor="local", workers=2)
    assert [row.scores for row in here.table] == [row.scores for row in there.table]
    assert [row.curve for row in here.table] == [row.curve for row in there.table]
    assert list(cell_files(tmp_path / "here")) == list(cell_files(tmp_path / "there"))


def test_any_executor_with_submit_will_do(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert len(tiny(tmp_path, seeds=1, executor=pool, workers=2).table) == 2


def _run(rate: float, validation: float, test: float) -> tuple[Cell, dict[str, Any]]:
    cell = Cell("data", Candidate("a", "a"), Recipe(), rate, 0)
    scores = {"validation": {"loss": 1 - validation, "score": validation}, "test": {"loss": 1 - test, "score": test}}
    return cell, {"status": "finished", "scores": scores, "baseline": 0.1}


def test_the_learning_rate_is_chosen_on_validation() -> None:
    """The test rows are planted to contradict the validation rows."""
    chosen = selection.choose([_run(0.1, 0.7, 0.99), _run(0.01, 0.9, 0.5), _run(0.001, 0.8, 0.98)])
    assert chosen.cell.learning_rate == 0.01
    assert chosen.score == 0.5


def test_contradicting_test_rows_do_not_change_the_choice(tmp_path: Path) -> None:
    """Rewriting every stored test score leaves the chosen learning rates as they were."""
    first = tiny(tmp_path)
    for path in (tmp_path / "cells").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        record["scores"]["test"]["score"] = 1 - record["scores"]["validation"]["score"]
        path.write_text(json.dumps(record), encoding="utf-8")
    second = tiny(tmp_path)
    rates = {row.activation: row.learning_rates for row in first.table}
    assert {row.activation: row.learning_rates for row in second.table} == rates
    assert [row.scores for row in second.table] != [row.scores for row in first.table]


def test_diverged_runs_are_counted_and_shown(tmp_path: Path) -> None:
    result = tiny(tmp_path, learning_rates=(0.01, 1e6))
    for row in result.table:
        assert (row.diverged, row.diverged_seeds, row.learning_rate) == (2, 0, 0.01)
    assert len(result.failures) == 4
    assert all(f.status == "diverged" and f.learning_rate == 1e6 and f.reason for f in result.failures)
    assert "diverged" in str(result)


def test_when_all_diverge_nothing_is_recommended(tmp_path: Path) -> None:
    result = tiny(tmp_path, learning_rates=(1e6,))
    assert [row.diverged_seeds for row in result.table] == [2, 2]
    assert all(row.mean == pytest.approx(result.baseline) for row in result.table)
    assert "No activation beats" in result.recommendation


def _fail(cell: Cell, *_: object) -> None:
    raise ValueError(f"planted in {cell.seed}")


def test_a_crash_is_a_failure_with_its_reason_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(training, "run", _fail)
        patch.setattr("nonlin.comparison.run._estimated", lambda *_: "")
        result = tiny(tmp_path)
    assert result.table == ()
    assert {f.status for f in result.failures} == {"crashed"}
    assert "planted in 0" in result.failures[0].reason
    assert "No run finished" in str(result)
    assert cell_files(tmp_path) == {}
    assert len(tiny(tmp_path).table) == 2


def test_a_worker_that_dies_loses_its_cell_only() -> None:
    from nonlin.comparison.executors import Workers

    pool = Workers(1)
    try:
        with pytest.raises(RunError, match="exit status 3"):
            pool.submit(os._exit, 3).result(60)
        assert pool.submit(abs, -2).result(60) == 2
        with pytest.raises(RunError, match="ValueError"):
            pool.submit(int, "x").result(60)
    finally:
        pool.stop()


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    """A script without a `__main__` guard, interrupted as a terminal would."""
    script = tmp_path / "script.py"
    options = f"directory={str(tmp_path / 'runs')!r}, steps=400, workers=1, progress=True"
    # What a shell starts in the background ignores the signal, and so do its children: not what is tested here.
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script.write_text(f"{listen}\nimport nonlin\nnonlin.compare('iris', {list(PAIR)!r}, {options})\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "runs").glob("cells/*.json"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "interrupted: " in error
    assert "run the same command again" in error
    assert all(json.loads(text)["status"] for text in cell_files(tmp_path / "runs").values())


def test_fitted_models_are_kept_on_request(tmp_path: Path) -> None:
    tiny(tmp_path)
    again = Counting()
    tiny(tmp_path, keep_models=True, executor=again)
    assert again.calls == 8
    states = [torch.load(path, weights_only=True) for path in (tmp_path / "cells").glob("*.pt")]
    assert len(states) == 8
    assert all(torch.isfinite(v).all() for state in states for v in state.values())


def test_the_result_is_frozen_readable_and_json(tmp_path: Path) -> None:
    result = tiny(tmp_path, seeds=4, margin=0.5)
    with pytest.raises(FrozenInstanceError):
        result.data = "other"  # type: ignore[misc]
    record = json.loads(result.to_json())
    assert record["schema"] == "nonlin.comparison/1"
    assert [row["activation"] for row in record["table"]] == [row.activation for row in result.table]
    assert record["recommendation"] == result.recommendation
    assert all(isinstance(row.equivalent, bool) for row in result.table)
    assert result.table[0].mean >= result.table[1].mean
    assert result.table[0].difference == 0
    assert result.table[0].activation in result.best
    for row in result.table:
        assert row.activation in str(result)
        assert row.low is not None
        assert row.low < row.mean < (row.high or 0)
        assert row.curve[-1][0] == row.steps


def test_the_report_is_asked_for_by_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report stands above the comparison: it is found by name and gets JSON types."""
    rendered: list[tuple[Any, Any]] = []
    reporter = types.SimpleNamespace(render=lambda records, path: rendered.append((records, path)))
    monkeypatch.setitem(sys.modules, "nonlin.report", reporter)
    result = tiny(tmp_path, seeds=1)
    assert result.report(tmp_path / "report.html") == tmp_path / "report.html"
    assert rendered == [(json.loads(result.to_json()), tmp_path / "report.html")]


def test_ties_are_said_as_ties(tmp_path: Path, nothing_defined: None) -> None:
    function = nonlin.get(PAIR[0])
    twin = nonlin.define("the_same_again", function.formula, **function.parameters)
    result = tiny(tmp_path, [function, twin], seeds=3)
    assert set(result.best) == {function.name, "the_same_again"}
    assert result.table[0].scores == result.table[1].scores
    assert result.table[0].curve == result.table[1].curve
    assert "cannot be told apart" in result.recommendation


def test_one_seed_cannot_tell_apart(tmp_path: Path) -> None:
    result = tiny(tmp_path, seeds=1, steps=60)
    assert len(result.best) == 2
    assert "one seed" in result.recommendation
    assert [row.low for row in result.table] == [None, None]


def test_a_clear_difference_is_found(tmp_path: Path, nothing_defined: None) -> None:
    """A network of constants cannot learn; anything else on separable classes does."""
    flat = nonlin.define("nearly_flat", "1 + x / 1000000000")
    result = tiny(tmp_path, [PAIR[0], flat], seeds=5, steps=100)
    assert len(result.best) == 1
    assert result.table[1].p is not None
    assert result.table[1].p < 0.05


def test_the_edge_of_the_grid_is_noted(tmp_path: Path) -> None:
    result = tiny(tmp_path, learning_rates=(1e-5, 0.01))
    assert all(row.at_edge for row in result.table)
    assert any("edge of the grid" in note for note in result.notes)


def test_the_key_holds_everything_that_decides_the_result() -> None:
    cell = Cell("d", Candidate("a", "a", (), "x"), Recipe(), 0.1, 0)
    changes: list[Cell] = [
        replace(cell, data="e"), replace(cell, learning_rate=0.2), replace(cell, seed=1),
        replace(cell, recipe=Recipe(steps=7)), replace(cell, candidate=Candidate("a", "a", (), "2*x")),
        replace(cell, candidate=Candidate("a", "a", (("p", 1.0),), "x")),
    ]  # fmt: skip
    assert len({c.key for c in [cell, *changes]}) == 7
    assert replace(cell, candidate=replace(cell.candidate, label="b")).key == cell.key


def test_the_digest_follows_the_data() -> None:
    data = blobs()
    changed = np.array(data.inputs)
    changed[0, 0] += 1
    assert replace(data, inputs=changed).digest != data.digest
    assert blobs().digest == data.digest


def test_arrays_and_notes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    data = from_arrays(random.normal(size=(40, 2)), np.array(["a", "b"] * 20))
    assert tiny(tmp_path, data=data, seeds=1).notes[0].startswith("the target is text")

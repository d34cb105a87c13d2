"""The race runs, its contenders agree, its tables read back, its page says what they say. No time is asserted."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

import nonlin as nl
from benchmarks.speed import bars, cell, clock, figure, records, session, small, summary, tables
from benchmarks.speed.peers import CONTENDERS
from benchmarks.speed.run import run
from benchmarks.speed.settings import SETTINGS
from nonlin.catalog import DEFINITIONS
from tests.architecture.sandbox import run_python

LEAST = clock.Effort(sample=1e-5, least=3, most=3, budget=0)
IN_ALL = ("torch.nn.functional.", "jax.nn.")


def _everywhere() -> str:
    """A function without parameters that PyTorch and JAX have under names of their own."""
    for name, definition in DEFINITIONS.items():
        prefixes = {alias.prefix for alias in definition.aliases}
        if definition.kind == "elementwise" and not definition.parameters and prefixes >= set(IN_ALL):
            return name
    raise AssertionError("the catalogue has none")


NAME = _everywhere()
PEERS = [name for name in CONTENDERS if name not in ("torch.compile", "jax")]


def _measured(order: int = 0, size: int = 64, contenders: list[str] | None = None) -> list[records.Record]:
    return run(cell.Cell(NAME, order, "float32", size, 1), contenders or PEERS, LEAST)


def test_the_quick_race_prints_its_table() -> None:
    made = run_python("-m", "benchmarks.speed", "--functions", NAME, "--sizes", "64", "--orders", "0", "--quick",
                      "--contenders", "nonlin,identity,torch")  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "geometric mean" in made.stdout
    assert f"  {NAME}" in made.stdout


def test_a_wrong_name_is_explained() -> None:
    made = run_python("-m", "benchmarks.speed", "--functions", "no such function", "--quick")
    assert made.returncode == 2
    assert "did you mean" in made.stderr or "choices" in made.stderr
    assert "Traceback" not in made.stderr


@pytest.mark.parametrize("order", [0, 1])
def test_every_contender_runs_or_says_why_not(order: int) -> None:
    for row in _measured(order):
        assert (row.nanoseconds > 0 and row.rounds == 3 and row.form) or row.note, row
    assert {row.contender for row in _measured(order) if row.rounds} >= {"nonlin", "identity", "torch"}


def test_a_contender_that_computes_something_else_is_shut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(asked: cell.Cell, memory: cell.Memory) -> list[cell.Runner]:
        return [cell.Runner("doubled", lambda: 2 * asked.values(memory.x) + 1)]

    monkeypatch.setitem(CONTENDERS, "doubled", doubled)
    row = _measured(contenders=["nonlin", "doubled"])[1]
    assert "gives other values" in row.note
    assert math.isnan(row.nanoseconds)


def test_torch_writes_into_memory_that_is_there() -> None:
    """The backward kernel is found without being named, and at least one way of each does not allocate."""
    memory = cell.Memory(64, "float32")
    for order in (0, 1):
        forms = [runner.form for runner in CONTENDERS["torch"](cell.Cell(NAME, order, "float32", 64, 1), memory)]
        assert any("out=" in form for form in forms)
        assert order == 0 or all("backward kernel" in form for form in forms)


def test_rows_read_back_and_replace_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "speed.csv"
    first = records.merge(path, _measured(0, contenders=["nonlin", "torch"]))
    records.merge(path, _measured(1, contenders=["nonlin"]))
    again = dataclasses.replace(first[0], nanoseconds=1.0)
    after = records.merge(path, [again])
    assert [row.order for row in after] == [0, 1]  # the cell's other contender is gone with the old race
    assert records.read(path)[0].nanoseconds == 1.0


def test_the_bars_resolve_and_race() -> None:
    known = set(nl.names(kind="elementwise"))
    assert set(SETTINGS.articles) <= known
    planned = session.plan((), (0, 1), ("float32",), (8, 64), 1)
    assert {c.function for c in planned} == set(SETTINGS.articles)
    rows = session.rows_plan((), ("float32", "bfloat16"), 1)
    assert {c.function for c in rows} <= set(nl.names(kind="row"))
    assert len({c.function for c in rows}) > 1
    assert {c.row for c in rows} == set(session.ROWS)


def _made_up(order: int, contender: str, nanoseconds: float) -> records.Record:
    (row,) = [r for r in _measured(0, contenders=["nonlin"]) if r.contender == "nonlin"]
    return dataclasses.replace(
        row, order=order, elements=1 << 14, contender=contender, nanoseconds=nanoseconds, function=SETTINGS.articles[0]
    )


def test_bars_are_met_and_missed() -> None:
    fast = [_made_up(0, "nonlin", 1.0), _made_up(0, "torch", 3.5), _made_up(0, "jax", 2.0)]
    slow = [_made_up(0, "nonlin", 1.0), _made_up(0, "torch", 0.9), _made_up(0, "jax", 2.0)]
    assert [bar.met for bar in bars.bars(fast, []) if bar.met is not None] == [True, True, True]
    found = bars.bars(slow, [])
    assert [bar.met for bar in found if bar.met is not None] == [False, False, True]
    assert any("0.90×" in line for bar in found for line in bar.missed_by)
    assert "**missed**" in summary.page(slow, [])
    assert "**missed**" not in summary.page(fast, [])


def test_geometric_means_leave_out_what_did_not_race() -> None:
    assert tables.geometric_mean([2.0, 8.0, math.nan]) == pytest.approx(4.0)
    assert math.isnan(tables.geometric_mean([]))


def test_small_calls_are_measured(tmp_path: Path) -> None:
    row = small.measure(NAME, rounds=2, processes=1)
    assert 0 < row.ufunc < row.call
    assert min(row.numpy_exp, row.first_cold, row.first_cached, row.importing) > 0
    small.write([row], tmp_path / "small.csv")
    assert small.read(tmp_path / "small.csv")[0].function == NAME


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    figure.draw([_made_up(0, "nonlin", 1.0), _made_up(0, "torch", 3.5)], tmp_path / "speed.svg")
    assert (tmp_path / "speed.svg").read_text(encoding="utf-8").count("<svg") == 1


@pytest.mark.skipif(not records.TABLE.exists(), reason="no table yet: make bench")
def test_the_page_is_that_of_the_tables() -> None:
    written = summary.PAGE.read_text(encoding="utf-8")
    assert written == summary.page(records.read(), small.read()), "run `python -m benchmarks.speed --page`"

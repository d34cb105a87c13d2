"""The race runs, its contenders agree, its tables read back and are of today's kernels, its page says what they say.

No time is asserted.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import nonlin as nl
from benchmarks.speed import bars, cell, clock, figure, plan, records, session, small, summary, tables
from benchmarks.speed.files import Files
from benchmarks.speed.peers import CONTENDERS
from benchmarks.speed.peers.torch_compiled import _own_code
from benchmarks.speed.run import run
from benchmarks.speed.settings import SETTINGS
from nonlin.catalog import DEFINITIONS
from tests.architecture.sandbox import run_python

LEAST = clock.Effort(sample=1e-5, least=3, most=3, budget=0)
FILES = Files()
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


@pytest.mark.parametrize(("option", "word"), [("--dtypes", "float31"), ("--contenders", "torhc"), ("--sizes", "ten")])
def test_a_wrong_option_is_explained(option: str, word: str) -> None:
    made = run_python("-m", "benchmarks.speed", "--functions", NAME, "--quick", option, word)
    assert made.returncode == 2
    assert f"received: {word}" in made.stderr.replace("'", "")
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


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Two races are planned, one is in the file: the other is due; both are after a change of machine or kernel."""
    path, (first, second) = tmp_path / "speed.csv", [cell.Cell(NAME, order, "float32", 64, 1) for order in (0, 1)]
    rows = records.merge(path, run(first, ["nonlin"], LEAST))
    assert session.due([first, second], records.read(path)) == [second]
    assert session.due([first, second], [dataclasses.replace(rows[0], machine="another")]) == [first, second]
    assert session.due([first, second], [dataclasses.replace(rows[0], sha256="0" * 64)]) == [first, second]


def test_a_run_writes_its_tables_page_and_figure_and_then_finds_them_up_to_date(tmp_path: Path) -> None:
    files = Files(tmp_path)
    small.write([dataclasses.replace(small.measure(NAME, rounds=1, processes=1), function=n, sha256=_small_hash(n))
                 for n in SETTINGS.articles], files.small)  # fmt: skip
    asked = ("-m", "benchmarks.speed", "--functions", NAME, "--sizes", "64", "--orders", "0", "--dtypes", "float32",
             "--contenders", "nonlin,torch", "--docs", str(tmp_path))  # fmt: skip
    made = run_python(*asked)
    assert made.returncode == 0, made.stderr
    assert "0 races are up to date, 1 to do" in made.stdout
    rows = records.read(files.table)
    assert [row.contender for row in rows] == ["nonlin", "torch"]
    assert files.page.read_text(encoding="utf-8") == summary.page(rows, small.read(files.small))
    assert files.figure.exists()
    assert "1 races are up to date, 0 to do" in run_python(*asked).stdout


def _small_hash(name: str) -> str:
    return cell.Cell(name, 0, "float32", small.ELEMENTS, 1).sha256


def test_a_changed_kernel_makes_a_row_stale() -> None:
    """A hash differs between functions, orders and dtypes, is the same on every machine, and changes with the text."""
    (row,) = _measured(contenders=["nonlin"])
    assert records.stale([row]) == []
    assert records.stale([dataclasses.replace(row, sha256="0" * 64)]) == [row.cell]
    assert records.stale([dataclasses.replace(row, function="no longer there")])
    others = [dataclasses.replace(row.cell, **change) for change in ({"order": 1}, {"dtype": "float64"})]
    assert len({row.sha256, *(other.sha256 for other in others)}) == 3
    rows = [cell.Cell(name, 0, "float32", 64, 1, 8) for name in nl.names(kind="row")]
    assert len({asked.sha256 for asked in rows} - {""}) == len(rows)
    assert cell.Cell(rows[0].function, 0, "bfloat16", 64, 1, 8).sha256 == ""


def test_the_hash_is_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [cell.Cell(NAME, 1, dtype, 64, 1) for dtype in plan.SIZES]
    asked.append(cell.Cell(nl.names(kind="row")[0], 0, "float32", 64, 1, 8))
    here = [one.sha256 for one in asked]
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert [one.sha256 for one in asked] == here


def test_the_plan_has_the_races_of_the_bars() -> None:
    cells = plan.cells(plan.Choice())
    assert len(cells) == len(set(cells))
    assert [c.threads for c in cells] == sorted(c.threads for c in cells)
    assert set(SETTINGS.articles) <= set(nl.names(kind="elementwise"))
    for name in SETTINGS.articles:
        for elements, threads in bars.PLACES:
            for order in (0, 1):
                assert cell.Cell(name, order, "float32", elements, threads) in cells
    rows = [c for c in cells if c.row]
    assert {c.row for c in rows} == set(plan.ROWS)
    assert len({c.function for c in rows}) > 1
    others = {c.function for c in cells if not c.row} - set(SETTINGS.articles)
    assert others
    assert all(plan.contenders(c) == list(plan.BESIDE_TORCH) for c in cells if c.function in others)
    assert {c.dtype for c in cells} == set(plan.SIZES)


def test_a_choice_narrows_the_plan() -> None:
    only = plan.cells(plan.Choice(functions=(NAME,), orders=(1,), sizes=(8, 1 << 24)))
    assert [(c.function, c.order, c.elements, c.threads) for c in only if c.dtype == "float32"] == [
        (NAME, 1, 8, 1), (NAME, 1, 1 << 24, 2),
    ]  # fmt: skip
    assert {c.threads for c in plan.cells(plan.Choice(sizes=(8,), threads=(3,)))} == {3}


def test_rounds_go_on_until_medians_are_known_and_slow_ways_leave() -> None:
    effort = clock.Effort(sample=1e-9, least=5, most=40, budget=60.0, spread=0.5)
    slow, fast = lambda: sum(range(200_000)), lambda: sum(range(20_000))
    taken = clock.race({("a", "slow"): slow, ("a", "fast"): fast, ("b", ""): slow}, effort, lambda key: key[0])
    assert set(taken) == {("a", "fast"), ("b", "")}
    assert 5 <= len(taken["b", ""].seconds) < 40
    never = dataclasses.replace(effort, spread=0.0, most=9)
    assert len(clock.race({"a": fast}, never)["a"].seconds) == 9
    assert len(clock.race({"a": fast}, dataclasses.replace(never, budget=0.0))["a"].seconds) == 5
    assert clock.Samples((1.0, 1.0, 1.0)).uncertainty == 0
    assert clock.Samples((1.0, 2.0, 3.0)).uncertainty > 0.5


def test_every_function_is_compiled_however_many_there_are() -> None:
    """torch.compile gives up silently after eight functions made by one line of code."""
    pytest.importorskip("torch")

    def made(number: int) -> Callable[[float], float]:
        return lambda x: x + number

    copies = [_own_code(made(number)) for number in range(10)]
    assert [copy(1.0) for copy in copies] == [1.0 + number for number in range(10)]
    assert len({id(copy.__code__) for copy in copies}) == 10


def _made_up(order: int, contender: str, nanoseconds: float) -> records.Record:
    (row,) = [r for r in _measured(0, contenders=["nonlin"]) if r.contender == "nonlin"]
    return dataclasses.replace(
        row, order=order, elements=plan.IN_CACHE, contender=contender, nanoseconds=nanoseconds,
        function=SETTINGS.articles[0],
    )  # fmt: skip


def test_bars_are_met_and_missed() -> None:
    fast = [_made_up(0, "nonlin", 1.0), _made_up(0, "torch", 3.5), _made_up(0, "jax", 2.0)]
    slow = [_made_up(0, "nonlin", 1.0), _made_up(0, "torch", 0.9), _made_up(0, "jax", 2.0)]
    assert [bar.met for bar in bars.bars(fast, []) if bar.met is not None] == [True, True, True]
    found = [bar for bar in bars.bars(slow, []) if bar.met is not None]
    assert [bar.verdict for bar in found] == ["missed by 70%", "missed by 10%", "met"]
    assert any("0.9×" in str(check) for bar in found for check in bar.missed)
    assert "**missed by 10%**" in summary.page(slow, [])
    assert "**missed**: torch eager by 10%" in summary.page(slow, [])
    assert "**missed" not in summary.page(fast, [])


def test_a_mean_is_told_beside_what_the_memory_lets_through() -> None:
    row = _made_up(0, "nonlin", 1.0)
    races = tables.by_cell([row, _made_up(0, "torch", 2.0), _made_up(0, "identity", 0.5)])
    assert bars.ceiling(races, row.cell.elements, 0) == pytest.approx(4.0)


def test_a_function_that_does_not_race_is_said_to() -> None:
    row = dataclasses.replace(_made_up(0, "nonlin", math.nan), note="has no such loop")
    assert "**not raced**: has no such loop" in summary.page([row], [])


def test_nobody_always_follows_the_same_contender() -> None:
    ran: list[str] = []
    names = "abcdef"
    clock.race({name: partial(ran.append, name) for name in names}, clock.Effort(1e-9, 12, 12, 9.0))
    rounds = [ran[start : start + len(names)] for start in range(len(ran) - 12 * len(names), len(ran), len(names))]
    assert all(set(turn) == set(names) for turn in rounds)
    for name in names:
        assert len({turn[turn.index(name) - 1] for turn in rounds if turn[0] != name}) >= 3, name


def test_geometric_means_leave_out_what_did_not_race() -> None:
    assert tables.geometric_mean([2.0, 8.0, math.nan]) == pytest.approx(4.0)
    assert math.isnan(tables.geometric_mean([]))


def test_small_calls_are_measured(tmp_path: Path) -> None:
    row = small.measure(NAME, rounds=2, processes=1)
    assert 0 < row.ufunc < row.call
    assert min(row.numpy_exp, row.first_cold, row.first_cached, row.importing) > 0
    small.write([row], tmp_path / "small.csv")
    assert small.read(tmp_path / "small.csv")[0].function == NAME
    assert small.is_current(row)
    assert not small.is_current(dataclasses.replace(row, sha256=""))


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    figure.draw([_made_up(0, "nonlin", 1.0), _made_up(0, "torch", 3.5)], tmp_path / "speed.svg")
    assert (tmp_path / "speed.svg").read_text(encoding="utf-8").count("<svg") == 1


@pytest.mark.skipif(not FILES.table.exists(), reason="no table yet: make bench")
def test_the_tables_are_of_these_kernels() -> None:
    rows, wanted = records.read(), plan.cells(plan.Choice())
    missing = {c for c in wanted if c.row or c.function in SETTINGS.articles} - {row.cell for row in rows}
    advice = "run `make bench`, which measures only what has changed"
    assert [tables.label(c) for c in [*records.stale(rows), *missing]] == [], advice
    assert [row.function for row in small.read() if not small.is_current(row)] == [], advice


@pytest.mark.skipif(not FILES.table.exists(), reason="no table yet: make bench")
def test_the_page_is_that_of_the_tables() -> None:
    written = FILES.page.read_text(encoding="utf-8")
    assert written == summary.page(records.read(), small.read()), "run `python -m benchmarks.speed --page`"

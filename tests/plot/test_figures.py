"""The figures of reports: plain numbers in, the same numbers drawn and in the table beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from nonlin.plot import figures, tables, to_svg

SERIES = {"first": [1.0, 0.1, 0.01, 0.0], "second": [1.0, 1.1, 1.2, 1.3]}
SHARES = {"first": [0.0, 0.25, 1.0], "second": [0.0, 0.0, 0.01]}
ROWS = [
    {"name": "first", "mean": 0.97, "low": 0.96, "high": 0.98, "best": True},
    {"name": "second", "mean": 0.9, "low": 0.88, "high": 0.92, "best": False},
]
GRID = np.linspace(-1, 1, 20)
PANELS = [
    {"title": "linear", "note": "55 % right", "x": GRID, "y": GRID, "probability": np.tile(GRID, (20, 1)) / 2 + 0.5},
    {"title": "layers", "note": "99 % right", "x": GRID, "y": GRID, "probability": np.outer(GRID, GRID) / 2 + 0.5},
]
POINTS, LABELS = np.array([[0.5, 0.5], [-0.5, 0.5], [0.2, -0.7]]), [1, 0, 0]
PROBABILITIES = [0.05, 0.9, 0.05]

MAKERS: dict[str, Callable[[], Figure]] = {
    "lines_by_depth": lambda: figures.lines_by_depth(SERIES, {"first": [1.0, 0.2, 0.04, 0.008]}),
    "shares_by_layer": lambda: figures.shares_by_layer(SHARES),
    "intervals": lambda: figures.intervals(ROWS),
    "training_curves": lambda: figures.training_curves(SERIES),
    "decision_regions": lambda: figures.decision_regions(PANELS, POINTS, LABELS),
    "image_and_probabilities": lambda: figures.image_and_probabilities(np.arange(64).reshape(8, 8), PROBABILITIES, 1),
}
TWINS: dict[str, Callable[[], tables.Table]] = {
    "lines_by_depth": lambda: tables.lines_by_depth(SERIES, {"first": [1.0, 0.2, 0.04, 0.008]}),
    "shares_by_layer": lambda: tables.shares_by_layer(SHARES),
    "intervals": lambda: tables.intervals(ROWS),
    "training_curves": lambda: tables.training_curves(SERIES),
    "decision_regions": lambda: tables.decision_regions(PANELS),
    "image_and_probabilities": lambda: tables.image_and_probabilities(PROBABILITIES, 1),
}


@pytest.mark.parametrize("name", MAKERS)
def test_every_figure_becomes_a_small_svg_with_its_words_inside_the_page(name: str) -> None:
    figure = MAKERS[name]()
    assert len(to_svg(figure, name)) < 80_000
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    page = figure.bbox.padded(1)
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and page.y0 <= b.y0 and b.y1 <= page.y1 for b in boxes if b)


@pytest.mark.parametrize("name", MAKERS)
def test_every_figure_has_a_text_twin(name: str) -> None:
    header, rows = TWINS[name]()
    assert rows
    assert all(len(row) == len(header) for row in rows)


def test_every_function_is_tested_here() -> None:
    public = {n for n, f in vars(figures).items() if callable(f) and getattr(f, "__module__", "") == figures.__name__}
    assert {n for n in public if not n.startswith("_")} == set(MAKERS) == set(TWINS)


def _line(figure: Figure, gid: str) -> Any:
    return next(line for line in figure.axes[0].get_lines() if line.get_gid() == gid)


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show() -> None:
    figure = MAKERS["lines_by_depth"]()
    x, y = _line(figure, "measured first").get_data()
    assert list(x) == [1, 2, 3]
    assert list(y) == SERIES["first"][:3]
    assert _line(figure, "measured first").get_linestyle() == "-"
    assert _line(figure, "predicted first").get_linestyle() != "-"


def test_ties_are_shaded() -> None:
    bands = [p for p in MAKERS["intervals"]().axes[0].patches if p.get_gid() == "tie"]
    assert len(bands) == 1


def test_the_table_holds_the_numbers() -> None:
    assert TWINS["lines_by_depth"]()[1][1] == ("2", "0.1", "0.2", "1.1")
    assert TWINS["shares_by_layer"]()[1][2] == ("3", "100 %", "1 %")
    assert TWINS["image_and_probabilities"]()[1][1] == ("1", "90.0 %", "true class")

"""One cell of the cheat sheet: title, formula, curve with derivative, range, when to use it and when not."""

from __future__ import annotations

from dataclasses import dataclass

from nonlin.activation import Activation
from nonlin.plot.canvas import Axes, Figure, Line2D
from nonlin.plot.drawing import draw
from nonlin.plot.formula import extent, fitting_size, formula, width, wrap
from nonlin.plot.palette import FAINT, INK, QUIET
from nonlin.plot.rows import draw_bars
from nonlin.plot.sampling import span_of
from nonlin.plot.text import values

POINTS_PER_INCH = 72
TEXT, TITLE, FORMULA, SMALLEST = 6.3, 8.5, 7.5, 5.5  # sizes in points
LEADING = 1.22  # line distance in sizes
LABEL_COLUMN = 26.0  # points
TITLE_HEIGHT, FORMULA_GAP = 13.0, 7.0  # points
TICKS = 13.0  # points: tick labels below the curve
LINE_WIDTHS = 0.62  # of those of a large picture


@dataclass(frozen=True)
class Cell:
    """Where a cell lies on the page, in inches; `head` and `words`: points its row keeps for formula and text."""

    left: float
    top: float
    width: float
    height: float
    head: float
    words: float


def fields(activation: Activation) -> list[tuple[str, str]]:
    """The labelled texts under the curve."""
    definition = activation.definition
    shown = [("Name", ", ".join([activation.name, *(f"{k} = {v:g}" for k, v in activation.parameters.items())]))]
    shown += [("Range", values(activation.facts)), ("Use", definition.use_when), ("Avoid", definition.avoid_when)]
    return [(title, text) for title, text in shown if text]


def text_height(activation: Activation, cell_width: float) -> float:
    """Points the fields need in a cell that is so many inches wide."""
    lines = sum(len(wrap(text, TEXT, _available(cell_width))) for _, text in fields(activation))
    return lines * TEXT * LEADING


def formula_height(activation: Activation, cell_width: float) -> float:
    """Points the formula needs, fractions included."""
    text = formula(activation)
    return extent(text, fitting_size(text, cell_width * POINTS_PER_INCH, FORMULA, SMALLEST))[1]


def draw_cell(figure: Figure, activation: Activation, cell: Cell) -> None:
    """Draw it all; the curve gets the height that title and text leave."""
    _head(figure, activation, cell)
    _curve(figure, activation, cell)
    _fields(figure, activation, cell)
    page_width, page_height = figure.get_size_inches()
    y = (cell.top + 0.05) / page_height
    ends = [cell.left / page_width, (cell.left + cell.width) / page_width]
    figure.add_artist(Line2D(ends, [y, y], color=FAINT, linewidth=0.6))


def _head(figure: Figure, activation: Activation, cell: Cell) -> None:
    """The short title in bold, its long form beside it where it fits, the formula below."""
    available = cell.width * POINTS_PER_INCH
    short, _, long = activation.title.partition(" (")
    size = fitting_size(short, available / 1.15, TITLE, SMALLEST)
    _text(figure, cell, 0, 7, short, size, INK, weight="bold")
    used = width(short, size) * 1.15 + 5
    if long and used + width(long, TEXT) <= available:
        _text(figure, cell, used, 7, long.removesuffix(")"), TEXT, QUIET)
    text = formula(activation)
    down = TITLE_HEIGHT + cell.head / 2
    _text(figure, cell, 0, down, text, fitting_size(text, available, FORMULA, SMALLEST), INK)


def _curve(figure: Figure, activation: Activation, cell: Cell) -> None:
    page_width, page_height = figure.get_size_inches()
    head = TITLE_HEIGHT + cell.head + FORMULA_GAP
    height = cell.height - (head + TICKS + cell.words) / POINTS_PER_INCH
    bottom = cell.top - head / POINTS_PER_INCH - height
    left = cell.left + 14 / POINTS_PER_INCH
    right = cell.left + cell.width - 0.04
    ax = figure.add_axes((left / page_width, bottom / page_height, (right - left) / page_width, height / page_height))
    if activation.kind == "row":
        draw_bars(ax, activation, size=SMALLEST)
    else:
        draw(ax, activation, span_of([activation]), scale=LINE_WIDTHS)
        ax.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    ax.locator_params(axis="y", nbins=4, steps=[1, 2, 5, 10])
    _small(ax)


def _small(ax: Axes) -> None:
    ax.tick_params(labelsize=SMALLEST, length=1.5, width=0.5, pad=1.5)
    for spine in ax.spines.values():
        spine.set_linewidth(0.5)


def _fields(figure: Figure, activation: Activation, cell: Cell) -> None:
    y = cell.height * POINTS_PER_INCH - cell.words + TEXT * 0.6
    for title, text in fields(activation):
        _text(figure, cell, 0, y, title, TEXT, INK, weight="bold")
        for line in wrap(text, TEXT, _available(cell.width)):
            _text(figure, cell, LABEL_COLUMN, y, line, TEXT, INK)
            y += TEXT * LEADING


def _available(cell_width: float) -> float:
    # Hinting at screen resolution makes text up to 4 % wider than its outlines.
    return 0.96 * (cell_width * POINTS_PER_INCH - LABEL_COLUMN)


def _text(
    figure: Figure, cell: Cell, right: float, down: float, text: str, size: float, colour: str, weight: str = "normal"
) -> None:
    """Write at so many points from the upper left corner of the cell, vertically centred."""
    page_width, page_height = figure.get_size_inches()
    x, y = cell.left + right / POINTS_PER_INCH, cell.top - down / POINTS_PER_INCH
    figure.text(x / page_width, y / page_height, text, fontsize=size, color=colour, fontweight=weight, va="center")

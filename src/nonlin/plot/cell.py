"""One cell of the cheat sheet: title, formula, curve with derivative, range, when to use it and when not."""

from __future__ import annotations

from dataclasses import dataclass

from nonlin.activation import Activation
from nonlin.plot.canvas import Axes, Figure, Formula, Line2D
from nonlin.plot.drawing import draw
from nonlin.plot.formula import broken, extent, fitting_size, formula, width, wrap
from nonlin.plot.palette import FAINT, INK, QUIET
from nonlin.plot.rows import draw_bars
from nonlin.plot.sampling import span_of
from nonlin.plot.text import parameter_values, values

POINTS_PER_INCH = 72
TEXT, TITLE, FORMULA, SMALLEST = 6.3, 8.5, 7.5, 5.5  # sizes in points
LEADING = 1.22  # line distance in sizes
LABEL_COLUMN = 26.0  # points
READABLE_FORMULA = 6.5  # points; a formula that is wider than its cell at this size gets a second line
TITLE_HEIGHT, FORMULA_GAP, LINE_GAP = 13.0, 7.0, 2.5  # points
TICKS = 13.0  # points: tick labels below the curve
FIXED = TITLE_HEIGHT + FORMULA_GAP + TICKS
LINE_WIDTHS = 0.62  # of those of a large picture


@dataclass(frozen=True)
class Cell:
    """Where a cell lies on the page, in inches, and the points its row keeps for formula, curve and text."""

    left: float
    top: float
    width: float
    head: float
    curve: float
    words: float


def fields(activation: Activation) -> list[tuple[str, str]]:
    """The labelled texts under the curve."""
    definition = activation.definition
    parameters = [
        f"{name} = {value}" if symbol == name else f"{name} {symbol} = {value}"
        for name, symbol, value in parameter_values(activation)
    ]
    shown = [("Name", ", ".join([activation.name, *parameters]))]
    shown += [("Range", values(activation.facts)), ("Use", definition.use_when), ("Avoid", definition.avoid_when)]
    return [(title, text) for title, text in shown if text]


def text_height(activation: Activation, cell_width: float) -> float:
    """Points the fields need in a cell that is so many inches wide."""
    lines = sum(len(wrap(text, TEXT, _available(cell_width))) for _, text in fields(activation))
    return lines * TEXT * LEADING


def formula_height(activation: Activation, cell_width: float) -> float:
    """Points the formula needs, fractions included."""
    lines, size = _formula_lines(activation, cell_width)
    return sum(extent(line, size)[1] for line in lines) + LINE_GAP * (len(lines) - 1)


def draw_cell(figure: Figure, activation: Activation, cell: Cell) -> None:
    """Draw it all, under a line."""
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
    lines, size = _formula_lines(activation, cell.width)
    down = TITLE_HEIGHT + (cell.head - formula_height(activation, cell.width)) / 2
    for line in lines:
        height = extent(line, size)[1]
        place = _place(figure, cell, 0, down + height / 2)
        figure.add_artist(Formula(line, place, xycoords="figure fraction", fontsize=size, color=INK, va="center"))
        down += height + LINE_GAP


def _formula_lines(activation: Activation, cell_width: float) -> tuple[list[str], float]:
    """The formula, in more lines if it does not fit into one at a readable size, and its size."""
    text, available = formula(activation), 0.96 * cell_width * POINTS_PER_INCH
    size = fitting_size(text, available, FORMULA, READABLE_FORMULA)
    lines = broken(text, size, available)
    return lines, min(fitting_size(line, available, size, 0) for line in lines)


def _curve(figure: Figure, activation: Activation, cell: Cell) -> None:
    page_width, page_height = figure.get_size_inches()
    height = cell.curve / POINTS_PER_INCH
    bottom = cell.top - (TITLE_HEIGHT + cell.head + FORMULA_GAP) / POINTS_PER_INCH - height
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
    y = FIXED + cell.head + cell.curve + TEXT * 0.6
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
    figure.text(*_place(figure, cell, right, down), text, fontsize=size, color=colour, fontweight=weight, va="center")


def _place(figure: Figure, cell: Cell, right: float, down: float) -> tuple[float, float]:
    """So many points from the upper left corner of the cell, as parts of the page."""
    width, height = figure.get_size_inches()
    return (cell.left + right / POINTS_PER_INCH) / width, (cell.top - down / POINTS_PER_INCH) / height

"""The cheat sheet: one printable page with every activation of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nonlin.activation import Activation
from nonlin.plot.canvas import Artist, Figure, Line2D, Rectangle, format_of, picture, save, style
from nonlin.plot.cell import FIXED, POINTS_PER_INCH, Cell, draw_cell, formula_height, text_height
from nonlin.plot.formula import width
from nonlin.plot.palette import BAND, FAINT, INK, PAPER, QUIET, SLOPE, VALUE, Stroke
from nonlin.plot.paper import GUTTER, MARGIN, Grid, capacity, even_chunks, grid_for
from nonlin.plot.text import SAMPLE_ROW, describe
from nonlin.registry import get, names

HEADING = "Activation functions"
KEY_SIZE = 6.5
FOOTNOTE = (
    "Curves at the default parameters. Ranges: [ ] reached, ( ) approached. "
    f"Functions of a whole row are shown on the scores {', '.join(map(str, SAMPLE_ROW))}: hatched before, filled after."
)
Sign = Callable[[float, float, float, float], list[Artist]]  # left, right, middle and half height -> what to draw


def cheatsheet(path: str | Path | None = None, activations: Sequence[str | Activation] | None = None) -> Figure:
    """Draw every activation of the catalogue (or those named): curve, derivative, formula, range, advice.

    The page is A4 while that is readable (text of 5.5 points or more), else the smallest larger sheet; a PDF of more
    activations than an A4 page holds has A4 pages instead. `path` ends in .png (200 dots per inch), .svg or .pdf.
    Returns the Figure (of a PDF with several pages, the first). Raises UnknownNameError, InvalidValueError.
    """
    chosen = [get(name) for name in (names() if activations is None else activations)]
    pages = [chosen]
    if path is not None and format_of(path) == "pdf":
        pages = even_chunks(chosen, capacity("A4"))
    figures = [sheet(page) for page in pages]
    if path is not None:
        save(figures, path)
    return figures[0]


def sheet(activations: Sequence[Activation]) -> Figure:
    """One page with these activations."""
    grid = grid_for(len(activations))
    figure = picture(grid.width, grid.height, HEADING, " ".join(map(describe, activations)), layout=None)
    with style():
        _header(figure, grid)
        for activation, cell in _cells(activations, grid):
            draw_cell(figure, activation, cell)
        _write(figure, grid, MARGIN, MARGIN, FOOTNOTE, 5.5, QUIET)
    return figure


def _cells(activations: Sequence[Activation], grid: Grid) -> Iterator[tuple[Activation, Cell]]:
    """The cell of each activation: rows as high as their tallest formula and text need, and all curves equally high."""
    width, height = grid.cell
    rows = [activations[start : start + grid.columns] for start in range(0, len(activations), grid.columns)]
    heads = [max(formula_height(activation, width) for activation in row) for row in rows]
    words = [max(text_height(activation, width) for activation in row) for row in rows]
    curve = height * POINTS_PER_INCH - FIXED - (sum(heads) + sum(words)) / len(rows)
    top = grid.top
    for row, head, text in zip(rows, heads, words, strict=True):
        for column, activation in enumerate(row):
            yield activation, Cell(grid.left(column), top, width, head, curve, text)
        top -= (FIXED + head + curve + text) / POINTS_PER_INCH + GUTTER


def _header(figure: Figure, grid: Grid) -> None:
    """The heading, and what the signs of every cell mean."""
    y = grid.height - MARGIN - 0.13
    _write(figure, grid, MARGIN, y, HEADING, 13, INK, "bold")
    x = MARGIN + width(HEADING, 13) * 1.12 / POINTS_PER_INCH + 0.3
    for sign, text in KEY:
        for artist in sign(x / grid.width, (x + 0.24) / grid.width, y / grid.height, 0.05 / grid.height):
            figure.add_artist(artist)
        _write(figure, grid, x + 0.3, y, text, KEY_SIZE, INK)
        x += 0.3 + width(text, KEY_SIZE) / POINTS_PER_INCH + 0.18


def _stroke(stroke: Stroke) -> Sign:
    return lambda left, right, y, _: [
        Line2D([left, right], [y, y], color=stroke.colour, linestyle=stroke.dash, linewidth=stroke.width * 0.8)
    ]


def _area(hatch: str) -> Sign:
    return lambda left, right, y, half: [
        Rectangle((left, y - half), right - left, 2 * half, facecolor=BAND, edgecolor=FAINT, linewidth=0.4, hatch=hatch)
    ]


def _marker(marker: str, face: str, edge: str) -> Sign:
    return lambda left, right, y, _: [
        Line2D([(left + right) / 2], [y], marker=marker, markersize=4, markerfacecolor=face, markeredgecolor=edge)
    ]


def _both(first: Sign, second: Sign) -> Sign:
    def signs(left: float, right: float, y: float, half: float) -> list[Artist]:
        third = (right - left) / 3
        return [*first(left, left + third, y, half), *second(right - third, right, y, half)]

    return signs


KEY: tuple[tuple[Sign, str], ...] = (
    (_stroke(VALUE), "f(x)"),
    (_stroke(SLOPE), "slope f′(x)"),
    (_area(""), "saturated: |f′| under 1 % of its largest"),
    (_area("//////"), "no slope at all"),
    (_marker("D", PAPER, INK), "kink"),
    (_both(_marker("o", PAPER, VALUE.colour), _marker("o", VALUE.colour, VALUE.colour)), "jump"),
)


def _write(
    figure: Figure, grid: Grid, x: float, y: float, text: str, size: float, colour: str, weight: str = "normal"
) -> None:
    figure.text(x / grid.width, y / grid.height, text, fontsize=size, color=colour, fontweight=weight, va="center")

"""`curve`: one activation and its derivative. `compare`: several in one picture. `picture`: what the command draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.errors import InvalidValueError
from nonlin.plot import rows
from nonlin.plot.canvas import Axes, Drawing, Figure, axes_of, picture, style
from nonlin.plot.drawing import draw, draw_trace, draw_zero_axes, limits
from nonlin.plot.formula import wrap, write_heading
from nonlin.plot.labels import label_curves, spread
from nonlin.plot.palette import INK, QUIET, SLOPE, STROKES, VALUE, Stroke
from nonlin.plot.sampling import Span, Trace, slope_trace, span_of, value_trace
from nonlin.plot.text import describe, label, notes, steepest
from nonlin.registry import get, names

SIZE = (6.4, 4.6)
_MARK: dict[str, Any] = {"markersize": 5.5, "markeredgewidth": 0.6}
ROW_HEIGHT = 0.058  # of a label in the margin of `compare`, as a part of the height of the axes


def curve(
    name: str | Activation, ax: Axes | None = None, *,
    derivative: bool = True, span: Span | None = None, **parameters: float,
) -> Axes:  # fmt: skip
    """Draw f and f′ of one activation: saturation shaded, kinks and jumps marked, asymptotes faint.

    `span` is the range of x, by default symmetrical and wide enough for everything the facts name; `parameters` are
    those of the activation. A row function (one whose outputs depend on a whole row) is drawn as a sample row before
    and after. Returns the Axes; nothing is shown (a notebook shows the result, `.figure.savefig(path)` saves it) and
    no global state changes. Raises UnknownNameError, InvalidValueError.
    """
    activation = get(name).bind(**parameters) if parameters else get(name)
    if activation.kind == "row":
        return rows.bars(activation, ax)
    span = checked(span) if span is not None else span_of([activation])
    with style():
        ax = axes_of(ax, *SIZE, label(activation), describe(activation))
        traces = draw(ax, activation, span, derivative=derivative)
        colours = [VALUE.colour, SLOPE.colour][: len(traces)]
        label_curves(ax, [t.points for t in traces], ["f(x)", "f′(x)"][: len(traces)], colours, 11)
        _caption(ax, activation)
    return ax


def compare(
    activations: Sequence[str | Activation], ax: Axes | None = None, *,
    derivative: bool = False, span: Span | None = None,
) -> Axes:  # fmt: skip
    """Draw several elementwise activations, or their derivatives, in one picture, labelled at the right.

    Colour, dash and marker differ from curve to curve. Returns the Axes, as `curve` does. Raises UnknownNameError,
    and InvalidValueError for a row function or for more curves than can be told apart.
    """
    chosen = comparable(activations)
    span = checked(span) if span is not None else span_of(chosen, saturation=False)
    with style():
        ax = axes_of(ax, 7.2, 4.6, _heading(chosen), " ".join(map(describe, chosen)))
        traces = [(slope_trace if derivative else value_trace)(a, span) for a in chosen]
        ax.set_xlim(span)
        ax.set_ylim(limits(traces, span))
        draw_zero_axes(ax, 1.0)
        for index, (trace, stroke) in enumerate(zip(traces, STROKES, strict=False)):
            draw_trace(ax, trace, stroke, f"curve {index}", 1.0)
            _marks(ax, trace, stroke, span, index / len(chosen))
        _margin_labels(ax, traces, [curve_label(a) for a in chosen], span)
        ax.set_xlabel("x")
        ax.set_ylabel("f′(x)" if derivative else "f(x)")
    return ax


def picture_of(activations: Sequence[str | Activation], *, derivative: bool = True) -> Figure:
    """The picture of the command `nonlin plot`: one activation with its derivative, or several in two panels."""
    if len(activations) == 1:
        figure = curve(activations[0], derivative=derivative).figure
        assert isinstance(figure, Figure)
        return figure
    chosen = comparable(activations)
    panels = 2 if derivative else 1
    figure = picture(7.2, 4.2 * panels, _heading(chosen), " ".join(map(describe, chosen)))
    with style():
        for index in range(panels):
            ax = figure.add_subplot(panels, 1, index + 1, axes_class=Drawing)
            compare(chosen, ax, derivative=index == 1)
            ax.set_title(("The functions", "Their derivatives")[index])
    return figure


def comparable(activations: Sequence[str | Activation]) -> list[Activation]:
    """The activations, if they can be drawn in one picture."""
    chosen = [get(name) for name in ([activations] if isinstance(activations, (str, Activation)) else activations)]
    by_row = [a.name for a in chosen if a.kind == "row"]
    if by_row:
        raise InvalidValueError(
            "only functions of a single number can be drawn in one picture", received=", ".join(by_row),
            choices=names(kind="elementwise"), fix=f"draw {by_row[0]} alone",
        )  # fmt: skip
    if not 1 <= len(chosen) <= len(STROKES):
        raise InvalidValueError(
            f"a picture holds 1 to {len(STROKES)} curves that can be told apart", received=f"{len(chosen)} curves",
            fix="draw fewer, or draw the cheat sheet",
        )  # fmt: skip
    return chosen


def checked(span: Span) -> Span:
    """The range of x, low end first and finite."""
    low, high = map(float, span)
    if not (np.isfinite([low, high]).all() and low < high):
        raise InvalidValueError("span is (low, high), finite, low before high", received=span, fix="span=(-5, 5)")
    return low, high


def curve_label(activation: Activation) -> str:
    """The name, with the parameters that differ from their defaults."""
    return activation.name + label(activation).removeprefix(activation.title)


def _heading(chosen: Sequence[Activation]) -> str:
    return "Activation functions: " + ", ".join(curve_label(a) for a in chosen)


def _caption(ax: Axes, activation: Activation) -> None:
    """Title with formula above; below, in words, what is shaded and marked."""
    available = write_heading(ax, label(activation), activation)
    found = [f"{note.sign}: {note.text}" for note in notes(activation)] or [steepest(activation)]
    lines = [line for text in found for line in wrap(text, 8.5, available)]
    ax.set_xlabel("\n".join(["x", *lines]), fontsize=8.5, linespacing=1.35)


def _marks(ax: Axes, trace: Trace, stroke: Stroke, span: Span, shift: float) -> None:
    """Markers spaced evenly in x, shifted from curve to curve so that they do not cover each other."""
    x, y = trace.points
    places = span[0] + (span[1] - span[0]) * (np.arange(10) + 0.2 + 0.7 * shift) / 10
    index = np.searchsorted(x, places).clip(0, len(x) - 1)
    ax.plot(x[index], y[index], linestyle="none", marker=stroke.marker, markerfacecolor=stroke.colour,
            markeredgecolor="white", zorder=6, gid="marks", scalex=False, scaley=False, **_MARK)  # fmt: skip


def _margin_labels(ax: Axes, traces: Sequence[Trace], texts: Sequence[str], span: Span) -> None:
    """A column right of the axes: for each curve a leader from its end, a sample of its line, its name."""
    low, high = ax.get_ylim()
    ends = [float(np.clip((t.pieces[-1][1][-1] - low) / (high - low), 0, 1)) for t in traces]
    # Curves that end together are listed in the order of their last visible difference.
    order = sorted(range(len(traces)), key=lambda i: (round(ends[i], 2), _middle(traces[i])))
    wanted = [ends[i] + 1e-6 * n for n, i in enumerate(order)]
    places = dict(zip(order, spread(wanted, ROW_HEIGHT, 0.02, 0.98), strict=True))
    for i, text in enumerate(texts):
        stroke, y = STROKES[i], places[i]
        key: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False, "gid": "key"}
        ax.plot([1.0, 1.025], [ends[i], y], linewidth=0.7, color=QUIET, **key)
        ax.plot([1.03, 1.10], [y, y], color=stroke.colour, linestyle=stroke.dash, linewidth=stroke.width, **key)
        ax.plot([1.065], [y], color=stroke.colour, marker=stroke.marker, markeredgecolor="white", **_MARK, **key)
        ax.text(1.115, y, text, transform=ax.transAxes, va="center", fontsize=9.5, color=INK, gid="label")


def _middle(trace: Trace) -> float:
    x, y = trace.points
    return float(np.interp(-1.0, x, y))

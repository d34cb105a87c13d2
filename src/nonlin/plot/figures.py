"""Figures of measured data, for reports: plain numbers in, a Figure out, no activation and no kernel needed.

The text twin of each — the rows of a table with the same numbers — has the same name in `nonlin.plot.tables`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nonlin.plot.canvas import Axes, Figure, picture, style
from nonlin.plot.labels import spread
from nonlin.plot.palette import BAND, FAINT, INK, PAPER, QUIET, SLOPE, STROKES, VALUE, Stroke

Series = Mapping[str, Sequence[float]]
DASHED = (0, (4, 2))
MOST_NUMBERED_BARS = 24
_HATCHES = ("", "////", "\\\\\\\\", "xxxx", "++++", "----", "||||", "//")  # no dots: 170 kB of SVG path each


def lines_by_depth(
    series: Series, predicted: Series | None = None, *, log: bool = True, ylabel: str = "gradient size", title: str = ""
) -> Figure:
    """Something measured at each layer, first to last, solid with markers; what theory predicts for it, dashed.

    `predicted` shares labels with `series`. Values that are zero or not finite are left out of a logarithmic axis.
    """
    figure, ax = _one(6.8, 4.2, title or f"{ylabel} by layer")
    with style():
        for label, values in (predicted or {}).items():
            stroke = _strokes(series).get(label, STROKES[0])
            ax.plot(*_points(values, log), color=stroke.colour, linewidth=1.2, linestyle=DASHED,
                    gid=f"predicted {label}")  # fmt: skip
        for label, stroke in _strokes(series).items():
            ax.plot(*_points(series[label], log), color=stroke.colour, linewidth=1.8, marker=stroke.marker,
                    markersize=5, markeredgecolor=PAPER, markeredgewidth=0.5, gid=f"measured {label}")  # fmt: skip
        if log:
            ax.set_yscale("log")
        _whole_numbers(ax, series)
        _end_labels(ax, series, log)
        ax.set_xlabel("layer" + ("     solid: measured   dashed: predicted" if predicted else ""))
        ax.set_ylabel(ylabel)
    return figure


def shares_by_layer(series: Series, *, ylabel: str = "dead units", title: str = "") -> Figure:
    """A share between 0 and 1 for each layer, as groups of bars that differ in colour, hatching and label."""
    figure, ax = _one(6.8, 3.8, title or f"{ylabel} by layer")
    with style():
        width = 0.8 / max(len(series), 1)
        for index, (label, stroke) in enumerate(_strokes(series).items()):
            heights = np.asarray(series[label], dtype=float)
            place = np.arange(1, len(heights) + 1) - 0.4 + width * (index + 0.5)
            face = stroke.colour if index == 0 else PAPER
            ax.bar(place, heights, width * 0.9, facecolor=face, edgecolor=stroke.colour, label=label, linewidth=1.2,
                   hatch=_HATCHES[index % len(_HATCHES)])  # fmt: skip
            if len(series) * len(heights) <= MOST_NUMBERED_BARS:
                _number_bars(ax, place, heights)
        _whole_numbers(ax, series)
        ax.set_ylim(0, 1.06)
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        ax.set_xlabel("layer")
        ax.set_ylabel(ylabel)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, fontsize=9, borderaxespad=0.2)
    return figure


def intervals(rows: Sequence[Mapping[str, Any]], *, xlabel: str = "accuracy", title: str = "") -> Figure:
    """Mean and 95 % interval of each candidate, best first; those that tie with the best on a shaded band.

    Each row: "name", "mean", "low", "high", and "best" (true if it cannot be told apart from the best).
    """
    figure, ax = _one(6.8, 1.1 + 0.34 * len(rows), title or f"{xlabel}: mean and 95 % interval")
    with style():
        for place, row in enumerate(rows):
            colour = VALUE.colour if row["best"] else QUIET
            if row["best"]:
                ax.axhspan(place - 0.5, place + 0.5, facecolor=BAND, linewidth=0, zorder=0, gid="tie")
            ax.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2.4 if row["best"] else 1.4)
            ax.plot([row["mean"]], [place], color=colour, marker="o" if row["best"] else "s", markersize=6.5,
                    markerfacecolor=colour if row["best"] else PAPER, gid="mean")  # fmt: skip
        ax.set_yticks(range(len(rows)), [str(row["name"]) for row in rows])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlabel(f"{xlabel}     shaded, filled circle: cannot be told apart from the best")
    return figure


def training_curves(series: Series, *, ylabel: str = "loss", title: str = "") -> Figure:
    """A value after each epoch for every candidate, labelled at the end of its curve."""
    figure, ax = _one(6.8, 4.0, title or f"{ylabel} by epoch")
    with style():
        for label, stroke in _strokes(series).items():
            x, y = _points(series[label], log=False)
            ax.plot(x, y, color=stroke.colour, linestyle=stroke.dash, linewidth=stroke.width, gid=label,
                    marker=stroke.marker, markersize=5, markevery=max(1, len(x) // 8), markeredgecolor=PAPER,
                    markeredgewidth=0.5)  # fmt: skip
        _whole_numbers(ax, series)
        _end_labels(ax, series, log=False)
        ax.set_xlabel("epoch")
        ax.set_ylabel(ylabel)
    return figure


def decision_regions(panels: Sequence[Mapping[str, Any]], points: Any, labels: Any, *, title: str = "") -> Figure:
    """What networks on two inputs decide, side by side, and the data: class 0 open circles, class 1 filled squares.

    Each panel: "title", "x" and "y" (the grid's coordinates) and "probability" of class 1, one row for each y.
    `points` is (n, 2), `labels` is n zeros and ones.
    """
    figure = picture(3.4 * len(panels), 3.8, title or "Decision regions")
    at, of = np.asarray(points, dtype=float), np.asarray(labels).astype(bool)
    with style():
        for index, panel in enumerate(panels):
            ax = figure.add_subplot(1, len(panels), index + 1)
            probability = np.asarray(panel["probability"], dtype=float)
            ax.contourf(panel["x"], panel["y"], probability, levels=[-1, 0.5, 2], colors=[PAPER, "#d4d4d4"])
            ax.contour(panel["x"], panel["y"], probability, levels=[0.5], colors=[INK], linewidths=1.6)
            ax.plot(*at[~of].T, linestyle="none", marker="o", markersize=4, color=SLOPE.colour, markerfacecolor=PAPER)
            ax.plot(*at[of].T, linestyle="none", marker="s", markersize=3.5, color=VALUE.colour)
            ax.set_title(panel["title"], fontsize=10.5)
            ax.set(xlim=(min(panel["x"]), max(panel["x"])), ylim=(min(panel["y"]), max(panel["y"])), aspect="equal")
        figure.supxlabel("open circles: class 0   filled squares: class 1   grey: where the network says 1", fontsize=9)
    return figure


def image_and_probabilities(image: Any, probabilities: Sequence[float], label: int | str, *, title: str = "") -> Figure:
    """A small grey image beside the probability of each class; the true class is named and hatched."""
    figure = picture(6.8, 3.2, title or f"An image of class {label} and its probabilities")
    shares = np.asarray(probabilities, dtype=float)
    with style():
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.9))
        left.imshow(np.asarray(image, dtype=float), cmap="gray_r", interpolation="nearest")
        left.set_title(f"true class: {label}", fontsize=10)
        left.set_axis_off()
        bars = right.barh(range(len(shares)), shares, facecolor=VALUE.colour, edgecolor=VALUE.colour, height=0.7)
        for index, (bar, share) in enumerate(zip(bars, shares, strict=True)):
            if str(index) == str(label):
                bar.set(facecolor=PAPER, hatch="////", linewidth=1.4)
            right.annotate(_percent(share), (share, index), xytext=(3, 0), textcoords="offset points", va="center",
                           fontsize=8, fontweight="bold" if share == shares.max() else "normal")  # fmt: skip
        right.set_yticks(range(len(shares)))
        right.invert_yaxis()
        right.set_xlim(0, 1.12)
        right.set_xlabel("probability (hatched: the true class)")
        right.set_ylabel("class")
    return figure


def _one(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    figure = picture(width, height, title)
    with style():
        ax = figure.add_subplot()
    return figure, ax


def _strokes(series: Series) -> dict[str, Stroke]:
    """A stroke for each label; past the last one they start again."""
    return {label: STROKES[i % len(STROKES)] for i, label in enumerate(series)}


def _points(values: Sequence[float], log: bool) -> tuple[np.ndarray, np.ndarray]:
    """Positions from 1 and values, without what cannot be drawn."""
    y = np.asarray(values, dtype=float)
    keep = np.isfinite(y) & ((y > 0) if log else True)
    return np.arange(1, len(y) + 1)[keep], y[keep]


def _whole_numbers(ax: Axes, series: Series) -> None:
    """The x axis counts from 1."""
    ax.set_xlim(0.4, max((len(values) for values in series.values()), default=1) + 0.6)
    ax.locator_params(axis="x", integer=True)


def _end_labels(ax: Axes, series: Series, log: bool) -> None:
    """The label of each line right of its last point, moved apart where they would touch."""
    ax.set_ylim(ax.get_ylim())  # settles the limits, which the places below depend on
    ends = {label: points for label in series if len((points := _points(series[label], log))[0])}
    to_axes = ax.transData + ax.transAxes.inverted()
    places = [to_axes.transform((x[-1], y[-1])) for x, y in ends.values()]
    rows = spread([height for _, height in places], 0.06, 0.02, 0.98)
    for label, (start, height), place in zip(ends, places, rows, strict=True):
        stroke = _strokes(series)[label]
        common: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False, "in_layout": False}
        ax.plot([start, 1.02], [height, place], color=FAINT, linewidth=0.6, zorder=1, **common)
        ax.plot([1.035], [place], color=stroke.colour, marker=stroke.marker, markersize=5, **common)
        ax.text(1.055, place, label, transform=ax.transAxes, va="center", fontsize=9, color=INK, gid="label")


def _number_bars(ax: Axes, places: np.ndarray, heights: np.ndarray) -> None:
    for x, height in zip(places, heights, strict=True):
        ax.annotate(f"{100 * height:.0f}", (x, height), xytext=(0, 1.5), textcoords="offset points", ha="center",
                    fontsize=8)  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "< 0.1 %"

"""docs/img/speed.svg: how many times faster than PyTorch, for each function, f and f′, in cache and in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.bars import MEAN, PLACES, mean
from benchmarks.speed.records import Record
from benchmarks.speed.settings import SETTINGS
from benchmarks.speed.tables import Races, by_cell, elementwise, number_of, ratio, threads

# f and f′ are told apart by shape and by lightness, so in grey and without seeing colours too.
_STYLES = (
    {"label": "f", "marker": "o", "markerfacecolor": "#005AB5", "markeredgecolor": "#003A75"},
    {"label": "f′", "marker": "D", "markerfacecolor": "#FFC20A", "markeredgecolor": "#7A5C00"},
)
_OFFSETS = (0.17, -0.17)  # so that equal ratios do not hide each other
_TICKS = (0.25, 0.5, 1, 2, 3, 5, 10, 20, 50, 100)
MEANS = "geometric mean"


def draw(rows: Sequence[Record], path: Path) -> None:
    """Write the figure. Dots are ratios of medians; the lines mark 1× and what the means are to reach."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    races = by_cell(rows)
    found = [_ratios(races, elements) for elements, _ in PLACES]
    names = _names(found)
    with rc_context({"svg.hashsalt": "speed", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(9.5, 1.6 + 0.27 * len(names)), layout="constrained")
        FigureCanvasSVG(figure)
        panels = figure.subplots(1, len(PLACES), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (elements, count), values in zip(panels, PLACES, found, strict=True):
            _panel(axes, names, values)
            axes.set_title(f"{number_of(elements)} elements ({_bytes(4 * elements)}), {threads(count)}", fontsize=10)
        panels[0].set_yticks(range(len(names)), names)
        _labels(figure, panels)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None}, facecolor="white")


def _bytes(count: int) -> str:
    return f"{count >> 20} MB" if count >= 1 << 20 else f"{count >> 10} KB"


def _labels(figure: Any, panels: Any) -> None:
    low, high = panels[0].get_xlim()
    shown = [tick for tick in _TICKS if low <= tick <= high]
    panels[0].set_xticks(shown, [f"{tick:g}×" for tick in shown])
    for axes in panels:
        axes.minorticks_off()
    figure.supxlabel("times faster than PyTorch eager, float32 (right of 1× nonlin is ahead)", fontsize=10)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False)


def _ratios(races: Races, elements: int) -> list[dict[str, float]]:
    """For f and for f′, the ratio of each function of the bars; what did not race is left out."""
    place = next(place for place in PLACES if place[0] == elements)
    both = []
    for order in range(len(_STYLES)):
        values = {c.function: ratio(e, "torch") for c, e in elementwise(races, *place, order).items()}
        values = {name: values.get(name, math.nan) for name in SETTINGS.articles}
        values[MEANS] = mean(races, elements, order)
        both.append({name: value for name, value in values.items() if not math.isnan(value)})
    return both


def _names(found: Sequence[list[dict[str, float]]]) -> list[str]:
    """From the bottom: the mean, then the functions by their ratio for f in cache."""
    raced = {name for both in found for values in both for name in values} - {MEANS}
    return [MEANS, *sorted(raced, key=lambda name: found[0][0].get(name, 0.0))]


def _panel(axes: Any, names: Sequence[str], both: Sequence[dict[str, float]]) -> None:
    for height in range(1, len(names), 2):
        axes.axhspan(height - 0.5, height + 0.5, color="0.95", zorder=0)
    axes.axhline(0.5, color="0.3", linewidth=0.8)
    axes.axvline(1, color="black", linewidth=1.2, zorder=1)
    axes.axvline(MEAN, color="0.35", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for style, offset, values in zip(_STYLES, _OFFSETS, both, strict=True):
        heights = [names.index(name) + offset for name in values]
        axes.plot(list(values.values()), heights, linestyle="none", markersize=6.5, zorder=3, **style)
    axes.set(xscale="log", ylim=(-0.6, len(names) - 0.4))
    axes.grid(axis="x", color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)

"""docs/img/speed.svg: how many times faster than PyTorch, one dot for each function, f and f′, in and out of cache."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.bars import PLACES
from benchmarks.speed.records import Record
from benchmarks.speed.tables import by_cell, elementwise, ratio

FIGURE = Path(__file__).parents[2] / "docs" / "img" / "speed.svg"
# Told apart without colour too: by shape. (Label, colour, marker) of f and of f′.
_STYLES = (("f", "#0072B2", "o"), ("f′", "#D55E00", "D"))
_TICKS = (0.25, 0.5, 1, 2, 3, 5, 10, 20, 50)


def draw(rows: Sequence[Record], path: Path = FIGURE) -> None:
    """Write the figure. The dots are ratios of medians; the lines mark 1× and the 3× the means are to reach."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    races = by_cell(rows)
    names = sorted({c.function for c in races if not c.row}, reverse=True)
    figure = Figure(figsize=(9, 1.5 + 0.3 * len(names)), layout="constrained")
    FigureCanvasSVG(figure)
    panels = figure.subplots(1, len(PLACES), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (elements, threads) in zip(panels, PLACES, strict=True):
        for order, (label, colour, marker) in enumerate(_STYLES):
            dots = {c.function: ratio(e, "torch") for c, e in elementwise(races, elements, threads, order).items()}
            shown = {name: value for name, value in dots.items() if not math.isnan(value)}
            heights = [names.index(name) for name in shown]
            axes.plot(list(shown.values()), heights, marker, color=colour, label=label, alpha=0.9, linestyle="none")
        axes.axvline(1, color="0.2", linewidth=1)
        axes.axvline(3, color="0.6", linewidth=1, linestyle="--")
        axes.set(xscale="log", title=f"{elements:,} elements, {threads} thread{'s' if threads > 1 else ''}")
        axes.set_xticks(_TICKS, [f"{tick:g}×" for tick in _TICKS])
        axes.minorticks_off()
        axes.grid(axis="y", color="0.9")
        axes.set_xlabel("times faster than PyTorch (float32)")
    panels[0].set_yticks(range(len(names)), names)
    panels[0].legend(loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})

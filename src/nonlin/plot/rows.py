"""A row function: the sample row before and after, as bars."""

from __future__ import annotations

from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.plot.canvas import Axes, axes_of, style
from nonlin.plot.formula import write_heading
from nonlin.plot.palette import FAINT, PAPER, SLOPE, VALUE
from nonlin.plot.points import Points, values_at
from nonlin.plot.text import SAMPLE_ROW, describe, label, number

LABELS = ("before", "after")


def bars(activation: Activation, ax: Axes | None = None) -> Axes:
    """Two bars for each element of the sample row: what goes in (open) and what comes out (filled, with its value)."""
    with style():
        ax = axes_of(ax, 6.4, 4.2, label(activation), describe(activation))
        draw_bars(ax, activation)
        write_heading(ax, label(activation), activation)
        ax.set_xlabel(f"hatched: a row of scores; filled: {activation.name} of that row", fontsize=8.5)
    return ax


def draw_bars(ax: Axes, activation: Activation, *, size: float = 9.0) -> None:
    """The bars with their values, nothing else."""
    before, after = np.array(SAMPLE_ROW), values_at(activation, SAMPLE_ROW)
    place = np.arange(len(before), dtype=float)
    _group(ax, place - 0.2, before, {"facecolor": PAPER, "edgecolor": SLOPE.colour, "hatch": "////"}, "before", size)
    _group(ax, place + 0.2, after, {"facecolor": VALUE.colour, "edgecolor": VALUE.colour}, "after", size)
    ax.axhline(0, color=FAINT, linewidth=0.8)
    low, high = min(0.0, float(after.min())), float(before.max())
    ax.set_ylim(low - (0.18 if low < 0 else 0.0) * (high - low), high + 0.18 * (high - low))
    ax.set_xlim(-0.6, len(before) - 0.4)
    ax.set_xticks(place, [f"$x_{i + 1}$" for i in range(len(before))])


def _group(ax: Axes, x: Points, heights: Points, look: dict[str, Any], gid: str, size: float) -> None:
    patches = ax.bar(x, heights, width=0.36, linewidth=1.0, **look)
    for patch, height in zip(patches, heights, strict=True):
        patch.set_gid(gid)
        tip, up = (patch.get_x() + patch.get_width() / 2, float(height)), height >= 0
        ax.annotate(number(round(float(height), 2)), tip, ha="center", va="bottom" if up else "top", fontsize=size,
                    xytext=(0, 2 if up else -2), textcoords="offset points", gid="number")  # fmt: skip

"""One elementwise activation on one Axes: bands, axes through zero, asymptotes, curves, kinks and jumps.

Every artist carries a gid ("value", "slope", "saturation", "dead", "asymptote", "kink", "open", "closed", "zero").
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nonlin.activation import Activation
from nonlin.plot.canvas import Axes
from nonlin.plot.palette import BAND, FAINT, INK, PAPER, SLOPE, VALUE, Stroke
from nonlin.plot.points import values_at
from nonlin.plot.sampling import Span, Trace, slope_trace, value_trace
from nonlin.plot.text import hatched, shaded

PADDING = 0.08  # of the height, above and below the curves


def draw(ax: Axes, activation: Activation, span: Span, *, derivative: bool = True, scale: float = 1.0) -> list[Trace]:
    """Draw f and, if wanted, f′; `scale` thins lines and markers for small pictures. Returns what was drawn."""
    traces = [value_trace(activation, span)] + ([slope_trace(activation, span)] if derivative else [])
    ax.set_xlim(span)
    ax.set_ylim(limits(traces, span))
    draw_bands(ax, activation, span, scale)
    draw_zero_axes(ax, scale)
    draw_asymptotes(ax, activation, span, scale)
    for trace, stroke, gid in reversed(list(zip(traces, (VALUE, SLOPE), ("value", "slope"), strict=False))):
        draw_trace(ax, trace, stroke, gid, scale)
    draw_kinks(ax, activation, span, scale)
    return traces


def limits(traces: list[Trace], span: Span) -> tuple[float, float]:
    """The y range of the curves, zero included, never more than four times as high as the x range is wide."""
    values = np.concatenate([t.points[1] for t in traces] + [np.zeros(1)])
    values = values[np.isfinite(values)]
    reach = 2 * (span[1] - span[0])
    low, high = max(float(values.min()), -reach), min(float(values.max()), reach)
    pad = PADDING * ((high - low) or 2.0)
    return low - pad, high + pad


def draw_bands(ax: Axes, activation: Activation, span: Span, scale: float) -> None:
    """Shade where the slope is under 1 % of its largest; hatch where it is exactly zero."""
    for low, high in visible(shaded(activation), span):
        ax.axvspan(low, high, facecolor=BAND, linewidth=0, zorder=0, gid="saturation")
        for edge in (e for e in (low, high) if span[0] < e < span[1]):
            ax.axvline(edge, color=FAINT, linewidth=0.6 * scale, zorder=0.5, gid="saturation edge")
    for low, high in visible(hatched(activation), span):
        ax.axvspan(low, high, facecolor="none", edgecolor=FAINT, linewidth=0, hatch="///", zorder=0.2, gid="dead")


def visible(regions: Iterable[Any], span: Span) -> list[Span]:
    """The parts of the regions that lie in the span."""
    parts = [(float(max(r.low, span[0])), float(min(r.high, span[1]))) for r in regions]
    return [(low, high) for low, high in parts if low < high]


def draw_zero_axes(ax: Axes, scale: float) -> None:
    ax.axhline(0, color=FAINT, linewidth=0.8 * scale, zorder=1, gid="zero")
    ax.axvline(0, color=FAINT, linewidth=0.8 * scale, zorder=1, gid="zero")


def draw_asymptotes(ax: Axes, activation: Activation, span: Span, scale: float) -> None:
    """A faint dotted line on the side where the curve approaches it, unless the curve lies on it."""
    for asymptote in activation.facts.asymptotes:
        right = side_is_right(asymptote)
        x = np.array([0.0, span[1]] if right else [span[0], 0.0])
        ax.plot(x, asymptote.slope * x + asymptote.intercept, color=FAINT, linewidth=1.0 * scale, zorder=1.5,
                linestyle=(0, (1, 2)), gid="asymptote", scalex=False, scaley=False)  # fmt: skip


def side_is_right(asymptote: Any) -> bool:
    """Whether the asymptote belongs to x → +∞."""
    side = asymptote.side
    return side > 0 if isinstance(side, (int, float)) else not str(side).lower().startswith(("-", "−", "left", "neg"))


def draw_trace(ax: Axes, trace: Trace, stroke: Stroke, gid: str, scale: float) -> None:
    """The pieces of a curve, with an open circle at each one-sided limit and a filled one at the value."""
    look: dict[str, Any] = {"color": stroke.colour, "scalex": False, "scaley": False}
    look["zorder"] = 4 if gid == "slope" else 3
    for x, y in trace.pieces:
        ax.plot(x, y, linestyle=stroke.dash, linewidth=stroke.width * scale, gid=gid, **look)
    look["zorder"] = 5
    for points, face, kind in ((trace.open_points, PAPER, "open"), (trace.closed_points, stroke.colour, "closed")):
        if points:
            ax.plot(*zip(*points, strict=True), linestyle="none", marker="o", markersize=4.5 * scale, clip_on=False,
                    markerfacecolor=face, markeredgewidth=1.2 * scale, gid=f"{kind} {gid}", **look)  # fmt: skip


def draw_kinks(ax: Axes, activation: Activation, span: Span, scale: float) -> None:
    """A diamond on the curve of f at each kink."""
    kinks = [k for k in activation.facts.kinks if span[0] < k.x < span[1] and math.isfinite(k.left_slope)]
    if kinks:
        x = np.array([k.x for k in kinks])
        ax.plot(x, values_at(activation, x), linestyle="none", marker="D", markersize=5 * scale, gid="kink",
                markerfacecolor=PAPER, markeredgecolor=INK, markeredgewidth=1.2 * scale, zorder=6,
                scalex=False, scaley=False)  # fmt: skip

"""Direct labels: where a text has the most room, and texts in a column that do not touch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nonlin.plot.canvas import Axes, size_of

Points = NDArray[np.float64]
Curve = tuple[Points, Points]  # x, y

OFFSET = 0.055  # distance of a label from its own curve, as a part of the height of the axes
ROOM = 0.25
LABEL_WIDTH = 0.14


def in_axes(ax: Axes, x: Points, y: Points) -> Points:
    """Data coordinates as parts of the axes' height, so that distances mean the same in both directions."""
    width, height = size_of(ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    return np.stack([(x - left) / (right - left) * width / height, (y - bottom) / (top - bottom)], axis=-1)


def distances(candidates: Points, obstacles: Points) -> Points:
    """From each candidate to its nearest obstacle."""
    gaps: Points = np.linalg.norm(candidates[:, None, :] - obstacles[None, :, :], axis=-1).min(axis=1)
    return gaps


def clearest(candidates: Points, obstacles: Points) -> int:
    """The candidate with the most room around it; more than `ROOM` is no better, then the one nearest the middle."""
    gaps = np.minimum(distances(candidates, obstacles), ROOM)
    middle = np.abs(candidates[:, 0] - candidates[:, 0].mean())
    return int(np.argmax(gaps - 0.02 * middle))


def label_curves(ax: Axes, drawn: Sequence[Curve], texts: Sequence[str], colours: Sequence[str], size: float) -> None:
    """Write each text beside its curve, at the place on it that is farthest from all other curves and labels."""
    curves = [in_axes(ax, x, y) for x, y in drawn]
    taken: list[Points] = [in_axes(ax, np.linspace(*ax.get_xlim(), 60), np.zeros(60))]
    for index, (text, colour) in enumerate(zip(texts, colours, strict=True)):
        others = [c for i, c in enumerate(curves) if i != index]
        spots = _spots(curves[index])
        best = clearest(spots, np.concatenate([*others, *taken]))
        taken.append(spots[best] + np.outer(np.linspace(-1, 1, 9), (LABEL_WIDTH, 0)))
        x, y = spots[best]
        width = curves[index][-1, 0]
        ax.text(x / width, y, text, color=colour, fontsize=size, fontweight="bold", ha="center", va="center",
                transform=ax.transAxes, zorder=7, gid="label")  # fmt: skip


def _spots(curve: Points) -> Points:
    """Above and below the curve but not on it, in the inner part of the axes."""
    inner = curve[:: max(1, len(curve) // 80)]
    both = np.concatenate([inner + (0, OFFSET), inner - (0, OFFSET)])
    width = curve[-1, 0]
    keep = (both[:, 0] > 0.08 * width) & (both[:, 0] < 0.92 * width) & (both[:, 1] > 0.05) & (both[:, 1] < 0.95)
    keep &= distances(both, curve) > 0.8 * OFFSET
    return both[keep] if keep.any() else both


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions as little as possible so that neighbours are `gap` apart and all lie in [low, high].

    If there is no room for that, the gap becomes what there is room for.
    """
    count = len(positions)
    if not count:
        return []
    gap = min(gap, (high - low) / max(count - 1, 1))
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(count)
    # Without the steps the task is an isotonic regression: pool neighbours that are out of order at their mean.
    blocks: list[tuple[float, int]] = []
    for target in np.asarray(positions, dtype=float)[order] - steps:
        blocks.append((float(target), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    level = np.clip(np.concatenate([[value] * n for value, n in blocks]), low, high - steps[-1])
    placed = np.empty(count)
    placed[order] = level + steps
    return [float(v) for v in placed]

"""Colours and line styles that survive a grey printer and colour-blind eyes.

Every colour has a contrast of at least 3:1 against white (text: 4.5:1), from the Okabe–Ito and Petroff palettes.
No two strokes share both dash and marker, so that colour is never the only difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

INK = "#222222"  # text, kinks
QUIET = "#6b6b6b"  # axes, ticks, secondary text: 5.3:1
FAINT = "#8a8a8a"  # asymptotes: 3.5:1
BAND = "#e9e9e9"  # shaded regions; their edge and label carry the meaning
PAPER = "#ffffff"

Dash = Literal["-"] | tuple[float, tuple[float, ...]]
SOLID: Dash = "-"  # not (0, ()): in an SVG that is an empty dash array, which some viewers draw as nothing


@dataclass(frozen=True)
class Stroke:
    """How one series is drawn; `dash` is Matplotlib's: "-" or (offset, on-off lengths in line widths)."""

    colour: str
    dash: Dash
    width: float
    marker: str


VALUE = Stroke("#005a8d", SOLID, 2.2, "")
SLOPE = Stroke("#b84300", (0, (4, 1.6)), 1.7, "")

# The first five differ in lightness by at least 6 units of L*, so they stay apart in grey as well.
STROKES: tuple[Stroke, ...] = (
    Stroke("#0072B2", SOLID, 2.4, "o"),
    Stroke("#D55E00", (0, (5, 1.5)), 2.0, "s"),
    Stroke("#222222", (0, (1.2, 1.2)), 2.2, "^"),
    Stroke("#CC79A7", (0, (6, 1.5, 1.2, 1.5)), 2.2, "D"),
    Stroke("#7a21dd", (0, (9, 2)), 1.7, "v"),
    Stroke("#009E73", (0, (3, 1.2, 1, 1.2, 1, 1.2)), 2.0, "P"),
    Stroke("#964a8b", (0, (2.5, 2.5)), 2.4, "X"),
    Stroke("#5790fc", SOLID, 1.4, "*"),
)

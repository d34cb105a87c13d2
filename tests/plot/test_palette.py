"""The colours can be told apart from white, from each other in grey, and never carry a meaning alone."""

from __future__ import annotations

from itertools import combinations

import pytest

from nonlin.plot.palette import FAINT, INK, QUIET, SLOPE, STROKES, VALUE

LINES = [s.colour for s in (*STROKES, VALUE, SLOPE)] + [FAINT]
TEXTS = [INK, QUIET, VALUE.colour, SLOPE.colour]


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str) -> float:
    """Contrast ratio against white."""
    return 1.05 / (luminance(colour) + 0.05)


def lightness(colour: str) -> float:
    """CIE L*, what is left of a colour in grey."""
    return float(116 * luminance(colour) ** (1 / 3) - 16)


def test_the_measures_are_right() -> None:
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#F0E442") < 3  # a yellow that would not do
    assert lightness("#ffffff") == pytest.approx(100)


@pytest.mark.parametrize("colour", LINES)
def test_lines_stand_out_from_white(colour: str) -> None:
    assert contrast(colour) >= 3


@pytest.mark.parametrize("colour", TEXTS)
def test_text_is_readable_on_white(colour: str) -> None:
    assert contrast(colour) >= 4.5


def test_the_first_five_differ_in_grey() -> None:
    shades = [lightness(s.colour) for s in STROKES[:5]]
    assert min(abs(a - b) for a, b in combinations(shades, 2)) >= 6
    assert abs(lightness(VALUE.colour) - lightness(SLOPE.colour)) >= 6 or VALUE.dash != SLOPE.dash


def test_colour_is_never_the_only_difference() -> None:
    assert len({(s.dash, s.marker) for s in STROKES}) == len(STROKES)
    assert len({s.marker for s in STROKES}) == len(STROKES)
    assert VALUE.dash != SLOPE.dash

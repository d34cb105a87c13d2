"""Formulas as Matplotlib can set them, and the width of texts in points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nonlin.activation import Activation
from nonlin.emit.latex import latex
from nonlin.plot.canvas import Axes, FontProperties, Formula, MathTextParser, size_of, style, text_to_path
from nonlin.plot.text import parameter_values

_BREAKS = re.compile(r";\\ |(?= [+-] )")
# Fractions that are not exponents are set at full size: inline ones are too small to print.
_INLINE_FRACTION = re.compile(r"(?<!\^\{)(?<!\^\{-)\\frac")
# What stands before the equality sign, where it is not f(x).
_LEFT = {"row": "f(x)_{i}", "mirror": r"[f(x),\ f(-x)];\ f(x)"}
LINE_SPACING = 1.4  # of the lines of a formula, as parts of the height of their letters
LARGEST, SMALLEST = 11.0, 6.5  # points, of the formula above a picture


def formula(activation: Activation) -> str:
    """The title line "$f(x) = …$", or the formula as plain text if Matplotlib cannot set it."""
    left = _LEFT.get(activation.kind, "f(x)")
    text = _INLINE_FRACTION.sub(r"\\dfrac", f"${left} = {latex(activation.expression, cases=False)}$")
    return text if can_set(text) else f"f(x) = {activation.formula}"


@lru_cache(maxsize=1024)
def can_set(text: str) -> bool:
    """Whether Matplotlib's mathtext understands the text."""
    try:
        with style():
            MathTextParser("path").parse(text)
    except ValueError:
        return False
    return True


def extent(text: str, size: float) -> tuple[float, float]:
    """Width and height of a text in points."""
    width, height = _extent_at_one_point(text)
    return size * width, size * height


@lru_cache(maxsize=4096)
def _extent_at_one_point(text: str) -> tuple[float, float]:
    """Kept, because Matplotlib takes 30 ms to understand a formula."""
    with style():
        size = FontProperties(size=100)
        measured = text_to_path.get_text_width_height_descent(text, size, text.startswith("$"))
    return float(measured[0]) / 100, float(measured[1]) / 100


def width(text: str, size: float) -> float:
    """The width of a text in points."""
    return extent(text, size)[0]


def fitting_size(text: str, available: float, largest: float, smallest: float) -> float:
    """The largest size, within bounds, at which the text is no wider than `available` points."""
    return max(smallest, min(largest, largest * available / width(text, largest)))


def broken(text: str, size: float, available: float) -> list[str]:
    """A formula in lines no wider than `available` points, broken after `;` or before `+` and `−` outside brackets."""
    if not text.startswith("$") or width(text, size) <= available:
        return [text]
    lines = [""]
    for part in _parts(text.strip("$")):
        if lines[-1] and width(f"${lines[-1]}{part}$", size) > available:
            lines.append(r"\quad ")
        lines[-1] += part
    return [f"${line}$" for line in lines]


def _parts(text: str) -> Iterator[str]:
    """Pieces of a formula that may stand on lines of their own."""
    start = 0
    for match in _BREAKS.finditer(text):
        before = text[: match.end()]
        if before.count(r"\left") == before.count(r"\right") and _balanced(before):
            yield text[start : match.end()]
            start = match.end()
    yield text[start:]


def _balanced(text: str) -> bool:
    bare = text.replace(r"\{", "").replace(r"\}", "").replace(r"\left(", "").replace(r"\right)", "")
    return bare.count("{") == bare.count("}") and bare.count("(") == bare.count(")")


def write_heading(ax: Axes, title: str, activation: Activation) -> float:
    """Title and formula above the axes, left; returns the width in points that the axes will have at least."""
    available = size_of(ax)[0] * 72
    values = ", ".join(f"{symbol} = {value}" for _, symbol, value in parameter_values(activation))
    lines = _heading_lines(formula(activation), values, available)
    size = min(fitting_size(line, available, LARGEST, SMALLEST) for line in lines)
    height = LINE_SPACING * sum(extent(line, size)[1] for line in lines[1:]) + extent(lines[0], size)[1]
    ax.set_title(title, fontweight="bold", pad=12 + height)
    written = Formula("\n".join(lines), (0, 1), xytext=(0, 6), xycoords="axes fraction", textcoords="offset points",
                      fontsize=size, ha="left", va="bottom", gid="formula", annotation_clip=False)  # fmt: skip
    written.set_in_layout(False)
    ax.add_artist(written)
    written.set_clip_on(False)  # add_artist clips to the axes, and it stands above them
    return available


def _heading_lines(formula: str, values: str, available: float) -> list[str]:
    """The formula and the parameters' values on one line; below it where there are too many of them."""
    line = f"{formula}     {values}" if values else formula
    fits = width(line, SMALLEST) <= available
    return [line] if fits else [formula, *wrap(values, SMALLEST, available)]


def wrap(text: str, size: float, available: float) -> list[str]:
    """The text in lines no wider than `available` points (a single longer word stays whole)."""
    return list(_lines(text.split(), size, available))


def _lines(words: list[str], size: float, available: float) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if line and width(longer, size) > available:
            yield line
            longer = word
        line = longer
    if line:
        yield line

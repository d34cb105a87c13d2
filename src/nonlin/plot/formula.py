"""Formulas as Matplotlib can set them, and the width of texts in points."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nonlin.activation import Activation
from nonlin.plot.canvas import Axes, FontProperties, MathTextParser, size_of, style, text_to_path

# What mathtext lacks: environments and display style.
_CASES = re.compile(r"\\begin\{cases\}((?:(?!\\begin\{cases\}).)*?)\\end\{cases\}", re.DOTALL)
_REPLACED = ((r"\displaystyle", ""), (r"\dfrac", r"\frac"), (r"\tfrac", r"\frac"), (r"\lvert", "|"), (r"\rvert", "|"))
LARGEST, SMALLEST = 11.0, 6.5  # points, of the formula above a picture
_BARE_SCRIPT = re.compile(r"\\(?:text|textrm)\{")


def mathtext(latex: str) -> str:
    """LaTeX of an activation with its cases written on one line: {a if c; b otherwise}."""
    while _CASES.search(latex):
        latex = _CASES.sub(lambda match: _on_one_line(match.group(1)), latex)
    for old, new in _REPLACED:
        latex = latex.replace(old, new)
    return _BARE_SCRIPT.sub(r"\\mathrm{", latex)


def _on_one_line(rows: str) -> str:
    branches = [row.partition("&") for row in re.split(r"\\\\(?:\[[^\]]*\])?", rows) if row.strip()]
    return r"\{" + r";\ \ ".join(f"{value.strip()}\\ \\ {_condition(text)}" for value, _, text in branches) + r"\}"


def _condition(text: str) -> str:
    """The condition with its spaces kept, which mathtext drops in upright text."""
    words = re.sub(r"\\text\{([^}]*)\}", lambda m: r"\mathrm{" + m.group(1).strip().replace(" ", r"\ ") + r"}\ ", text)
    return (words if r"\mathrm" in words else r"\mathrm{if}\ " + words).strip() + " "


def formula(activation: Activation) -> str:
    """"$f(x) = …$", or the formula as plain text if Matplotlib cannot set it."""
    text = f"$f(x) = {mathtext(activation.latex)}$"
    return text if can_set(text) else f"f(x) = {activation.formula}"


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
    with style():
        measured = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), text.startswith("$"))
    return float(measured[0]), float(measured[1])


def width(text: str, size: float) -> float:
    """The width of a text in points."""
    return extent(text, size)[0]


def fitting_size(text: str, available: float, largest: float, smallest: float) -> float:
    """The largest size, within bounds, at which the text is no wider than `available` points."""
    return max(smallest, min(largest, largest * available / width(text, largest)))


def write_heading(ax: Axes, title: str, activation: Activation) -> float:
    """Title and formula above the axes, left; returns the width in points that the axes will have at least."""
    available = size_of(ax)[0] * 72
    text = formula(activation)
    size = fitting_size(text, available, LARGEST, SMALLEST)
    ax.set_title(title, fontweight="bold", pad=12 + extent(text, size)[1])
    written = ax.annotate(text, (0, 1), xytext=(0, 6), xycoords="axes fraction", textcoords="offset points",
                          fontsize=size, ha="left", va="bottom", gid="formula")  # fmt: skip
    written.set_in_layout(False)
    return available


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

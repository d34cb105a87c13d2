"""Figure blocks: the picture as inline SVG, and the table with the same numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from nonlin.errors import InvalidValueError
from nonlin.plot import figures, tables
from nonlin.plot.canvas import Figure
from nonlin.plot.svg import to_svg
from nonlin.report.page import Block

WIDTH, SHORT, TALLEST = 4.9, 3.1, 9.0  # inches
LONGEST = 58  # characters of a label
# What of a block's data only the picture needs.
DRAWN_ONLY: Mapping[str, tuple[str, ...]] = {
    "decision_regions": ("points", "labels"),
    "image_and_probabilities": ("image",),
}
NAMES = (
    "lines_by_depth", "shares_by_layer", "training_curves", "intervals", "decision_regions", "image_and_probabilities",
)  # fmt: skip
_STYLING = ("ylabel", "xlabel")


def svg(block: Block) -> str:
    """The picture as one `<svg>` element with title and description."""
    data = _escaped(_numbers(_data(block)))
    label = data.pop("xlabel", None)  # replaces the figure's own; what that says besides is in the caption
    figure = getattr(figures, block["figure"])(**data)
    if label:
        figure.axes[0].set_xlabel(label)
    _narrow(figure)
    return to_svg(figure, block["title"], f"{block['caption']} The numbers are in the table that follows.")


def _narrow(figure: Figure) -> None:
    """To a width that a telephone shows without shrinking the letters too far: long labels and legends over lines."""
    figure.set_size_inches(WIDTH, min(figure.get_figheight(), TALLEST) if len(figure.axes) == 1 else SHORT)
    for ax in figure.axes:
        ax.set_xlabel(_folded(ax.get_xlabel()))
        if ax.get_legend():
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, fontsize=9, borderaxespad=0.2)
    if figure.get_supxlabel():
        figure.supxlabel(_folded(figure.get_supxlabel()), fontsize=9)


def _folded(label: str) -> str:
    """The label in lines of at most `LONGEST` characters, broken where it has several spaces."""
    lines = [""]
    for part in re.split(r"\s{2,}", label):
        fits = len(lines[-1]) + len(part) + 3 <= LONGEST
        lines[-1:] = [f"{lines[-1]}   {part}".strip()] if fits else [lines[-1], part]
    return "\n".join(lines)


def twin(block: Block) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of the table."""
    left_out = (*_STYLING, *DRAWN_ONLY.get(block["figure"], ()))
    data = {key: value for key, value in _numbers(_data(block)).items() if key not in left_out}
    header, rows = getattr(tables, block["figure"])(**data)
    label = block["data"].get("xlabel")
    return ((label, *header[1:]), rows) if label and header[0] in ("epoch", "layer") else (header, rows)


def _data(block: Block) -> dict[str, Any]:
    if block["figure"] not in NAMES:
        raise InvalidValueError("no such figure", received=repr(block["figure"]), choices=NAMES)
    return dict(block["data"])


def _numbers(value: Any) -> Any:
    """JSON has no NaN: null in a list stands for it."""
    if isinstance(value, Mapping):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [math.nan if item is None else _numbers(item) for item in value]
    return value


def _escaped(value: Any) -> Any:
    """Dollar signs in names would be read as formulas."""
    if isinstance(value, Mapping):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("$", r"\$") if isinstance(value, str) else value

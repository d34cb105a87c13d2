r"""Set an expression in LaTeX, for documents and, with `cases=False`, for Matplotlib's mathtext."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nonlin.emit.notation import GREEK, Box, layout
from nonlin.expression.nodes import Node

LETTERS: Mapping[str, str] = {
    **{letter: "\\" + name for name, letter in GREEK.items() if name != "lambd"},
    "ε": r"\varepsilon", "π": r"\pi", "φ": r"\varphi", "Φ": r"\Phi", "σ′": r"\sigma'",
}  # fmt: skip
SIGNS: Mapping[str, str] = {
    "+": " + ", "−": " - ", "negative": "-", "·": r" \cdot ", "times": r" \, ", "<": " < ", ">": " > ",
    "≤": r" \leq ", "≥": r" \geq ", "=": " = ", "with": r"\ \mathrm{with}\ ",
}  # fmt: skip
WORDS = frozenset({"log", "tanh", "min", "max", "sin", "cos", "arctan"})  # LaTeX has a command for these
MARKS: Mapping[str, tuple[str, str]] = {"()": ("(", ")"), "||": ("|", "|"), "⌊⌋": (r"\lfloor ", r" \rfloor")}
TALL = frozenset({"fraction", "cases", "sum", "maximum_over"})


def latex(node: Node, *, cases: bool = True) -> str:
    r"""The expression in LaTeX maths mode, without dollar signs.

    Choices are set in amsmath's `cases` environment, or on one line with `cases=False`, which mathtext can set.
    """
    return _set(layout(node), cases)


def _set(box: Box, cases: bool) -> str:
    return SETTERS[box.kind](box, [_set(part, cases) for part in box.parts], cases)


def _is_tall(box: Box) -> bool:
    return box.kind in TALL or any(map(_is_tall, box.parts))


def _fenced(inner: str, tall: bool, marks: str = "()") -> str:
    left, right = MARKS[marks]
    return rf"\left{left}{inner}\right{right.strip()}" if tall else left + inner + right


def _call(box: Box, parts: list[str], cases: bool) -> str:
    return parts[0] + _fenced(", ".join(parts[1:]), any(map(_is_tall, box.parts)))


def _power(box: Box, parts: list[str], cases: bool) -> str:
    return f"{parts[0]}^{{{parts[1]}}}"


def _cases(box: Box, parts: list[str], cases: bool) -> str:
    pairs = list(zip(parts[:-1:2], parts[1::2], strict=True))
    if cases:
        rows = [rf"{value} & \text{{if }} {condition}" for value, condition in pairs]
        return r"\begin{cases} " + r" \\ ".join([*rows, rf"{parts[-1]} & \text{{otherwise}}"]) + r" \end{cases}"
    listed = [rf"{value}\ \mathrm{{if}}\ {condition}" for value, condition in pairs]
    return r"\{" + r";\ ".join([*listed, rf"{parts[-1]}\ \mathrm{{otherwise}}"]) + r"\}"


SETTERS: Mapping[str, Callable[[Box, list[str], bool], str]] = {
    "number": lambda box, parts, cases: box.text.replace("…", r"\ldots"),
    "letter": lambda box, parts, cases: LETTERS.get(box.text, box.text),
    "label": lambda box, parts, cases: r"\mathrm{" + box.text.replace("_", r"\_") + "}",
    "word": lambda box, parts, cases: "\\" + box.text if box.text in WORDS else rf"\operatorname{{{box.text}}}",
    "sign": lambda box, parts, cases: SIGNS[box.text],
    "row": lambda box, parts, cases: "".join(parts),
    "fraction": lambda box, parts, cases: rf"\frac{{{parts[0]}}}{{{parts[1]}}}",
    "power": _power,
    "index": lambda box, parts, cases: f"{parts[0]}_{{{parts[1]}}}",
    "root": lambda box, parts, cases: rf"\sqrt{{{parts[0]}}}",
    "fence": lambda box, parts, cases: _fenced(parts[0], _is_tall(box.parts[0]), box.text),
    "cases": _cases,
    "sum": lambda box, parts, cases: rf"\sum_{{{parts[0]}}} {parts[1]}",
    "maximum_over": lambda box, parts, cases: rf"\max_{{{parts[0]}}} {parts[1]}",
    "call": _call,
}

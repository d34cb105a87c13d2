"""Set an expression in presentation MathML: one self-contained `<math>` element that browsers draw unaided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from nonlin.emit.notation import Box, layout
from nonlin.expression.nodes import Node

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
APPLY, TIMES = "&#x2061;", "&#x2062;"  # invisible: function application, product
SIGNS: Mapping[str, str] = {"times": TIMES, "negative": "−", "with": "&#xA0;with&#xA0;"}


def mathml(node: Node) -> str:
    """The expression as a `<math display="block">` element, as well-formed XML."""
    return f'<math xmlns="{NAMESPACE}" display="block">{_set(layout(node))}</math>'


def _set(box: Box) -> str:
    return SETTERS[box.kind](box, [_set(part) for part in box.parts])


def tag(name: str, *parts: str, **attributes: str) -> str:
    given = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(parts)}</{name}>"


def operator(text: str, **attributes: str) -> str:
    return tag("mo", SIGNS.get(text) or escape(text), **attributes)


def _fenced(inner: str, marks: str) -> str:
    return tag("mrow", operator(marks[0], fence="true"), inner, operator(marks[1], fence="true"))


def _call(box: Box, parts: list[str]) -> str:
    inside = operator(",").join(parts[1:])
    return tag("mrow", parts[0], f"<mo>{APPLY}</mo>", _fenced(inside, "()"))


def _cases(box: Box, parts: list[str]) -> str:
    pairs = list(zip(parts[:-1:2], parts[1::2], strict=True))
    rows = [(value, tag("mtext", "if&#xA0;") + condition) for value, condition in pairs]
    rows.append((parts[-1], tag("mtext", "otherwise")))
    lines = [tag("mtr", tag("mtd", value), tag("mtd", tag("mrow", condition))) for value, condition in rows]
    return tag("mrow", operator("{", fence="true"), tag("mtable", *lines, columnalign="left left"))


def _over(word: str, parts: list[str]) -> str:
    return tag("mrow", tag("munder", operator(word, movablelimits="false"), parts[0]), parts[1])


SETTERS: Mapping[str, Callable[[Box, list[str]], str]] = {
    "number": lambda box, parts: tag("mn", escape(box.text)),
    "letter": lambda box, parts: tag("mi", escape(box.text)),
    "label": lambda box, parts: tag("mi", escape(box.text), mathvariant="normal"),
    "word": lambda box, parts: tag("mi", escape(box.text), mathvariant="normal"),
    "sign": lambda box, parts: operator(box.text, **({"form": "prefix"} if box.text == "negative" else {})),
    "row": lambda box, parts: tag("mrow", *parts),
    "fraction": lambda box, parts: tag("mfrac", *parts),
    "power": lambda box, parts: tag("msup", *parts),
    "index": lambda box, parts: tag("msub", *parts),
    "root": lambda box, parts: tag("msqrt", *parts),
    "fence": lambda box, parts: _fenced(parts[0], box.text),
    "cases": _cases,
    "sum": lambda box, parts: _over("∑", parts),
    "maximum_over": lambda box, parts: _over("max", parts),
    "call": _call,
}

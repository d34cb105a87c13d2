"""A figure as one small SVG element that may stand anywhere in a page, beside others like it."""

from __future__ import annotations

import hashlib
import io
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Text stays text (searchable, selectable, small); the salt makes Matplotlib's own ids the same on every run.
_WRITE: Any = {"svg.fonttype": "none", "svg.hashsalt": "nonlin", "font.sans-serif": ["DejaVu Sans"]}
_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))

_IDENTIFIER = re.compile(r'\s+id="([^"]*)"')
_REFERENCE = re.compile(r'#([A-Za-z_][\w.:-]*)(?=[")])')
_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_DROPPED = (
    re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL),
    # A style sheet inside an inline SVG applies to the whole page; its two settings move to the root element.
    re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL),
)
_PATH = re.compile(r'\bd="[^"]*"')
_COMMAND = re.compile(r"\s*([MLHVCSQTAZmlhvcsqtaz])\s*(?!=)")
_ROOT = re.compile(r"<svg\b[^>]*>")


def to_svg(figure: Figure, title: str = "", description: str = "", *, standalone: bool = False) -> str:
    """One `<svg role="img">` element with title, description and ids of its own; the same figure gives the same text.

    Inline it has no XML header and shrinks to the width of its container; `standalone` gives a file: header and size
    in points. No script, no external reference, no style sheet.
    """
    body = _shrink(_matplotlib_svg(figure))
    prefix = "n" + hashlib.sha256(f"{title}\0{description}\0{body}".encode()).hexdigest()[:8]
    root = _ROOT.search(body)
    if root is None:
        raise AssertionError("Matplotlib wrote no <svg> element")
    inner = _own_identifiers(body[root.end() :], prefix)
    head = _opening(root.group(), prefix, title, description, standalone)
    text = re.sub(r">\s+<", ">\n<", head + inner).strip() + "\n"
    return '<?xml version="1.0" encoding="utf-8"?>\n' + text if standalone else text


def _matplotlib_svg(figure: Figure) -> str:
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(_WRITE):
        figure.savefig(buffer, format="svg", metadata=_METADATA)
    return buffer.getvalue()


def _shrink(text: str) -> str:
    for pattern in _DROPPED:
        text = pattern.sub("", text)
    # Only inside tags: a number in a text is not ours to round.
    text = _TAG.sub(lambda tag: _NUMBER.sub(lambda match: _short(match.group()), tag.group()), text)
    return _PATH.sub(lambda match: _COMMAND.sub(r"\1", match.group()), text)


def _short(number: str) -> str:
    # Places on the page need 0.01 points; factors, such as the scale of an outline, need their leading digits.
    value = float(number)
    text = f"{value:.2f}" if abs(value) >= 1 else f"{value:.5f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _own_identifiers(text: str, prefix: str) -> str:
    """Keep the ids something refers to, under a prefix no other figure has; drop the rest."""
    used = set(_REFERENCE.findall(text))
    text = _IDENTIFIER.sub(lambda m: f' id="{prefix}-{m.group(1)}"' if m.group(1) in used else "", text)
    return re.sub(r'(url\(|href=")#', rf"\1#{prefix}-", text)


def _opening(root: str, prefix: str, title: str, description: str, standalone: bool) -> str:
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', root)
    if box is None:
        raise AssertionError("Matplotlib wrote no viewBox")
    width, height = box.groups()
    size = f'width="{width}pt" height="{height}pt"' if standalone else f'style="width:100%;max-width:{width}pt"'
    names = {"title": title, "desc": description}
    labels = " ".join(f"{prefix}-{tag}" for tag, text in names.items() if text)
    inside = "".join(f'<{tag} id="{prefix}-{tag}">{escape(text)}</{tag}>' for tag, text in names.items() if text)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'viewBox="0 0 {width} {height}" {size} stroke-linejoin="round" stroke-linecap="butt"'
        + (f' aria-labelledby="{labels}">' if labels else ">")
        + inside
    )

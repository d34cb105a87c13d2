"""Where Matplotlib is met: figures outside pyplot's registry, axes that a notebook shows, files.

Nothing here touches rcParams beyond the call: what must come from them is set in a `rc_context`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from nonlin.errors import InvalidValueError, MissingDependencyError

try:
    import matplotlib
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.lines import Line2D
    from matplotlib.mathtext import MathTextParser
    from matplotlib.patches import Rectangle
    from matplotlib.text import Annotation
    from matplotlib.textpath import text_to_path
except ImportError as error:  # pragma: no cover - exercised in a subprocess
    raise MissingDependencyError(
        "pictures need Matplotlib", received="no module matplotlib", fix='pip install "nonlin[plot]"'
    ) from error

from nonlin.plot.palette import FAINT, INK, PAPER, QUIET
from nonlin.plot.svg import to_svg

FORMATS = ("png", "svg", "pdf")
PNG_DOTS_PER_INCH = 200
__all__ = [
    "FORMATS", "Artist", "Axes", "Drawing", "Figure", "FontProperties", "Formula",
    "Line2D", "MathTextParser", "Picture",
    "Rectangle", "axes_of", "format_of", "picture", "save", "size_of", "style", "text_to_path",
]  # fmt: skip
STYLE: Any = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "mathtext.fontset": "dejavusans",
    "text.color": INK, "axes.edgecolor": FAINT, "axes.labelcolor": INK, "axes.facecolor": PAPER,
    "xtick.color": QUIET, "ytick.color": QUIET, "figure.facecolor": PAPER, "savefig.facecolor": PAPER,
    "axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": True, "axes.grid": False,
    "font.size": 10, "axes.titlesize": 12, "axes.labelsize": 10, "xtick.labelsize": 9, "ytick.labelsize": 9,
    "axes.titlelocation": "left", "hatch.linewidth": 0.6, "hatch.color": FAINT, "path.simplify": True,
}  # fmt: skip


class Picture(Figure):
    """A figure that a notebook shows as SVG by itself, with no pyplot and no global registry.

    `description` is its text twin: the alternative text of every file and page it is put in.
    """

    heading = ""
    description = ""

    def _repr_svg_(self) -> str:
        return to_svg(self, self.heading, self.description)


class Drawing(Axes):
    """Axes that a notebook shows by themselves."""

    def _repr_svg_(self) -> str:
        figure = self.get_figure(root=True)
        assert figure is not None
        return to_svg(figure, getattr(figure, "heading", ""), getattr(figure, "description", ""))


class Formula(Annotation):
    """Mathematics, kept as outlines in an SVG: its tall brackets come from fonts that no other machine has."""

    def draw(self, renderer: Any) -> None:
        with matplotlib.rc_context({"svg.fonttype": "path"}):
            super().draw(renderer)


def style() -> Any:
    """The context in which everything is drawn; leaving it restores the reader's own rcParams."""
    return matplotlib.rc_context(STYLE)


def picture(
    width: float, height: float, heading: str = "", description: str = "", *,
    layout: Literal["constrained"] | None = "constrained",
) -> Picture:  # fmt: skip
    """An empty figure, in inches."""
    with style():
        figure = Picture(figsize=(width, height), layout=layout)
    figure.heading, figure.description = heading, description
    return figure


def axes_of(ax: Axes | None, width: float, height: float, heading: str, description: str) -> Axes:
    """The axes to draw on: the caller's, else the only axes of a new figure."""
    if ax is not None:
        return ax
    figure = picture(width, height, heading, description)
    return figure.add_subplot(axes_class=Drawing)


def size_of(ax: Axes) -> tuple[float, float]:
    """Width and height of the axes in inches, before a layout engine makes room for what stands around them."""
    box = ax.get_window_extent()
    dots = ax.figure.dpi
    return float(box.width / dots), float(box.height / dots)


def format_of(path: str | Path) -> str:
    """The format a file name asks for; raises for another one, and if there is no such folder: before the work."""
    extension = Path(path).suffix.lstrip(".").lower()
    if extension not in FORMATS:
        raise InvalidValueError(
            "the extension of the file name decides the format of a picture",
            received=str(path), choices=[f".{f}" for f in FORMATS], fix=f"{Path(path).stem or 'picture'}.png",
        )  # fmt: skip
    if not Path(path).parent.is_dir():
        raise _unwritable(path, "no such folder")
    return extension


def _unwritable(path: str | Path, reason: str | None) -> InvalidValueError:
    return InvalidValueError(
        "the picture cannot be written there", received=f"{path} ({reason})",
        fix="name a file in a folder that exists and that you may write to",
    )  # fmt: skip


def save(figures: Figure | Iterable[Figure], path: str | Path) -> Path:
    """Write a figure (several: pages of a PDF) in the format of the extension; the same figure gives the same bytes."""
    pages = [figures] if isinstance(figures, Figure) else list(figures)
    extension = format_of(path)
    if extension != "pdf" and len(pages) != 1:
        raise InvalidValueError("only a PDF has pages", received=f"{len(pages)} pages for {path}", fix="use .pdf")
    content = _WRITERS[extension](pages)
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    return Path(path)


def _png(pages: list[Figure]) -> bytes:
    buffer = io.BytesIO()
    information = {"Software": None, **_metadata(pages[0])}
    with style():
        pages[0].savefig(buffer, format="png", dpi=PNG_DOTS_PER_INCH, metadata=information)
    return buffer.getvalue()


def _svg(pages: list[Figure]) -> bytes:
    figure = pages[0]
    text = to_svg(figure, getattr(figure, "heading", ""), getattr(figure, "description", ""), standalone=True)
    return text.encode()


def _pdf(pages: list[Figure]) -> bytes:
    buffer = io.BytesIO()
    information = {"CreationDate": None, "Creator": None, "Producer": None, **_metadata(pages[0], subject="Subject")}
    with style(), PdfPages(buffer, metadata=information) as document:
        for page in pages:
            document.savefig(page)
    return buffer.getvalue()


def _metadata(figure: Figure, subject: str = "Description") -> dict[str, str]:
    heading, description = getattr(figure, "heading", ""), getattr(figure, "description", "")
    return {key: text for key, text in (("Title", heading), (subject, description)) if text}


_WRITERS = {"png": _png, "svg": _svg, "pdf": _pdf}

"""The cheat sheet holds the whole catalogue on one readable page, in every format."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from nonlin.errors import InvalidValueError
from nonlin.plot import cheatsheet, to_svg
from nonlin.plot.cell import SMALLEST, fields
from nonlin.plot.paper import GOOD_CELL, SHEETS, capacity, even_chunks, grid_for
from nonlin.plot.sheet import sheet
from nonlin.registry import get, names

MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


@pytest.fixture(scope="module")
def whole() -> Figure:
    return cheatsheet()


@pytest.fixture(scope="module")
def page(whole: Figure) -> str:
    return to_svg(whole)


def missing(page: str) -> list[str]:
    """What of the catalogue the page does not say, word by word since texts are broken into lines."""
    words = " ".join(
        "".join(t.itertext()) for t in ET.fromstring(page).iter("{http://www.w3.org/2000/svg}text")
    ).split()
    wanted = [w for name in names() for _, text in fields(get(name)) for w in text.split()]
    return sorted({w for w in wanted if w not in words})


def test_every_activation_is_on_the_page(page: str) -> None:
    assert missing(page) == []
    for name in names():
        assert {title for title, _ in fields(get(name))} >= {"Name", "Range", "Use", "Avoid"}


def test_a_missing_activation_would_be_noticed() -> None:
    assert missing(to_svg(cheatsheet(activations=names()[1:3])))


def test_up_to_the_capacity_of_a4_it_is_one_a4_page() -> None:
    size = sheet([get(name) for name in names()[: capacity("A4")]]).get_size_inches() * 25.4
    assert sorted(round(float(length)) for length in size) == [210, 297]


def test_all_text_is_readable(whole: Figure) -> None:
    sizes = [float(t.get_fontsize()) for t in whole.findobj(Text) if t.get_text()]
    assert min(sizes) >= SMALLEST >= 5.5


def test_nothing_overlaps_and_nothing_is_clipped(whole: Figure) -> None:
    figure = whole
    figure.draw_without_rendering()
    formulas = [artist for artist in figure.artists if isinstance(artist, Text)]
    assert len(formulas) >= len(names())
    boxes: list[tuple[str, Any]] = [(t.get_text(), t.get_window_extent()) for t in (*figure.texts, *formulas)]
    boxes += [(f"curve {i}", ax.get_tightbbox()) for i, ax in enumerate(figure.axes)]
    page = figure.bbox
    assert [n for n, b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > page.x1 or b.y1 > page.y1] == []
    shrunk = [(n, b.padded(-0.6)) for n, b in boxes]
    assert [(n, m) for i, (n, a) in enumerate(shrunk) for m, b in shrunk[:i] if a.overlaps(b)] == []
    assert all(ax.get_position().height * figure.get_size_inches()[1] > 0.7 for ax in figure.axes)


@pytest.mark.parametrize("extension", MAGIC)
def test_each_format_is_written_and_repeatable(extension: str, tmp_path: Path) -> None:
    written = []
    for attempt in ("first", "second"):
        path = tmp_path / f"{attempt}.{extension}"
        cheatsheet(path, activations=names()[:2])
        written.append(path.read_bytes())
    assert written[0].startswith(MAGIC[extension])
    assert written[0] == written[1]


@pytest.mark.parametrize("count", [1, 14, 20, 24, 25, 60, 120])
def test_the_page_grows_with_the_catalogue(count: int) -> None:
    grid = grid_for(count)
    assert grid.readable
    assert grid.columns * grid.rows >= count
    assert (grid.sheet == "A4") == (count <= capacity("A4"))
    assert all(have > 0.75 * good for have, good in zip(grid.cell, GOOD_CELL, strict=True))


def test_more_than_fits_on_the_largest_sheet() -> None:
    with pytest.raises(InvalidValueError, match="pages"):
        grid_for(capacity(list(SHEETS)[-1]) + 1)


def test_a_long_pdf_has_pages(tmp_path: Path) -> None:
    many = (names()[:2] * 99)[: capacity("A4") + 1]
    cheatsheet(tmp_path / "many.pdf", activations=many)
    assert len(re.findall(rb"/Type /Page\b", (tmp_path / "many.pdf").read_bytes())) == 2


def test_even_chunks() -> None:
    assert even_chunks([1, 2, 3, 4, 5], 4) == [[1, 2, 3], [4, 5]]
    assert even_chunks([1, 2], 4) == [[1, 2]]

"""An SVG that may stand beside others in a page: own ids, no style sheet, no reference outside, always the same."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from nonlin.plot import curve, describe, to_svg
from nonlin.registry import get, names

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = [names(kind="elementwise")[0], names(kind="elementwise")[-1], names(kind="row")[0]]


def svg_of(name: str) -> str:
    return to_svg(curve(name).figure, name, describe(name))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SAMPLE)
def test_it_is_one_labelled_element(name: str) -> None:
    text = svg_of(name)
    root = ET.fromstring(text)
    assert text.startswith("<svg")
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].text == name
    assert root[1].text == describe(name)
    assert root.get("aria-labelledby", "").split() == [root[0].get("id"), root[1].get("id")]


@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_leaks_into_the_page(name: str) -> None:
    text = svg_of(name)
    assert not re.search(r"<style|<script|<!--|<metadata|<\?xml|<!DOCTYPE", text)
    assert not re.search(r"(?:href|src)=\"(?!#)", text)
    assert len(text) < 60_000


@pytest.mark.parametrize("name", SAMPLE)
def test_no_dash_array_is_empty(name: str) -> None:
    assert not re.search(r'stroke-dasharray(?::|=")\s*(?:;|")', svg_of(name))


@pytest.mark.parametrize("name", SAMPLE)
def test_formulas_are_outlines_and_words_are_text(name: str) -> None:
    text = svg_of(name)
    assert not re.search(r'font[^"]*(STIX|Display)', text)
    assert f">{get(name).title}</text>" in text


@pytest.mark.parametrize("name", SAMPLE)
def test_references_point_inside(name: str) -> None:
    text = svg_of(name)
    identifiers = re.findall(r'id="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', text)) <= set(identifiers)


def test_two_pictures_share_no_id() -> None:
    found = [set(re.findall(r'\bid="([^"]+)"', svg_of(name))) for name in SAMPLE]
    assert sum(map(len, found)) == len(set().union(*found))


@pytest.mark.parametrize("name", SAMPLE)
def test_the_same_picture_gives_the_same_text(name: str) -> None:
    assert svg_of(name) == svg_of(name)


def test_titles_are_escaped() -> None:
    text = to_svg(curve(SAMPLE[0]).figure, "a < b & c", '"quoted"')  # type: ignore[arg-type]
    assert ET.fromstring(text)[0].text == "a < b & c"


def test_a_notebook_shows_axes_and_figures() -> None:
    ax: Any = curve(SAMPLE[0])
    assert ax._repr_svg_() == ax.figure._repr_svg_()
    assert describe(SAMPLE[0]).split(":")[0] in ax._repr_svg_()

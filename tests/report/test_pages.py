"""Every page: valid, self-contained, accessible, small, and deaf to what names contain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from nonlin.errors import InvalidValueError
from nonlin.report import to_html
from nonlin.report.figures import NAMES
from tests.report import records
from tests.report.checker import Page

MOST_BYTES = 1_000_000
RECORDS: dict[str, Callable[[], dict[str, Any]]] = {
    "comparison": records.comparison,
    "one candidate": lambda: records.comparison(1),
    "nothing finished": lambda: records.comparison(0),
    "comparison, hostile names": lambda: records.comparison(name=records.HOSTILE, data=records.HOSTILE),
    "demonstration": records.demonstration,
    "demonstration, hostile names": lambda: records.demonstration(records.HOSTILE),
}


@pytest.fixture(scope="module", params=RECORDS)
def page(request: pytest.FixtureRequest) -> tuple[str, Page]:
    html = to_html(RECORDS[request.param]())
    return html, Page(html)


def test_is_valid_and_loads_nothing(page: tuple[str, Page]) -> None:
    assert page[1].faults == []


def test_style_sheet_loads_nothing(page: tuple[str, Page]) -> None:
    style = re.findall(r"<style>(.*?)</style>", page[0], re.DOTALL)
    assert len(style) == 1
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_names_stay_text() -> None:
    for record in (records.comparison(name=records.HOSTILE), records.demonstration(records.HOSTILE)):
        html = to_html(record)
        assert "<script" not in html.lower()
        assert records.HOSTILE in "".join(Page(html).text)  # seen by the reader, whole


def test_every_figure_is_drawn_with_its_numbers_beside_it() -> None:
    html = to_html(records.demonstration())
    shown = Page(html)
    assert set(records.figures()) == set(NAMES)
    assert len(shown.figures) == len(NAMES) + 2  # the comparison has two of its own
    assert html.count("<svg") == html.count("<figcaption") == len(shown.figures)


def test_formulas_are_mathml() -> None:
    html = to_html(records.demonstration())
    assert html.count("<math") == 3  # two equations and the formula that is one


def test_twenty_candidates_fit() -> None:
    html = to_html(records.comparison(20, name="a name of some length"))
    assert len(html.encode()) <= MOST_BYTES
    assert all(f"a name of some length {index}" in html for index in range(20))


def test_missing_chapters_are_said() -> None:
    record = records.demonstration()
    assert "Interrupted: 1 of 3" in to_html({**record, "planned": 3})
    assert "Interrupted" not in to_html(record)


def test_the_same_record_gives_the_same_page() -> None:
    once, again = (to_html(json.loads(json.dumps(records.demonstration()))) for _ in range(2))
    assert once == again


def test_unknown_records_and_blocks_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="known schema"):
        to_html({"schema": "something else"})
    record = records.demonstration()
    for block in ({"kind": "hologram"}, {"kind": "figure", "figure": "to_svg", "title": "", "caption": "", "data": {}}):
        record["chapters"][0]["blocks"] = [block]
        with pytest.raises(InvalidValueError, match="no such"):
            to_html(record)


PLANTED = {
    "an image from elsewhere": ("</main>", '<img src="https://example.org/a.png"></main>'),
    "a style sheet from elsewhere": ("</head>", '<link rel="stylesheet" href="https://example.org/a.css"></head>'),
    "a script": ("</main>", "<script>1</script></main>"),
    "an event": ("<main ", '<main onclick="f()" '),
    "a link that runs code": ("<main ", '<a href="javascript:f()">a</a><main '),
    "an unclosed tag": ("<main ", "<div><main "),
    "a second h1": ("</main>", "<h1>a</h1></main>"),
    "a skipped heading": ("</main>", "<h2>a</h2><h4>a</h4></main>"),
    "an id used twice": ("</main>", '<p id="main"></p></main>'),
    "a figure without a table": ("</main>", "<figure><svg></svg><figcaption>a</figcaption></figure></main>"),
    "no language": ('<html lang="en">', "<html>"),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_checker_notices(fault: str) -> None:
    html = to_html(records.comparison(1))
    assert Page(html.replace(*PLANTED[fault], 1)).faults != []

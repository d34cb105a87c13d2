"""The demonstration's record as a page: one section for each chapter."""

from __future__ import annotations

from nonlin.report.page import Page, Record, Section


def page(record: Record) -> Page:
    """The page; says so when chapters are missing."""
    sections = tuple(
        Section(c["key"], c["title"], c["claim"], c["summary"], tuple(c["blocks"])) for c in record["chapters"]
    )
    missing = int(record["planned"]) - len(sections)
    note = f" Interrupted: {missing} of {record['planned']} chapters are missing." if missing else ""
    settings = tuple((str(name), str(value)) for name, value in record["settings"].items())
    return Page(record["title"], record["lead"] + note, sections, settings)

"""`render`: from a record to a file. The record's "schema" decides how it is laid out."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nonlin.report.comparison as comparison
import nonlin.report.demo as demo
from nonlin.errors import InvalidValueError, MissingDependencyError
from nonlin.report.page import Page, Record

# schema -> how such a record is laid out
PAGES: Mapping[str, Callable[[Record], Page]] = {
    "nonlin.comparison/1": comparison.page,
    "nonlin.demo/1": demo.page,
}
SUFFIXES = (".html", ".htm")


def render(record: Record, path: str | Path) -> Path:
    """Write the page of a record to `path`, and the record beside it as JSON; returns where the page is.

    `record` is what `Comparison.to_dict` gives, or the demonstration's. Both files appear whole or not at all.
    Raises InvalidValueError for a record of unknown schema or a path that cannot be written.
    """
    place = prepare(path)
    contents = {place: to_html(record), place.with_suffix(".json"): to_json(record)}
    for file, content in contents.items():
        _replace(file, content)
    return place


def to_html(record: Record) -> str:
    """The page as text."""
    layout = PAGES.get(str(record.get("schema")))
    if layout is None:
        raise InvalidValueError(
            "a report needs a record of a known schema", received=repr(record.get("schema")), choices=PAGES
        )
    try:
        from nonlin.report.html import fill
    except ImportError as error:
        raise MissingDependencyError(
            "a report needs Jinja2 and Matplotlib", received=str(error), fix='pip install "nonlin[plot]"'
        ) from error
    return fill(layout(record))


def to_json(record: Record) -> str:
    """The record as strict JSON; numbers that are not finite become null."""
    return json.dumps(_finite(record), indent=1, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def prepare(path: str | Path) -> Path:
    """The absolute path, its folder made, tried before any work is done. Raises InvalidValueError."""
    place = Path(path).absolute()
    if place.suffix.lower() not in SUFFIXES:
        raise InvalidValueError(
            "a report is one HTML file", received=str(path), fix=f"name it {Path(path).with_suffix('.html')}"
        )
    if place.is_dir():
        raise InvalidValueError("a report is a file, and this is a folder", received=str(path))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise InvalidValueError(
            "the report cannot be written there", received=f"{path}: {error.strerror}",
            fix="name a file in a folder that you may write to",
        ) from error  # fmt: skip
    return place


def _replace(path: Path, content: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

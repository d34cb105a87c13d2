"""Writing a report: two files, whole or not at all, and sentences where that cannot be."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from nonlin.errors import InvalidValueError
from nonlin.report import render, to_html
from tests.architecture.sandbox import run_python
from tests.report import records


def test_writes_the_page_and_its_records(tmp_path: Path) -> None:
    record = records.comparison()
    path = render(record, tmp_path / "new" / "report.html")
    assert path == tmp_path / "new" / "report.html"
    assert path.read_text(encoding="utf-8") == to_html(record)
    assert json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) == record
    assert sorted(p.name for p in path.parent.iterdir()) == ["report.html", "report.json"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444


def test_json_is_strict(tmp_path: Path) -> None:
    record = records.comparison()
    record["baseline"] = float("inf")
    path = render(record, tmp_path / "report.html")
    assert json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["baseline"] is None


def test_a_bad_record_leaves_the_old_report(tmp_path: Path) -> None:
    path = render(records.comparison(), tmp_path / "report.html")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(InvalidValueError):
        render({"schema": "none"}, path)
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("name", ["report.pdf", "report", "folder.html", "file/report.html"])
def test_impossible_places_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidValueError) as caught:
        render(records.comparison(), tmp_path / name)
    assert caught.value.exit_code == 2


def test_needs_no_torch(tmp_path: Path) -> None:
    record, page = tmp_path / "record.json", tmp_path / "report.html"
    record.write_text(json.dumps(records.demonstration()), encoding="utf-8")
    run = run_python("-c", (
        "import json, sys; sys.modules['torch'] = None; sys.modules['sklearn'] = None\n"
        "from nonlin.report import render\n"
        f"render(json.load(open({str(record)!r}, encoding='utf-8')), {str(page)!r})"
    ))  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert page.stat().st_size > 10_000

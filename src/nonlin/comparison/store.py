"""The run directory: one immutable JSON file per finished cell.

A file is written under a temporary name and moved into place, so that it is there whole or not at all, whatever
happens; it is named by the cell's key, so that directories from several machines can be merged with `cp`.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nonlin.comparison.cells import SCHEMA, Cell
from nonlin.errors import InvalidValueError

STATUSES = ("finished", "diverged")


@dataclass(frozen=True)
class Store:
    """Cells under `directory`/cells; with `models`, a cell counts as there only together with its saved weights."""

    directory: Path
    models: bool = False

    def prepare(self) -> None:
        """Create the directory and check that it can be written, before any training."""
        try:
            self._cells.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._cells):
                pass
        except OSError as error:
            raise InvalidValueError(
                "the run directory cannot be written",
                received=f"{self.directory}: {error.strerror}",
                fix="choose another one: --out DIR, or directory= in Python",
            ) from error

    @property
    def _cells(self) -> Path:
        return self.directory / "cells"

    def path(self, cell: Cell) -> Path:
        """The file of a cell."""
        return self._cells / f"{cell.key}.json"

    def model_path(self, cell: Cell) -> Path:
        """The saved state_dict of a cell, beside its record."""
        return self._cells / f"{cell.key}.pt"

    def read(self, cell: Cell) -> dict[str, Any] | None:
        """The record of a finished cell, or None. Raises ValueError for a file that is not such a record."""
        if self.models and not self.model_path(cell).exists():
            return None
        try:
            text = self.path(cell).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        record = json.loads(text)
        if not isinstance(record, dict) or record.get("schema") != SCHEMA or record.get("key") != cell.key:
            raise ValueError("not the record of this cell")
        if record.get("cell") != cell.to_dict() or record.get("status") not in STATUSES:
            raise ValueError("not the record of this cell")
        return record

    def write(self, cell: Cell, record: dict[str, Any], model: bytes | None = None) -> None:
        """Keep a finished cell; the record comes last, so that it never stands without its model."""
        if model is not None:
            _replace(self.model_path(cell), model)
        _replace(self.path(cell), json.dumps(record, indent=1, allow_nan=False).encode())


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

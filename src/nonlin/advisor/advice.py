"""Advice: its parts, with the ways to read them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from nonlin.advisor.records import Parts
from nonlin.advisor.text import html, plain

SCHEMA = "nonlin.advice/1"


@dataclass(frozen=True)
class Advice(Parts):
    """The answer to a question: `.hidden` (best first), `.output`, `.loss`, `.init`, `.avoid`, `.notes`, `.next`.

    `.avoid` names what the rules or the question mention; `.also_avoid` lists the rest, which is printed as a count.
    Readable when printed and in a notebook.
    """

    def to_dict(self) -> dict[str, Any]:
        """The advice as JSON-like values. The key "schema" names the format, whose keys keep their meaning."""
        return {"schema": SCHEMA, **_plain(asdict(self))}

    def to_json(self) -> str:
        """The advice as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def __str__(self) -> str:
        return plain(self)

    def _repr_html_(self) -> str:
        return html(self)


def _plain(value: Any) -> Any:
    """Tuples become lists, and the gains a mapping, as JSON has them."""
    if isinstance(value, dict):
        return {key: dict(item) if key == "gains" else _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value

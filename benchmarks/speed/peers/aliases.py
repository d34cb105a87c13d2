"""Under which name and with which keywords a library keeps a function: read from the catalogue's aliases.

What the aliases do not say (a keyword that selects a variant in a library) stands in `race.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.speed.cell import UnavailableError
from benchmarks.speed.settings import SETTINGS
from nonlin.catalog import DEFINITIONS
from nonlin.catalog.definition import Definition


def names_in(library: str, function: str) -> tuple[str, dict[str, Any]]:
    """The name after the prefix `library` and the keywords it needs; raises UnavailableError where it has none."""
    for name, keywords in _found(library, DEFINITIONS[function]):
        return name, keywords
    raise UnavailableError(f"{library.rstrip('.')} has no such function")


def offered(library: str, function: str) -> bool:
    """Whether the library has the function under a name the catalogue knows."""
    return any(True for _ in _found(library, DEFINITIONS[function]))


def _found(library: str, definition: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    extra = SETTINGS.keywords.get(library + definition.name)
    if extra is not None:
        yield str(extra["name"]), {key: value for key, value in extra.items() if key != "name"}
    yield from ((a.name, {}) for a in definition.aliases if a.prefix == library and not a.parameters)
    for other in DEFINITIONS.values():
        for keyword, value, variant in other.variants:
            if variant == definition.name:
                yield from ((a.name, {keyword: value}) for a in other.aliases if a.prefix == library)

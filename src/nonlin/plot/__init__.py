"""Pictures of activations. Functions take `ax=None`, return Axes or a Figure, never show and change no global state.

Names load on first use: the text twins (`describe`) need no Matplotlib, the pictures raise MissingDependencyError
without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nonlin.plot.curves import compare as compare
    from nonlin.plot.curves import curve as curve
    from nonlin.plot.sheet import cheatsheet as cheatsheet
    from nonlin.plot.svg import to_svg as to_svg
    from nonlin.plot.text import describe as describe

_WHERE = {
    "curve": "nonlin.plot.curves",
    "compare": "nonlin.plot.curves",
    "cheatsheet": "nonlin.plot.sheet",
    "describe": "nonlin.plot.text",
    "to_svg": "nonlin.plot.svg",
}
__all__ = ["cheatsheet", "compare", "curve", "describe", "to_svg"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

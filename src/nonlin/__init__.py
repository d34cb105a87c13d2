"""nonlin: activation functions, used exactly and fast, chosen with evidence, and checked when they hurt.

import nonlin as nl
nl.gelu(x)                  # array or tensor in, the same kind out
nl.gelu.derivative(x)       # f′(x)
nl.names()                  # every activation; each is an attribute of this module
nl.choose(task="binary")    # which one, and why
"""

from __future__ import annotations

import importlib
from typing import Any

from nonlin.activation import Activation
from nonlin.catalog import DEFINITIONS
from nonlin.kernels.threads import get_num_threads, set_num_threads
from nonlin.registry import gain, get, names

__version__ = "0.1.0"

# Public names whose modules need more than NumPy, loaded when first used: name -> (module, attribute or None).
_LATER: dict[str, tuple[str, str | None]] = {
    "choose": ("nonlin.advisor", "choose"),
    "compare": ("nonlin.comparison", "compare"),
    "define": ("nonlin.user_defined", "define"),
    "plot": ("nonlin.plot", None),
}

__all__ = [
    "Activation",
    "choose",
    "compare",
    "define",
    "gain",
    "get",
    "get_num_threads",
    "names",
    "plot",
    "set_num_threads",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        module, attribute = _LATER[name]
        loaded = importlib.import_module(module)
        return loaded if attribute is None else getattr(loaded, attribute)
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        found = get(name)
    except LookupError as error:
        raise AttributeError(f"nonlin has no attribute {name!r}: {error}") from None
    if found.name in DEFINITIONS:
        globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *names()})

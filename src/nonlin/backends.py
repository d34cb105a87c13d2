"""Which module computes on which kind of array, found by the array's type and imported when first needed."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from nonlin.errors import InvalidTypeError

# Root module of an array's type -> our module with `apply` and `apply_row` for it.
BACKENDS = {"torch": "nonlin.torch"}
# Arrays that NumPy would silently turn into its own: a caller gets an error instead of another kind of array.
FOREIGN = ("jax", "jaxlib", "cupy", "tensorflow")
_backends: dict[type, Any] = {}


def backend_of(x: object) -> Any:
    """The module for this type of array, imported when first needed; None for NumPy and what speaks its protocols."""
    kind = type(x)
    if kind not in _backends:
        _backends[kind] = _find_backend(kind)
    return _backends[kind]


def _find_backend(kind: type) -> Any:
    roots = [base.__module__.partition(".")[0] for base in kind.__mro__]
    if any(root in FOREIGN for root in roots):
        raise InvalidTypeError(
            "activations take NumPy arrays and PyTorch tensors",
            received=f"{kind.__module__}.{kind.__qualname__}",
            fix="convert with numpy.asarray(x)",
        )
    name = next((BACKENDS[root] for root in roots if root in BACKENDS), None)
    return None if name is None else sys.modules[_imported(name)]


def _imported(name: str) -> str:
    importlib.import_module(name)
    return name


# torch.compile cannot trace an import; a function with this mark it calls while tracing, for a constant.
_imported._dynamo_marked_constant = True  # type: ignore[attr-defined]

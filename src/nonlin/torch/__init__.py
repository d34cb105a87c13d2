"""PyTorch: every activation on tensors, as a module, with gradients of every order from its own derivative.

`import nonlin.torch as nlt`, then `nlt.GELU()` and the other names of torch.nn, `nlt.module("swish", beta=1.5)`,
`nlt.calculate_gain("gelu")`. Functions of tensors are the activations themselves: `nonlin.gelu(tensor)`.
"""

from typing import Any

from nonlin.torch.context import as_floating as as_floating
from nonlin.torch.dispatch import apply as apply
from nonlin.torch.dispatch import concatenate as concatenate
from nonlin.torch.generated import MODULES as MODULES
from nonlin.torch.generated import module as module
from nonlin.torch.initialise import calculate_gain as calculate_gain
from nonlin.torch.modules import ActivationModule as ActivationModule
from nonlin.torch.modules import RowModule as RowModule
from nonlin.torch.rows import apply_row as apply_row

__all__ = ["MODULES", "ActivationModule", "RowModule", "apply", "apply_row", "as_floating", "calculate_gain"]
__all__ += ["concatenate", "module"]
__all__ += list(MODULES)


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return MODULES[name]
    raise AttributeError(f"nonlin.torch has no module class {name!r}; it has {', '.join(MODULES)}")


def __dir__() -> list[str]:
    return sorted(__all__)

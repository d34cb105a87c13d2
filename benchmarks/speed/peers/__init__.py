"""The contenders: one function each, from a cell and its memory to the ways of computing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.speed.cell import Cell, Memory, Runner
from benchmarks.speed.peers.formulas import numexpr_formula, numpy_formula, scipy_formula
from benchmarks.speed.peers.jax_jit import jax_jit
from benchmarks.speed.peers.own import identity, nonlin
from benchmarks.speed.peers.torch_compiled import torch_compiled
from benchmarks.speed.peers.torch_eager import torch_eager, torch_from_x

Contender = Callable[[Cell, Memory], list[Runner]]

# The first is ours, the second what the memory carries; every other one is a peer.
CONTENDERS: Mapping[str, Contender] = {
    "nonlin": nonlin,
    "identity": identity,
    "torch": torch_eager,
    "torch from x": torch_from_x,
    "torch.compile": torch_compiled,
    "jax": jax_jit,
    "numpy": numpy_formula,
    "scipy": scipy_formula,
    "numexpr": numexpr_formula,
}
QUICK = ("nonlin", "identity", "torch", "torch from x", "jax")

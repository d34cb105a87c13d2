"""JAX, compiled by `jax.jit`; the number of threads is fixed before JAX is first imported."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.speed.cell import Cell, Memory, Runner, UnavailableError
from benchmarks.speed.peers.aliases import names_in


def jax_jit(cell: Cell, memory: Memory) -> list[Runner]:
    """`jax.jit(f)` on an array JAX holds; f′ as the compiled vector-Jacobian product with ones."""
    jax = _imported(cell.threads)
    compiled = _compiled(cell.function, cell.order)
    x = jax.numpy.asarray(memory.x)
    if cell.row:
        return [Runner("jit", lambda: compiled(x).block_until_ready())]
    wanted = cell.activation.derivative(np.linspace(-4, 4, 65, dtype=np.float32), cell.order)
    got = np.asarray(compiled(jax.numpy.linspace(-4, 4, 65, dtype=np.float32)))
    if np.mean(np.isclose(got, wanted, rtol=1e-4, atol=1e-4)) < 0.98:  # JAX chooses other slopes at kinks
        raise UnavailableError("JAX's is another function at these parameter values")
    return [Runner("jit", lambda: compiled(x).block_until_ready())]


@cache
def _imported(threads: int) -> Any:
    os.environ["NPROC"] = str(threads)
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    try:
        import jax
    except ImportError:
        raise UnavailableError("jax is not installed") from None
    settings: Any = jax.config
    settings.update("jax_enable_x64", True)
    settings.update("jax_platforms", "cpu")
    return jax


@cache
def _compiled(name: str, order: int) -> Any:
    import jax

    import nonlin as nl

    made_name, keywords = names_in("jax.nn.", name)
    made, parameters = getattr(jax.nn, made_name), nl.get(name).parameters
    function = partial(made, **keywords)
    if parameters:
        try:
            made(jax.numpy.zeros(1), **parameters, **keywords)
            function = partial(made, **parameters, **keywords)
        except TypeError:
            pass  # compared with ours before it races
    if not order:
        return jax.jit(function)

    def slope(x: Any) -> Any:
        value, back = jax.vjp(function, x)
        return back(jax.numpy.ones_like(value))[0]

    return jax.jit(slope)

"""Training one cell: the function a worker runs.

Everything random comes from generators of its own, so nothing global is read or changed, and the same cell gives the
same record. Candidates of one seed share the split, the draws of the initial weights and the order of minibatches.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

import nonlin.comparison.networks as networks
from nonlin import registry
from nonlin import torch as nonlin_torch
from nonlin.activation import Activation
from nonlin.comparison.cells import SCHEMA, Cell
from nonlin.comparison.data import Data
from nonlin.comparison.prepared import Part, Prepared, prepare
from nonlin.errors import InvalidValueError

CURVE_POINTS = 15
CHUNK = 4096
WORSE = 1.05  # a final training loss beyond this multiple of the constant predictor's counts as diverged


def run(
    cell: Cell, activation: Activation, data: Data, keep_model: bool = False
) -> tuple[dict[str, Any], bytes | None]:
    """Train one cell. Returns its record (JSON types) and, on request, the saved state_dict.

    The record holds `status` ("finished" or "diverged") with its `reason`, `scores` of validation and test (loss and
    score), the `baseline` a constant prediction reaches, the `curve`, the number of `weights`, and `seconds`.
    """
    started = time.perf_counter()
    prepared = prepare(data, cell.split_seed)
    network = initial_network(cell, activation, data)
    curve, reason = _train(network, prepared, cell)
    seconds = time.perf_counter() - started
    record = {
        "schema": SCHEMA, "key": cell.key, "cell": cell.to_dict(),
        **_outcome(network, prepared, reason), "curve": curve,
        "weights": sum(p.numel() for p in network.parameters()), "rows": [len(part.targets) for part in prepared.parts],
        "seconds": round(seconds, 4), "torch": torch.__version__,
    }  # fmt: skip
    return record, _saved(network) if keep_model else None


def initial_network(cell: Cell, activation: Activation, data: Data) -> nn.Sequential:
    """The cell's network before training. The draws depend on the seed, not on the activation."""
    gain = registry.gain(activation)
    if not (math.isfinite(gain) and gain > 0):
        raise InvalidValueError(
            "there is no matched gain: E[f(z)²] is zero or infinite",
            received=cell.candidate.label,
            fix="leave it out of the comparison",
        )
    return networks.build(
        cell.recipe,
        data.inputs.shape[1:],
        data.outputs,
        lambda: nonlin_torch.module(activation),
        gain,
        _generator(cell.seed, "weights"),
    )


def time_steps(cell: Cell, activation: Activation, data: Data, steps: int = 10) -> float:
    """Seconds per training step of `cell` on this machine, for the estimate before a run."""
    prepared = prepare(data, cell.split_seed)
    network = initial_network(cell, activation, data)
    _train(network, prepared, cell, limit=2)  # the first steps pay for lazy set-up
    started = time.perf_counter()
    _train(network, prepared, cell, limit=steps)
    return (time.perf_counter() - started) / steps


def _generator(seed: int, stream: str) -> torch.Generator:
    number = np.random.SeedSequence([seed, *stream.encode()]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(number >> np.uint64(1)))


def _batches(rows: int, batch: int, steps: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Row numbers of each minibatch: every epoch in a new order, a last part smaller than the batch left out."""
    size = min(batch, rows)
    order, at = torch.randperm(rows, generator=generator), 0
    for _ in range(steps):
        if at + size > rows:
            order, at = torch.randperm(rows, generator=generator), 0
        yield order[at : at + size]
        at += size


def _train(
    network: nn.Module, prepared: Prepared, cell: Cell, limit: int | None = None
) -> tuple[list[list[float | None]], str | None]:
    """Adam, learning rate falling linearly to zero. Returns the curve and why training stopped early, if it did.

    A point of the curve is [step, mean minibatch loss since the last point, validation loss].
    """
    steps, loss_of = cell.recipe.steps, prepared.loss
    optimizer = torch.optim.Adam(network.parameters(), lr=cell.learning_rate, fused=True)
    every = max(steps // CURVE_POINTS, 1)
    curve: list[list[float | None]] = []
    recent: list[float] = []
    order = _batches(len(prepared.train.targets), cell.recipe.batch, limit or steps, _generator(cell.seed, "order"))
    for step, rows in enumerate(order, start=1):
        optimizer.param_groups[0]["lr"] = cell.learning_rate * (1 - (step - 1) / steps)
        optimizer.zero_grad()
        loss = loss_of(network(prepared.train.inputs[rows]), prepared.train.targets[rows])
        recent.append(loss.item())
        if not math.isfinite(recent[-1]):
            return curve, f"the loss was not finite at step {step} of {steps}"
        loss.backward()
        optimizer.step()
        if step % every == 0 or step == steps:
            curve.append(
                [step, _short(sum(recent) / len(recent)), _short(evaluate(network, prepared.validation, loss_of)[0])]
            )
            recent = []
    return curve, None


def evaluate(network: nn.Module, part: Part, loss_of: nn.Module) -> tuple[float, torch.Tensor]:
    """Mean loss over `part`, and the outputs for all its rows."""
    network.eval()
    with torch.no_grad():
        outputs = torch.cat([network(chunk) for chunk in part.inputs.split(CHUNK)])
    network.train()
    return float(loss_of(outputs, part.targets)), outputs


def _outcome(network: nn.Module, prepared: Prepared, reason: str | None) -> dict[str, Any]:
    """Status, losses and scores of the trained network. A diverged one has no scores of its own."""
    constant, _ = prepared.constant
    if reason is None:
        loss = evaluate(network, prepared.train, prepared.loss)[0]
        if not loss <= WORSE * constant:
            reason = f"the final training loss {loss:.3g} is worse than a constant prediction's {constant:.3g}"
    scores: dict[str, Any] = {}
    for name in ("validation", "test"):
        if reason is None:
            part: Part = getattr(prepared, name)
            loss, outputs = evaluate(network, part, prepared.loss)
            scores[name] = {"loss": _short(loss), "score": _short(prepared.score(outputs, part))}
    status = "finished" if reason is None else "diverged"
    return {"status": status, "reason": reason, "scores": scores, "baseline": _short(prepared.constant[1])}


def _short(value: float) -> float | None:
    """Seven digits are all a float32 loss has; JSON knows no infinity."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


def _saved(network: nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    return buffer.getvalue()

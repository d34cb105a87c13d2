"""One cell: paired draws, matched initialisation, divergence, no global state, the same record every time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import nonlin
from nonlin.comparison import plan as planning
from nonlin.comparison import training
from nonlin.comparison.cells import Cell
from nonlin.comparison.data import Data, from_arrays
from nonlin.comparison.plan import Plan
from nonlin.comparison.prepared import prepare
from nonlin.comparison.splits import split
from tests.comparison.helpers import HIDDEN, PAIR, blobs


def plan_of(data: Data, activations: Any = PAIR, **changes: Any) -> Plan:
    recipe = {"width": 8, "steps": 30, "batch": 16, **changes}
    rates = recipe.pop("learning_rates", (0.01,))
    return planning.make(data, list(activations), "quick", 2, rates, recipe)


def run(plan: Plan, cell: Cell) -> dict[str, Any]:
    return training.run(cell, plan.activations[cell.candidate.label], plan.data)[0]


def network(plan: Plan, cell: Cell) -> torch.nn.Sequential:
    return training.initial_network(cell, plan.activations[cell.candidate.label], plan.data)


def linear_layers(net: torch.nn.Sequential) -> list[torch.nn.Linear]:
    return [layer for layer in net if isinstance(layer, torch.nn.Linear)]


def test_the_same_cell_gives_the_same_record() -> None:
    plan = plan_of(blobs())
    first, second = (run(plan, plan.cells[0]) for _ in range(2))
    assert first.pop("seconds") >= 0
    assert second.pop("seconds") >= 0
    assert first == second


def test_candidates_of_a_seed_share_weights_up_to_the_gain() -> None:
    plan = plan_of(blobs())
    a, b = (c for c in plan.cells if c.seed == 0)
    one, other = linear_layers(network(plan, a)), linear_layers(network(plan, b))
    ratio = nonlin.gain(b.candidate.name) / nonlin.gain(a.candidate.name)
    assert len(one) == 3
    for index, (x, y) in enumerate(zip(one, other, strict=True)):
        torch.testing.assert_close(x.weight * (ratio if index == 1 else 1.0), y.weight)
    c = next(c for c in plan.cells if c.seed == 1)
    assert not torch.equal(linear_layers(network(plan, c))[0].weight, one[0].weight)


@pytest.mark.parametrize("name", HIDDEN)
def test_matched_initialisation_keeps_the_variance(name: str) -> None:
    """z = W f(z') has variance one again when W is drawn with the matched gain.

    Where the slope is unbounded, variance one is a fixed point that repels: the sampling error of one layer grows in
    the next.
    """
    highest = 1.5 if np.isfinite(nonlin.get(name).facts.lipschitz) else 3.0
    random = np.random.default_rng(0)
    data = from_arrays(random.normal(size=(400, 256)), np.arange(400) % 2, task="classification")
    plan = plan_of(data, [name], depth=4, width=256)
    net = network(plan, plan.cells[0])
    x = prepare(data, 0).train.inputs
    with torch.no_grad():
        for layer in list(net)[:-1]:
            x = layer(x)
            if isinstance(layer, torch.nn.Linear):
                assert 0.6 < float(x.square().mean()) < highest


def test_seeds_share_rows_between_candidates_and_differ_between_seeds() -> None:
    data = blobs()
    a, b = split(data, 0), split(data, 1)
    assert sorted([*a.train, *a.validation, *a.test]) == list(range(data.rows))
    assert list(a.test) != list(b.test)
    assert list(a.test) == list(split(data, 0).test)
    for part in (a.train, a.validation, a.test):
        assert np.ptp(np.bincount(data.targets[part])) <= 1
    fixed = plan_of(data, splits="fixed")
    assert {cell.split_seed for cell in fixed.cells} == {0}
    assert {cell.split_seed for cell in plan_of(data).cells} == {0, 1}


def test_scaling_looks_at_training_rows_only() -> None:
    data = blobs()
    moved = np.array(data.inputs)
    moved[split(data, 0).test] += 1000
    inputs = prepare(replace(data, inputs=moved), 0).train.inputs
    torch.testing.assert_close(inputs, prepare(data, 0).train.inputs)
    assert float(inputs.mean().abs()) < 1e-5


def test_minibatches_are_epochs_in_new_orders() -> None:
    batches = list(training._batches(10, 4, 5, torch.Generator().manual_seed(0)))
    assert [len(b) for b in batches] == [4] * 5
    first_epoch = torch.cat(batches[:2]).tolist()
    assert len(set(first_epoch)) == 8
    assert torch.cat(batches[2:4]).tolist() != first_epoch


def test_a_huge_learning_rate_counts_as_diverged() -> None:
    plan = plan_of(blobs(), learning_rates=(1e6,))
    record = run(plan, plan.cells[0])
    assert record["status"] == "diverged"
    assert record["reason"]
    assert record["scores"] == {}
    assert 0 < record["baseline"] < 1


def test_a_sensible_learning_rate_learns() -> None:
    plan = plan_of(blobs(), steps=100)
    for cell in plan.cells:
        record = run(plan, cell)
        assert record["status"] == "finished"
        assert record["scores"]["test"]["score"] > record["baseline"] + 0.2


def test_regression_scores_are_measured_against_the_training_mean() -> None:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(100, 3))
    data = from_arrays(inputs, 5 + 100 * inputs[:, 0])
    assert data.task == "regression"
    plan = plan_of(data, steps=200)
    record = run(plan, plan.cells[0])
    assert record["baseline"] == 0
    assert record["scores"]["test"]["score"] > 0.9


def test_training_leaves_the_global_generator_alone() -> None:
    plan = plan_of(blobs())
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    run(plan, plan.cells[0])
    assert torch.equal(before, torch.random.get_rng_state())
    assert threads == torch.get_num_threads()


def test_convolutional_network_on_images() -> None:
    random = np.random.default_rng(0)
    labels = np.arange(60) % 2
    data = from_arrays(random.normal(size=(60, 8, 8)) + labels[:, None, None], labels, task="classification")
    plan = plan_of(data, network="cnn", width=4, steps=60)
    kinds = [type(layer).__name__ for layer in network(plan, plan.cells[0])]
    assert kinds.count("Conv2d") == 2
    assert kinds.count("MaxPool2d") == 2
    assert kinds[-1] == "Linear"
    assert run(plan, plan.cells[0])["scores"]["test"]["score"] > 0.9

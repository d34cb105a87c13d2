"""What the chapters claim, tested on small versions of their own experiments."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

import nonlin
from nonlin.activation import Activation
from nonlin.demo import collapse, data, digits, dying, gradients, networks
from nonlin.demo.chapter import listed, number
from nonlin.demo.data import Rows
from nonlin.demo.selection import CANDIDATES, DEEP, PROBABILITIES, REPAIR, STRAIGHT, USUAL

STRAIGHT_ONE, USUAL_ONE, REPAIR_ONE = map(nonlin.get, (STRAIGHT, USUAL, REPAIR))


@pytest.fixture(scope="module")
def rings() -> Rows:
    return data.rings(0)


@pytest.fixture(scope="module")
def scans() -> Rows:
    return data.digits(0)


def _network(rows: Rows, activation: Activation, hidden: int = 3, width: int = 16) -> nn.Sequential:
    sizes = (rows.learn.shape[1], *[width] * hidden, rows.classes)
    return networks.stack(sizes, activation, networks.scaled(activation.facts.gain), 0)


def test_every_name_shown_is_in_the_registry_with_the_part_it_plays() -> None:
    assert {nonlin.get(name).name for name in (*DEEP, *CANDIDATES)} <= set(nonlin.names(kind="elementwise"))
    assert STRAIGHT_ONE.facts.smoothness == math.inf
    assert STRAIGHT_ONE.facts.max_slope == STRAIGHT_ONE.facts.lipschitz == 1
    assert USUAL_ONE.facts.dead_region
    assert not REPAIR_ONE.facts.dead_region
    assert nonlin.get(PROBABILITIES).kind == "row"


def test_a_linear_network_is_one_affine_map_to_rounding(scans: Rows) -> None:
    network = _network(scans, STRAIGHT_ONE, hidden=7)
    with torch.no_grad():
        list(network.parameters())[-1].add_(1.0)  # the last bias
    product = collapse.multiply_out(network, scans.test)
    assert product.weight.shape == (10, 64)
    assert 0 < product.roundings < 50
    with torch.no_grad():
        alone = (scans.test.double() @ product.weight.T + product.bias).float()
        assert torch.allclose(network(scans.test), alone, atol=1e-4)


def test_a_network_with_an_activation_is_not(scans: Rows) -> None:
    assert collapse.multiply_out(_network(scans, USUAL_ONE, hidden=7), scans.test).difference > 0.1


def test_only_the_activation_separates_the_rings(rings: Rows) -> None:
    flat, bent = (collapse._trained(rings, activation, 120, 0) for activation in (STRAIGHT_ONE, USUAL_ONE))
    straight = networks.accuracy(flat, rings.test, rings.test_classes)
    assert abs(straight - collapse.logistic_regression(rings)) < 0.1
    assert straight < 0.65
    assert networks.accuracy(bent, rings.test, rings.test_classes) > 0.95


@pytest.mark.parametrize("start", gradients.STARTS)
@pytest.mark.parametrize("name", DEEP)
def test_gradients_are_as_predicted(name: str, start: str) -> None:
    found = gradients.measure(nonlin.get(name), start, depth=8, draws=2, seed=0)
    assert len(found.measured) == len(found.predicted) == 8
    ratio = np.array(found.measured) / np.array(found.predicted)
    assert (ratio > 0.6).all()
    assert (ratio < 1.6).all()
    # A prediction for other weights than those measured must not pass.
    other = gradients.measure(
        nonlin.get(name), "default" if start == "matched" else "matched", depth=8, draws=1, seed=0
    )
    wrong = np.array(other.predicted) / np.array(found.predicted)
    assert not 0.6 < wrong[0] < 1.6


def test_the_default_start_is_pytorchs() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        theirs = nn.Linear(400, 300)
    ours = networks.stack((400, 300), USUAL_ONE, networks.pytorch_default, 3)[0]
    assert isinstance(ours, nn.Linear)
    for mine, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert float(mine.detach().abs().max()) <= 1 / 20
        assert float(mine.detach().std()) == pytest.approx(float(their.detach().std()), rel=0.1)


def test_dead_units_are_counted(scans: Rows) -> None:
    network = _network(scans, USUAL_ONE, hidden=1, width=8)
    with torch.no_grad():
        list(network.parameters())[1][:2] = -1e4  # two biases of the hidden layer
    assert dying.dead_shares(network, USUAL_ONE, scans.learn) == (0.25,)
    assert dying.dead_shares(network, REPAIR_ONE, scans.learn) == (0.0,)


def test_large_steps_kill_and_the_repair_survives(scans: Rows) -> None:
    calm, killed, repaired = (
        dying.experiment(scans, activation, burst=burst, steps=60, seed=0)
        for activation, burst in ((USUAL_ONE, 0), (USUAL_ONE, dying.BURST), (REPAIR_ONE, dying.BURST))
    )
    assert np.mean(killed.dead) > 0.4 > np.mean(calm.dead)
    assert set(repaired.dead) == {0.0}
    assert repaired.accuracy > killed.accuracy
    assert len(killed.losses) == dying.POINTS


def test_training_is_repeatable_and_touches_nothing_global(scans: Rows) -> None:
    before = torch.random.get_rng_state()
    first, second = (dying.experiment(scans, USUAL_ONE, burst=5, steps=15, seed=1) for _ in range(2))
    assert first == second
    assert first != dying.experiment(scans, USUAL_ONE, burst=5, steps=15, seed=2)
    assert torch.equal(before, torch.random.get_rng_state())


def test_one_thread_is_given_back() -> None:
    before = torch.get_num_threads()
    with networks.one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_softmax_gives_the_articles_numbers_and_argmax_the_one() -> None:
    table, explanation = digits.article_example()
    assert [row[2] for row in table["rows"]] == ["0.58", "0.23", "0.19"]
    assert [row[3] for row in table["rows"]] == ["1", "0", "0"]
    assert "argmax" in explanation["text"]


def test_the_images_are_those_of_the_test_rows(scans: Rows) -> None:
    images = data.test_images(0)
    assert images.shape == (len(scans.test), 8, 8)
    rows, scaled = images.reshape(len(images), 64), scans.test.numpy()
    moving = rows.std(axis=0) > 0
    correlation = [np.corrcoef(rows[:, i], scaled[:, i])[0, 1] for i in np.flatnonzero(moving)]
    assert min(correlation) > 0.999


def test_numbers_and_lists_read_well() -> None:
    values = (0.0, 0.0022, 24.3, 176.0, 4.2e-5, 5e20)
    assert [number(v) for v in values] == ["0", "0.0022", "24", "180", "4·10⁻⁵", "5·10²⁰"]
    assert [listed(x) for x in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == ["none", "a", "a and b", "a, b and c"]

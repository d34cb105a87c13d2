"""Chapter 4: which hidden activation is best on the scanned digits, and what softmax makes of the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

import nonlin.demo.data as data
import nonlin.demo.networks as networks
from nonlin.comparison import Comparison, compare, executors
from nonlin.demo.chapter import Block, Chapter, Context, commands, figure, listed, table, text
from nonlin.demo.selection import CANDIDATES, PROBABILITIES, USUAL
from nonlin.registry import get

EXECUTOR = "local"
FULL: dict[str, dict[str, Any]] = {"mlp": {}, "cnn": {"steps": 200}}  # beyond the preset "quick"
QUICK: dict[str, Any] = {"seeds": 2, "learning_rates": (0.01,), "steps": 60}
ARTICLE_SCORES = (1.8, 0.9, 0.68)  # the worked example of the article on twelve functions
WIDTH = 64
TITLE = "Reading digits: which activation, and how sure"
CLAIM = "Dense layers or convolutions, an activation, softmax at the end: which activation? Measure, and count ties."


def write(context: Context) -> Chapter:
    """Compare the candidates in both networks, then look at one image's probabilities."""
    found = _compared(context)
    context.say("one image's probabilities")
    summary = "; ".join(f"{network.upper()}: {_verdict(result)}" for network, result in found.items()) + "."
    blocks = (
        text(
            "1,797 handwritten digits, scanned at 8 × 8. Every candidate gets the same network, the same number of "
            "steps, its own matched initial weights and the best of the same learning rates, chosen on validation "
            "rows. Differences are tested in pairs of equal seeds."
        ),
        *({"kind": "comparison", "comparison": result.to_dict()} for result in found.values()),
        *_softmax(context),
        commands(f"nonlin compare digits --network cnn --activations {','.join(CANDIDATES)}",
                 f"nonlin show {PROBABILITIES}"),
    )  # fmt: skip
    return Chapter("digits", TITLE, CLAIM, summary, blocks)


def _compared(context: Context) -> dict[str, Comparison]:
    """Both networks' comparisons, in the same worker processes."""
    found = {}
    with executors.opened(EXECUTOR, None) as (workers, count):
        for network, settings in FULL.items():
            context.say(f"comparing {len(CANDIDATES)} activations on the digits, network {network}")
            with context.pause():
                found[network] = compare(
                    "digits", CANDIDATES, network, preset="quick", directory=context.runs / network,
                    executor=workers, workers=count, progress=context.shown, **(QUICK if context.quick else settings),
                )  # fmt: skip
    return found


def _verdict(result: Comparison) -> str:
    if len(result.best) == len(result.table):
        return f"all {len(result.table)} activations tie, {result.best[0]} has the highest mean"
    if len(result.best) == 1:
        return f"{result.best[0]} is best"
    return f"{listed(result.best)} cannot be told apart"


def _softmax(context: Context) -> list[Block]:
    """The least certain test image of a trained network, and the article's example, softmax beside argmax."""
    rows = data.digits(context.seed)
    network = _classifier(rows, context.seed)
    with torch.no_grad():
        scores = network(rows.test).double().numpy()
    probabilities = np.asarray(get(PROBABILITIES)(scores))
    doubtful = int(probabilities.max(axis=1).argmin())
    label = int(rows.test_classes[doubtful])
    image = data.test_images(context.seed)[doubtful]
    return [
        text(
            "The last layer gives ten scores; softmax turns them into ten probabilities that add up to 1. Below is "
            f"the test image that a small network is least sure about: a {label}, read as "
            f"{int(probabilities[doubtful].argmax())} with {100 * probabilities[doubtful].max():.0f} %."
        ),
        figure("image_and_probabilities", "The image the network is least sure about", "The image beside the "
               "probability of each class.", image=[[float(v) for v in line] for line in image],
               probabilities=[round(float(p), 5) for p in probabilities[doubtful]], label=label),
        *article_example(),
    ]  # fmt: skip


def article_example() -> list[Block]:
    """Softmax of the article's scores beside argmax, which is what returns 1 and 0."""
    shares = np.asarray(get(PROBABILITIES)(np.array(ARTICLE_SCORES)))
    largest = int(shares.argmax())
    rows = [
        [f"{score:g}", f"{share:.4f}", f"{share:.2f}", str(int(index == largest))]
        for index, (score, share) in enumerate(zip(ARTICLE_SCORES, shares, strict=True))
    ]
    return [
        table(
            "Softmax and argmax of the same scores",
            ["score", PROBABILITIES, "to two digits", "argmax as 1 and 0"],
            rows,
        ),
        text(
            f"Softmax does not return 1 for the largest score and 0 for the others; it returns probabilities, here "
            f"{shares[largest]:.2f} for the largest. The 1 and 0 come from argmax, the decision taken afterwards. "
            "For training, the loss takes the scores themselves."
        ),
    ]


def _classifier(rows: data.Rows, seed: int) -> nn.Sequential:
    activation = get(USUAL)
    sizes = (rows.learn.shape[1], WIDTH, WIDTH, rows.classes)
    network = networks.stack(sizes, activation, networks.scaled(activation.facts.gain), seed)
    networks.train(network, rows.learn, rows.learn_classes, steps=150, learning_rate=0.01, seed=seed)
    return network

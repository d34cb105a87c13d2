"""Chapter 5: what the articles, published evidence and the facts advise for the task of chapter 4."""

from __future__ import annotations

from dataclasses import asdict

from nonlin.advisor import choose
from nonlin.advisor.text import page
from nonlin.demo.chapter import Chapter, Context, commands, text

QUESTION = {"task": "multiclass", "network": "cnn", "data": "image"}
TITLE = "Choosing, with reasons"
CLAIM = "Pick by task and network, know where the advice comes from, then measure on your own data."


def write(context: Context) -> Chapter:
    """Ask for the digits' task."""
    context.say("asking for advice on this task")
    advice = choose(QUESTION["task"], QUESTION["network"], data=QUESTION["data"])
    hidden = ", ".join(s.name for s in advice.hidden if s.rank == 1)
    output = advice.output.name if advice.output else "none"
    loss = advice.loss.name if advice.loss else "none"
    asked = " ".join(f"--{key} {value}" for key, value in QUESTION.items())
    blocks = (
        text(
            "Each reason says whether it is advice of the introductory articles, a published result, or computed from "
            "the definition. Where they disagree, both are shown."
        ),
        {"kind": "advice", "page": asdict(page(advice))},
        commands(f"nonlin choose {asked}", advice.next),
    )
    return Chapter("choose", TITLE, CLAIM, f"Hidden layers: {hidden}. Output: {output}. Loss: {loss}.", blocks)

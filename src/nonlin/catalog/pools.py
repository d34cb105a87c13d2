"""Pools: the inputs along an axis are taken in groups, and each group becomes one output.

The formula joins two inputs: x, what the first ones of the group have come to, and the parameter `value`, the next.
"""

from nonlin.catalog.definition import Definition, Parameter, Reference
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import maximum, parameter, x

FAMILY = "pools"

MAXOUT = Definition(
    name="maxout",
    title="Maxout",
    family=FAMILY,
    kind="pool",
    gated="first",
    formula=maximum(parameter("value"), x),  # at a tie the first input of the group gets the gradient
    parameters=(Parameter("value", 0.0, "the next input of the group"),),
    summary="The largest of each group of num_pieces inputs: a convex function learned from straight pieces.",
    reference=Reference("Goodfellow, Warde-Farley, Mirza, Courville, Bengio", 2013, "Maxout networks",
                        "https://arxiv.org/abs/1302.4389"),
    aliases=also_known_as(addons="Maxout", activations_plus="Maxout", echo="Maxout"),
    pros=("Learns its own shape, and one input of each group always passes the gradient on.",),
    cons=("Needs num_pieces times the weights for the same width.",),
    used_in=("Maxout networks with dropout",),
    use_when="A dropout network whose activation is to be learned.",
    avoid_when="The number of weights matters.",
    roles=("gate",),
    torch_module="Maxout",
)  # fmt: skip

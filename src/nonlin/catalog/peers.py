"""Formulas that libraries compute under a name of the catalogue and that are not the catalogue's function."""

from dataclasses import dataclass

from nonlin.expression.nodes import Node, decimal, expm1, less, parameter, select, softplus, tanh, x


@dataclass(frozen=True)
class PeerFormula:
    """What `library` computes under `name`, beside the definition it is usually taken for, and how it differs."""

    name: str
    library: str
    definition: str
    formula: Node
    difference: str


def _selu(alpha: str, scale: str) -> Node:
    return decimal(scale) * select(less(0, x), x, decimal(alpha) * expm1(x))


PEER_FORMULAS = (
    PeerFormula("Softplus", "torch.nn", "softplus",
                select(less(20, parameter("beta") * x), x, softplus(parameter("beta") * x) / parameter("beta")),
                "the identity beyond βx = 20, by default: a jump, and derivatives of 1 and 0"),
    PeerFormula("selu", "mlx.nn and tinygrad", "selu", _selu("1.67326", "1.0507"), "constants of five or six digits"),
    PeerFormula("Selu", "onnx", "selu", _selu("1.67326319217681884765625", "1.05070102214813232421875"),
                "constants rounded to float32"),
    PeerFormula("TeLU", "torch_activation", "telu", x * tanh(select(less(0, x), x, expm1(x))),
                "another function, x·tanh(ELU(x))"),
)  # fmt: skip

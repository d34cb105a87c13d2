"""Inputs that cannot both be meant. (An output activation that does not suit the task is found in `outputs`.)"""

from nonlin.advisor.conditions import OneOf, when
from nonlin.advisor.rule import Contradiction

_NORMALIZED = OneOf(("batch", "layer", "rms", "group", "instance"))

CONTRADICTIONS = (
    Contradiction(
        "self-normalizing-with-normalization", when(network="self_normalizing", normalization=_NORMALIZED),
        "a self-normalising network keeps mean and variance by itself; a normalisation layer undoes that",
        "use network='mlp' to keep the normalisation, or normalization='none' to keep the self-normalising network",
    ),
    Contradiction(
        "self-normalizing-with-residual", when(network="self_normalizing", residual=True),
        "a self-normalising network is plain: adding a layer's input to its output changes the variance it keeps",
        "use network='mlp' to keep the residual connections, or residual=False",
    ),
    Contradiction(
        "language-model-with-batch-norm", when(task="language_model", normalization="batch"),
        "batch normalisation mixes the positions of a sequence, so the model would see the tokens it has to predict",
        "use normalization='layer' or normalization='rms'",
    ),
    Contradiction(
        "language-model-with-fixed-size", when(task="language_model", network="self_normalizing"),
        "a language model reads sequences of any length; a self-normalising network is a plain multilayer perceptron",
        "use network='transformer', 'lstm', 'gru', 'rnn' or 'cnn'",
    ),
    Contradiction(
        "transformer-on-plain", when(network="transformer", residual=False),
        "a transformer is made of residual blocks: without them it is another network",
        "leave residual out, or use network='mlp'",
    ),
)  # fmt: skip

"""What published results add to the articles, and where they correct them."""

from nonlin.advisor.conditions import AtLeast, Has, when
from nonlin.advisor.rule import Rule, Strength
from nonlin.advisor.rules.articles import VERY_DEEP

_FEEDFORWARD = ("mlp", "cnn", None)
_IMAGES = ("image", None)
_NORMALIZED = ("batch", "layer", "rms", "group", "instance")

_TRANSFORMER = (
    Rule(
        "smooth-ties", "hidden", ("swish", "relu"),
        "No difference from GELU beyond noise: T5 loss 1.677 ReLU, 1.679 GELU, 1.683 Swish (deviation between runs "
        "0.003 to 0.010); in the independent repeat 1.838, 1.838, 1.847.",
        ("shazeer-2020", "narang-2021"), when(network="transformer"),
    ),
    Rule(
        "gating-replicates", "hidden", ("swiglu", "geglu"),
        "Gating is the change that replicates: T5 loss 1.636 and 1.633 against 1.679 for GELU, in the repeat 1.789 "
        "and 1.792 against 1.838. A gate takes twice the width it returns: 2/3 of the width gives equal size.",
        ("shazeer-2020", "narang-2021"), when(network="transformer"), Strength.ALTERNATIVE,
    ),
    Rule(
        "accuracy-gating", "hidden", ("swiglu", "geglu"),
        "With accuracy first, the gated layer is the one choice here with replicated evidence.",
        ("shazeer-2020", "narang-2021"), when(network="transformer", priority="accuracy"),
    ),
    Rule(
        "accuracy-ungated", "hidden", ("gelu", "swish", "relu"),
        "Ungated functions were worse than gated ones at equal size in both T5 studies.",
        ("shazeer-2020", "narang-2021"), when(network="transformer", priority="accuracy"),
        Strength.ALTERNATIVE, limit=True,
    ),
    Rule(
        "squared-relu", "note", (),
        "Gating does not win everywhere: at equal size and cost SwiGLU was worse than squared ReLU in nanochat.",
        ("nanochat-2026",), when(network="transformer"),
    ),
    Rule(
        "speed-transformer-relu", "hidden", ("relu",),
        "Negligible effect on quality, and its exact zeros allow up to three times less computation when serving.",
        ("mirzadeh-2023",), when(network="transformer", priority="speed"),
    ),
    Rule(
        "speed-smooth-after-relu", "hidden", ("gelu", "swish"),
        "As good as ReLU within noise, and dearer to compute.",
        ("narang-2021",), when(network="transformer", priority="speed"), Strength.ALTERNATIVE, limit=True,
    ),
)  # fmt: skip

_FEEDFORWARD_RULES = (
    Rule(
        "smooth-within-noise", "note", (),
        "Smooth functions differ by noise: 23 CIFAR-10 runs gave Mish 87.5, GELU 87.4, Swish 87.3 % (p = .20 and .40), "
        "ReLU 86.7 %.",
        ("misra-2020",), when(network=_FEEDFORWARD),
    ),
    Rule(
        "gelu-claim", "hidden", ("gelu",),
        "The published lead over ReLU was 0.1 to 1.0 points with 3 to 5 runs and no test; two T5 studies found none.",
        ("hendrycks-2016", "shazeer-2020", "narang-2021"), when(network=_FEEDFORWARD), Strength.WORTH_A_TRY,
    ),
    Rule(
        "swish-claim", "note", (),
        "Swish does not always match or beat ReLU: CIFAR-10 89.98 % against 91.52 % in one study.",
        ("alcaide-2018",), when(depth=AtLeast(VERY_DEEP), network=_FEEDFORWARD),
    ),
    Rule(
        "very-deep-plain-normalize-first", "note", (),
        "Before changing the activation of a very deep plain network, add residual connections or normalisation: "
        "they, not the activation, made such depth trainable.",
        ("he-residual", "ioffe-2015"),
        when(depth=AtLeast(VERY_DEEP), network=_FEEDFORWARD, residual=(False, None), normalization=("none", None)),
    ),
    Rule(
        "batch-norm-reorders", "hidden", ("elu", "selu"),
        "No lead with batch normalisation: ELU .488, ReLU .471 without; .498, .499 with it.",
        ("caffenet",), when(normalization="batch", network=_FEEDFORWARD), Strength.WORTH_A_TRY, limit=True,
    ),
    Rule(
        "normalization-matters-more", "note", (),
        "Batch normalisation matters more: sigmoid with it reached .475, ReLU without .471.",
        ("caffenet",), when(normalization=("none", "batch"), network="cnn", data=_IMAGES),
    ),
    Rule(
        "saturating-replicates", "avoid-hidden", ("sigmoid", "tanh"),
        "ImageNet: tanh .401, ReLU .471. CIFAR-10: sigmoid 74.8, tanh 83.2, ReLU 86.7 %.",
        ("caffenet", "misra-2020"), when(network="cnn", data=_IMAGES),
    ),
    Rule(
        "negative-slope-helps", "hidden", ("leaky_relu", "prelu"),
        "A slope for negative inputs consistently helped; a learned one overfits small data sets.",
        ("xu-2015",), when(network="cnn", symptoms=Has("dead_units")), Strength.ALTERNATIVE,
    ),
    Rule(
        "speech-swish", "hidden", ("swish",),
        "Lowest word error of 17 functions in a speech recogniser (one run each): .645; ReLU .720, tanh .804.",
        ("dubey-2022",), when(data="audio", network=_FEEDFORWARD), Strength.ALTERNATIVE,
    ),
    Rule(
        "series-network-first", "note", (),
        "On MNIST-1D, short synthetic series, the network mattered more than its activation: linear 32 %, multilayer "
        "perceptron 68 %, recurrent 91 %, convolutional 94 %.",
        ("greydanus-2020",), when(data="time_series"),
    ),
    Rule(
        "tabular-selu", "hidden", ("selu",),
        "The tuned default for tabular classification in RealMLP is a parametric SELU.",
        ("holzmueller-2024",), when(network="mlp", data="tabular", task=("binary", "multiclass", "multilabel")),
        Strength.ALTERNATIVE,
    ),
    Rule(
        "tabular-mish", "hidden", ("mish",),
        "The tuned default for tabular regression in RealMLP is a parametric Mish.",
        ("holzmueller-2024",), when(network="mlp", data="tabular", task=("regression", "nonnegative_regression")),
        Strength.ALTERNATIVE,
    ),
)  # fmt: skip

_OTHERS = (
    Rule(
        "selu-evidence", "note", (),
        "SELU's gain grows with depth (Tox21, 32 layers: 82.5 against 80.4 for ReLU with He init). Over 121 tasks the "
        "lead over that ReLU is p = .06 once the published test is two-sided and corrected for several comparisons.",
        ("klambauer-2017",), when(network="self_normalizing"),
    ),
    Rule(
        "alpha-dropout", "note", (),
        "For dropout use torch.nn.AlphaDropout: the ordinary kind changes the mean and variance that SELU keeps.",
        ("klambauer-2017", "twelve-types"), when(network="self_normalizing"),
    ),
    Rule(
        "lstm-is-fixed", "note", (),
        "torch.nn.LSTM and torch.nn.GRU have tanh and sigmoid built in; only torch.nn.RNN takes a choice "
        "(nonlinearity='tanh' or 'relu').",
        ("pytorch-recurrent",), when(network=("lstm", "gru", "rnn")),
    ),
    Rule(
        "recurrent-penalised-tanh", "note", (),
        "Over 8 language tasks penalised tanh was the most stable of 21 functions, and 2 points better in an LSTM.",
        ("eger-2018",), when(network=("rnn", "lstm"), data=("text", None)),
    ),
    Rule(
        "dead-is-not-sparse", "note", (),
        "Many zeros are not dead units: a unit is dead when it is silent for every example. A fresh 20-layer "
        "plain ReLU network has about 30 % nearly silent units. A lower learning rate and matched init come first.",
        ("lu-2019",), when(symptoms=Has("dead_units")),
    ),
    Rule(
        "gradient-init-first", "note", (),
        "Before changing the activation, match the init to it and add normalisation or residual connections.",
        ("he-2015", "he-residual"), when(symptoms=Has("vanishing_gradient")),
    ),
    Rule(
        "exploding-gradient-first", "note", (),
        "Check the init's gain and the learning rate, and clip the gradient norm; bounded functions hide the cause.",
        ("he-2015",), when(symptoms=Has("exploding_gradient")),
    ),
    Rule(
        "saturated-inputs-first", "note", (),
        "Standardise the inputs and check the init's gain: saturation starts with sums that are too large.",
        ("ioffe-2015",), when(symptoms=Has("saturated_units")),
    ),
    Rule(
        "normalized-measure", "note", (),
        "The init is for plain networks; with normalisation, measure one batch instead.",
        ("definition",), when(normalization=_NORMALIZED),
    ),
    Rule(
        "memory-relu", "hidden", ("relu",),
        "For the backward pass PyTorch keeps its output, which the next linear layer keeps anyway: no extra memory.",
        ("pytorch-saved",), when(priority="memory", network=_FEEDFORWARD),
    ),
)  # fmt: skip

EVIDENCE_RULES = (*_TRANSFORMER, *_FEEDFORWARD_RULES, *_OTHERS)

"""Activations that pass what exceeds a threshold: straight lines, and one parabola."""

from nonlin.catalog.definition import Definition, Parameter, Reference, Training
from nonlin.catalog.naming import also_known_as
from nonlin.expression.nodes import Node, less, maximum, minimum, parameter, select, x

FAMILY = "rectifiers"


def _two_slopes(slope: Node) -> Node:
    return select(less(0, x), x, slope * x)


RELU = Definition(
    name="relu",
    title="ReLU (rectified linear unit)",
    family=FAMILY,
    formula=maximum(x, 0),
    summary="Keeps positive inputs, sets negative ones to zero.",
    reference=Reference("Nair, Hinton", 2010, "Rectified linear units improve restricted Boltzmann machines",
                        "https://icml.cc/Conferences/2010/papers/432.pdf"),
    aliases=also_known_as(torch="ReLU", functional="relu", keras="relu", jax="relu", onnx="Relu",
                          transformers="relu", sklearn="relu", keras_layers="ReLU", timm="relu", mlx="relu",
                          tinygrad="relu", also=["rectifier", "ramp"]),
    pros=("Very cheap to compute, and half the units are silent at a time.",
          "Does not saturate for positive inputs, so gradients pass unchanged."),
    cons=("A unit whose input is negative for every example gets no gradient and dies.",
          "Its output is never negative, so it is not centred on zero."),
    used_in=("Hidden layers of convolutional networks and multilayer perceptrons",),
    use_when="The first thing to try in the hidden layers of a convolutional network or a multilayer perceptron.",
    avoid_when="Output layers, and networks in which many units have died.",
    torch_module="ReLU",
)  # fmt: skip

LEAKY_RELU = Definition(
    name="leaky_relu",
    title="Leaky ReLU",
    family=FAMILY,
    formula=_two_slopes(parameter("negative_slope")),
    parameters=(Parameter("negative_slope", 0.01, "slope for negative inputs"),),
    summary="ReLU with a small slope for negative inputs, so that no unit dies.",
    reference=Reference("Maas, Hannun, Ng", 2013, "Rectifier nonlinearities improve neural network acoustic models",
                        "https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf"),
    aliases=also_known_as(torch="LeakyReLU", functional="leaky_relu", jax="leaky_relu", onnx="LeakyRelu",
                          transformers="leaky_relu", keras=("leaky_relu", {"negative_slope": 0.2}),
                          keras_layers=("LeakyReLU", {"negative_slope": 0.3}), timm="leaky_relu", mlx="leaky_relu",
                          tinygrad="leaky_relu", also=["lrelu"]),
    pros=("A gradient for negative inputs too: no dead units.",),
    cons=("The small slope makes learning slow for negative inputs.", "One more number to choose."),
    used_in=("Generative adversarial networks", "Detectors of the YOLO family"),
    use_when="ReLU units die.",
    avoid_when="Output layers.",
    torch_module="LeakyReLU",
)  # fmt: skip

PRELU = Definition(
    name="prelu",
    title="Parametric ReLU",
    family=FAMILY,
    formula=_two_slopes(parameter("weight")),
    parameters=(Parameter("weight", 0.25, "learned slope for negative inputs, one per channel or one for all",
                          learned=True),),
    summary="Leaky ReLU whose negative slope is learned with the network.",
    reference=Reference("He, Zhang, Ren, Sun", 2015, "Delving deep into rectifiers", "https://arxiv.org/abs/1502.01852"),
    aliases=also_known_as(torch="PReLU", functional="prelu", keras_layers=("PReLU", {"weight": 0.0}),
                          keras=("PReLU", {"weight": 0.0}), onnx="PRelu", transformers="prelu", timm="prelu",
                          mlx="prelu", also=["parametric_relu"]),
    pros=("The network finds the slope that suits each channel.",),
    cons=("Behaves differently from problem to problem, as the slope does.", "May overfit a small data set."),
    used_in=("Large image classifiers", "Super-resolution"),
    use_when="Leaky ReLU with a fixed slope does not bring dead units back to life.",
    avoid_when="Small data sets.",
    torch_module="PReLU",
)  # fmt: skip

RRELU = Definition(
    name="rrelu",
    title="Randomised leaky ReLU",
    family=FAMILY,
    formula=_two_slopes((parameter("lower") + parameter("upper")) / 2),
    training=Training(_two_slopes(parameter("slope")), (("slope", "lower", "upper"),)),
    parameters=(Parameter("lower", 1 / 8, "smallest negative slope drawn in training"),
                Parameter("upper", 1 / 3, "largest negative slope drawn in training")),
    summary="Leaky ReLU whose negative slope is drawn anew for every element in training, its mean otherwise.",
    reference=Reference("Xu, Wang, Chen, Li", 2015,
                        "Empirical evaluation of rectified activations in convolutional network",
                        "https://arxiv.org/abs/1505.00853"),
    aliases=also_known_as(torch="RReLU", functional="rrelu", addons="rrelu", also=["randomized_leaky_relu"]),
    pros=("The random slopes regularise a small data set.",),
    cons=("Training is random, so two runs differ.", "Two more numbers to choose."),
    used_in=("Winners of a small image contest in 2015",),
    use_when="A convolutional network with leaky units overfits.",
    avoid_when="Results must repeat exactly.",
    torch_module="RReLU",
)  # fmt: skip

RELU6 = Definition(
    name="relu6",
    title="ReLU6",
    family=FAMILY,
    formula=minimum(maximum(x, 0), 6),
    summary="ReLU cut off at 6, so that few bits can hold its output.",
    reference=Reference("Krizhevsky", 2010, "Convolutional deep belief networks on CIFAR-10",
                        "https://www.cs.toronto.edu/~kriz/conv-cifar10-aug2010.pdf"),
    aliases=also_known_as(torch="ReLU6", functional="relu6", keras="relu6", jax="relu6", transformers="relu6",
                          timm="relu6", mlx="relu6", tinygrad="relu6"),
    pros=("Its range is known, which low-precision arithmetic needs.",),
    cons=("No gradient above 6 nor below 0.",),
    used_in=("MobileNet",),
    use_when="The network will be quantised to 8 bits.",
    avoid_when="Full precision is at hand: ReLU does the same without the upper limit.",
    torch_module="ReLU6",
)  # fmt: skip

THRESHOLD = Definition(
    name="threshold",
    title="Threshold",
    family=FAMILY,
    formula=select(less(parameter("threshold"), x), x, parameter("value")),
    parameters=(Parameter("threshold", 0.0, "inputs above it pass unchanged"),
                Parameter("value", 0.0, "output for all other inputs")),
    summary="Passes inputs above a threshold, and gives a constant for all others.",
    reference=Reference("Collobert, Kavukcuoglu, Farabet", 2011,
                        "Torch7: a Matlab-like environment for machine learning"),
    aliases=also_known_as(torch="Threshold", functional="threshold", keras="threshold"),
    pros=("General: ReLU is the case where both numbers are 0.",),
    cons=("Jumps where the threshold and the value differ.",),
    used_in=("Early Torch networks",),
    use_when="A network was trained with it.",
    avoid_when="A new network: ReLU or one of its relatives is continuous.",
    torch_module="Threshold",
)  # fmt: skip

THRESHOLDED_RELU = Definition(
    name="thresholded_relu",
    title="Thresholded ReLU",
    family=FAMILY,
    formula=select(less(parameter("alpha"), x), x, 0),
    parameters=(Parameter("alpha", 1.0, "inputs above it pass unchanged, others give 0", low=0.0),),
    summary="Passes inputs above a positive threshold, and gives 0 for all others.",
    reference=Reference("Konda, Memisevic, Krueger", 2014,
                        "Zero-bias autoencoders and the benefits of co-adapting features",
                        "https://arxiv.org/abs/1402.3337"),
    aliases=also_known_as(onnx="ThresholdedRelu", keras="thresholded_relu", also=["trec"]),
    pros=("Sparse outputs without a bias to learn.",),
    cons=("Jumps at the threshold.", "No gradient below it."),
    used_in=("Autoencoders without biases",),
    use_when="Features must be sparse and biases are fixed at zero.",
    avoid_when="Anything that needs a continuous function.",
    torch_module="ThresholdedReLU",
)  # fmt: skip

RELU_SQUARED = Definition(
    name="relu_squared",
    title="Squared ReLU",
    family=FAMILY,
    formula=select(less(0, x), x * x, 0),
    summary="The square of ReLU: no corner at 0, and a slope that grows with the input.",
    reference=Reference("So, Mańke, Liu, Dai, Shazeer, Le", 2021,
                        "Primer: searching for efficient transformers for language modeling",
                        "https://arxiv.org/abs/2109.08668"),
    aliases=also_known_as(transformers="relu2", mlx="relu2", also=["squared_relu", "relu_square"]),
    pros=("Differentiable everywhere.", "Sparse and cheap."),
    cons=("Grows with the square: large inputs overflow half precision from 256 on.",
          "No gradient for negative inputs."),
    used_in=("Primer", "Nemotron language models"),
    use_when="The feed-forward block of a transformer with normalised inputs.",
    avoid_when="Half precision without normalisation.",
    torch_module="ReLUSquared",
)  # fmt: skip

CRELU = Definition(
    name="crelu",
    title="CReLU (concatenated ReLU)",
    family=FAMILY,
    kind="mirror",
    formula=RELU.formula,
    summary="ReLU of the inputs, then ReLU of their negatives, along an axis that comes out twice as long.",
    reference=Reference("Shang, Sohn, Almeida, Lee", 2016, "Understanding and improving convolutional neural networks "
                        "via concatenated rectified linear units", "https://arxiv.org/abs/1603.05201"),
    aliases=also_known_as(tensorflow="crelu", also=["concatenated_relu"]),
    pros=("Loses nothing: one half passes what the other silences, and the gradient with it.",
          "Half as many filters see as much, for early layers learn them in pairs of opposite sign."),
    cons=("The next layer takes twice as many inputs.",),
    used_in=("The early layers of convolutional networks", "The detector PVANet"),
    use_when="The early layers of a convolutional network whose filters come in pairs of opposite sign.",
    avoid_when="Layers whose width cannot change.",
    torch_module="CReLU",
)  # fmt: skip

"""Every source a rule may cite, once. Results known only from an abstract, or from single runs, say so."""

from __future__ import annotations

from collections.abc import Mapping

from nonlin.advisor.rule import Kind, Source


def _source(key: str, kind: Kind, text: str, url: str = "") -> Source:
    return Source(key, kind, text, url)


_ARXIV = "https://arxiv.org/abs/"
_ALL = (
    # The four introductory articles whose advice this package puts to the test.
    _source("what-and-why", "article", "Akhilendra. What is activation function and why you need it"),
    _source("problem", "article", "Activation functions in neural networks: problem, types and choice (newsletter)"),
    _source("importance", "article", "The importance of activation functions in deep learning (blog)"),
    _source("twelve-types", "article", "V7. Activation functions in neural networks: 12 types and use cases"),
    # Published results.
    _source("shazeer-2020", "evidence", "Shazeer (2020). GLU variants improve transformer, Table 1",
            _ARXIV + "2002.05202"),
    _source("narang-2021", "evidence",
            "Narang et al. (2021). Do transformer modifications transfer across implementations?, Table 1",
            _ARXIV + "2102.11972"),
    _source("nanochat-2026", "evidence", "Karpathy et al. (2026). nanochat development log (few runs, no test)",
            "https://github.com/karpathy/nanochat/blob/master/dev/LOG.md"),
    _source("misra-2020", "evidence", "Misra (2020). Mish, CIFAR-10, 23 runs per function",
            "https://github.com/digantamisra98/Mish"),
    _source("hendrycks-2016", "evidence", "Hendrycks, Gimpel (2016). Gaussian error linear units",
            _ARXIV + "1606.08415"),
    _source("alcaide-2018", "evidence", "Alcaide (2018). E-swish, CIFAR-10 on WRN-10-2 (median of 3 runs)",
            "https://github.com/hypnopump/E-swish"),
    _source("caffenet", "evidence", "Mishkin (2017). Caffenet-benchmark, ImageNet at 128 px (one run each)",
            "https://github.com/ducha-aiki/caffenet-benchmark/blob/master/Activations.md"),
    _source("klambauer-2017", "evidence", "Klambauer et al. (2017). Self-normalizing neural networks",
            _ARXIV + "1706.02515"),
    _source("he-residual", "evidence", "He et al. (2015). Deep residual learning for image recognition",
            _ARXIV + "1512.03385"),
    _source("ioffe-2015", "evidence", "Ioffe, Szegedy (2015). Batch normalization", _ARXIV + "1502.03167"),
    _source("he-2015", "evidence", "He et al. (2015). Delving deep into rectifiers", _ARXIV + "1502.01852"),
    _source("xu-2015", "evidence", "Xu et al. (2015). Empirical evaluation of rectified activations (abstract)",
            _ARXIV + "1505.00853"),
    _source("lu-2019", "evidence", "Lu et al. (2019). Dying ReLU and initialization (abstract)", _ARXIV + "1903.06733"),
    _source("dubey-2022", "evidence", "Dubey, Singh, Chaudhuri (2022). Activation functions in deep learning, logs of "
            "the LibriSpeech runs", _ARXIV + "2109.14545"),
    _source("greydanus-2020", "evidence", "Greydanus (2020). Scaling down deep learning (MNIST-1D)",
            "https://github.com/greydanus/mnist1d"),
    _source("eger-2018", "evidence", "Eger, Youssef, Gurevych (2018). Is it time to swish? (abstract)",
            _ARXIV + "1901.02671"),
    _source("saxe-2013", "evidence", "Saxe, McClelland, Ganguli (2013). Exact solutions to the nonlinear dynamics of "
            "learning in deep linear neural networks", _ARXIV + "1312.6120"),
    _source("mirzadeh-2023", "evidence", "Mirzadeh et al. (2023). ReLU strikes back (abstract)", _ARXIV + "2310.04564"),
    _source("holzmueller-2024", "evidence", "Holzmüller, Grinsztajn, Steinwart (2024). Better by default (RealMLP), "
            "tuned defaults in pytabkit", _ARXIV + "2407.04491"),
    _source("wardat-2021", "evidence", "Wardat et al. (2021). DeepLocalize, 30 patches counted", _ARXIV + "2103.03376"),
    _source("pytorch-init", "evidence", "PyTorch issue 15314: default initialisation of nn.Linear",
            "https://github.com/pytorch/pytorch/issues/15314"),
    _source("pytorch-losses", "evidence", "PyTorch, loss functions",
            "https://docs.pytorch.org/docs/stable/nn.html#loss-functions"),
    _source("pytorch-recurrent", "evidence", "PyTorch documentation, recurrent layers",
            "https://docs.pytorch.org/docs/stable/nn.html#recurrent-layers"),
    _source("pytorch-saved", "evidence", "Measured: bytes PyTorch 2.13 keeps for the backward pass, per function",
            "https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors"),
    # Computed by nonlin from the definition.
    _source("definition", "fact", "computed from the activation's definition; `nonlin show NAME` prints it"),
)  # fmt: skip

SOURCES: Mapping[str, Source] = {source.key: source for source in _ALL}

"""How the catalogue writes down other names: one call with one keyword per library."""

from __future__ import annotations

from collections.abc import Iterator

from nonlin.catalog.definition import Alias

# A name, or a name with the parameter values that library gives it.
Named = str | tuple[str, dict[str, float]]

# Where each library keeps its activations: the qualified name is prefix + name.
PREFIXES = {
    "torch": "torch.nn.",
    "functional": "torch.nn.functional.",
    "keras": "keras.",
    "keras_layers": "keras.layers.",
    "jax": "jax.nn.",
    "onnx": "onnx.",
    "transformers": "transformers.",
    "timm": "timm.",
    "tensorflow": "tf.nn.",
    "addons": "tfa.",
    "mlx": "mlx.nn.",
    "tinygrad": "tinygrad.",
    "echo": "echo.",
    "torch_activation": "torch_activation.",
    "sklearn": "sklearn.",
    "entmax": "entmax.",
    "activations_plus": "activations_plus.",
    "pau": "pau.utils.",
    "also": "",
}

# Other ways to write the same places, as people import them: where a name starts so, the other start is tried.
SAME_PLACES = {
    "keras.activations.": "keras.",
    "tf.keras.activations.": "keras.",
    "tf.keras.layers.": "keras.layers.",
    "tf.nn.": "keras.",
    "f.": "torch.nn.functional.",
    "nn.": "torch.nn.",
    "transformers.activations.": "transformers.",
    "timm.layers.": "timm.",
    "tfa.activations.": "tfa.",
    "tensorflow_addons.activations.": "tfa.",
    "tfa.layers.": "tfa.",
    "ai.onnx.": "onnx.",
}


def also_known_as(**by_library: Named | tuple[Named, ...] | list[Named]) -> tuple[Alias, ...]:
    """Aliases from keywords: `torch="ReLU", keras=("leaky_relu", {"negative_slope": 0.2}), also=["rectifier"]`.

    A list gives several names in one library; a dict beside a name gives the parameter values it stands for there.
    """
    return tuple(alias for library, named in by_library.items() for alias in _aliases(library, named))


def _aliases(library: str, named: object) -> Iterator[Alias]:
    if isinstance(named, list):
        for one in named:
            yield from _aliases(library, one)
    elif isinstance(named, tuple):
        name, parameters = named
        yield Alias(str(name), PREFIXES[library], tuple(parameters.items()))
    else:
        yield Alias(str(named), PREFIXES[library])

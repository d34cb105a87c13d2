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
    "jax": "jax.nn.",
    "onnx": "onnx.",
    "transformers": "transformers.",
    "sklearn": "sklearn.",
    "also": "",
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

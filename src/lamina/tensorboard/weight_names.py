"""The names under which weights are shown."""

from collections.abc import Iterator

from lamina.core.variable import Variable
from lamina.layers.layer import Layer
from lamina.models.model import Model
from lamina.models.sequential import Sequential


def named_weights(model: Layer) -> list[tuple[str, Variable]]:
    """The weights of a model, each once, by the names that Keras gives them.

    A layer that is built while another one is has its name behind the other's. Those of a functional model were built
    before it was there.

    Example:
        >>> import lamina
        >>> tower = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(1, name="top")], name="tower")
        >>> [name for name, _ in named_weights(tower)]
        ['tower/top/kernel', 'tower/top/bias']
        >>> x = lamina.Input((2,))
        >>> [name for name, _ in named_weights(lamina.Model(x, lamina.layers.Dense(1, name="top")(x)))]
        ['top/kernel', 'top/bias']
    """
    found: dict[int, tuple[str, Variable]] = {}
    for name, variable in _below(model, ""):
        found.setdefault(id(variable), (name, variable))
    return list(found.values())


def _below(layer: Layer, scope: str) -> Iterator[tuple[str, Variable]]:
    """What is shared comes again."""
    functional = isinstance(layer, Model) and layer.graph is not None and not isinstance(layer, Sequential)
    inside = "" if functional else f"{scope}{layer.name}/"
    for _, child in layer.children():
        if isinstance(child, Variable):
            yield f"{scope}{child.path}", child
        elif isinstance(child, Layer):
            yield from _below(child, inside)

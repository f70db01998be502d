"""From what users give to a function that makes networks: a build function, or a model to make copies of."""

from collections.abc import Callable
from typing import Any

from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.models import Model, clone_model


def recipe_for(owner: str, given: Any, keeps_weights: bool = False) -> Callable[..., Any]:
    """A function that returns a new network each time.

    Args:
        owner: who was given it, for messages.
        given: a build function, which is returned as it is; or a compiled model, of which clones are made.
        keeps_weights: whether clones begin with the weights of the model, if it has any, and not with new ones.

    Raises:
        ArgumentError: for a model that is not compiled.
        ArgumentTypeError: for anything else.
    """
    if not isinstance(given, Model):
        if not callable(given):
            raise ArgumentTypeError(
                f"{owner} takes a compiled model or a function that returns one. Received: {given!r}",
                hint="pass the function itself, without calling it.",
            )
        return given
    if not given.compiled:
        raise ArgumentError(
            f"{owner}: model '{given.name}' is not compiled.", hint="call model.compile(optimizer=…, loss=…) first."
        )

    def copy() -> Model:
        clone = clone_model(given)
        if keeps_weights and given.built:
            clone.set_weights(given.get_weights())
        return clone

    return copy

"""Arguments that are handed on to `Population.fit`."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lamina.core.errors import UnexpectedArgumentError, suggestion
from lamina.population.population import Population

_FIT = [name for name in inspect.signature(Population.fit).parameters if name not in ("self", "x", "y", "folds")]


def check_fit_arguments(owner: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Looks for arguments that neither a function nor `fit` has.

    Args:
        owner: the function that says itself which rows are trained on.
        given: what it is to hand on.

    Raises:
        UnexpectedArgumentError: names the argument, and what was probably meant.

    Example:
        >>> def learning_curve(sizes=(0.5, 1.0), **fit_arguments): ...
        >>> check_fit_arguments(learning_curve, {"size": 3})
        Traceback (most recent call last):
            ...
        lamina.core.errors.UnexpectedArgumentError: learning_curve() has no argument 'size'.
        <BLANKLINE>
        hint: did you mean sizes?
    """
    unknown = next((name for name in given if name not in _FIT), None)
    if unknown is not None:
        kinds = inspect.signature(owner).parameters.values()
        own = [parameter.name for parameter in kinds if parameter.kind is not parameter.VAR_KEYWORD]
        raise UnexpectedArgumentError(
            f"{owner.__name__}() has no argument {unknown!r}.", hint=suggestion(unknown, [*own, *_FIT])
        )

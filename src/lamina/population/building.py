"""From candidates to compiled models, each checked by itself."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, UnexpectedArgumentError, suggestion
from lamina.core.generators import random_state, set_random_state
from lamina.core.seeds import check_seed, set_random_seed
from lamina.core.tracebacks import warn_user
from lamina.models import Model
from lamina.population.member import Member


class Refusal(NamedTuple):
    """A candidate that there is no model of.

    Attributes:
        index: its number.
        candidate: its parameters.
        error: what the build function raised.
    """

    index: int
    candidate: dict[str, Any]
    error: Exception


def build_members(
    build: Callable[..., Any], candidates: list[dict[str, Any]], seeds: list[int | None]
) -> tuple[list[Member], list[Refusal]]:
    """A member for each candidate that the build function makes a model of.

    Args:
        build: from parameters to a compiled model.
        candidates: the parameters.
        seeds: one per candidate; `None` goes on with the global generators.

    Returns:
        The members, and the candidates that were refused, of which a warning tells.

    Raises:
        UnexpectedArgumentError: for a parameter that the build function does not take.
        ArgumentError: if no candidate gives a model, or the models do not fit each other.
    """
    for index, candidate in enumerate(candidates):
        _check_parameters(build, index, candidate)
    members: list[Member] = []
    refused: list[Refusal] = []
    for index, (candidate, seed) in enumerate(zip(candidates, seeds, strict=True)):
        around = random_state() if seed is not None else None
        if seed is not None:
            set_random_seed(seed)
        try:
            model = build(**candidate)
        except Exception as error:  # whatever it does not like about one candidate, the others go on
            refused.append(Refusal(index, candidate, error))
        else:
            _check_model(model, index, candidate, members)
            members.append(Member(index, candidate, model, None if seed is None else random_state()))
        finally:
            if around is not None:
                set_random_state(around)
    if not members:
        raise ArgumentError(
            f"The build function refused every candidate, the first {_shown(refused[0])}."
        ) from refused[0].error
    if refused:
        warn_user(f"The build function refused {'; and '.join(_shown(one) for one in refused)}. The others go on.")
    return members, refused


def as_candidates(given: Any) -> list[dict[str, Any]]:
    """The candidates as a list of parameters; a number stands for so many without any.

    Raises:
        ArgumentTypeError: for anything but a list of dicts or a positive integer.
        ArgumentError: if there are none.

    Example:
        >>> as_candidates(2)
        [{}, {}]
    """
    number = isinstance(given, int | np.integer) and not isinstance(given, bool)
    listed: Any = [{}] * int(given) if number else given
    if isinstance(listed, Iterable) and not isinstance(listed, str | Mapping):
        listed = list(listed)
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise ArgumentTypeError(
            f"candidates are a list of dicts, or a number of restarts. Received: candidates={given!r}",
            hint="[{'n_neurons': 30}, {'n_neurons': 50}] calls build(n_neurons=30) and build(n_neurons=50).",
        )
    if not listed:
        raise ArgumentError("There are no candidates, but a population has at least one member.")
    return [dict(one) for one in listed]


def as_seeds(given: Any, count: int) -> list[int | None]:
    """A seed for each candidate: those given, or the same one for all.

    Raises:
        ArgumentError: if there are more or fewer than candidates.
    """
    if given is None or not isinstance(given, Iterable):
        return [None if given is None else check_seed(given)] * count
    seeds = [None if seed is None else check_seed(seed) for seed in given]
    if len(seeds) != count:
        raise ArgumentError(f"seeds has {len(seeds)} entries, but there are {count} candidates.")
    return seeds


def _check_parameters(build: Callable[..., Any], index: int, candidate: dict[str, Any]) -> None:
    signature = inspect.signature(build)
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    unknown = [name for name in candidate if name not in signature.parameters]
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        raise UnexpectedArgumentError(
            f"Candidate {index} has the parameter {unknown[0]!r}, which {_name(build)}{signature} does not take.",
            hint=suggestion(unknown[0], signature.parameters),
        )
    try:
        signature.bind(**candidate)
    except TypeError as error:
        raise ArgumentTypeError(f"Candidate {index} does not fit {_name(build)}{signature}: {error}.") from None


def _check_model(model: Any, index: int, candidate: dict[str, Any], others: list[Member]) -> None:
    who = f"candidate {index}, {candidate},"
    if not isinstance(model, Model):
        raise ArgumentTypeError(
            f"The build function returned {type(model).__name__} for {who} but a compiled model is expected.",
            hint="let it end in `return model`.",
        )
    if not model.compiled:
        raise ArgumentError(
            f"The build function returned a model for {who} that is not compiled.",
            hint="call model.compile(optimizer=…, loss=…) before it returns.",
        )
    twin = next((member for member in others if member.model is model), None)
    if twin is not None:
        raise ArgumentError(
            f"The build function returned the model of candidate {twin.index} again for {who} but each has its own.",
            hint="make the model inside of the function.",
        )
    first = _input_shape(others[0].model) if others else None
    shape = _input_shape(model)
    if first is not None and shape is not None and shape != first:
        raise ArgumentError(
            f"The model of {who} takes inputs of shape {shape}, but that of candidate {others[0].index} takes {first}.",
            hint="all members of a population are trained on the same data.",
        )


def _input_shape(model: Model) -> Any:
    """That which the model was made for; `None` if it is not known yet."""
    return getattr(model, "input_shape", None) if model.built else None


def _shown(refusal: Refusal) -> str:
    index, candidate, error = refusal
    return f"candidate {index}, {candidate}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _name(build: Callable[..., Any]) -> str:
    return getattr(build, "__name__", type(build).__name__)

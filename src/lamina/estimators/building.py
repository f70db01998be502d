"""Compiled models from what users give to an estimator: a function, a class or a model."""

import inspect
from typing import Any

from lamina.core.configurable import argument_names
from lamina.core.errors import ArgumentError, suggestion
from lamina.models import Model, clone_model

COMPILE_ARGUMENTS = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")


def build_defaults(build: Any) -> dict[str, Any]:
    """The arguments of a build function or class, with their defaults; `inspect.Parameter.empty` for none."""
    if build is None or isinstance(build, Model) or not callable(build):
        return {}
    if isinstance(build, type):
        parameters = list(inspect.signature(build.__init__).parameters.values())[1:]
    else:
        parameters = list(inspect.signature(build).parameters.values())
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {p.name: p.default for p in parameters if p.kind in named and p.name != "meta"}


def takes(build: Any, name: str) -> bool:
    """Whether a build function or class can be called with an argument."""
    if build is None or isinstance(build, Model) or not callable(build):
        return False
    if isinstance(build, type) and issubclass(build, Model):
        return name in argument_names(build)
    parameters = inspect.signature(build.__init__ if isinstance(build, type) else build).parameters
    return name in parameters or any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())


def build_model(build: Any, arguments: dict[str, Any], meta: dict[str, Any], compiling: dict[str, Any]) -> Model:
    """The model, compiled.

    Args:
        build: a function or class that gives a model, or a model; of that a copy with new weights is taken.
        arguments: for the function.
        meta: passed on as `meta`, if the function has such an argument.
        compiling: the arguments of `compile`, for a model that is not compiled.

    Raises:
        ArgumentError: if no compiled model comes out.
    """
    if build is None:
        raise ArgumentError(
            "There is nothing to make a model of: model is None.",
            hint="pass a function that returns a compiled model: KerasClassifier(model=build).",
        )
    if isinstance(build, Model):
        model, source = clone_model(build), f"the model '{build.name}'"
    else:
        model, source = _call(build, arguments, meta)
    if not isinstance(model, Model):
        raise ArgumentError(
            f"{source} returned {type(model).__name__}, but a compiled model is expected.",
            hint="end it with: return model." if model is None else None,
        )
    if not model.compiled:
        if compiling.get("loss") is None:
            raise ArgumentError(
                f"{source} gave a model that is not compiled.",
                hint="call model.compile(optimizer=..., loss=...) in it, or pass loss= and optimizer= here.",
            )
        model.compile(**compiling)
    return model


def _call(build: Any, arguments: dict[str, Any], meta: dict[str, Any]) -> tuple[Any, str]:
    if not callable(build):
        raise ArgumentError(
            f"model is {build!r}, but a function, a class or a compiled model is expected.",
            hint="pass the function itself, without calling it.",
        )
    name = getattr(build, "__name__", type(build).__name__)
    missing = [
        argument
        for argument, default in build_defaults(build).items()
        if default is inspect.Parameter.empty and argument not in arguments
    ]
    if missing:
        raise ArgumentError(
            f"{name}() needs the argument {missing[0]!r}, which the estimator was not given.",
            hint=f"pass it by name: KerasClassifier({name}, {missing[0]}=...).",
        )
    declared = "meta" in inspect.signature(build.__init__ if isinstance(build, type) else build).parameters
    return build(**arguments, **({"meta": meta} if declared else {})), f"{name}()"


def refuse_unknown(owner: Any, build: Any, name: str, known: set[str]) -> None:
    """Raises if a parameter is neither an argument of the build function nor one of `fit` or `compile`.

    Raises:
        ArgumentError: names the parameter, and what was probably meant.
    """
    plain = name.removeprefix("model__").removeprefix("fit__")
    if plain in known or takes(build, plain) or (build is not None and not callable(build)):
        return
    raise ArgumentError(
        f"{type(owner).__name__} has no parameter {name!r}: it is no argument of the build function, of fit() or of "
        "compile().",
        hint=suggestion(plain, known | set(build_defaults(build))),
    )

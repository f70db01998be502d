"""Estimators of a model that the user builds: the arguments of the build function are their parameters."""

import inspect
from typing import Any, Self

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import short_traceback
from lamina.estimators.building import COMPILE_ARGUMENTS, build_defaults, build_model, refuse_unknown, takes
from lamina.estimators.network import FIT_ARGUMENTS, NetworkEstimator

_OWN = ("model", "build_fn", "random_state", "warm_start")


class KerasEstimator(NetworkEstimator):
    """What `KerasClassifier` and `KerasRegressor` share.

    Args:
        model: a function that returns a compiled model, a class of models, or a compiled model; `fit` takes a copy
            of the last with new weights.
        build_fn: the name of `model` in older code.
        random_state: seeds weights, dropout and shuffling; the same number gives the same model.
        warm_start: whether `fit` goes on training.
        **parameters: arguments of the function; arguments of `fit`, such as `epochs`; and `loss`, `optimizer` and
            others of `compile`, for models that are not compiled.
    """

    def __init__(
        self,
        model: Any = None,
        build_fn: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        **parameters: Any,
    ) -> None:
        self.model = model
        self.build_fn = build_fn
        self.random_state = random_state
        self.warm_start = warm_start
        self._refuse(parameters)
        for name, value in parameters.items():
            setattr(self, name, value)

    # -- parameters ------------------------------------------------------------------------------------------------

    @property
    def model(self) -> Any:
        """What the model is built of; after `fit` the trained model."""
        return vars(self).get("model_", vars(self)["model"])

    @model.setter
    def model(self, value: Any) -> None:
        vars(self)["model"] = value

    @property
    def _build(self) -> Any:
        model, build_fn = vars(self)["model"], self.build_fn
        return build_fn if model is None else model

    def _given(self) -> dict[str, Any]:
        """The parameters besides those that every such estimator has."""
        return {
            name: value
            for name, value in vars(self).items()
            if name not in _OWN and not name.startswith("_") and not name.endswith("_")
        }

    def _refuse(self, names: Any) -> None:
        for name in names:
            refuse_unknown(self, self._build, name, {*_OWN, *FIT_ARGUMENTS, *COMPILE_ARGUMENTS})

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name.

        Args:
            deep: whether to tell of the build function's defaults, too.
        """
        own = {name: vars(self)[name] for name in inspect.signature(type(self)).parameters if name in _OWN}
        defaults = build_defaults(self._build) if deep else {}
        known = {name: value for name, value in defaults.items() if value is not inspect.Parameter.empty}
        return {**known, **own, **self._given()}

    @short_traceback
    def set_params(self, **parameters: Any) -> Self:
        """Sets parameters.

        Args:
            **parameters: as for the class.

        Raises:
            ArgumentError: for a parameter that there is not.
        """
        own = {name: value for name, value in parameters.items() if name in _OWN}
        before = {name: vars(self)[name] for name in own}
        vars(self).update(own)
        try:
            self._refuse(parameters.keys() - own.keys())
        except ArgumentError:
            vars(self).update(before)
            raise
        vars(self).update(parameters)
        return self

    def _sorted(self, prefix: str) -> dict[str, Any]:
        return {name.removeprefix(prefix): value for name, value in self._given().items() if name.startswith(prefix)}

    def _plain(self) -> dict[str, Any]:
        return {name: value for name, value in self._given().items() if not name.startswith(("model__", "fit__"))}

    def _fit_arguments(self) -> dict[str, Any]:
        plain = {name: value for name, value in self._plain().items() if name in FIT_ARGUMENTS}
        return {**plain, **self._sorted("fit__")}

    def _make_model(self, meta: dict[str, Any]) -> Any:
        build = self._build
        if vars(self)["model"] is not None and self.build_fn is not None:
            raise ArgumentError("model and build_fn are two names of one parameter; both were given.")
        plain = self._plain()
        arguments = {name: value for name, value in plain.items() if takes(build, name)} | self._sorted("model__")
        left = {name: value for name, value in plain.items() if name not in arguments}
        compiling = {name: value for name, value in left.items() if name in COMPILE_ARGUMENTS}
        self._refuse(plain)
        return build_model(build, arguments, meta, compiling)

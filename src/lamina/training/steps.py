"""What one step computes: the methods that a model of one's own may override."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, cast

import jax

from lamina.core.errors import ArgumentError, NotCompiledError
from lamina.core.functional import purify
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.transforms import value_and_grad
from lamina.core.variable import Variable
from lamina.training.objective import Objective, row_count

# What the state is made of in the form of Keras on JAX, `step(self, state, data) -> (result, new state)`.
_KERAS_STATE = {
    "train_step": ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"),
    "test_step": ("trainable_variables", "non_trainable_variables", "metrics_variables"),
    "predict_step": ("trainable_variables", "non_trainable_variables"),
}


def _in_both_forms(step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Lets one of lamina's own steps be called with a state, as `super().train_step(state, data)` does in Keras."""
    name = step.__name__

    @functools.wraps(step)
    def wrapper(self: Any, *args: Any) -> Any:
        if len(args) == 1:
            return step(self, *args)
        state, data = args
        groups = _keras_groups(self, name)
        variables = [variable for group in groups for variable in group]
        binding = Binding(State(params=tuple(variables)), hyperparameter_owners([self]))
        values = [value for group in state for value in group]
        if len(values) != len(variables):
            raise ArgumentError(f"{name} got a state of {len(values)} values, but it has {len(variables)} variables.")
        result, new, _ = purify(lambda: step(self, data), binding)(
            State(params=tuple(values)), binding.hyperparameters()
        )
        after = iter(new.params)
        grouped = tuple([next(after) for _ in group] for group in groups)
        return result, grouped[1] if name == "predict_step" else grouped

    return wrapper


class Steps:
    """The part of a model that says what a step of training, evaluation and prediction is.

    Each of `train_step`, `test_step` and `predict_step` may be overridden in one of two forms: as
    `step(self, data)`, which calls the model, applies the optimizer and updates metrics, or in the
    form of Keras on JAX, `step(self, state, data)`, which returns the new state beside its result.
    Either way the whole loop over steps is compiled.
    """

    objective: Objective | None
    optimizer: Any

    @_in_both_forms
    def train_step(self, data: Any) -> dict[str, Any]:
        """Trains on a batch.

        Args:
            data: `(x, y, sample_weight)`, what was not given as `None` or left out at the end.

        Returns:
            The logs: numbers by name.
        """
        self.learn_from(data)
        return self.get_metrics_result()  # type: ignore[attr-defined]

    @_in_both_forms
    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluates a batch.

        Args:
            data: as for `train_step`.

        Returns:
            The logs.
        """
        self.look_at(data)
        return self.get_metrics_result()  # type: ignore[attr-defined]

    @_in_both_forms
    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch.

        Args:
            data: `(x,)`, or more, as for `train_step`.
        """
        return self(unpack(data)[0], training=False)  # type: ignore[operator]

    def learn_from(self, data: Any) -> None:
        """One step of training, all but the logs."""
        x, y, weights = unpack(data)

        def forward() -> tuple[jax.Array, Any]:
            y_pred = self(x, training=True)  # type: ignore[operator]
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weights, training=True)
            return self.optimizer.scale_loss(loss), (loss, y_pred)

        variables = self.trained_variables()  # type: ignore[attr-defined]
        derived = value_and_grad(forward, variables, has_aux=True) if variables else lambda: (forward(), [])
        (_, (loss, y_pred)), gradients = derived()
        self.optimizer.apply(gradients, variables)
        self._update_metrics(loss, x, y, y_pred, weights)

    def look_at(self, data: Any) -> None:
        """One step of evaluation, all but the logs."""
        x, y, weights = unpack(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weights, training=False)
        self._update_metrics(loss, x, y, y_pred, weights)

    def _update_metrics(self, loss: Any, x: Any, y: Any, y_pred: Any, weights: Any) -> None:
        assert self.objective is not None
        self.objective.loss_tracker.update_state(loss, sample_weight=row_count(jax.tree.leaves(x)[0]))
        self.compute_metrics(x=x, y=y, y_pred=y_pred, sample_weight=weights)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss of a batch: that of the outputs, and what layers and regularizers added.

        Args:
            x: inputs.
            y: targets.
            y_pred: outputs.
            sample_weight: factors of the examples.
            training: whether the model is being trained.

        Returns:
            A scalar.
        """
        del x
        assert self.objective is not None
        total = self.objective.loss(y, y_pred, sample_weight)
        added = self.losses  # type: ignore[attr-defined]
        if training and not added and all(loss is None for loss in self.objective.losses):
            raise NotCompiledError(
                "There is nothing to train for: compile() was given no loss, and no layer adds one.",
                hint="say what to train for: model.compile(optimizer='adam', loss='mse').",
            )
        return sum(added, total)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Takes a batch into account in the metrics, and returns their values.

        Args:
            x: inputs.
            y: targets.
            y_pred: outputs.
            sample_weight: factors of the examples.
        """
        del x
        assert self.objective is not None
        self.objective.update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()  # type: ignore[attr-defined]


def is_own(model: Any, *names: str) -> bool:
    """Whether methods of a model are lamina's, none of them overridden."""
    return all(getattr(type(model), name) is getattr(Steps, name) for name in names)


def run_step(model: Any, name: str, data: Any) -> Any:
    """The result of a step in either form; variables are assigned.

    Args:
        model: whose step it is.
        name: `"train_step"`, `"test_step"` or `"predict_step"`.
        data: the batch, `(x, y, sample_weight)`.
    """
    data = _as_given(data)
    step = getattr(model, name)
    if is_own(model, name) or not _takes_state(type(model), name):
        return step(data)
    groups = _keras_groups(model, name)
    result, new = step(tuple([variable.value for variable in group] for group in groups), data)
    new = (groups[0], new) if name == "predict_step" else new
    for group, values in zip(groups, new, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return result


def unpack(data: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of a batch; `None` for what is not there.

    Example:
        >>> unpack(("x", "y"))
        ('x', 'y', None)
        >>> unpack("x")
        ('x', None, None)
    """
    parts = data if isinstance(data, tuple) else (data,)
    return cast(tuple[Any, Any, Any], (*parts, None, None)[:3])


def _as_given(data: Any) -> Any:
    """A batch as users unpack it: without what they did not give."""
    x, y, weights = unpack(data)
    if weights is not None:
        return x, y, weights
    return (x,) if y is None else (x, y)


def _takes_state(cls: type, name: str) -> bool:
    return len(inspect.signature(getattr(cls, name)).parameters) > 2


def _keras_groups(model: Any, name: str) -> list[list[Variable]]:
    return [
        list(model.optimizer.variables if group == "optimizer_variables" else getattr(model, group))
        for group in _KERAS_STATE[name]
    ]

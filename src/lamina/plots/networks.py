"""What plots need to know of a model: its kernels, its gradients and its loss for other weights."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, ArgumentTypeError, NotBuiltError
from lamina.core.functional import purify
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.transforms import value_and_grad
from lamina.core.variable import Variable
from lamina.layers import Layer
from lamina.layers.weights import unique
from lamina.models import Model
from lamina.models.model import require_built
from lamina.plots.values import finite_array
from lamina.training.sources import batch_source


def check_model(owner: str, model: Any) -> Model:
    """The model, if it is one and built.

    Raises:
        ArgumentTypeError: if it is no model.
        NotBuiltError: if it has no weights yet.
    """
    if not isinstance(model, Model):
        raise ArgumentTypeError(f"{owner}: model must be a model of lamina. Received: a {type(model).__name__}")
    require_built(model, "weights")
    return model


def first_kernel(owner: str, given: Any) -> tuple[np.ndarray, tuple[int, ...] | None]:
    """The kernel of a layer, or of the first layer of a model that has one.

    Args:
        owner: the function that draws, for messages.
        given: a kernel, a layer or a model.

    Returns:
        The kernel, and the shape of a model's inputs if it is known.

    Raises:
        ArgumentError: if there is no kernel of two or four axes.
        NotBuiltError: if there are no weights yet.
    """
    if not isinstance(given, Layer):
        kernel = finite_array(owner, "the kernel", given)
        if kernel.ndim not in (2, 4):
            raise ArgumentError(f"{owner}: the kernel must have 2 or 4 axes. Received: shape {kernel.shape}")
        return kernel, None
    if not given.built:
        raise NotBuiltError(
            f"{owner}: {type(given).__name__} '{given.name}' has no weights yet.",
            hint="call it on data, or build the model from its input shape, first.",
        )
    kernels = [getattr(layer, "kernel", None) for layer in given.flatten_layers()]
    found = [kernel for kernel in kernels if kernel is not None and len(kernel.shape) in (2, 4)]
    if not found:
        raise ArgumentError(f"{owner}: '{given.name}' has no layer with a kernel, such as Dense.")
    shape = getattr(given, "input_shape", None) if isinstance(given, Model) else None
    flat = isinstance(shape, tuple) and len(shape) in (3, 4) and None not in shape[1:]
    return finite_array(owner, "the kernel", found[0]), tuple(shape[1:]) if shape and flat else None


def kernels_of(variables: Sequence[Variable], biases: bool) -> dict[str, int]:
    """The places of weights by names that tell them apart; only of those with two axes or more, if without `biases`."""
    kept = {place: v for place, v in enumerate(variables) if biases or len(v.shape) > 1}
    owners = [variable.path.rpartition("/")[0] for variable in kept.values()]
    short = len(set(owners)) == len(owners)  # a layer's name will do where it has one kernel
    return {(owner if short and owner else v.path): p for owner, (p, v) in zip(owners, kept.items(), strict=True)}


class Trial:
    """The loss of a compiled model for a batch, without a change to the model.

    Args:
        owner: the function that draws, for messages.
        model: a compiled one.
        x: inputs, all of them one batch.
        y: targets.

    Raises:
        NotCompiledError: if the model has no loss.
        DataError: if the data do not fit the model.
    """

    def __init__(self, owner: str, model: Any, x: Any, y: Any) -> None:
        if not isinstance(model, Model):
            raise ArgumentTypeError(f"{owner}: model must be a model of lamina. Received: a {type(model).__name__}")
        model._require_compiled(owner)
        source = batch_source(model, x, y, None, None)
        model._prepare_for(source.example(len(jax.tree.leaves(source.arrays)[0])))
        source.check(model, owner)
        self._data = jax.tree.map(jnp.asarray, source.arrays)
        self._model = model
        self.variables = model.trained_variables()
        if not self.variables:
            raise ArgumentError(f"{owner}: '{model.name}' has no weights that are trained.")
        all_of_them = unique([*self.variables, *model.variables, *model.metrics_variables])  # losses are tracked, too
        rest = tuple(all_of_them[len(self.variables) :])
        self._binding = Binding(State(params=tuple(self.variables), stats=rest), hyperparameter_owners([model]))

    def gradients(self) -> list[np.ndarray]:
        """Those of the weights, as a step of training has them."""

        def loss(data: Any) -> jax.Array:
            return self._loss(data, training=True)

        gradients = self._pure(lambda data: value_and_grad(loss, self.variables)(data)[1])
        return [np.asarray(gradient) for gradient in jax.jit(gradients)(self._weights(), self._data)]

    def losses(self, weights_at: Callable[..., list[Any]], *places: np.ndarray) -> np.ndarray:
        """The loss for weights that depend on numbers.

        Args:
            weights_at: from a number each of `places` to the values of `variables`.
            *places: `(count,)` each.

        Returns:
            `(count,)`.
        """
        loss = self._pure(lambda data: self._loss(data, training=False))

        def all_losses(places: tuple[Any, ...], data: Any) -> Any:
            return jax.lax.map(lambda numbers: loss(tuple(weights_at(*numbers)), data), places)

        return np.asarray(jax.jit(all_losses)(tuple(map(jnp.asarray, places)), self._data))

    def _loss(self, data: Any, training: bool) -> jax.Array:
        x, y, weights = data
        return self._model.compute_loss(x, y, self._model(x, training=training), weights, training)

    def _weights(self) -> tuple[Any, ...]:
        return self._binding.gather().params

    def _pure(self, function: Callable[[Any], Any]) -> Callable[[tuple[Any, ...], Any], Any]:
        """A function of the weights, too; what it assigns, such as moving averages, is forgotten."""
        pure, state, numbers = purify(function, self._binding), self._binding.gather(), self._binding.hyperparameters()
        return lambda weights, data: pure(state._replace(params=weights), numbers, data)[0]

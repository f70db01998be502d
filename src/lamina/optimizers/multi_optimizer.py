"""Several optimizers for the weights of one model."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lamina.core.errors import ArgumentTypeError, UnknownAttributeError
from lamina.core.serialization import builtin, deserialize_keras_object, serialize_keras_object
from lamina.core.validate import above_zero, optional
from lamina.core.variable import Variable
from lamina.optimizers.optimizer import Optimizer
from lamina.optimizers.optimizer_map import OptimizerMap, stepping
from lamina.optimizers.settings import Setting
from lamina.optimizers.wrapping import WrappingOptimizer


class _Shared(Setting):
    """A setting that the inner optimizers have, too."""

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, value)
        for optimizer in instance.optimizers:
            setattr(optimizer, self._name, value)


@builtin("optimizers", "multioptimizer")
class MultiOptimizer(WrappingOptimizer):
    """Trains each weight with the optimizer that is chosen for it.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a weight to its optimizer.
        loss_scale_factor: that of all optimizers; each loses its own.
        name: chosen when left out.

    Raises:
        ArgumentTypeError: if `optimizer_map` cannot be called.
        ArgumentError: when built, if what is chosen is no optimizer, or one that wraps others.

    Example:
        >>> from lamina.optimizers import SGD, Adam
        >>> w, b = Variable([1.0], name="kernel"), Variable([1.0], name="bias")
        >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"bias": Adam(0.1)}))
        >>> optimizer.apply([[1.0], [1.0]], [w, b])
        >>> w.numpy().round(2), b.numpy().round(2)
        (array([0.5], dtype=float32), array([0.9], dtype=float32))
    """

    loss_scale_factor: Any = _Shared(optional(above_zero))

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        if not callable(optimizer_map):
            raise ArgumentTypeError(
                "MultiOptimizer: optimizer_map must be an OptimizerMap or a function from a weight to its optimizer. "
                f"Received: optimizer_map={optimizer_map!r}",
                hint="OptimizerMap(default_optimizer, {expression: optimizer}) chooses by the paths of weights.",
            )
        self._inner_optimizers: list[Optimizer] = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self.optimizer_map = optimizer_map
        self._chosen: tuple[int, ...] = ()
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._adopt(optimizer)

    def _adopt(self, optimizer: Optimizer) -> int:
        """The place of an optimizer among those that take the steps."""
        place = next((index for index, known in enumerate(self._inner_optimizers) if known is optimizer), None)
        if place is None:
            place = len(self._inner_optimizers)
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._inner_optimizers = [*self._inner_optimizers, optimizer]
        return place

    @property
    def optimizers(self) -> Sequence[Optimizer]:
        """Those of the map; those that a function chooses, once the optimizer is built."""
        return self._inner_optimizers

    @property
    def learning_rate(self) -> Any:
        """Each optimizer has its own.

        Raises:
            UnknownAttributeError: always.
        """
        raise UnknownAttributeError(
            f"MultiOptimizer '{self.name}' has no learning rate of its own.",
            hint="those of its parts are optimizer.optimizers[0].learning_rate and so on.",
        )

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if "_rate" in self.__dict__:
            _ = self.learning_rate
        Optimizer.learning_rate.fset(self, rate)  # type: ignore[attr-defined]

    lr = learning_rate

    def build(self, variables: Sequence[Variable]) -> None:
        """Chooses the optimizers, and builds each for its weights."""
        if not self.built:
            chosen = [stepping(self.optimizer_map(variable), f"'{variable.path}'") for variable in variables]
            self._chosen = tuple(self._adopt(optimizer) for optimizer in chosen)
        super().build(variables)
        for optimizer, own in self._shared_out(variables, variables):
            optimizer.build(own)

    def _shared_out(self, variables: Sequence[Variable], items: Iterable[Any]) -> Iterable[tuple[Optimizer, list[Any]]]:
        """The optimizers that train any of the variables, and the items of theirs."""
        places = [self._chosen[self._place[id(variable)]] for variable in variables]
        for index, optimizer in enumerate(self._inner_optimizers):
            own = [item for item, place in zip(items, places, strict=True) if place == index]
            if own:
                yield optimizer, own

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        pairs = self._paired(list(grads), trainable_variables)
        for optimizer, own in self._shared_out([variable for variable, _ in pairs], pairs):
            optimizer.apply([gradient for _, gradient in own], [variable for variable, _ in own])
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        variables = list(var_list)
        for optimizer, own in self._shared_out(variables, variables):
            optimizer.finalize_variable_values(own)

    def structure(self) -> list[Any]:
        return [self._chosen, *super().structure()]

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": serialize_keras_object(self.optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        revived = deserialize_keras_object(config["optimizer_map"], custom_objects)
        return super().from_config({**config, "optimizer_map": revived}, custom_objects)

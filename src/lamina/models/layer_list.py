"""The list that `model.layers` is."""

from typing import Any, NoReturn

from lamina.core.errors import ReservedNameError
from lamina.layers.layer import Layer


class LayerList(list[Layer]):
    """The layers of a model, to look at: changing this list would not change what the model computes.

    Raises:
        ReservedNameError: if it is changed in place; copies are ordinary lists.

    Example:
        >>> LayerList([])[:] + [1]
        [1]
    """

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ReservedNameError(
            "model.layers tells the layers of a model, and cannot be changed.",
            hint="use add() and pop() of a Sequential; or make another model: "
            "Model(model.inputs, model.layers[-2].output) leaves the last layer out.",
        )

    append = extend = insert = pop = remove = clear = reverse = _refuse
    sort = _refuse  # type: ignore[assignment]
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)

"""What optimizers own: the step counter, and arrays beside the variables that they train."""

from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

import numpy as np

from lamina import initializers
from lamina.core.errors import ArgumentError, NotBuiltError, ShapeError
from lamina.core.tracebacks import warn_user
from lamina.core.tracking import Trackable
from lamina.core.variable import Variable


class SlotOwner(Trackable):
    """The part of an optimizer that has to do with its variables; the names of its methods are Keras's."""

    name: str
    built: bool
    gradient_accumulation_steps: int | None
    _iterations: Variable
    _trained: list[Variable]
    _place: dict[int, int]

    def _prepare(self) -> None:
        """Makes the step counter, which comes first among the variables."""
        self.built = False
        self._place, self._trained = {}, []
        self._iterations = Variable(np.int32(0), dtype="int32", trainable=False, autocast=False, name="iteration")
        self._iterations.path = f"{self.name}/iteration"

    _untracked = frozenset({"_trained"})

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate, then the slots as they were made."""
        found = [node for _, node in self.walk() if isinstance(node, Variable)]
        return [variable for variable in found if id(variable) not in self._place]

    @property
    def iterations(self) -> Any:
        """How often the variables have been changed; with accumulation, that is not at every step."""
        if self.gradient_accumulation_steps:
            return self._iterations.value // self.gradient_accumulation_steps
        return self._iterations

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # A copy trains the copies of the variables.
        self._place = {id(variable): index for index, variable in enumerate(self._trained)}

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Makes a variable of the optimizer's own.

        Args:
            shape: of the variable.
            initializer: by name or as an object.
            dtype: `floatx()` when left out.
            aggregation: kept for Keras's sake.
            layout: accepted as Keras does.
            name: for messages.
        """
        del layout
        variable = Variable(
            initializers.get(initializer),
            tuple(shape),
            dtype,
            trainable=False,
            autocast=False,
            aggregation=aggregation,
            name=name,
        )
        variable.path = f"{self.name}/{variable.name}"
        self._added = [*self.__dict__.get("_added", ()), variable]
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Makes a variable of the shape and dtype of another."""
        name = f"{reference_variable.path.replace('/', '_')}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=name)

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """Makes a variable for each of those that are trained, or several that take turns.

        Args:
            trainable_variables: those that will be trained.
            name: one name, or several.
            initializer: of all, or a list with one for each name.

        Returns:
            A list of variables, or a tuple of lists if `name` is a sequence.
        """
        names = [name] if isinstance(name, str) else list(name)
        drawn = list(initializer) if isinstance(initializer, list | tuple) else [initializer] * len(names)
        made = [
            [self.add_variable_from_reference(v, *pair) for pair in zip(names, drawn, strict=True)]
            for v in trainable_variables
        ]
        groups = tuple([row[index] for row in made] for index in range(len(names)))
        return groups[0] if isinstance(name, str) else groups

    def assign(self, variable: Variable, value: Any) -> None:
        """Replaces the value of a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Adds to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtracts from a variable."""
        variable.assign_sub(value)

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a variable among those that are trained; optimizers written for Keras ask for it."""
        return self._place[id(variable)]

    # -- state -----------------------------------------------------------------------------------------------

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all variables, as NumPy arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replaces all variables.

        Args:
            weights: arrays in the order and shapes of `variables`.

        Raises:
            NotBuiltError: before `build`.
            ArgumentError: if their number differs.
            ShapeError: if a shape differs.
        """
        if not self.built:
            raise NotBuiltError(
                f"Optimizer '{self.name}' has no slots yet, so they cannot be set.",
                hint="call optimizer.build(model.trainable_variables) first.",
            )
        own = self.variables
        if len(own) != len(weights):
            raise ArgumentError(f"Optimizer '{self.name}' has {len(own)} variables, but got {len(weights)} arrays.")
        for variable, value in zip(own, weights, strict=True):
            if tuple(np.shape(value)) != variable.shape:
                raise ShapeError(
                    f"Optimizer variable '{variable.path}' has shape {variable.shape}, but was given one of "
                    f"{np.shape(value)}."
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Writes the variables into a mapping, under their numbers.

        Args:
            store: a dict, or a group of an HDF5 file.
        """
        for index, variable in enumerate(self.variables):
            store[str(index)] = np.asarray(variable.stored)

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Reads the variables from where `save_own_variables` wrote them.

        Args:
            store: the mapping; if it holds another number of variables, nothing is read, and there is a warning unless
                these are of an optimizer that had not begun.
        """
        own = self.variables
        if len(store) != len(own):
            if not has_not_begun(store.values()):
                warn_user(
                    f"The state of optimizer '{self.name}' is not read: it has {len(own)} variables, but "
                    f"{len(store)} were saved{'' if self.built else '; it has not been built yet'}."
                )
            return
        for index, variable in enumerate(own):
            variable.assign(store[str(index)])


def has_not_begun(arrays: Iterable[Any]) -> bool:
    """Whether saved variables are those of an optimizer without slots that has not taken a step.

    Args:
        arrays: the step counter first.

    Example:
        >>> has_not_begun([0, 0.001]), has_not_begun([3, 0.001]), has_not_begun([])
        (True, False, False)
    """
    counter, *others = list(arrays) or [1]
    return np.ndim(counter) == 0 and not counter and all(np.ndim(array) == 0 for array in others)

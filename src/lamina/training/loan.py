"""Who owns a model's state while `fit` runs."""

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.engine import on_device
from lamina.core.errors import LoanError
from lamina.core.state import Binding, State
from lamina.core.variable import Variable


class Loan:
    """A model's state while `fit` has it: the arrays are donated from one dispatch to the next.

    Reads and assigns of the model's variables go to `state` meanwhile, so callbacks see what the
    last finished chunk of steps left.

    Args:
        binding: what is lent.

    Raises:
        LoanError: if some of it is lent out already.
    """

    def __init__(self, binding: Binding) -> None:
        taken = next((variable for variable in binding.variables if variable.loan is not None), None)
        if taken is not None:
            raise LoanError(
                f"Variable '{taken.path}' is being trained by another call of fit.",
                hint="wait until it has finished, or train a clone of the model.",
            )
        self._binding = binding
        self._place = {
            id(variable): (group, index)
            for group, variables in zip(State._fields, binding.groups, strict=True)
            for index, variable in enumerate(variables)
        }
        self.state = State(*(tuple(v.lend(self) for v in group) for group in binding.groups))

    def read(self, variable: Variable) -> jax.Array:
        """The present value of `variable`."""
        group, index = self._place[id(variable)]
        value = getattr(self.state, group)[index]
        if isinstance(value, np.ndarray):
            value = on_device(value)
            self.write(variable, value)
        return value

    def write(self, variable: Variable, value: jax.Array) -> None:
        """Replaces the present value of `variable`; a host array goes to the device with the next dispatch."""
        group, index = self._place[id(variable)]
        values = list(getattr(self.state, group))
        values[index] = value
        self.state = self.state._replace(**{group: tuple(values)})

    def take(self) -> State:
        """The state for a program that uses its arrays up; of those that others may hold, copies."""
        for variable in self._binding.variables:
            if variable.is_shared:
                self.write(variable, jnp.copy(self.read(variable)))
                variable.is_shared = False
        return self.state

    def settle(self) -> None:
        """Gives everything back."""
        for variable in self._binding.variables:
            variable.give_back(self.read(variable))

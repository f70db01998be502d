"""State: all that a model's programs read and change, as one pytree."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lamina.core.frame import Frame, current_frame
from lamina.core.hyperparameter import Number, numbers_of
from lamina.core.tracking import Trackable
from lamina.core.variable import Variable


class State(NamedTuple):
    """The values of a model's variables by what training does with them.

    Each group is a tuple in the order of the model's structure, so models of equal structure
    have interchangeable states, whatever their layers are called.

    Attributes:
        params: weights that the optimizer changes.
        frozen: weights that it would change if they were not frozen.
        stats: what layers keep for themselves, such as moving averages.
        seeds: states of random generators.
        metrics: running sums.
        slots: the optimizer's variables.
    """

    params: tuple[Any, ...] = ()
    frozen: tuple[Any, ...] = ()
    stats: tuple[Any, ...] = ()
    seeds: tuple[Any, ...] = ()
    metrics: tuple[Any, ...] = ()
    slots: tuple[Any, ...] = ()


class Binding:
    """Which variable stands where in the state.

    Args:
        groups: the variables of each group of the state, in order.
        owners: the objects whose hyperparameters the programs take as arguments.

    Example:
        >>> import jax.numpy as jnp
        >>> w = Variable([1.0], name="w")
        >>> binding = Binding(State(params=(w,)), owners=[])
        >>> binding.scatter(State(params=(jnp.array([2.0]),)))
        >>> float(w.numpy()[0]), binding.paths
        (2.0, ['params/w'])
    """

    def __init__(self, groups: State, owners: Iterable[Any]) -> None:
        self.groups = groups
        self.variables: list[Variable] = [variable for group in groups for variable in group]
        self.numbers: list[Number] = [n for owner in owners for n in numbers_of(owner).values() if n.is_data]

    @property
    def paths(self) -> list[str]:
        """Where each variable stands, for messages."""
        return [f"{name}/{v.path}" for name, group in self.groups._asdict().items() for v in group]

    def gather(self) -> State:
        """The present values."""
        return State(*(tuple(variable.stored for variable in group) for group in self.groups))

    def scatter(self, state: State) -> None:
        """Stores the values of `state` in the variables."""
        for variables, values in zip(self.groups, state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.store(value)

    def hyperparameters(self) -> tuple[Any, ...]:
        """The present numbers, as programs take them; those of the running call where there is one."""
        frame = current_frame()
        known = {} if frame is None else frame.values
        return tuple(known.get(id(number), float(number.stored)) for number in self.numbers)

    def values(self, state: State, hyperparameters: Sequence[Any] = ()) -> dict[int, Any]:
        """The table of a frame in which the variables have the values of `state`."""
        table = {
            id(variable): value
            for variables, values in zip(self.groups, state, strict=True)
            for variable, value in zip(variables, values, strict=True)
        }
        table.update((id(number), value) for number, value in zip(self.numbers, hyperparameters, strict=False))
        return table

    def collect(self, frame: Frame) -> State:
        """The values at the end of a traced call."""
        return State(*(tuple(frame.values[id(variable)] for variable in group) for group in self.groups))


def hyperparameter_owners(roots: Iterable[Trackable | None]) -> list[Any]:
    """All objects below `roots`, each once, in the order of the structure."""
    seen: dict[int, Any] = {}
    for root in roots:
        if root is not None:
            for _, node in root.walk():
                if not isinstance(node, Variable):
                    seen.setdefault(id(node), node)
    return list(seen.values())

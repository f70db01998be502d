"""Pure functions out of stateful objects: where frames are opened."""

from collections.abc import Callable, Sequence
from typing import Any

import jax

from lamina.core.errors import LaminaError
from lamina.core.frame import Cell, Frame, Rows, current_frame, open_frame
from lamina.core.state import Binding, State


def purify(function: Callable[..., Any], binding: Binding) -> Callable[..., tuple[Any, State, tuple[Any, ...]]]:
    """Turns a function that reads and assigns variables into one that takes and returns their values.

    Args:
        function: any callable; it may touch the variables of `binding` and no others.
        binding: where each variable stands in the state.

    Returns:
        `pure(state, hyperparameters, *args, rows=None) -> (output, new_state, losses)`, where
        `losses` are those that layers added during the call.

    Example:
        >>> from lamina.core.state import State
        >>> from lamina.core.variable import Variable
        >>> count = Variable(0.0, name="count")
        >>> pure = purify(lambda x: count.assign_add(x), Binding(State(stats=(count,)), owners=[]))
        >>> _, state, _ = pure(State(stats=(1.0,)), (), 2.0)
        >>> float(state.stats[0]), float(count.numpy())
        (3.0, 0.0)
    """

    def pure(
        state: State, hyperparameters: Sequence[Any], *args: Any, rows: Rows | None = None, **kwargs: Any
    ) -> tuple[Any, State, tuple[Any, ...]]:
        with open_frame(Frame(binding.values(state, hyperparameters), rows=rows)) as frame:
            output = function(*args, **kwargs)
        return output, binding.collect(frame), tuple(frame.losses)

    return pure


def abstractly(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, run for its shapes only: what it assigns is forgotten, and weights may come into being."""

    def scratch(*args: Any, **kwargs: Any) -> Any:
        with open_frame(Frame({}, strict=False)):
            return function(*args, **kwargs)

    return scratch


def branch(condition: Any, if_true: Callable[[], None], if_false: Callable[[], None], changing: Sequence[Cell]) -> None:
    """Runs one of two functions that assign variables; inside of a program it is decided there which.

    Args:
        condition: a bool, scalar.
        if_true: run if the condition holds.
        if_false: run otherwise.
        changing: all cells that either of them may assign.

    Example:
        >>> from lamina.core.variable import Variable
        >>> count = Variable(1.0, name="count")
        >>> branch(count.value > 0, lambda: count.assign(0.0), lambda: count.assign(1.0), [count])
        >>> float(count)
        0.0
    """
    outer = current_frame()
    if outer is None:
        (if_true if condition else if_false)()
        return

    def pure(function: Callable[[], None]) -> Callable[[], list[Any]]:
        def run() -> list[Any]:
            with open_frame(Frame(dict(outer.values), strict=outer.strict, rows=outer.rows)) as frame:
                function()
            return [frame.read(cell) for cell in changing]

        return run

    for cell, value in zip(changing, jax.lax.cond(condition, pure(if_true), pure(if_false)), strict=True):
        outer.write(cell, value)


def lift(function: Callable[..., Any]) -> tuple[Callable[..., Any], Any]:
    """Makes the state of the running call an argument and a result, for the control flow of JAX.

    `jax.lax.cond`, `scan` and `checkpoint` demand pure functions; a layer's `call` that wants to
    use one inside a compiled step lifts the branches, and passes the carry along.

    Args:
        function: a callable that may read and assign variables.

    Returns:
        The lifted function `(carry, *args) -> (output, carry)`, and the carry to start with. Hand
        the last carry to `restore`.

    Raises:
        LaminaError: outside of a traced call, where there is nothing to lift.
    """
    outer = current_frame()
    if outer is None:
        raise LaminaError("lift() was called outside of a compiled step, where there is no state to carry.")

    def lifted(carry: dict[int, Any], *args: Any) -> tuple[Any, dict[int, Any]]:
        with open_frame(Frame(dict(carry), strict=outer.strict, rows=outer.rows)) as frame:
            output = function(*args)
        # Shape inference meets variables as it goes; what it writes to them is forgotten in any case.
        return output, {cell: frame.values[cell] for cell in carry}

    return lifted, dict(outer.values)


def restore(carry: dict[int, Any]) -> None:
    """Ends what `lift` began: the running call goes on with the values in `carry`."""
    frame = current_frame()
    if frame is not None:
        frame.values.update(carry)

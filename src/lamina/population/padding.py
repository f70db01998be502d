"""Members whose models differ in widths only, padded so that one program serves them all."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.export import symbolic_shape

from lamina.core.frame import Rows
from lamina.core.state import State
from lamina.core.structure import widths_apart
from lamina.population.masked import CannotPadError, Padded, Widths, evaluate, masked, symbolic_axes
from lamina.population.member import Member
from lamina.training.step import Learner

# Products of matrices whose sizes are multiples of this one are faster.
_MULTIPLE = 8


class Outline:
    """What the programs of some members are made of, with widths apart.

    Args:
        member: one of them, prepared.
        purpose: `"fit"` or `"call"`.

    Attributes:
        example: the member.
        members: those of this structure.
        skeleton: the key of the programs without whole numbers, and the ranks and dtypes of the state.
        numbers: those whole numbers.
        compilation: of the example's key.
        shapes: of the state's arrays.
        sizes: of all their axes.
    """

    def __init__(self, member: Member, purpose: str) -> None:
        self.members: list[Member] = []
        self.example = member
        learner, key = member.model.learner(purpose)
        variables = [variable for group in learner.binding.groups for variable in group]
        skeleton, self.numbers = widths_apart(key)
        self.skeleton = (skeleton, tuple((variable.ndim, str(variable.stored.dtype)) for variable in variables))
        self.compilation = key.compilation
        self.shapes = [variable.shape for variable in variables]
        self.sizes = tuple(size for shape in self.shapes for size in shape)


class Padding:
    """One program for models that differ in widths.

    Axes that are of equal size in each model, whatever this size is, have the same symbol. The program is traced for
    symbols, and runs on states that are padded to the largest sizes.

    Args:
        outlines: of equal skeletons and different sizes.
        purpose: `"fit"` or `"call"`.

    Attributes:
        room: the padded sizes by symbol.
        key: of the program.
        learner: what takes the place of the model's own.

    Raises:
        CannotPadError: if the models differ in whole numbers that are no sizes of weights.
    """

    def __init__(self, outlines: Sequence[Outline], purpose: str) -> None:
        self._outlines = outlines
        self._purpose = purpose
        columns = list(zip(*(outline.sizes for outline in outlines), strict=True))
        varying = list(dict.fromkeys(column for column in columns if len(set(column)) > 1))
        for column in zip(*(outline.numbers for outline in outlines), strict=True):
            if len(set(column)) > 1 and column not in varying:
                raise CannotPadError(f"The models differ in the numbers {column}, which are no sizes of weights.")
        names = [f"w{n}" for n in range(len(varying))]
        symbols = dict(zip(varying, symbolic_shape(", ".join(names)), strict=True))
        self.room = {name: padded_width(max(column)) for name, column in zip(names, varying, strict=True)}
        self._sizes = [symbols.get(column, column[0]) for column in columns]
        self._places = [columns.index(column) for column in varying]
        sizes = tuple(map(str, self._sizes))
        self.key: Hashable = (outlines[0].skeleton, outlines[0].compilation, sizes, tuple(self.room.values()))
        self.learner = PaddedLearner(self._learner(outlines[0].example), self)

    def _learner(self, member: Member) -> Learner:
        return member.model.learner(self._purpose)[0]

    @property
    def shapes(self) -> State:
        """The shapes of the state, with symbols."""
        sizes = iter(self._sizes)
        groups = self._learner(self._outlines[0].example).binding.groups
        return State(*(tuple(tuple(next(sizes) for _ in v.shape) for v in group) for group in groups))

    @property
    def padded(self) -> State:
        """The shapes and dtypes of the padded state."""
        widths = Widths(self.room, {})
        values = self._learner(self._outlines[0].example).binding.gather()
        spec = lambda value, shape: jax.ShapeDtypeStruct(widths.shape(shape), value.dtype)  # noqa: E731
        return _each(spec, values, self.shapes)

    # -- states ------------------------------------------------------------------------------------------------------

    def true_sizes(self, member: Member) -> list[int]:
        """What the symbols stand for in the model of a member."""
        groups = self._learner(member).binding.groups
        sizes = [size for group in groups for variable in group for size in variable.shape]
        return [sizes[place] for place in self._places]

    def pad(self, state: State) -> State:
        """The state of a member with zeros behind what is true."""

        def padded(value: Any, spec: jax.ShapeDtypeStruct) -> np.ndarray:
            room = np.zeros(spec.shape, spec.dtype)
            room[tuple(slice(size) for size in value.shape)] = value
            return room

        return _each(padded, state, self.padded)

    def trim(self, member: Member, state: State) -> State:
        """What is true of a padded state."""
        cut = lambda value, variable: value[tuple(slice(size) for size in variable.shape)]  # noqa: E731
        return _each(cut, state, self._learner(member).binding.groups)

    # -- whether it is exact -----------------------------------------------------------------------------------------

    def check(self, name: str, *data: Any) -> None:
        """Finds out whether padding leaves everything as it is.

        Models whose whole numbers differ must give the same program: then it depends on these through the sizes of
        weights alone. And each of its operations must be one that padding cannot change.

        Args:
            name: of the step to be run.
            *data: what they take after state and hyperparameters; shapes and dtypes are enough.

        Raises:
            CannotPadError: if it does not, or cannot be found out.
        """
        values = self._learner(self._outlines[0].example).binding.gather()
        open_specs = _each(lambda value, shape: jax.ShapeDtypeStruct(shape, value.dtype), values, self.shapes)
        numbers = (_NUMBER,) * len(self.learner.binding.numbers)
        sizes = (jax.ShapeDtypeStruct((), np.int32),) * len(self.room)
        try:
            expected = str(self.learner.traced(name, open_specs, numbers, *data)[0])
            found = [traced(self._learner(one), name, open_specs, numbers, *data)[0] for one in self._apart()]
            if any(str(program) != expected for program in found):
                raise CannotPadError(f"The program of {name} depends on widths in more than the sizes of weights.")
            jax.eval_shape(_STEPS[name](self.learner), self.padded, (*numbers, *sizes), *data)
        except CannotPadError:
            raise
        except Exception as error:  # code that is right for numbers may do anything to symbols
            raise CannotPadError(f"Widths cannot be left open: {type(error).__name__}: {error}") from error

    def _apart(self) -> list[Member]:
        """Members such that each whole number that varies at all differs between one of them and the first of all."""
        first, *others = self._outlines
        columns = list(zip(*(outline.numbers for outline in self._outlines), strict=True))
        left = {place for place, column in enumerate(columns) if len(set(column)) > 1}
        chosen: list[Member] = []
        for other in others:
            found = {place for place in left if other.numbers[place] != first.numbers[place]}
            if found or not chosen:
                chosen.append(other.example)
                left -= found
        return chosen


def padded_width(size: int) -> int:
    """The size that an axis of that size at most is padded to.

    Example:
        >>> padded_width(30), padded_width(32)
        (32, 32)
    """
    return -(-size // _MULTIPLE) * _MULTIPLE


def _each(function: Callable[[Any, Any], Any], *states: State) -> State:
    groups = zip(*states, strict=True)
    return State(*(tuple(function(*pair) for pair in zip(*group, strict=True)) for group in groups))


# What programs run of a learner, as a function of state, numbers and data.
_STEPS: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "train_step": lambda learner: learner.train_step,
    "test_step": lambda learner: learner.test_step,
    "call_step": lambda learner: partial(learner.call_step, training=False, predicting=False),
}
_NUMBER = jax.ShapeDtypeStruct((), np.float32, weak_type=True)


def traced(learner: Learner, name: str, *args: Any) -> tuple[Any, Any]:
    """The program of a step, and the shapes of its results.

    Args:
        learner: of a model.
        name: of the step.
        *args: state, numbers and data; shapes and dtypes are enough.
    """
    return jax.make_jaxpr(_STEPS[name](learner), return_shape=True)(*_specs(args))


def _specs(args: Any) -> Any:
    spec = lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype, weak_type=getattr(a, "weak_type", False))  # noqa: E731
    return jax.tree.map(spec, args)


class PaddedLearner:
    """A learner whose programs take padded states, and the true widths behind the hyperparameters.

    Args:
        learner: of one of the models.
        padding: how.
    """

    def __init__(self, learner: Learner, padding: Padding) -> None:
        self._learner = learner
        self._padding = padding
        self._traced: dict[Hashable, tuple[Any, Any]] = {}
        self.binding = learner.binding
        self.pads = learner.pads

    def train_step(self, state: State, numbers: Any, data: Any, rows: Rows | None) -> tuple[State, Any]:
        """As `Learner.train_step`."""
        return self._run("train_step", state, numbers, data, rows)

    def test_step(self, state: State, numbers: Any, data: Any, rows: Rows | None) -> tuple[State, Any]:
        """As `Learner.test_step`."""
        return self._run("test_step", state, numbers, data, rows)

    def call_step(self, state: State, numbers: Any, x: Any, training: bool, predicting: bool) -> Any:
        """As `Learner.call_step`, to predict."""
        del training, predicting
        return self._run("call_step", state, numbers, x)

    def results(self, state: State, numbers: Any, logs: Any) -> Any:
        """As `Learner.results`."""
        return self._learner.results(state, numbers[: len(self.binding.numbers)], logs)

    def defines(self, name: str) -> bool:
        """As `Learner.defines`."""
        return self._learner.defines(name)

    def traced(self, name: str, *args: Any) -> tuple[Any, Any]:
        """The program of the model's step for symbolic sizes, traced once for equal arguments, and its results' shapes.

        Args:
            name: of the step.
            *args: as for `traced`.
        """
        specs, structure = jax.tree.flatten(_specs(args))
        key = (name, structure, *specs)
        if key not in self._traced:
            self._traced[key] = traced(self._learner, name, *args)
        return self._traced[key]

    def _run(self, name: str, state: State, numbers: Any, *data: Any) -> Any:
        count = len(self.binding.numbers)
        numbers, true = numbers[:count], numbers[count:]
        widths = Widths(self._padding.room, dict(zip(self._padding.room, true, strict=True)))
        symbolic = _each(lambda value, shape: jax.ShapeDtypeStruct(shape, value.dtype), state, self._padding.shapes)
        jaxpr, results = self.traced(name, symbolic, numbers, *data)
        zero = [frozenset(symbolic_axes(variable.aval.shape)) for variable in jaxpr.jaxpr.invars]
        values = jax.tree.leaves((state, numbers, data))
        given = [Padded(*each) for each in zip(values, zero, strict=True)]
        found = iter(evaluate(jaxpr.jaxpr, jaxpr.consts, given, widths))

        def padded(spec: Any) -> Any:
            return masked(next(found), spec.shape, range(len(spec.shape)), widths)

        for part in results:
            if not isinstance(part, State) and any(symbolic_axes(leaf.shape) for leaf in jax.tree.leaves(part)):
                raise CannotPadError(f"What {name} returns is of many sizes.")
        return jax.tree.map(padded, results)

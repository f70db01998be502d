"""A block: members of one structure whose states are stacked, run by one program."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.state import State
from lamina.population.grouping import Group
from lamina.population.member import Member
from lamina.population.rows import Piece
from lamina.training.driver import Pace
from lamina.training.loop import Axes, call_program, program, run_with, test_loop, train_loop

_paces: dict[Hashable, Pace] = {}
# Programs of which a first call has been made: two blocks must not compile the same one side by side.
_met: set[Hashable] = set()
# What the first calls of all programs of a kind of block took together, which is to say compiling them.
_costs: dict[Hashable, float] = {}
_doors: dict[Hashable, threading.Lock] = {}
_lock = threading.Lock()


class Block:
    """Members that take every step together.

    Args:
        group: whose programs are run.
        members: some of it.
        states: theirs, and perhaps others'; those that the models have at present when left out.
        size: how many there is room for; what is left over is filled with the last member's state, and ignored.
        fresh: the values of metrics at the beginning of an epoch.

    Attributes:
        seconds: that the last training run took.
    """

    def __init__(
        self,
        group: Group,
        members: Sequence[Member],
        states: Mapping[Member, State] | None,
        size: int,
        fresh: Sequence[np.ndarray],
    ) -> None:
        self.group = group
        self.members = list(members)
        self.size = size
        self.learner, self.key = group.learner, group.key
        self.kind = (self.key, size)
        self._padding = group.padding
        bindings = [member.model.learner(group.purpose)[0].binding for member in self.members]
        own = [b.gather() for b in bindings] if states is None else [states[member] for member in self.members]
        own = own if self._padding is None else [self._padding.pad(state) for state in own]
        filled = [*range(len(members)), *[len(members) - 1] * (size - len(members))]
        self._slots = filled
        self._state = _stacked([own[slot] for slot in filled])
        numbers = [binding.hyperparameters() for binding in bindings]
        if self._padding is not None:
            true = [self._padding.true_sizes(member) for member in self.members]
            numbers = [(*these, *map(np.int32, sizes)) for these, sizes in zip(numbers, true, strict=True)]
        self._numbers = _in_rows([numbers[slot] for slot in filled])
        self._fresh = [np.stack([np.asarray(value)] * size) for value in fresh]
        self._host: State | None = None
        self.seconds = 0.0

    @property
    def cost(self) -> float:
        """Seconds that its programs took to compile."""
        return _costs.get(self.kind, 0.0)

    # -- running -----------------------------------------------------------------------------------------------------

    def run(self, phase: str, data: Any, pieces: list[Piece], goes_on: Callable[[], bool]) -> list[Any] | None:
        """Runs a phase over the data.

        Args:
            phase: `"train"` or `"test"`.
            data: `(x, y, sample_weight)` on the device.
            pieces: the steps.
            goes_on: asked between dispatches.

        Returns:
            The values of the metrics for each member; `None` if it was told to stop.
        """
        self._host = None
        # Host arrays go along with a call, which takes a fraction of the time of putting them on the device before it.
        self._state = self._state._replace(metrics=tuple(value.copy() for value in self._fresh))
        values: Any = None
        entered = time.perf_counter()
        for piece in pieces:
            shared = piece.order.ndim == 2
            order = piece.order if shared else piece.order[self._slots]
            counts = piece.counts[self._slots]
            steps, batch = piece.order.shape[-2:]
            start = 0
            while start < steps:
                if not goes_on():
                    return None
                pace = _paces.setdefault((phase, batch, *self.kind), Pace())
                stop = min(start + pace.steps, steps)
                began = time.perf_counter()
                values = self._dispatch(phase, data, order, counts, batch, piece.padded, (start, stop))
                pace.observe(stop - start, time.perf_counter() - began)
                start = stop
        self.seconds = time.perf_counter() - entered if phase == "train" else self.seconds
        return [jax.tree.map(lambda a, i=i: a[i], values) for i in range(len(self.members))]

    def _dispatch(
        self, phase: str, data: Any, order: Any, counts: Any, batch: int, padded: bool, span: tuple[int, int]
    ) -> Any:
        axes = (0, 0, None, 0 if order.ndim == 3 else None, None, None, 0)
        key = ("population", phase, batch, padded, axes, self.key)
        loop = train_loop if phase == "train" else test_loop
        args = (self._state, self._numbers, data, order, np.int32(span[0]), np.int32(span[1]), counts)
        shapes = tuple(leaf.shape for leaf in jax.tree.leaves(data))
        new, (results, _) = self._run_program(
            key, partial(loop, batch, padded, members=axes), args, (*shapes, order.shape)
        )
        if phase == "test":
            new = self._state._replace(stats=new[0], seeds=new[1], metrics=new[2])
        self._state = new
        return jax.tree.map(np.asarray, results)

    def predict(self, x: Any) -> Any:
        """The outputs of all members for a batch of inputs, members first.

        Args:
            x: on the device.
        """
        axes: Axes = (0, 0, None)
        predicting = self.learner.defines("predict_step")
        key = ("population", "call", predicting, axes, self.key)
        args = (self._state, self._numbers, x)
        shapes = tuple(leaf.shape for leaf in jax.tree.leaves(x))
        make = partial(call_program, False, predicting, members=axes)
        outputs, _, (stats, seeds), _ = self._run_program(key, make, args, shapes)
        self._state = self._state._replace(stats=stats, seeds=seeds)
        return jax.tree.map(lambda a: np.asarray(a)[: len(self.members)], outputs)

    def _run_program(self, key: Hashable, make: Callable[[], Any], args: tuple[Any, ...], shapes: Hashable) -> Any:
        function = program(key, make)
        first = (key, self.size, shapes)
        if first in _met:
            return run_with(self.learner, function, *args)
        with _lock:
            door = _doors.setdefault(first, threading.Lock())
        with door:
            began = time.perf_counter()
            result = run_with(self.learner, function, *args)
            if first not in _met:
                _costs[self.kind] = _costs.get(self.kind, 0.0) + time.perf_counter() - began
            _met.add(first)
        return result

    # -- looking in --------------------------------------------------------------------------------------------------

    def state_of(self, slot: int) -> State:
        """Copies of one member's arrays, on the host."""
        return jax.tree.map(np.array, self._true(slot))

    def weights_of(self, slot: int) -> list[np.ndarray]:
        """Views of one member's weights, in the order of the model's; gone with the next dispatch."""
        member = self.members[slot]
        place = {id(v): (g, n) for g, group in enumerate(member.binding.groups) for n, v in enumerate(group)}
        state = self._true(slot)
        return [state[g][n] for g, n in (place[id(variable)] for variable in member.model.weights)]

    def _true(self, slot: int) -> State:
        """Views of one member's arrays, without padding."""
        host = self._host
        if host is None:
            host = self._host = State(*jax.device_get(self._state))
        state = jax.tree.map(lambda a: a[slot], host)
        return state if self._padding is None else self._padding.trim(self.members[slot], state)


def _stacked(states: Sequence[State]) -> State:
    stack = lambda *values: jax.device_put(np.stack([np.asarray(v) for v in values]), may_alias=False)  # noqa: E731
    return jax.tree.map(stack, *states)


@jax.jit
def _in_rows(numbers: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The numbers of members, a row for each: as such they go on taking the dtype of what they meet."""
    return tuple(jnp.stack(row) for row in zip(*numbers, strict=True))

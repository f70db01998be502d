"""The loop over steps, compiled: what XLA is handed is not a step but a stretch of an epoch.

`lax.fori_loop` with dynamic bounds over a table of row indices needs one compilation for any
number of steps; the state is donated, so it changes in place, and metrics are part of it, so
nothing is sent back in between.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.engine import compiled, runs_eagerly
from lamina.core.frame import Rows
from lamina.core.masking import masks_of
from lamina.core.state import State
from lamina.data.table import Table
from lamina.training.pairwise import with_pairwise_sums
from lamina.training.step import Learner

# Who is traced when a program meets new shapes: any model of its structure gives the same.
_tracing: ContextVar[Learner] = ContextVar("lamina_tracing")
_programs: OrderedDict[Hashable, Callable[..., Any]] = OrderedDict()
_LIMIT = 256
# Which arguments of a program have an axis of members in front, 0 or `None` for each; `None` for a single model.
Axes = tuple[int | None, ...] | None
_lock = threading.Lock()
_traces = {"count": 0}


def trace_count() -> int:
    """How many programs have been traced in this process; tests watch it."""
    return _traces["count"]


def clear_programs(keep: int = 0) -> None:
    """Forgets compiled programs, but for those that were used last.

    Args:
        keep: how many to keep.
    """
    with _lock:
        while len(_programs) > keep:
            _programs.popitem(last=False)


def program(key: Hashable, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """The compiled program of a structure, shared by all models of that structure.

    Args:
        key: what the program is made of.
        make: gives the function to compile, if there is no such program yet.
    """
    with _lock:
        found = _programs.get(key)
        if found is None:
            found = _programs[key] = make()
            if len(_programs) > _LIMIT:
                _programs.popitem(last=False)
        _programs.move_to_end(key)
    return found


def run_with(learner: Learner, function: Callable[..., Any], *args: Any) -> Any:
    """Calls a program; should it be traced, then with the parts of `learner`."""
    token = _tracing.set(learner)
    try:
        return function(*args)
    finally:
        _tracing.reset(token)


def batch_of(table: Table, index: Any) -> tuple[Any, Rows | None]:
    """Batch number `index` of a table, and which of its rows are real if it may be padded."""
    size = table.batch
    if table.order is None:
        data = jax.tree.map(lambda a: jax.lax.dynamic_slice_in_dim(a, index * size, size), table.data)
    else:
        chosen = jax.lax.dynamic_index_in_dim(table.order, index, keepdims=False)
        data = jax.tree.map(lambda a: a.at[chosen].get(mode="promise_in_bounds"), table.data)
    if not table.padded:
        return data, None
    count = jnp.minimum(table.rows - index * size, size)
    return data, Rows(jnp.arange(size) < count, count)


def train_loop(batch: int, padded: bool, watched: bool = False, members: Axes = None) -> Callable[..., Any]:
    """The program that trains: `(state, numbers, data, order, start, stop, rows) -> (state, (results, end))`.

    Args:
        batch: rows per step.
        padded: whether the last batch may be.
        watched: whether to stop at a step after which the mean loss is NaN or infinite; only then there is an `end`,
            the number of the step that would be next.
        members: to train many models of one structure at once: which arguments are stacked, as for `jax.vmap`.
    """

    def run(
        state: State, numbers: Any, data: Any, order: Any, start: Any, stop: Any, rows: Any
    ) -> tuple[State, tuple[list[Any], Any]]:
        _traces["count"] += 1
        learner = _tracing.get()
        table = _TracedTable(data, order, batch, rows, padded)

        def body(index: Any, carry: tuple[State, Any]) -> tuple[State, Any]:
            part, real = batch_of(table, index)  # type: ignore[arg-type]
            new, logs = with_pairwise_sums(learner.train_step)(carry[0], numbers, part, real)
            return _like(new, carry[0]), logs

        def goes_on(place: tuple[Any, tuple[State, Any]]) -> Any:
            # The first step is taken in any case: whoever was told of a bad loss may want to go on with it.
            index, (state, logs) = place
            return (index < stop) & ((index == start) | jnp.isfinite(learner.mean_loss(state, numbers, logs)))

        end, carry = None, (state, _first_logs(learner, "train_step", body, state))
        if watched:
            end, carry = jax.lax.while_loop(goes_on, lambda place: (place[0] + 1, body(*place)), (start, carry))
        else:
            carry = jax.lax.fori_loop(start, stop, body, carry)
        return carry[0], (learner.results(carry[0], numbers, carry[1]), end)

    return compiled(_of_members(run, members), donate_argnums=0)


def test_loop(batch: int, padded: bool, members: Axes = None) -> Callable[..., Any]:  # noqa: PT028
    """The program that evaluates, likewise; weights are read only, and come back as they were."""

    def run(
        state: State, numbers: Any, data: Any, order: Any, start: Any, stop: Any, rows: Any
    ) -> tuple[tuple[Any, ...], tuple[list[Any], None]]:
        _traces["count"] += 1
        learner = _tracing.get()
        table = _TracedTable(data, order, batch, rows, padded)

        def body(index: Any, carry: tuple[tuple[Any, ...], Any]) -> tuple[tuple[Any, ...], Any]:
            part, real = batch_of(table, index)  # type: ignore[arg-type]
            stats, seeds, metrics = carry[0]
            now = state._replace(stats=stats, seeds=seeds, metrics=metrics)
            new, logs = with_pairwise_sums(learner.test_step)(now, numbers, part, real)
            return _like((new.stats, new.seeds, new.metrics), carry[0]), logs

        changing = (state.stats, state.seeds, state.metrics)
        carry = (changing, _first_logs(learner, "test_step", body, changing))
        changed, logs = jax.lax.fori_loop(start, stop, body, carry)
        state = state._replace(stats=changed[0], seeds=changed[1], metrics=changed[2])
        return changed, (learner.results(state, numbers, logs), None)

    return compiled(_of_members(run, members))


test_loop.__test__ = False  # type: ignore[attr-defined]  # its name is no sign to pytest


def call_program(training: bool, predicting: bool, members: Axes = None) -> Callable[..., Any]:
    """The program that calls a model, or its `predict_step` if that is not lamina's own.

    It is `(state, numbers, x) -> (outputs, their masks, (stats, seeds), losses)`.
    """

    def run(state: State, numbers: Any, x: Any) -> tuple[Any, Any, Any, Any]:
        _traces["count"] += 1
        outputs, new, losses = _tracing.get().call_step(state, numbers, x, training, predicting)
        return outputs, masks_of(outputs), (new.stats, new.seeds), losses

    # Users may call a model within programs of their own, where JAX takes no options.
    return jax.jit(_of_members(run, members))


def _of_members(run: Callable[..., Any], members: Axes) -> Callable[..., Any]:
    """A program's function for one model, or for many of them."""
    if members is None:
        return run

    def run_members(*args: Any) -> Any:
        stacked = [arg for arg, axis in zip(args, members, strict=True) if axis == 0]
        if jax.tree.leaves(stacked)[0].shape[0] > 1:
            return jax.vmap(run, in_axes=members)(*args)
        # A stack of one matrix is multiplied in another way than the matrix, and would differ in the last bit.
        pairs = zip(args, members, strict=True)
        alone = [jax.tree.map(lambda a: a[0], arg) if axis == 0 else arg for arg, axis in pairs]
        return jax.tree.map(lambda a: a[None], run(*alone))

    return run_members


def _first_logs(learner: Learner, name: str, body: Callable[..., Any], changing: Any) -> Any:
    """What stands for the logs before the first step, if steps give any: a loop demands that their shapes stay."""
    if not learner.defines(name) or runs_eagerly():
        return None
    logs = jax.eval_shape(lambda: body(jnp.int32(0), (changing, None)))[1]
    return jax.tree.map(lambda spec: jnp.zeros(spec.shape, spec.dtype), logs)


class _TracedTable:
    """A table inside of a program, where the number of rows is not known."""

    def __init__(self, data: Any, order: Any, batch: int, rows: Any, padded: bool) -> None:
        self.data, self.order, self.batch, self.rows, self.padded = data, order, batch, rows, padded


def _like(new: Any, old: Any) -> Any:
    """The new state in the dtypes of the old one, which a loop demands."""
    return jax.tree.map(lambda a, b: a.astype(b.dtype) if a.dtype != b.dtype else a, new, old)

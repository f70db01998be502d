"""Drives a phase (training, evaluation): cuts an epoch into dispatches and tells callbacks of them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.state import State
from lamina.data.feeds import Dispatch, Feed
from lamina.data.table import Table
from lamina.training.events import CallbackList
from lamina.training.logs import Logs
from lamina.training.loop import program, run_with, test_loop, train_loop
from lamina.training.step import Learner

# A dispatch takes about as long: often enough for the progress bar and for Ctrl-C.
_TARGET_SECONDS = 0.06


class Pace:
    """How many steps to hand over at once, learned from how long they took."""

    def __init__(self) -> None:
        self.steps = 1
        self._first = True

    def observe(self, steps: int, seconds: float) -> None:
        """Takes a dispatch into account; the first one, which compiles, tells nothing."""
        if self._first:
            self._first = False
            self.steps = max(self.steps, 8)
            return
        if steps < self.steps and seconds < _TARGET_SECONDS:
            return
        fitting = int(steps * _TARGET_SECONDS / max(seconds, 1e-6))
        self.steps = max(1, min(fitting, 16 * steps))


_paces: dict[Any, Pace] = {}


class _Outcome(NamedTuple):
    """What a dispatch gave.

    Attributes:
        values: of the metrics.
        end: the step that it stopped before; earlier than it was told to if the loss is watched.
        seconds: that it took.
    """

    values: list[Any]
    end: int
    seconds: float


class _Running(NamedTuple):
    """A dispatch that has been started.

    Attributes:
        outcome: what it will give.
        piece: its steps.
        done: the steps of the epoch at its end.
        due: whether callbacks are to be told of its last batch.
    """

    outcome: "Future[_Outcome]"
    piece: Dispatch
    done: int
    due: bool


class Driver:
    """Runs the steps of one phase over feeds.

    Args:
        phase: `"train"` or `"test"`.
        learner: the model with its objective and optimizer.
        key: what its programs are made of.
        read: gives the present state.
        write: takes the new one.
        callbacks: told of batches, and of progress.
        eager: whether to run step by step in Python instead of compiling.
        check: called between dispatches; may raise.
        show_progress: whether the progress bar is about this phase; in `fit` it is about training alone.
    """

    def __init__(
        self,
        phase: str,
        learner: Learner,
        key: Any,
        read: Callable[[], State],
        write: Callable[[State], None],
        callbacks: CallbackList,
        eager: bool = False,
        check: Callable[[], None] = lambda: None,
        *,
        show_progress: bool = True,
    ) -> None:
        self._phase = phase
        self._learner = learner
        self._read, self._write = read, write
        self._callbacks = callbacks
        self._eager = eager
        self._check = check
        self._exact = not learner.pads
        self.each_batch = eager or callbacks.wants_batches(phase)
        self._pace = Pace() if eager else _paces.setdefault(hash((phase, key)), Pace())
        self._watched = phase == "train" and not self.each_batch and callbacks.watches_loss
        self._key = (phase, self._watched, key)
        self._make = partial(train_loop, watched=self._watched) if phase == "train" else test_loop
        self._until_due: int | None = None
        self._running: _Running | None = None
        self._told = 0
        self._logs: dict[str, Any] = {}
        self._names = learner.model.log_names()
        self._bars = callbacks.bars if show_progress else []

    def epoch(
        self,
        feed: Feed,
        should_stop: Callable[[], bool] = lambda: False,
        done: int = 0,
        logs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Runs an epoch.

        Args:
            feed: its data.
            should_stop: asked between dispatches; if it says so at once, only one batch is run.
            done: the steps that were done before; the feed goes on behind them.
            logs: after these.

        Returns:
            The logs at its end.
        """
        self._logs = dict(logs or {})
        self._should_stop = should_stop
        self._told = done
        self._until_due = 1 if should_stop() else self._batches_until_due()
        # With batches told one by one, or the data at hand, there is nothing to do beside the device's work.
        beside = feed.takes_time and not self.each_batch
        with ThreadPoolExecutor(1) if beside else nullcontext() as worker:
            for dispatch in feed.epoch():
                for piece in self._pieces(dispatch):
                    if self._settle():
                        return self._logs
                    if self.each_batch:
                        self._callbacks.tell(f"on_{self._phase}_batch_begin", done, {})
                    done += piece.stop - piece.start
                    due = self._is_due(piece.stop - piece.start)
                    self._running = _Running(self._launch(piece, worker), piece, done, due)
                    if due and self._settle():
                        return self._logs
            if not self._settle() and self._until_due is not None and self._told < done:
                self._tell(done)
        return self._logs

    def _pieces(self, dispatch: Dispatch) -> Iterator[Dispatch]:
        """Ranges of steps, as long as the pace has it; a short last batch apart where padding would show."""
        table, start, stop = dispatch
        short = self._exact and table.rest and stop == table.steps
        last = stop - 1 if short else stop
        while start < last:
            end = start + 1 if self.each_batch else min(start + self._pace.steps, last)
            # What is left of an epoch is better run in one go than as a handful of steps.
            end = last if not self.each_batch and last - end < self._pace.steps // 4 else end
            end = end if self._until_due is None else min(end, start + self._until_due)
            yield Dispatch(_full(table) if self._exact else table, start, end)
            start = end
        if short:
            yield Dispatch(_last_batch(table), 0, 1)

    def _launch(self, piece: Dispatch, worker: ThreadPoolExecutor | None) -> "Future[_Outcome]":
        """Starts a dispatch, in a thread beside this one if there is one for it."""
        if worker is not None:
            return worker.submit(self._run, piece)
        outcome: Future[_Outcome] = Future()
        outcome.set_result(self._run(piece))
        return outcome

    def _run(self, piece: Dispatch) -> "_Outcome":
        """Runs a dispatch."""
        table, start, stop = piece
        function = program((self._key, table.batch, table.padded), lambda: self._make(table.batch, table.padded))
        state = jax.tree.map(jnp.asarray, self._read()) if self._eager else self._read()
        numbers = self._learner.binding.hyperparameters()
        began = time.perf_counter()
        bounds = (np.int32(start), np.int32(stop), np.int32(table.rows))
        with jax.disable_jit() if self._eager else nullcontext():
            changed, results = run_with(self._learner, function, state, numbers, table.data, table.order, *bounds)
        if self._phase == "test":
            stats, seeds, metrics = changed
            changed = state._replace(stats=stats, seeds=seeds, metrics=metrics)
        self._write(changed)
        values, end = jax.tree.map(np.asarray, results)
        return _Outcome(values, stop if end is None else int(end), time.perf_counter() - began)

    def _settle(self) -> bool:
        """Waits for the running dispatch, and tells of it those whose turn it is; returns whether to stop."""
        while self._running is not None:
            outcome, piece, done, due = self._running
            values, end, seconds = outcome.result()
            self._running = None
            left = piece.stop - end
            self._pace.observe(end - piece.start, seconds)
            self._logs = as_logs(self._names, values)
            for bar in self._bars:
                bar.progressed(done - left, self._logs)
            self._check()
            if due or (self._watched and not np.isfinite(self._logs.get("loss", 0.0)).all()):
                self._tell(done - left, left)
            if self._should_stop():
                return True
            if left:
                rest = piece._replace(start=end)
                self._running = _Running(self._launch(rest, None), rest, done, due)
        self._check()
        return False

    # -- whose turn it is ------------------------------------------------------------------------------------------

    def _batches_until_due(self) -> int | None:
        """How many batches may run before callbacks have to be told of one; `None` for any number."""
        if self.each_batch or self._phase != "train":
            return None
        count = self._callbacks.batches_until_due()
        return None if count is None else max(1, count)

    def _is_due(self, steps: int) -> bool:
        """Whether callbacks are to be told of the last one of the next steps."""
        if self._until_due is not None:
            self._until_due -= steps
        return self.each_batch or self._until_due == 0

    def _tell(self, done: int, ahead: int = 0) -> None:
        """Tells callbacks of the batch that was done last; so many steps are to follow before they are asked again."""
        self._told = done
        self._callbacks.tell(f"on_{self._phase}_batch_end", done - 1, Logs(self._logs))
        until_due = self._batches_until_due()
        self._until_due = None if until_due is None else until_due - ahead


def as_logs(names: list[str], results: Any) -> dict[str, Any]:
    """Named numbers, in the order of their names, as callbacks get them.

    Args:
        names: of the metrics.
        results: their values in the same order, or logs by name; values may be dicts of more.
    """
    logs: dict[str, Any] = {}
    for name, result in results.items() if isinstance(results, dict) else zip(names, results, strict=True):
        if isinstance(result, dict):
            logs.update((key, _plain(value)) for key, value in result.items())
        else:
            logs[name] = _plain(result)
    return dict(sorted(logs.items()))


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value


def _full(table: Table) -> Table:
    """The table without its padded batch."""
    return table._replace(rows=table.rows - table.rest, padded=False)


def _last_batch(table: Table) -> Table:
    """The short last batch, in its true size."""
    rest, start = table.rest, table.rows - table.rest
    if table.order is not None:
        return Table(table.data, table.order[-1:, :rest], rest, rest, padded=False)
    return Table(jax.tree.map(lambda a: a[start : start + rest], table.data), None, rest, rest, padded=False)

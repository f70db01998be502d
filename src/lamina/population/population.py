"""Many networks that are trained as one."""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np

from lamina.callbacks.early_stopping import EarlyStopping
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, LaminaError
from lamina.core.generators import random_state, set_random_state
from lamina.core.state import State
from lamina.core.tracebacks import public, warn_user
from lamina.core.validate import above_zero
from lamina.data.arrays import to_device
from lamina.data.dataset import DEFAULT_BATCH
from lamina.models import Model
from lamina.population.building import Refusal, as_candidates, as_seeds, build_members
from lamina.population.grouping import Group, in_waves
from lamina.population.member import Member
from lamina.population.memory import free_memory
from lamina.population.outputs import evaluate_members, predict_members
from lamina.population.plan import Expected, Plan, planned
from lamina.population.progress import Progress
from lamina.population.rows import Shuffle, as_folds
from lamina.population.running import Crew, Job, training_groups
from lamina.training import arguments, sources
from lamina.training.history import History
from lamina.training.interrupts import deferred_interrupt


class Population:
    """Networks with different hyperparameters, seeds and folds that are trained by the same compiled programs.

    Networks of equal structure are stacked and take each step together. What may differ between them costs nothing:
    weights, learning rates, momentum, dropout rates, factors of regularizers. What changes the structure, such as
    depth, activation or width, makes a group of its own, with its own program; `plan` shows them.

    A member becomes what its model would become by itself: `fit` draws for each the shuffles that the model's own
    `fit` would draw. Without `seeds` that means from NumPy's global generator as it stands when `fit` begins, so
    that all see the same orders; with them, from a generator of each member's own, as after `set_random_seed(seed)`.

    Args:
        build: from the parameters of a candidate to a compiled model.
        candidates: a list of dicts, the arguments of `build`; or a number, for so many networks `build()`.
        seeds: one per candidate, or one for all: each model is built, and later shuffled for, as after
            `set_random_seed(seed)`. The global generators go on from where they stood.
        memory: bytes that the states of the members in training may take; half of what is free when left out. Where
            they would take more, members are trained in waves, one after the other, with the same results.

    Attributes:
        members: the models, in the order of the candidates that were not refused.
        candidates: their parameters.
        refused: the candidates that `build` raised an error for, with it.

    Raises:
        UnexpectedArgumentError: for a parameter that `build` does not take.
        ArgumentError: if `build` returns a model that is not compiled, or is another's, or takes other inputs; or if
            it refuses all candidates.

    Example:
        >>> import lamina as keras
        >>> def build(units, rate):
        ...     layers = [keras.Input((3,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)]
        ...     model = keras.Sequential(layers)
        ...     model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
        ...     return model
        >>> population = Population(build, [{"units": 4, "rate": 0.1}, {"units": 4, "rate": 0.01}], seeds=42)
        >>> x = np.arange(60.0).reshape(20, 3) / 60
        >>> histories = population.fit(x, x.sum(axis=1), epochs=2, verbose=0)
        >>> [len(history.history["loss"]) for history in histories], population.predict(x).shape
        ([2, 2], (2, 20, 1))
    """

    @public
    def __init__(
        self, build: Callable[..., Any], candidates: Any, seeds: Any = None, memory: float | None = None
    ) -> None:
        if isinstance(build, Model) or not callable(build):
            raise ArgumentTypeError(
                f"build is a function that returns a compiled model. Received: build={build!r}",
                hint="make the model inside of the function: each member has one of its own.",
            )
        self._memory = None if memory is None else above_zero("Population", "memory", memory)
        given = as_candidates(candidates)
        self._given = len(given)
        self._members, self.refused = build_members(build, given, as_seeds(seeds, len(given)))

    @property
    def members(self) -> list[Model]:
        """The models: ordinary ones, which can be saved and trained further."""
        return [member.model for member in self._members]

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """The parameters of the members."""
        return [member.candidate for member in self._members]

    @property
    def histories(self) -> list[History]:
        """The histories of the last training."""
        return [member.history for member in self._members]

    @property
    def status(self) -> list[str]:
        """How the last training ended for each: "trained", "stopped early", "diverged", "interrupted"."""
        return [member.status for member in self._members]

    refused: list[Refusal]

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"<Population of {len(self)} networks>"

    # -- fit -----------------------------------------------------------------------------------------------------------

    @public
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        folds: Any = None,
    ) -> list[History]:
        """Trains all members.

        A member whose loss becomes NaN or infinite stops, is marked as "diverged", and leaves the others alone.
        Ctrl-C ends the training; what was reached by then is kept and returned.

        Args:
            x: inputs: arrays, or a list or dict of them.
            y: targets.
            batch_size: rows per step, 32 when left out.
            epochs: the number of the epoch to stop before.
            verbose: 0 for silence; 1 for a live table, or one line at the end where there is no terminal; 2 for a line
                per epoch.
            callbacks: `EarlyStopping` objects; each member has its own copy, stops by itself, and gets its own best
                weights back.
            validation_split: the share of the last rows to hold back for validation.
            validation_data: `(x, y)` or `(x, y, sample_weight)`.
            shuffle: whether each epoch has a new order; `"batch"` shuffles within batches.
            class_weight: from class to its factor in the loss.
            sample_weight: factors of the rows in the loss.
            initial_epoch: the number of the first epoch.
            validation_batch_size: rows per step of validation; `batch_size` when left out.
            validation_freq: validate every so many epochs, or after those listed.
            folds: for each candidate a pair of row indices `(train, validation)`; validation may be `None`, and is
                if there are `validation_data`.

        Returns:
            The history of each member.

        Raises:
            ArgumentError: for arguments out of range.
            DataError: for data that cannot be trained on, and rows that do not exist.
        """
        epochs, initial_epoch = arguments.check_epochs(epochs, initial_epoch)
        verbose = arguments.check_verbose(verbose)
        arguments.check_optional("fit", batch_size=batch_size, validation_batch_size=validation_batch_size)
        freq = arguments.check_freq(validation_freq)
        shuffle = arguments.check_shuffle(shuffle)
        share = 0.0 if validation_data is not None else arguments.check_split(validation_split)
        stoppers = _check_callbacks(callbacks)
        if folds is not None and share:
            raise ArgumentError("folds and validation_split were given, but folds say which rows to validate on.")
        source, held_out = self._sources(x, y, sample_weight, class_weight, share, validation_data)
        rows = len(jax.tree.leaves(source.arrays)[0])
        for member, built in zip(self._members, self._prepare(source, batch_size), strict=True):
            member.is_new |= built
        if held_out is not None:
            held_out.check(self._members[0].model, "validation_data")
        chosen = self._chosen(folds, rows, held_out)
        data, other = _on_device(source.arrays), None if held_out is None else _on_device(held_out.arrays)
        if folds is not None and class_weight is not None and other is None:  # classes have weights in training only
            plain, _ = self._sources(x, y, sample_weight, None, 0.0, None)
            other = (*data[:2], _on_device(plain.arrays[2]))
        job = Job(
            data=data,
            held_out=other,
            batch=validation_batch_size or batch_size or DEFAULT_BATCH,
            epochs=range(initial_epoch, epochs),
            freq=freq,
        )
        draw = partial(self._draw, dict(zip(self._members, chosen, strict=True)), batch_size, shuffle)
        for member in self._members:
            member.status = "waiting"
        try:
            draw(self._members)
            groups = training_groups(self._members, job)
            with Progress(verbose, job.epochs, self._members) as progress, deferred_interrupt() as check:
                for number, wave in enumerate(in_waves(groups, self._memory_limit())):
                    if number:  # members that share a shuffle with earlier ones begin it anew
                        draw([member for group in wave for member in group.members])
                    self._train(wave, job, stoppers, progress, check)
        except KeyboardInterrupt:
            if not any(member.is_done for member in self._members):
                raise
            warn_user("The training was interrupted; members keep the weights and histories that they have.")
        finally:
            for member in self._members:
                member.is_new = False
        self._move_generators()
        return self.histories

    def _sources(
        self, x: Any, y: Any, sample_weight: Any, class_weight: Any, share: float, validation_data: Any
    ) -> tuple[sources.ArraySource, sources.ArraySource | None]:
        model = self._members[0].model
        source, held_out = sources.training_source(model, x, y, sample_weight, class_weight, share)
        other = held_out if validation_data is None else sources.validation_source(model, validation_data)
        if isinstance(source, sources.StreamSource) or isinstance(other, sources.StreamSource):
            raise DataError(
                f"{'x' if isinstance(source, sources.StreamSource) else 'validation_data'} is a source of batches, but "
                "a population is trained on arrays, which all members share.",
                hint="pass arrays: members that draw rows in orders of their own need all of them at hand.",
            )
        return source, other

    def _memory_limit(self) -> float:
        return free_memory() / 2 if self._memory is None else self._memory

    def _prepare(self, source: sources.ArraySource, batch_size: int | None) -> list[bool]:
        """Builds what is not built yet, as `fit` does; tells which members had something to build."""
        built = []
        for member in self._members:
            around = None if member.randomness is None else random_state()
            if member.randomness is not None:
                set_random_state(member.randomness)
            try:
                built.append(member.model._prepare_for(source.example(batch_size)))
            except Exception as error:
                raise member.named(error) from error.__cause__
            finally:
                if around is not None:
                    member.randomness = random_state()
                    set_random_state(around)
        self._check(source)
        self._refuse_shared_weights()
        for member in self._members:
            member.name_logs(self._members[0])
        return built

    def _check(self, source: sources.ArraySource) -> None:
        """Compares data with all models: what is in them once, their shapes with each structure."""
        source.check(self._members[0].model, "fit")
        for member in {member.key: member for member in reversed(self._members)}.values():
            try:
                member.model.check_inputs(source.arrays[0])
                source.check_targets(member.model)
            except LaminaError as error:
                raise member.named(error) from None

    def _refuse_shared_weights(self) -> None:
        owners: dict[int, Member] = {}
        for member in self._members:
            for variable in member.binding.variables:
                other = owners.setdefault(id(variable), member)
                if other is not member:
                    raise ArgumentError(
                        f"The models of the candidates {other.index} and {member.index} share the variable "
                        f"'{variable.path}', but each member has weights and an optimizer of its own.",
                        hint="make layers and the optimizer inside of the build function.",
                    )

    def _chosen(
        self, folds: Any, rows: int, held_out: sources.ArraySource | None
    ) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """The rows of each member: to train on, and to validate on."""
        every = np.arange(rows, dtype=np.int32)
        others = None
        if held_out is not None:
            others = np.arange(len(jax.tree.leaves(held_out.arrays)[0]), dtype=np.int32)
        if folds is None:
            return [(every, others)] * len(self._members)
        pairs = as_folds(folds, self._given, rows)
        if others is not None and any(own is not None for _, own in pairs):
            raise ArgumentError(
                "folds and validation_data were given, and both say which rows to validate on.",
                hint="use folds of (train, None) with validation_data.",
            )
        own = [pairs[member.index] for member in self._members]
        return [(train, others if validation is None else validation) for train, validation in own]

    def _draw(
        self,
        chosen: dict[Member, tuple[np.ndarray, np.ndarray | None]],
        batch: int | None,
        shuffle: Any,
        members: Sequence[Member],
    ) -> None:
        """Gives members their shuffles; those that would draw the same share one."""
        shared: dict[Any, Shuffle] = {}
        for member in members:
            rows, member.held_out = chosen[member]
            state = np.random.get_state(legacy=False) if member.randomness is None else member.randomness["numpy"]
            same = (id(rows), member.is_new, *_fingerprint(state))
            if same not in shared:
                generator = np.random.RandomState()
                generator.set_state(state)
                shared[same] = Shuffle(rows, batch, shuffle, generator)
                if member.is_new:
                    shared[same].spend()
            member.train = shared[same]

    def _train(
        self,
        groups: list[Group],
        job: Job,
        stoppers: list[EarlyStopping],
        progress: Progress,
        check: Callable[[], None],
    ) -> None:
        """Trains the members of a wave."""
        states: dict[Member, State] = {}
        try:
            for member in (member for group in groups for member in group.members):
                states[member] = member.begin([copy.copy(stopper) for stopper in stoppers])
            crew = Crew(groups, states, job, check)
            try:
                crew.train(progress.report)
            except KeyboardInterrupt:
                crew.rescue()
                raise
        finally:
            for member in states:
                member.settle()

    def _move_generators(self) -> None:
        """Leaves generators where they would stand after the members' own trainings."""
        unseeded = [member.train for member in self._members if member.randomness is None]
        if unseeded:
            longest = max(unseeded, key=lambda shuffle: shuffle.drawn)
            np.random.set_state(longest.generator.get_state(legacy=False))

    # -- the rest ------------------------------------------------------------------------------------------------------

    @public
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        sample_weight: Any = None,
        return_dict: bool = False,
        folds: Any = None,
        verbose: Any = 0,
    ) -> Any:
        """The loss and the metrics of each member.

        Args:
            x: inputs, as for `fit`.
            y: targets.
            batch_size: rows per step.
            sample_weight: factors of the rows.
            return_dict: whether to return arrays by name.
            folds: for each candidate the pair `(train, validation)`, as for `fit`: it is evaluated on the latter.
            verbose: as for `Model.evaluate`, but there is nothing to show.

        Returns:
            An array `(members,)` of losses, `(members, 1 + metrics)` if there are metrics; or a dict of such. NaN for
            a metric that a member does not have.

        Raises:
            ArgumentError: for a metric of several values, unless a dict is returned.
        """
        arguments.check_verbose(verbose)
        arguments.check_optional("evaluate", batch_size=batch_size)
        source, _ = self._sources(x, y, sample_weight, None, 0.0, None)
        self._prepare(source, batch_size)
        rows = len(jax.tree.leaves(source.arrays)[0])
        every = np.arange(rows, dtype=np.int32)
        chosen = [held_out if held_out is not None else every for _, held_out in self._chosen(folds, rows, None)]
        logs = evaluate_members(self._members, _on_device(source.arrays), chosen, batch_size or DEFAULT_BATCH)
        return logs if return_dict else _table(logs, self._members)

    @public
    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """The outputs of all members, stacked.

        Args:
            x: inputs.
            batch_size: rows at a time; chosen when left out.
            verbose: as for `Model.predict`, but there is nothing to show.

        Returns:
            NumPy arrays `(members, rows, …)` in the structure of the outputs.

        Raises:
            DataError: without rows.
            ArgumentError: if the outputs of the members have different shapes.
        """
        arguments.check_verbose(verbose)
        arguments.check_optional("predict", batch_size=batch_size)
        return predict_members(self._members, x, batch_size)

    @public
    def plan(self, x: Any = None, epochs: int = 1, batch_size: int | None = None, y: Any = None) -> Plan:
        """What a training would run: the groups, what is padded, the memory and the expected work.

        Args:
            x: the inputs of the training, for the work; models that know their input shape can do without.
            epochs: how many.
            batch_size: rows per step.
            y: the targets. Without them the losses are not known yet, and whether padding leaves everything as it is
                can be told of the networks alone.

        Returns:
            The plan, which prints as a table.
        """
        epochs, _ = arguments.check_epochs(epochs, 0)
        arguments.check_optional("plan", batch_size=batch_size)
        rows = example = None
        if x is not None:
            source, _ = self._sources(x, y, None, None, 0.0, None)
            rows = len(jax.tree.leaves(source.arrays)[0])
            example = source.example(batch_size)
            for member in self._members:
                member.model.output_specs(example[0])
            if y is not None:
                for member, built in zip(self._members, self._prepare(source, batch_size), strict=True):
                    member.is_new |= built
        expected = Expected(
            rows, epochs, batch_size or DEFAULT_BATCH, None if y is None else example, self._memory_limit()
        )
        return planned(self._members, expected)


def _check_callbacks(given: Any) -> list[EarlyStopping]:
    callbacks = given if isinstance(given, list | tuple) else [] if given is None else [given]
    for callback in callbacks:
        if not isinstance(callback, EarlyStopping):
            raise ArgumentTypeError(
                f"A population takes EarlyStopping as callbacks, of which each member has a copy. "
                f"Received: {type(callback).__name__}",
                hint="train a single model with other callbacks: population.members[i].fit(…).",
            )
    return list(callbacks)


def _table(logs: dict[str, np.ndarray], members: Sequence[Member]) -> np.ndarray:
    """Scores as an array, the loss first, for members that may have different metrics."""
    known = dict.fromkeys(name for member in members for name in member.log_names() if name in logs)
    names = [*known, *(name for name in logs if name not in known)]
    several = [name for name in names if logs[name].ndim > 1]
    if several:
        raise ArgumentError(
            f"The metric '{several[0]}' has {logs[several[0]].shape[1]} values for each member, which make no table.",
            hint="evaluate(…, return_dict=True) gives an array for each name.",
        )
    return logs[names[0]] if len(names) == 1 else np.stack([logs[name] for name in names], axis=-1)


def _fingerprint(state: Any) -> tuple[Any, ...]:
    """What is equal for generators that will draw the same."""
    return state["state"]["key"].tobytes(), state["state"]["pos"], state["has_gauss"], state["gauss"]


def _on_device(arrays: Any) -> Any:
    return jax.tree.map(to_device, arrays)

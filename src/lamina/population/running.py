"""A training of all members: blocks side by side, epoch by epoch, until each has stopped."""

import math
import os
from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import jax
import numpy as np

from lamina.core.frame import Rows
from lamina.core.state import State
from lamina.population.block import Block
from lamina.population.grouping import Group, grouped
from lamina.population.member import Member
from lamina.population.padding import Padding
from lamina.population.rows import Piece, cut, shape_of
from lamina.training.arguments import is_due
from lamina.training.driver import as_logs

# On CPU more members in a block cost as much each, and networks with so many weights gain nothing in one: they
# are better alone, since those that have stopped take no time then. On an accelerator it takes many to keep it busy.
_CPU_BLOCK = 8
_ALONE_FROM = 3000
_ACCELERATOR_BLOCK = 4096
# So many members with the same rows are worth a block of their own.
_WORTH_A_BLOCK = 4


class Job(NamedTuple):
    """What a training is about.

    Attributes:
        data: `(x, y, sample_weight)` on the device.
        held_out: the same to validate on, if that are other data than `data`.
        batch: rows per batch of validation.
        epochs: their numbers.
        freq: when to validate.
    """

    data: Any
    held_out: Any
    batch: int
    epochs: range
    freq: Any


class Crew:
    """The members in blocks, and the threads that run these.

    Args:
        groups: of members that share a program.
        states: of all members.
        job: what to do.
        check: called while waiting; may raise.
    """

    def __init__(
        self, groups: Sequence[Group], states: dict[Member, State], job: Job, check: Callable[[], None]
    ) -> None:
        self._job = job
        self._check = check
        self._workers = worker_count()
        self._fresh = {group: fresh_metrics(group.members[0]) for group in groups}
        self._workers_each = self._workers if len(groups) == 1 else 1
        self._shared = {group: share_rows(parted(group.members, _rows_of)) for group in groups}
        self._stopped = False
        self._validations: WeakKeyDictionary[Block, list[Piece]] = WeakKeyDictionary()
        self.blocks = [block for group in groups for block in self._packed(group, states)]

    def train(self, report: Callable[[int, list[Member]], None]) -> None:
        """Trains everyone.

        Args:
            report: told of each epoch, and of the members that took part.
        """
        with ThreadPoolExecutor(self._workers) as pool:
            for number, epoch in enumerate(self._job.epochs):
                active = [block for block in self.blocks if not _is_done(block)]
                if not active:
                    break
                taking_part = [m for block in active for m in block.members if not m.stop_training]
                self._run_all(pool, active, lambda block, n=number, e=epoch: self._epoch(block, n, e))
                report(epoch, taking_part)
                self._compact(len(self._job.epochs) - number - 1)
        for block in self.blocks:
            for slot, member in enumerate(block.members):
                if member.status == "training":
                    member.status = "trained"
                    member.leave(block.state_of(slot))

    def rescue(self) -> None:
        """After an interruption: members keep what they have come to."""
        for block in self.blocks:
            for slot, member in enumerate(block.members):
                if member.status == "training":
                    member.status = "interrupted"
                    member.leave(block.state_of(slot))

    # -- an epoch ----------------------------------------------------------------------------------------------------

    def _run_all(
        self, pool: ThreadPoolExecutor, blocks: list[Block], prepare: Callable[[Block], Callable[[], Any]]
    ) -> None:
        """Runs a task for each block. Tasks are prepared here, one after the other, since shuffles are drawn."""
        running: list[Future[Any]] = []
        try:
            for block in _in_good_order(blocks):
                running.append(pool.submit(prepare(block)))
            for future in running:
                while not wait([future], timeout=0.1).done:
                    self._check()
                future.result()
            self._check()
        except BaseException:
            self._stopped = True
            wait(running)
            raise

    def _epoch(self, block: Block, number: int, epoch: int) -> Callable[[], None]:
        job = self._job
        first = block.members[0]
        drawn = [member.train.order(number) for member in block.members]
        pieces = cut(drawn, first.train.batch, shared=self._shared[block.group], pads=first.learner.pads)
        validates = first.held_out is not None and is_due(epoch, job.freq)

        def run() -> None:
            results = block.run("train", job.data, pieces, self._goes_on)
            found = None
            if results is not None and validates:
                held_out = job.data if job.held_out is None else job.held_out
                found = block.run("test", held_out, self._validation(block), self._goes_on)
            if results is None or (validates and found is None):
                return
            self._tell(block, epoch, results, found)

        return run

    def _validation(self, block: Block) -> list[Piece]:
        """The steps of a validation, which are the same after each epoch."""
        if block not in self._validations:
            rows: list[Any] = [member.held_out for member in block.members]
            pads = block.members[0].learner.pads
            self._validations[block] = cut(rows, self._job.batch, shared=self._shared[block.group], pads=pads)
        return self._validations[block]

    def _goes_on(self) -> bool:
        return not self._stopped

    @staticmethod
    def _tell(block: Block, epoch: int, results: list[Any], found: list[Any] | None) -> None:
        for slot, member in enumerate(block.members):
            if member.stop_training:
                continue
            names = member.log_names()
            logs = as_logs(names, results[slot])
            if found is not None:
                logs.update((f"val_{name}", value) for name, value in as_logs(names, found[slot]).items())
            member.end_epoch(epoch, dict(sorted(logs.items())), lambda slot=slot: block.weights_of(slot))
            if member.stop_training:
                member.leave(block.state_of(slot))

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _packed(self, group: Group, states: dict[Member, State], size: int | None = None) -> list[Block]:
        """Blocks of a group's members that have a state, as even as they can be."""
        parts = self._parts(group, states)
        room = size or block_room(group, max(map(len, parts)), self._workers_each if len(parts) == 1 else 1)
        return [
            Block(group, part[start : start + room], states, room, self._fresh[group])
            for part in parts
            for start in range(0, len(part), room)
        ]

    def _parts(self, group: Group, members: Container[Member]) -> list[list[Member]]:
        present = [member for member in group.members if member in members]
        return parted(present, _rows_of) if self._shared[group] else [present]

    def _compact(self, left: int) -> None:
        """Packs the members that go on anew, where that saves a block, or half of one and is worth a program.

        Args:
            left: the epochs to come.
        """
        groups: dict[Group, list[Block]] = {}
        for block in self.blocks:
            groups.setdefault(block.group, []).append(block)
        kept: list[Block] = []
        for group, blocks in groups.items():
            going = {m: (b, n) for b in blocks for n, m in enumerate(b.members) if not m.stop_training}
            if not going:
                continue
            size = _room_after(blocks[0], len(going), left)
            needed = sum(math.ceil(len(part) / size) for part in self._parts(group, going))
            if size < blocks[0].size or needed < len(blocks):
                kept += self._packed(group, {m: b.state_of(n) for m, (b, n) in going.items()}, size)
            else:
                kept += blocks
        self.blocks = kept


def parted(members: Sequence[Member], rows_of: Callable[[Member], Hashable]) -> list[list[Member]]:
    """Members apart by the rows that they see.

    Args:
        members: of a group.
        rows_of: what is equal for members that see the same rows in the same order.
    """
    parts: dict[Hashable, list[Member]] = {}
    for member in members:
        parts.setdefault(rows_of(member), []).append(member)
    return list(parts.values())


def share_rows(parts: list[list[Member]]) -> bool:
    """Whether members that see the same rows get blocks of their own, which fetch a batch once for all.

    Not on CPU: there the product of a batch with the weights of several networks is rounded differently from that with
    the weights of one, and histories would no longer be exactly those of the networks alone.

    Args:
        parts: of a group.
    """
    many = len(parts) == 1 or sum(map(len, parts)) >= _WORTH_A_BLOCK * len(parts)
    return many and jax.default_backend() != "cpu"


def _rows_of(member: Member) -> Hashable:
    return id(member.train), id(member.held_out)


def _room_after(block: Block, going: int, left: int) -> int:
    """The room of blocks for the members that go on: less for a last block, if the time saved is worth compiling."""
    smaller = 1 << (going - 1).bit_length()
    if smaller * 2 > block.size:
        return block.size
    saved = left * block.seconds * (1 - smaller / block.size)
    return smaller if saved > block.cost else block.size


def training_groups(members: Sequence[Member], job: Job) -> list[Group]:
    """Groups of members for a training.

    Args:
        members: prepared, with their rows.
        job: what to do.
    """
    batches = [member.train.batch for member in members]

    def apart(member: Member) -> Hashable:
        pads = member.learner.pads
        held_out = None if member.held_out is None else shape_of(len(member.held_out), job.batch, pads)
        return member.train.batch, shape_of(len(member.train.rows), member.train.batch, pads), held_out

    def check(padding: Padding) -> None:
        for name, data, size in (("train_step", job.data, max(batches)), ("test_step", job.held_out, job.batch)):
            padding.check(name, *batch_specs(job.data if data is None else data, size, padding.learner.pads))

    rows = len(job.epochs) * max(len(member.train.rows) for member in members)
    return grouped(members, "fit", apart, rows, check)


def batch_specs(data: Any, size: int, padded: bool) -> tuple[Any, Rows | None]:
    """Shapes and dtypes of a batch, and of what says which of its rows are real.

    Args:
        data: `(x, y, sample_weight)`, arrays or shapes.
        size: rows.
        padded: whether some may be none.
    """
    batch = jax.tree.map(lambda a: jax.ShapeDtypeStruct((size, *a.shape[1:]), a.dtype), data)
    mask = Rows(jax.ShapeDtypeStruct((size,), np.bool_), jax.ShapeDtypeStruct((), np.int32))
    return batch, mask if padded else None


def worker_count() -> int:
    """How many blocks run side by side: one per processor, since programs run in the thread that calls them."""
    if jax.default_backend() != "cpu":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def block_room(group: Group, members: int, workers: int) -> int:
    """Room for members in a block, so that there are as few blocks as possible, but one for each worker.

    Args:
        group: whose members they are.
        members: how many.
        workers: that have nothing else to do.
    """
    if jax.default_backend() != "cpu":
        most = _ACCELERATOR_BLOCK
    else:
        most = _CPU_BLOCK if group.weights < _ALONE_FROM else 1
    count = max(math.ceil(members / most), min(workers, members))
    return math.ceil(members / count)


def _in_good_order(blocks: Iterable[Block]) -> list[Block]:
    """The longest first, so that no worker is left alone at the end; at first, different programs side by side."""
    seen: dict[Hashable, int] = {}
    ranked = []
    for block in blocks:
        rank = seen[block.kind] = seen.get(block.kind, -1) + 1
        ranked.append(((-block.seconds, rank, len(ranked)), block))
    return [block for _, block in sorted(ranked, key=lambda entry: entry[0])]


def _is_done(block: Block) -> bool:
    return all(member.stop_training for member in block.members)


def fresh_metrics(member: Member) -> tuple[np.ndarray, ...]:
    """The values of the metrics when an epoch begins."""
    member.model.reset_metrics()
    return tuple(np.asarray(variable.stored) for variable in member.binding.groups.metrics)

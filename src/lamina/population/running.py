"""A training of all members: blocks side by side, epoch by epoch, until each has stopped."""

import math
import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import jax
import numpy as np

from lamina.core.state import State
from lamina.population.block import Block
from lamina.population.member import Member
from lamina.population.rows import cut, shape_of
from lamina.training.arguments import is_due
from lamina.training.driver import as_logs

# On CPU more members in a block cost as much each; on an accelerator it takes many to keep it busy.
_CPU_BLOCK = 8
_ACCELERATOR_BLOCK = 4096


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
        members: all of them.
        states: theirs, in the same order.
        job: what to do.
        check: called while waiting; may raise.
    """

    def __init__(self, members: Sequence[Member], states: Sequence[State], job: Job, check: Callable[[], None]) -> None:
        self._job = job
        self._check = check
        self._workers = worker_count()
        self._fresh = {member.key: fresh_metrics(member) for member in members}
        self._stopped = False
        self.blocks = self._packed(dict(zip(members, states, strict=True)))

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
                    member.keep(block.state_of(slot))

    def rescue(self) -> None:
        """After an interruption: members keep what they have come to."""
        for block in self.blocks:
            for slot, member in enumerate(block.members):
                if member.status == "training":
                    member.status = "interrupted"
                    member.keep(block.state_of(slot))

    # -- an epoch ----------------------------------------------------------------------------------------------------

    def _run_all(
        self, pool: ThreadPoolExecutor, blocks: list[Block], prepare: Callable[[Block], Callable[[], Any]]
    ) -> None:
        """Runs a task for each block. Tasks are prepared here, one after the other, since shuffles are drawn."""
        running: list[tuple[Block, Future[Any]]] = []
        try:
            for block in _first_of_each_kind(blocks):
                running.append((block, pool.submit(prepare(block))))
            for _, future in running:
                while not wait([future], timeout=0.1).done:
                    self._check()
                future.result()
            self._check()
        except BaseException:
            self._stopped = True
            wait([future for _, future in running])
            raise

    def _epoch(self, block: Block, number: int, epoch: int) -> Callable[[], None]:
        job = self._job
        first = block.members[0]
        pads = first.learner.pads
        drawn = [member.train.order(number) for member in block.members]
        shared = all(order is drawn[0] for order in drawn)
        pieces = cut(drawn, first.train.batch, shared=shared, pads=pads)
        validates = first.held_out is not None and is_due(epoch, job.freq)

        def run() -> None:
            results = block.run("train", job.data, pieces, self._goes_on)
            found = None
            if results is not None and validates:
                rows: list[Any] = [member.held_out for member in block.members]
                same = all(one is rows[0] for one in rows)
                held_out = cut(rows, job.batch, shared=same, pads=pads)
                found = block.run("test", job.data if job.held_out is None else job.held_out, held_out, self._goes_on)
            if results is None or (validates and found is None):
                return
            self._tell(block, epoch, results, found)

        return run

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
                member.keep(block.state_of(slot))

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _packed(self, states: dict[Member, State], size: int | None = None) -> list[Block]:
        """Blocks of members that fit together, as even as they can be."""
        groups: dict[Hashable, list[Member]] = {}
        for member in states:
            groups.setdefault(self._group_of(member), []).append(member)
        blocks = []
        for group in groups.values():
            room = size or block_room(len(group), self._workers if len(groups) == 1 else 1)
            for start in range(0, len(group), room):
                part = group[start : start + room]
                blocks.append(Block(part, [states[m] for m in part], room, self._fresh[part[0].key]))
        return blocks

    def _compact(self, left: int) -> None:
        """Packs the members that go on anew, where that saves a block, or half of one and is worth a program.

        Args:
            left: the epochs to come.
        """
        groups: dict[Hashable, list[Block]] = {}
        for block in self.blocks:
            groups.setdefault(self._group_of(block.members[0]), []).append(block)
        kept: list[Block] = []
        for blocks in groups.values():
            going = {m: (b, n) for b in blocks for n, m in enumerate(b.members) if not m.stop_training}
            if not going:
                continue
            size = _room_after(blocks[0], len(going), left)
            if -(-len(going) // size) < len(blocks) or size < blocks[0].size:
                kept += self._packed({m: b.state_of(n) for m, (b, n) in going.items()}, size)
            else:
                kept += blocks
        self.blocks = kept

    def _group_of(self, member: Member) -> Hashable:
        return group_of(member, self._job.batch)


def _room_after(block: Block, going: int, left: int) -> int:
    """The room of blocks for the members that go on: less for a last block, if the time saved is worth compiling."""
    smaller = 1 << (going - 1).bit_length()
    if smaller * 2 > block.size:
        return block.size
    saved = left * block.seconds * (1 - smaller / block.size)
    return smaller if saved > block.cost else block.size


def group_of(member: Member, held_out_batch: int) -> Hashable:
    """What has to be equal for members to share a block: their programs, and how their rows fall into batches.

    Args:
        member: prepared for a training.
        held_out_batch: rows per batch of validation.
    """
    pads = member.learner.pads
    held_out = None if member.held_out is None else shape_of(len(member.held_out), held_out_batch, pads)
    return member.key, member.train.batch, shape_of(len(member.train.rows), member.train.batch, pads), held_out


def worker_count() -> int:
    """How many blocks run side by side: one per processor, since programs run in the thread that calls them."""
    if jax.default_backend() != "cpu":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def block_room(members: int, workers: int) -> int:
    """Room for members in a block, so that there are as few blocks as possible, but one for each worker.

    Example:
        >>> block_room(3, 1), block_room(4, 2)
        (3, 2)
    """
    most = _CPU_BLOCK if jax.default_backend() == "cpu" else _ACCELERATOR_BLOCK
    count = max(math.ceil(members / most), min(workers, members))
    return math.ceil(members / count)


def _first_of_each_kind(blocks: Iterable[Block]) -> list[Block]:
    """In an order in which different programs are compiled side by side."""
    seen: dict[Hashable, int] = {}
    ranked = []
    for block in blocks:
        rank = seen[block.kind] = seen.get(block.kind, -1) + 1
        ranked.append((rank, len(ranked), block))
    return [block for _, _, block in sorted(ranked, key=lambda entry: entry[:2])]


def _is_done(block: Block) -> bool:
    return all(member.stop_training for member in block.members)


def fresh_metrics(member: Member) -> tuple[np.ndarray, ...]:
    """The values of the metrics when an epoch begins."""
    member.model.reset_metrics()
    return tuple(np.asarray(variable.stored) for variable in member.binding.groups.metrics)

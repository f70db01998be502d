"""What a training of a population would run, told before anything does."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.population.member import Member
from lamina.population.running import block_room, worker_count


@dataclass(frozen=True)
class Group:
    """Members that share a program.

    Attributes:
        members: the numbers of their candidates.
        varying: the parameters in which they differ.
        common: the parameters that they share.
        weights: numbers that each of them has.
        bytes_each: the memory that one takes with its optimizer's variables.
        blocks: how many programs' calls an epoch is cut into, of so many members each.
    """

    members: list[int]
    varying: dict[str, list[Any]]
    common: dict[str, Any]
    weights: int
    bytes_each: int
    blocks: tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """The groups of a population.

    Attributes:
        groups: in the order of their first members.
        unbuilt: the candidates whose structure is known only when they see data.
        rows: of the data, if they are known.
        epochs: to be trained for.
        batch: rows per step.
    """

    groups: list[Group]
    unbuilt: list[int]
    rows: int | None
    epochs: int
    batch: int

    @property
    def memory(self) -> int:
        """Bytes of all states together."""
        return sum(len(group.members) * group.bytes_each for group in self.groups)

    @property
    def work(self) -> float | None:
        """Multiplications and additions of a training, about: six per weight, row and epoch, for dense layers."""
        if self.rows is None:
            return None
        return 6.0 * self.rows * self.epochs * sum(len(group.members) * group.weights for group in self.groups)

    def __str__(self) -> str:
        count = sum(len(group.members) for group in self.groups)
        lines = [f"{count} networks in {len(self.groups)} groups, each with one program"]
        for number, group in enumerate(self.groups, 1):
            blocks, size = group.blocks
            lines.append(
                f"  {number}: {len(group.members)} networks of {group.weights:,} weights, {_size(group.bytes_each)} "
                f"each, in {blocks} blocks of {size}, nothing padded"
            )
            if group.common:
                lines.append(f"     all: {', '.join(f'{name}={value!r}' for name, value in group.common.items())}")
            for name, values in group.varying.items():
                lines.append(f"     {name}: {_listed(values)}")
        if self.unbuilt:
            lines.append(f"  not built yet, so of unknown structure: candidates {_listed(self.unbuilt)}")
        lines.append(f"memory of all states: {_size(self.memory)}")
        if self.rows is not None and self.work is not None:
            steps = math.ceil(self.rows / self.batch) * self.epochs
            lines.append(f"work: {steps:,} steps of every network, about {self.work:.2g} operations")
        return "\n".join(lines)

    __repr__ = __str__


def planned(members: Sequence[Member], rows: int | None, epochs: int, batch: int) -> Plan:
    """The plan for members.

    Args:
        members: of a population.
        rows: to train on, if that is known.
        epochs: to train for.
        batch: rows per step.
    """
    groups: dict[Hashable, list[Member]] = {}
    built = [member for member in members if member.model.built]
    for member in built:
        groups.setdefault(_structure(member), []).append(member)
    workers = worker_count() if len(groups) == 1 else 1
    return Plan(
        [_group(group, workers) for group in groups.values()],
        [member.index for member in members if not member.model.built],
        rows,
        epochs,
        batch,
    )


def _structure(member: Member) -> Hashable:
    """The key of its programs as far as it is known before the data are: the losses are chosen for them."""
    model = member.model
    return model.learner("call")[1], type(model.optimizer), repr(model.loss)


def _group(members: list[Member], workers: int) -> Group:
    names = list(dict.fromkeys(name for member in members for name in member.candidate))
    values = {name: [member.candidate.get(name) for member in members] for name in names}
    common = {name: row[0] for name, row in values.items() if all(repr(value) == repr(row[0]) for value in row)}
    model = members[0].model
    weights = sum(math.prod(variable.shape) for variable in model.variables)
    model.optimizer.build(model.trained_variables())
    each = sum(
        np.asarray(v.stored).nbytes for v in {id(v): v for v in (*model.variables, *model.optimizer.variables)}.values()
    )
    room = block_room(len(members), workers)
    return Group(
        [member.index for member in members],
        {name: row for name, row in values.items() if name not in common},
        common,
        weights,
        each,
        (math.ceil(len(members) / room), room),
    )


def _listed(values: Sequence[Any]) -> str:
    shown = ", ".join(f"{value:.4g}" if isinstance(value, float) else str(value) for value in values[:8])
    return f"{shown}, … ({len(values)} in all)" if len(values) > 8 else shown


def _size(count: int) -> str:
    """Bytes, for people.

    Example:
        >>> _size(2048)
        '2.0 KiB'
    """
    size = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"

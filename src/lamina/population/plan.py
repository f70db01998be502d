"""What a training of a population would run, told before anything does."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax

from lamina.core.structure import structure_key
from lamina.population.grouping import Group, grouped, in_waves
from lamina.population.member import Member
from lamina.population.padding import Padding
from lamina.population.running import batch_specs, block_room, worker_count


class Expected(NamedTuple):
    """What is known of a training.

    Attributes:
        rows: of the data, if they are known.
        epochs: to be trained for.
        batch: rows per step.
        example: a batch `(x, y, sample_weight)` of a training, if the models are prepared for it.
        memory: bytes that the states of members may take.
    """

    rows: int | None
    epochs: int
    batch: int
    example: Any
    memory: float


@dataclass(frozen=True)
class PlannedGroup:
    """Members that share a program.

    Attributes:
        members: the numbers of their candidates.
        varying: the parameters in which they differ.
        common: the parameters that they share.
        weights: numbers that each of them computes with, padding included.
        padding: for the widths that are padded, the sizes that there are, and that which they are padded to.
        wasted: the share of `weights` that is padding.
        bytes_each: the memory that one takes with its optimizer's variables.
        blocks: how many programs' calls an epoch is cut into, of so many members each.
    """

    members: list[int]
    varying: dict[str, list[Any]]
    common: dict[str, Any]
    weights: int
    padding: list[tuple[list[int], int]]
    wasted: float
    bytes_each: int
    blocks: tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """The groups of a population.

    Attributes:
        groups: in the order of their first members.
        waves: in how many parts the members are trained, one after the other.
        unbuilt: the candidates whose structure is known only when they see data.
        rows: of the data, if they are known.
        epochs: to be trained for.
        batch: rows per step.
    """

    groups: list[PlannedGroup]
    waves: int
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
        lines = [f"{_many(count, 'network')} in {_many(len(self.groups), 'group')}, each with one program"]
        for number, group in enumerate(self.groups, 1):
            blocks, size = group.blocks
            lines.append(
                f"  {number}: {_many(len(group.members), 'network')} of {group.weights:,} weights, "
                f"{_size(group.bytes_each)} each, in {_many(blocks, 'block')} of {size}, {_padded(group)}"
            )
            if group.common:
                lines.append(f"     all: {', '.join(f'{name}={value!r}' for name, value in group.common.items())}")
            for name, values in group.varying.items():
                lines.append(f"     {name}: {_listed(values)}")
        if self.unbuilt:
            lines.append(f"  not built yet, so of unknown structure: candidates {_listed(self.unbuilt)}")
        waves = f", in {self.waves} waves" if self.waves > 1 else ""
        lines.append(f"memory of all states: {_size(self.memory)}{waves}")
        if self.rows is not None and self.work is not None:
            steps = math.ceil(self.rows / self.batch) * self.epochs
            lines.append(f"work: {steps:,} steps of every network, about {self.work:.2g} operations")
        return "\n".join(lines)

    __repr__ = __str__


def planned(members: Sequence[Member], expected: Expected) -> Plan:
    """The plan for members.

    Args:
        members: of a population.
        expected: what is known of the training.
    """
    built = [member for member in members if member.model.built]
    for member in built:
        member.model.optimizer.build(member.model.trained_variables())
    groups = _groups(built, expected)
    workers = worker_count() if len(groups) == 1 else 1
    return Plan(
        [_planned_group(group, workers) for group in groups],
        len(in_waves(groups, expected.memory)),
        [member.index for member in members if not member.model.built],
        expected.rows,
        expected.epochs,
        expected.batch,
    )


def _groups(members: list[Member], expected: Expected) -> list[Group]:
    """As they are trained; as far as is known when the losses, which are chosen for the data, are not."""
    if not members:
        return []
    rows = expected.epochs * (expected.rows or expected.batch)
    known = expected.example is not None

    def apart(member: Member) -> Hashable:
        return None if known else (structure_key(member.model.optimizer), repr(member.model.loss))

    def check(padding: Padding) -> None:
        if known:
            batch, real = batch_specs(expected.example, expected.batch, padding.learner.pads)
            for step in ("train_step", "test_step"):
                padding.check(step, batch, real)
        else:
            padding.check("call_step", _input_specs(members[0], expected.batch))

    return grouped(members, "fit" if known else "call", apart, rows, check)


def _input_specs(member: Member, batch: int) -> Any:
    model = member.model
    return jax.tree.map(lambda tensor: jax.ShapeDtypeStruct((batch, *tensor.shape[1:]), tensor.dtype), model.input)


def _planned_group(group: Group, workers: int) -> PlannedGroup:
    members = group.members
    names = list(dict.fromkeys(name for member in members for name in member.candidate))
    values = {name: [member.candidate.get(name) for member in members] for name in names}
    common = {name: row[0] for name, row in values.items() if all(repr(value) == repr(row[0]) for value in row)}
    true = [sum(math.prod(variable.shape) for variable in member.model.variables) for member in members]
    own = {id(v): v for v in (*members[0].model.variables, *members[0].model.optimizer.variables)}.values()
    sizes = [] if group.padding is None else zip(*map(group.padding.true_sizes, members), strict=True)
    room = block_room(group, len(members), workers)
    weights = group.weights if group.padding is not None else true[0]
    return PlannedGroup(
        [member.index for member in members],
        {name: row for name, row in values.items() if name not in common},
        common,
        weights,
        [(sorted(set(given)), width) for given, width in zip(sizes, _rooms(group), strict=True)],
        max(0.0, 1 - sum(true) / (weights * len(members))) if weights else 0.0,
        max(group.bytes_each, sum(math.prod(v.shape) * v.stored.dtype.itemsize for v in own)),
        (math.ceil(len(members) / room), room),
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _rooms(group: Group) -> list[int]:
    return [] if group.padding is None else list(group.padding.room.values())


def _padded(group: PlannedGroup) -> str:
    if not group.padding:
        return "nothing padded"
    widths = "; ".join(f"widths {_listed(given)} padded to {width}" for given, width in group.padding)
    return f"{widths} ({group.wasted:.0%} of the arithmetic)"


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

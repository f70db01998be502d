"""Which members share a program: those of equal structure, and those whose widths are padded to become equal."""

import math
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any

import jax

from lamina.core.state import State
from lamina.population.masked import CannotPadError
from lamina.population.member import Member
from lamina.population.padding import Outline, Padding, padded_width

# What compiling the programs of a group takes, and multiplying and adding, on one of today's processors.
_SECONDS_PER_GROUP = 0.8
_SECONDS_PER_OPERATION = 1 / 5e10


class Group:
    """Members that share their programs.

    Args:
        members: of equal structure, or different in widths only.
        purpose: `"fit"`, or `"call"` if they are only to predict.
        padding: how they are made alike; `None` if they are.

    Attributes:
        members: as given.
        padding: as given.
        learner: what is run.
        key: of their programs.
    """

    def __init__(self, members: Sequence[Member], purpose: str, padding: Padding | None) -> None:
        self.members = list(members)
        self.purpose = purpose
        self.padding = padding
        found = members[0].model.learner(purpose) if padding is None else (padding.learner, padding.key)
        self.learner: Any = found[0]
        self.key: Hashable = found[1]

    def part(self, members: Sequence[Member]) -> "Group":
        """Some of the members, with the same programs."""
        return Group(members, self.purpose, self.padding)

    @property
    def state(self) -> State:
        """The shapes and dtypes of one member's state, padding included."""
        return self.learner.binding.gather() if self.padding is None else self.padding.padded

    @property
    def weights(self) -> int:
        """The numbers that a member computes with."""
        return sum(math.prod(leaf.shape) for group in self.state[:3] for leaf in group)

    @property
    def bytes_each(self) -> int:
        """The memory of one member's state."""
        return sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(self.state))


def in_waves(groups: Sequence[Group], memory: float) -> list[list[Group]]:
    """Groups cut such that the states of all members of a wave fit into memory; at least one member a wave.

    Args:
        groups: of all members.
        memory: bytes.
    """
    waves: list[list[Group]] = []
    left = 0.0
    for group in groups:
        each = max(1, group.bytes_each)
        members = group.members
        while members:
            if left < each:
                waves.append([])
                left = max(memory, each)
            count = min(len(members), int(left // each))
            waves[-1].append(group.part(members[:count]))
            left -= count * each
            members = members[count:]
    return waves


def grouped(
    members: Sequence[Member],
    purpose: str,
    apart: Callable[[Member], Hashable],
    rows: float,
    check: Callable[[Padding], None],
) -> list[Group]:
    """Groups of members, as few as is worth it.

    A program more is compiled where the arithmetic wasted on padding would take longer.

    Args:
        members: prepared.
        purpose: `"fit"` or `"call"`.
        apart: what else must be equal within a group.
        rows: how many each member is going to see in all, an estimate.
        check: raises a `CannotPadError` where padding would change what is computed.
    """
    kinds: dict[tuple[Hashable, Hashable], Outline] = {}
    for member in members:
        place = (member.model.learner(purpose)[1].structure, apart(member))
        if place not in kinds:
            kinds[place] = Outline(member, purpose)
        kinds[place].members.append(member)
    families: dict[Hashable, list[Outline]] = {}
    for (_, rest), kind in kinds.items():
        families.setdefault((kind.skeleton, rest), []).append(kind)
    buckets = [b for family in families.values() for b in _buckets(family, 6 * rows * _SECONDS_PER_OPERATION)]
    groups = [group for bucket in buckets for group in _as_groups(bucket, purpose, check)]
    order = {member: place for place, member in enumerate(members)}
    return sorted(groups, key=lambda group: order[group.members[0]])


def _as_groups(kinds: list[Outline], purpose: str, check: Callable[[Padding], None]) -> list[Group]:
    """One group with padding; one for each kind if they cannot be padded."""
    if len(kinds) > 1:
        try:
            padding = Padding(kinds, purpose)
            check(padding)
        except CannotPadError:
            pass
        else:
            together = [member for kind in kinds for member in kind.members]
            return [Group(sorted(together, key=lambda member: member.index), purpose, padding)]
    return [Group(kind.members, purpose, None) for kind in kinds]


def _buckets(kinds: list[Outline], seconds_per_weight: float) -> list[list[Outline]]:
    """Neighbours in size are put together for as long as that saves time."""
    buckets = [[kind] for kind in sorted(kinds, key=lambda kind: _weights(kind.shapes))]
    costs = [_cost(bucket, seconds_per_weight) for bucket in buckets]
    while len(buckets) > 1:
        joined = [_cost(a + b, seconds_per_weight) for a, b in pairwise(buckets)]
        saved = [costs[n] + costs[n + 1] - cost for n, cost in enumerate(joined)]
        best = max(range(len(saved)), key=saved.__getitem__)
        if saved[best] <= 0:
            break
        buckets[best : best + 2] = [buckets[best] + buckets[best + 1]]
        costs[best : best + 2] = [joined[best]]
    return buckets


def _cost(bucket: list[Outline], seconds_per_weight: float) -> float:
    """Seconds to compile for a bucket, and to train its members."""
    shapes = [kind.shapes for kind in bucket]
    # A product of sizes that are no multiples takes as long as that of the next ones that are, or longer.
    largest = [[padded_width(max(axis)) for axis in zip(*sizes, strict=True)] for sizes in zip(*shapes, strict=True)]
    count = sum(len(kind.members) for kind in bucket)
    return _SECONDS_PER_GROUP + count * _weights(largest) * seconds_per_weight


def _weights(shapes: Sequence[Sequence[int]]) -> int:
    return sum(map(math.prod, shapes))

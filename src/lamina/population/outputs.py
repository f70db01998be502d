"""What members make of data without being trained on them."""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from lamina.core.errors import ArgumentError, DataError
from lamina.data.arrays import count_rows, device_dtype, host_arrays
from lamina.data.dataset import DEFAULT_BATCH
from lamina.population.block import Block
from lamina.population.member import Member
from lamina.population.rows import cut, shape_of
from lamina.population.running import block_room, fresh_metrics, worker_count
from lamina.training.driver import as_logs
from lamina.training.prediction import padded_size

_PREDICTED_AT_ONCE = 2048


def evaluate_members(members: list[Member], data: Any, rows: list[np.ndarray], batch: int) -> dict[str, np.ndarray]:
    """The logs of an evaluation, each an array over members.

    Args:
        members: prepared.
        data: `(x, y, sample_weight)` on the device.
        rows: those that each member is evaluated on.
        batch: rows per step.
    """
    of = {id(member): chosen for member, chosen in zip(members, rows, strict=True)}

    def group(member: Member) -> Hashable:
        return member.key, shape_of(len(of[id(member)]), batch, member.learner.pads)

    def run(block: Block) -> list[dict[str, Any]]:
        chosen = [of[id(member)] for member in block.members]
        shared = all(one is chosen[0] for one in chosen)
        pieces = cut(chosen, batch, shared=shared, pads=block.learner.pads)
        results = block.run("test", data, pieces, lambda: True)
        assert results is not None
        return [as_logs(m.log_names(), result) for m, result in zip(block.members, results, strict=True)]

    logs = _in_blocks(members, group, run, fresh_metrics)
    return {name: np.array([one.get(name, np.nan) for one in logs]) for name in logs[0]}


def predict_members(members: list[Member], x: Any, batch_size: int | None) -> Any:
    """The outputs of all members, stacked.

    Args:
        members: of a population.
        x: inputs.
        batch_size: rows at a time, or `None`.
    """
    model = members[0].model
    x = host_arrays(x, "x")
    x = x[0] if isinstance(x, list | tuple) and len(x) == 1 else x
    x = model.fit_rank(x)
    rows = count_rows(x, "x")
    if rows == 0:
        raise DataError("x is empty, so there is nothing to predict.")
    for member in members:
        if not member.model.built:
            member.model.output_specs(x)
        member.model.check_inputs(x)

    def run(block: Block) -> list[Any]:
        pads = block.learner.pads
        size = batch_size or (_PREDICTED_AT_ONCE if pads else DEFAULT_BATCH)
        parts = [_predicted(block, x, slice(start, min(start + size, rows)), pads) for start in range(0, rows, size)]
        joined = jax.tree.map(lambda *outputs: np.concatenate(outputs, axis=1), *parts)
        return [jax.tree.map(lambda a, n=n: a[n], joined) for n in range(len(block.members))]

    outputs = _in_blocks(members, lambda member: member.model.learner("call")[1], run, None)
    _check_alike(members, outputs)
    return jax.tree.map(lambda *parts: np.stack(parts), *outputs)


def _in_blocks(
    members: Sequence[Member],
    group_of: Callable[[Member], Hashable],
    run: Callable[[Block], list[Any]],
    fresh: Callable[[Member], tuple[np.ndarray, ...]] | None,
) -> list[Any]:
    """What `run` gives for each member, in their order."""
    purpose = "call" if fresh is None else "fit"
    groups: dict[Hashable, list[Member]] = {}
    for member in members:
        groups.setdefault(group_of(member), []).append(member)
    blocks = []
    for group in groups.values():
        room = block_room(len(group), worker_count() if len(groups) == 1 else 1)
        for start in range(0, len(group), room):
            part = group[start : start + room]
            blocks.append(Block(part, None, room, () if fresh is None else fresh(part[0]), purpose))
    with ThreadPoolExecutor(worker_count()) as pool:
        found = list(pool.map(run, blocks))
    by_member = {}
    for block, results in zip(blocks, found, strict=True):
        for member, result in zip(block.members, results, strict=True):
            by_member[id(member)] = result
    return [by_member[id(member)] for member in members]


def _predicted(block: Block, x: Any, rows: slice, pads: bool) -> Any:
    count = rows.stop - rows.start
    size = padded_size(count) if pads else count

    def part(array: Any) -> Any:
        target = np.zeros((size, *array.shape[1:]), device_dtype(array.dtype))
        target[:count] = array[rows]
        return target

    return jax.tree.map(lambda a: a[:, :count], block.predict(jax.tree.map(part, x)))


def _check_alike(members: list[Member], outputs: list[Any]) -> None:
    shapes = [jax.tree.map(lambda a: a.shape[1:], output) for output in outputs]
    for member, shape in zip(members, shapes, strict=True):
        if shape != shapes[0]:
            raise ArgumentError(
                f"The outputs of candidate {member.index} have the shape {shape}, those of candidate "
                f"{members[0].index} {shapes[0]}, so they cannot be stacked.",
                hint="predict with the members one by one: population.members[i].predict(x).",
            )

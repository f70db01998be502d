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
from lamina.population.grouping import Group, grouped
from lamina.population.member import Member
from lamina.population.padding import Padding
from lamina.population.rows import cut, shape_of
from lamina.population.running import batch_specs, block_room, fresh_metrics, parted, share_rows, worker_count
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
    of = dict(zip(members, rows, strict=True))

    def apart(member: Member) -> Hashable:
        return shape_of(len(of[member]), batch, member.learner.pads)

    def check(padding: Padding) -> None:
        padding.check("test_step", *batch_specs(data, batch, padding.learner.pads))

    groups = grouped(members, "fit", apart, max(map(len, rows)) / 3, check)
    shared = {group: share_rows(parted(group.members, lambda member: id(of[member]))) for group in groups}

    def parts(group: Group) -> list[list[Member]]:
        return parted(group.members, lambda member: id(of[member])) if shared[group] else [group.members]

    def run(block: Block) -> list[dict[str, Any]]:
        chosen = [of[member] for member in block.members]
        pieces = cut(chosen, batch, shared=shared[block.group], pads=block.learner.pads)
        results = block.run("test", data, pieces, lambda: True)
        assert results is not None
        return [as_logs(m.log_names(), result) for m, result in zip(block.members, results, strict=True)]

    logs = _in_blocks(members, groups, parts, run)
    known = {name: value for one in logs for name, value in one.items()}
    return {
        name: np.array([one.get(name, np.full_like(value, np.nan)) for one in logs]) for name, value in known.items()
    }


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

    def check(padding: Padding) -> None:
        size = padded_size(min(rows, batch_size or _PREDICTED_AT_ONCE))
        padding.check("call_step", batch_specs(x, size, False)[0])

    outputs = _in_blocks(
        members, grouped(members, "call", lambda _: None, rows / 3, check), lambda group: [group.members], run
    )
    _check_alike(members, outputs)
    return jax.tree.map(lambda *parts: np.stack(parts), *outputs)


def _in_blocks(
    members: Sequence[Member],
    groups: Sequence[Group],
    parts_of: Callable[[Group], list[list[Member]]],
    run: Callable[[Block], list[Any]],
) -> list[Any]:
    """What `run` gives for each member, in their order."""
    blocks = []
    for group in groups:
        fresh = fresh_metrics(group.members[0]) if group.purpose == "fit" else ()
        parts = parts_of(group)
        room = block_room(group, max(map(len, parts)), worker_count() if len(groups) == len(parts) == 1 else 1)
        blocks += [
            Block(group, part[start : start + room], None, room, fresh)
            for part in parts
            for start in range(0, len(part), room)
        ]
    with ThreadPoolExecutor(worker_count()) as pool:
        found = list(pool.map(run, blocks))
    by_member = {}
    for block, results in zip(blocks, found, strict=True):
        by_member.update(zip(block.members, results, strict=True))
    return [by_member[member] for member in members]


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

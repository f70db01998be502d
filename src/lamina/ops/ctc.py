"""Connectionist temporal classification: labels of sequences, without saying where they are."""

from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.errors import ShapeError
from lamina.core.operation import operation
from lamina.core.validate import at_least, one_of
from lamina.ops.arrays import as_array, at_least_float32

__all__ = ["ctc_decode", "ctc_loss"]

_IMPOSSIBLE = -1e5  # a log probability; minus infinity would have no slope
_NO_LABEL = -1

# Beginnings `(width, steps)`, and for each the log probabilities of the ways that end in a blank or in its last label.
_Beam = tuple[jax.Array, jax.Array, jax.Array]


@operation
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> jax.Array:
    """`-log p` of the labels: the sum over all ways to spread them over the steps, with blanks in between.

    Args:
        target: integer labels `(batch, labels)`.
        output: logits `(batch, steps, classes)`.
        target_length: how many labels of each row count `(batch,)`.
        output_length: how many steps of each row count `(batch,)`.
        mask_index: the class that is the blank.

    Returns:
        Losses `(batch,)`.

    Raises:
        ShapeError: for other ranks, or batches of different lengths.

    Example:
        >>> ctc_loss([[1]], [[[0.0, 0.0], [0.0, 0.0]]], [1], [2])  # of the four ways, only two blanks are wrong
        Array([0.2876821], dtype=float32)

    Reference:
        Graves et al., 2006, "Connectionist temporal classification", equations 6 to 8.
    """
    labels, output = as_array(target).astype("int32"), as_array(output)
    if labels.ndim != 2 or output.ndim != 3 or len(labels) != len(output):
        raise ShapeError(
            "CTC needs integer labels (batch, labels) and logits (batch, steps, classes), "
            f"but got labels {labels.shape} and logits {output.shape}."
        )
    log_p = jax.nn.log_softmax(output.astype(at_least_float32(output.dtype)))
    lengths, counted = as_array(target_length), jnp.arange(log_p.shape[1])[:, None] < as_array(output_length)

    # A path walks over places: blank, first label, blank, second label, …, blank.
    places = jnp.full((len(labels), 2 * labels.shape[1] + 1), mask_index).at[:, 1::2].set(labels)
    emitted = jnp.take_along_axis(log_p, places[:, None, :], axis=-1)  # (batch, steps, places)
    # Blanks between different labels may be left out, those between equal ones may not.
    may_skip = jnp.zeros(places.shape, bool).at[:, 3::2].set(labels[:, 1:] != labels[:, :-1])

    def step(arrived: jax.Array, seen: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        emitted, counts = seen
        skipped = jnp.where(may_skip, _shift(arrived, 2), _IMPOSSIBLE)
        moved = jnp.logaddexp(jnp.logaddexp(arrived, _shift(arrived, 1)), skipped) + emitted
        return jnp.where(counts[:, None], moved, arrived), None

    # Before the first step a path stands on the first blank, and may take one step from there.
    start = jnp.full(places.shape, _IMPOSSIBLE, log_p.dtype).at[:, 0].set(0.0)
    arrived, _ = jax.lax.scan(step, start, (jnp.swapaxes(emitted, 0, 1), counted))
    last_blank = jnp.take_along_axis(arrived, 2 * lengths[:, None], axis=1)[:, 0]
    last_label = jnp.take_along_axis(arrived, jnp.maximum(2 * lengths - 1, 0)[:, None], axis=1)[:, 0]
    return -jnp.where(lengths > 0, jnp.logaddexp(last_blank, last_label), last_blank)


def _shift(arrived: jax.Array, by: int) -> jax.Array:
    """What had arrived so many places before."""
    return jnp.pad(arrived, ((0, 0), (by, 0)), constant_values=_IMPOSSIBLE)[:, : arrived.shape[1]]


@operation
def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[jax.Array, jax.Array]:
    """The likeliest labels.

    Args:
        inputs: logits `(batch, steps, classes)`.
        sequence_lengths: how many steps of each row count `(batch,)`.
        strategy: `"greedy"` for the likeliest class of each step, `"beam_search"` for the likeliest labels.
        beam_width: how many beginnings a beam search goes on with.
        top_paths: how many answers a beam search gives.
        merge_repeated: whether the greedy search counts equal classes in a row once.
        mask_index: the class that is the blank.

    Returns:
        Labels `(answers, batch, steps)`, filled up with -1, and scores `(batch, answers)`: log probabilities of a
        beam search, minus the sum of the largest logits of a greedy one.

    Raises:
        ArgumentError: for another strategy.
        ShapeError: for another rank.

    Example:
        >>> ctc_decode([[[0.0, 9.0], [0.0, 9.0], [9.0, 0.0]]], [3])[0]
        Array([[[ 1, -1, -1]]], dtype=int32)
    """
    inputs = as_array(inputs)
    if inputs.ndim != 3:
        raise ShapeError(f"ctc_decode takes logits (batch, steps, classes), but got shape {inputs.shape}.")
    inputs = inputs.astype(at_least_float32(inputs.dtype))
    counted = jnp.arange(inputs.shape[1]) < as_array(sequence_lengths)[:, None]
    if one_of("ctc_decode", "strategy", strategy, ("greedy", "beam_search")) == "greedy":
        return _greedy(inputs, counted, merge_repeated, mask_index)
    at_least("ctc_decode", "beam_width", beam_width, top_paths)
    log_p = jax.nn.log_softmax(inputs)
    labels, scores = jax.vmap(lambda p, c: _beam_search(p, c, beam_width, top_paths, mask_index))(log_p, counted)
    return jnp.swapaxes(labels, 0, 1), scores


def _greedy(inputs: jax.Array, counted: jax.Array, merge: bool, blank: int) -> tuple[jax.Array, jax.Array]:
    best = jnp.where(counted, jnp.argmax(inputs, axis=-1), blank)
    kept = best != blank
    if merge:
        kept = kept.at[:, 1:].set(kept[:, 1:] & (best[:, 1:] != best[:, :-1]))
    order = jnp.argsort(~kept, axis=-1, stable=True)
    labels = jnp.take_along_axis(jnp.where(kept, best, _NO_LABEL), order, axis=-1)
    return labels[None].astype("int32"), -jnp.sum(jnp.where(counted, jnp.max(inputs, axis=-1), 0.0), axis=1)[:, None]


def _beam_search(
    log_p: jax.Array, counted: jax.Array, width: int, answers: int, blank: int
) -> tuple[jax.Array, jax.Array]:
    """The likeliest labels of one sequence."""

    def step(state: _Beam, seen: tuple[jax.Array, jax.Array]) -> tuple[_Beam, None]:
        log_p, counts = seen
        new = _pruned(_extended(state, log_p, blank), width)
        return jax.tree.map(lambda new, old: jnp.where(counts, new, old), new, state), None

    start = (
        jnp.full((width, len(log_p)), _NO_LABEL, "int32"),
        jnp.full(width, -jnp.inf, log_p.dtype).at[0].set(0.0),
        jnp.full(width, -jnp.inf, log_p.dtype),
    )
    (labels, ends_blank, ends_label), _ = jax.lax.scan(step, start, (log_p, counted))
    scores, best = jax.lax.top_k(jnp.logaddexp(ends_blank, ends_label), answers)
    return labels[best], scores


def _extended(beam: _Beam, log_p: jax.Array, blank: int) -> _Beam:
    """All beginnings one step on: as they are, and with each class behind them."""
    labels, ends_blank, ends_label = beam
    width, steps = labels.shape
    lengths = jnp.sum(labels != _NO_LABEL, axis=1)
    last = jnp.where(lengths > 0, labels[jnp.arange(width), lengths - 1], _NO_LABEL)
    either = jnp.logaddexp(ends_blank, ends_label)
    stays_label = ends_label + jnp.where(last == _NO_LABEL, -jnp.inf, log_p[last])
    classes = jnp.arange(len(log_p))
    # A label behind the same one is a new label only if a blank lies between them.
    grown = jnp.where(classes == last[:, None], ends_blank[:, None], either[:, None]) + log_p
    grown = jnp.where((classes == blank) | (lengths == steps)[:, None], -jnp.inf, grown)
    longer = jnp.repeat(labels[:, None], len(log_p), axis=1)
    longer = longer.at[jnp.arange(width)[:, None], classes, jnp.minimum(lengths, steps - 1)[:, None]].set(classes)
    return (
        jnp.concatenate([labels, longer.reshape(-1, steps)]),
        jnp.concatenate([either + log_p[blank], jnp.full(grown.size, -jnp.inf, log_p.dtype)]),
        jnp.concatenate([stays_label, grown.ravel()]),
    )


def _pruned(beam: _Beam, width: int) -> _Beam:
    """The likeliest beginnings, those that are equal taken together."""
    labels, ends_blank, ends_label = beam
    count = len(labels)
    different, which = jnp.unique(labels, axis=0, return_inverse=True, size=count, fill_value=_NO_LABEL)
    which = which.reshape(-1)

    def together(log_p: jax.Array) -> jax.Array:
        highest = jnp.max(log_p)
        highest = jnp.where(jnp.isfinite(highest), highest, 0.0)
        return jnp.log(jnp.zeros(count, log_p.dtype).at[which].add(jnp.exp(log_p - highest))) + highest

    ends_blank, ends_label = together(ends_blank), together(ends_label)
    best = jax.lax.top_k(jnp.logaddexp(ends_blank, ends_label), width)[1]
    return different[best], ends_blank[best], ends_label[best]

"""The bounds that the arithmetic sets: the matrix products of a step and nothing else, and the step written by hand."""

import time
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from task import Bound
from works import Work

Arrays = tuple[jax.Array, ...]


@jax.jit
def products(count: int, x: jax.Array, kernels: Arrays) -> Arrays:
    """The products of `count` steps, forward and backward, without activations, biases or a loss.

    Args:
        count: steps.
        x: one batch, `(batch, features)`, used by every step: no time goes into gathering rows.
        kernels: `(inputs, units)` each.
    """

    def step(i: jax.Array, gradients: Arrays) -> Arrays:
        # The barrier makes the batch depend on i; otherwise XLA would do the products once, before the loop.
        batch, _ = lax.optimization_barrier((x, i))
        inputs = [batch]
        for kernel in kernels:
            inputs.append(inputs[-1] @ kernel)
        delta, reversed_gradients = inputs.pop(), []
        for layer in reversed(range(len(kernels))):
            reversed_gradients.append(inputs[layer].T @ delta)
            if layer > 0:  # nobody needs the gradient of the data
                delta = delta @ kernels[layer].T
        return tuple(reversed(reversed_gradients))

    return lax.fori_loop(0, count, step, jax.tree.map(jnp.zeros_like, kernels))


@jax.jit
def sgd_updates(count: int, kernels: Arrays, gradients: Arrays) -> Arrays:
    """`count` updates by SGD: reads two arrays a kernel and writes one."""
    return lax.fori_loop(0, count, lambda _, w: jax.tree.map(lambda w, g: w - 1e-6 * g, w, gradients), kernels)


@jax.jit
def rmsprop_updates(count: int, kernels: Arrays, gradients: Arrays) -> tuple[Arrays, Arrays]:
    """`count` updates by RMSprop: reads three arrays a kernel and writes two."""

    def step(_: jax.Array, state: tuple[Arrays, Arrays]) -> tuple[Arrays, Arrays]:
        kernels, velocities = state
        velocities = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g * g, velocities, gradients)
        kernels = jax.tree.map(lambda w, g, v: w - 1e-6 * g / jnp.sqrt(v + 1e-7), kernels, gradients, velocities)
        return kernels, velocities

    return lax.fori_loop(0, count, step, (kernels, jax.tree.map(jnp.zeros_like, kernels)))


@partial(jax.jit, static_argnames="output", donate_argnames="layers")
def sgd_steps(count: int, layers: list[Arrays], x: jax.Array, y: jax.Array, order: jax.Array, output: str) -> list:
    """`count` whole steps by SGD as one would write them for this network alone: no metrics, no short last batch.

    Args:
        count: steps.
        layers: kernel and bias of each.
        x: all rows, `(rows, features)`.
        y: their targets.
        order: the rows of each batch, `(batches, batch)`.
        output: activation of the last layer, `"softmax"` or `"linear"`.
    """

    def loss(layers: list[Arrays], x: jax.Array, y: jax.Array) -> jax.Array:
        for kernel, bias in layers[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        scores = x @ layers[-1][0] + layers[-1][1]
        if output == "softmax":
            return -jnp.take_along_axis(jax.nn.log_softmax(scores), y[:, None], axis=1).mean()
        return ((scores[:, 0] - y) ** 2).mean()

    def step(i: jax.Array, layers: list[Arrays]) -> list[Arrays]:
        rows = order[i % len(order)]
        gradients = jax.grad(loss)(layers, x[rows], y[rows])
        return jax.tree.map(lambda w, g: w - 0.01 * g, layers, gradients)

    return lax.fori_loop(0, count, step, layers)


class Arithmetic:
    """The bounds of one work."""

    def __init__(self, work: Work) -> None:
        keys = jax.random.split(jax.random.key(0), 1 + len(work.kernels))
        x = jax.random.normal(keys[0], (work.batch_size, work.features))
        kernels = tuple(
            # Scaled so that no layer's outputs fade away: denormal numbers would be slow.
            jax.random.normal(key, shape) / shape[0] ** 0.5
            for key, shape in zip(keys[1:], work.kernels, strict=True)
        )
        updates = {"sgd": sgd_updates, "rmsprop": rmsprop_updates}[work.optimizer]
        self._products = partial(products, x=x, kernels=kernels)
        self._updates = partial(updates, kernels=kernels, gradients=kernels)
        self._by_hand = self._steps_by_hand(work, kernels) if work.optimizer == "sgd" else None

    @staticmethod
    def _steps_by_hand(work: Work, kernels: Arrays) -> Callable[[int], object]:
        x, y = map(jax.device_put, work.data())
        order = np.random.default_rng(0).permutation(work.rows // work.batch_size * work.batch_size)
        order = jax.device_put(order.astype(np.int32).reshape(-1, work.batch_size))
        layers = [(kernel, jnp.zeros(kernel.shape[1])) for kernel in kernels]

        def run(count: int) -> object:
            return sgd_steps(count, jax.tree.map(jnp.copy, layers), x, y, order, work.output)

        return run

    def time_step(self, seconds: float) -> Bound:
        """The bounds of a step, each measured for about `seconds`."""
        by_hand = None if self._by_hand is None else _seconds_a_turn(self._by_hand, seconds)
        return Bound(_seconds_a_turn(self._products, seconds), _seconds_a_turn(self._updates, seconds), by_hand)


def _seconds_a_turn(loop: Callable[[int], object], seconds: float) -> float:
    """Time of one turn of a compiled loop, from a run of about `seconds`."""

    def run(count: int) -> float:
        start = time.perf_counter()
        jax.block_until_ready(loop(count))
        return time.perf_counter() - start

    run(1)  # compiles
    count = 1
    while (elapsed := run(count)) < seconds / 4:
        count *= 4
    count = max(1, round(count * seconds / elapsed))
    return run(count) / count

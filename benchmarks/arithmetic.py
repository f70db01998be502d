"""The bound that the arithmetic sets: a step's matrix products, and nothing else, in one compiled loop."""

import time
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax
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


class Arithmetic:
    """The bound of one work, in seconds a step."""

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

    def time_step(self, seconds: float) -> tuple[float, float]:
        """Seconds that a step's products and its parameter update take, each measured for about `seconds`."""
        return _seconds_a_turn(self._products, seconds), _seconds_a_turn(self._updates, seconds)


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

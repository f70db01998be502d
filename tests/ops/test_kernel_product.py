"""The product of inputs and a kernel: JAX's own, whichever way its gradient is taken."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.ops.kernel_product import kernel_product

SHAPES = {
    "small": ((5, 3), (3, 4)),
    "one unit": ((5, 3), (3, 1)),
    "one of each": ((1, 1), (1, 1)),
    "too large to be worth it": ((64, 100), (100, 90)),
    "more axes": ((2, 5, 3), (3, 4)),
    "a vector": ((3,), (3, 4)),
    "no rows": ((0, 3), (3, 4)),
}


def arrays(shapes, dtype="float32"):
    rng = np.random.default_rng(0)
    return [jnp.asarray(rng.normal(size=shape), dtype) for shape in shapes]


def both(transform, *args):
    """What a transformation makes of this product and of JAX's."""
    return [jax.tree.leaves(jax.jit(transform(product))(*args)) for product in (kernel_product, jnp.matmul)]


def total(product):
    return lambda x, w: jnp.sum(jnp.tanh(product(x, w)) ** 2)


TRANSFORMS = {
    "value": lambda product: product,
    "gradients": lambda product: jax.grad(total(product), argnums=(0, 1)),
    "changes": lambda product: lambda x, w: jax.jvp(product, (x, w), (x + 1, w - 1)),
    "second derivatives": lambda product: (
        lambda x, w: jax.grad(lambda v: jnp.sum(jax.grad(total(product), argnums=1)(x, v) ** 2))(w)
    ),
    "members": lambda product: (
        lambda x, w: jax.vmap(jax.grad(total(product), argnums=1), (None, 0))(x, jnp.stack([w, 2 * w]))
    ),
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_it_is_the_product_of_matrices(shapes, transform):
    found, expected = both(transform, *arrays(shapes))
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("kinds", [("int32", "float32"), ("float32", "float16"), ("float16", "float16")])
def test_kinds_are_promoted_as_in_a_product(kinds):
    x, w = (array.astype(kind) for array, kind in zip(arrays(SHAPES["one unit"]), kinds, strict=True))
    found, expected = both(lambda product: jax.grad(total(product), argnums=1), x, w)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(("name", "transposed"), [("small", True), ("too large to be worth it", False)])
def test_small_inputs_are_transposed_first(name, transposed):
    program = jax.make_jaxpr(jax.grad(total(kernel_product), argnums=1))(*arrays(SHAPES[name]))
    assert ("optimization_barrier" in str(program)) == (transposed and jax.default_backend() == "cpu")

"""The product of inputs and a kernel: JAX's own, whichever way its gradient is taken."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.ops.kernel_product import add_bias, kernel_product

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


def bias_gradient(rows, units):
    def gradient(bias, weights):
        return jax.grad(lambda b: jnp.sum(add_bias(jnp.zeros((rows, units)), b) * weights))(bias)

    return gradient


@pytest.mark.parametrize("rows", [1, 5, 32, 48, 100])
def test_gradients_of_biases_have_the_same_bits_for_one_and_for_many(rows):
    weights = np.random.default_rng(0).normal(size=(4, rows, 64)).astype("float32")
    gradient = bias_gradient(rows, 64)
    many = jax.jit(jax.vmap(gradient, (None, 0)))(jnp.zeros(64), weights)
    alone = jax.jit(gradient)
    np.testing.assert_array_equal(many, [alone(jnp.zeros(64), each) for each in weights])
    np.testing.assert_allclose(many, weights.sum(1, dtype="float64"), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(5, 4), (0, 4), (2, 3, 4), (4,)])
def test_a_bias_is_added(shape):
    outputs, bias = arrays((shape, (4,)))
    for transform in (lambda add: add, lambda add: jax.grad(lambda o, b: jnp.sum(jnp.sin(add(o, b))), argnums=(0, 1))):
        found, expected = (jax.tree.leaves(transform(add)(outputs, bias)) for add in (add_bias, jnp.add))
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)

"""What a dense layer computes is what JAX's own product and sum give, whichever way gradients are taken."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.ops.affine import affine

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


def plain(x, w, b=None):
    return jnp.matmul(x, w) if b is None else jnp.matmul(x, w) + b


def both(transform, *args):
    """What a transformation makes of this function and of the plain one."""
    return [jax.tree.leaves(jax.jit(transform(function))(*args)) for function in (affine, plain)]


def total(function):
    return lambda *args: jnp.sum(jnp.tanh(function(*args)) ** 2)


def gradients(function):
    return lambda *args: jax.grad(total(function), argnums=tuple(range(len(args))))(*args)


def by_kernel(function):
    return jax.grad(total(function), argnums=1)


TRANSFORMS = {
    "value": lambda function: function,
    "gradients": gradients,
    "changes": lambda function: lambda *args: jax.jvp(function, args, tuple(arg + 1 for arg in args)),
    "second derivatives": lambda function: (
        lambda x, w, *b: jax.grad(lambda v: jnp.sum(by_kernel(function)(x, v, *b) ** 2))(w)
    ),
    "members": lambda function: (
        lambda x, w, *b: jax.vmap(lambda v: gradients(function)(x, v, *b))(jnp.stack([w, 2 * w]))
    ),
}


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_it_is_a_product_and_a_sum(shapes, transform, biased):
    shapes = (*shapes, shapes[1][1:]) if biased else shapes
    found, expected = both(transform, *arrays(shapes))
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    "kinds", [("int32", "float32", "float32"), ("float32", "float16", "float16"), ("float16", "float16", "float16")]
)
def test_kinds_are_promoted_as_in_a_product(kinds):
    shapes = ((5, 3), (3, 1), (1,))
    args = (array.astype(kind) for array, kind in zip(arrays(shapes), kinds, strict=True))
    found, expected = both(lambda function: jax.grad(total(function), argnums=(1, 2)), *args)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize(("name", "transposed"), [("small", True), ("too large to be worth it", False)])
def test_small_inputs_are_transposed_first(name, transposed):
    program = jax.make_jaxpr(by_kernel(affine))(*arrays(SHAPES[name]))
    assert ("optimization_barrier" in str(program)) == (transposed and jax.default_backend() == "cpu")


@pytest.mark.usefixtures("optimized")
@pytest.mark.parametrize("features", [5, 400])
@pytest.mark.parametrize("rows", [2, 5, 32, 48, 100])
def test_gradients_of_weights_have_the_same_bits_for_one_and_for_many(rows, features):
    """The wider inputs are too large for one product."""
    x, weights, kernel, bias = arrays([(4, rows, features), (4, rows, 64), (features, 64), (64,)])

    def gradient(x, weights):
        return jax.grad(lambda w, b: jnp.sum(affine(x, w, b) * weights), argnums=(0, 1))(kernel, bias)

    many = jax.jit(jax.vmap(gradient))(x, weights)
    alone = jax.jit(gradient)
    for n in range(4):
        for ours, theirs in zip(many, alone(x[n], weights[n]), strict=True):
            np.testing.assert_array_equal(ours[n], theirs)
    np.testing.assert_allclose(many[1], np.asarray(weights).sum(1, dtype="float64"), rtol=1e-5, atol=1e-5)

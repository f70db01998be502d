"""Sums in one order: the same values, and the same bits for one and for many."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from lamina.training.pairwise import with_pairwise_sums

on_cpu = pytest.mark.skipif(jax.default_backend() != "cpu", reason="other backends add in an order of their own")


def normal(*shape, dtype="float32"):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def operations(step, *args):
    """The names of all operations of a program, also of those within others."""
    return str(jax.make_jaxpr(step)(*args))


@settings(max_examples=30, deadline=None)
@given(shape=st.lists(st.integers(1, 40), min_size=1, max_size=3), data=st.data())
def test_sums_have_their_values(shape, data):
    first = data.draw(st.integers(0, len(shape) - 1))
    axes = tuple(range(first, len(shape)))
    array = normal(*shape)
    found = with_pairwise_sums(lambda a: jnp.sum(a, axes))(array)
    np.testing.assert_allclose(found, array.sum(axes, dtype="float64"), rtol=1e-5, atol=1e-5)


STEPS = {
    "all of it": jnp.sum,
    "the last axis": lambda a: jnp.sum(a, -1),
    "a mean": lambda a: jnp.mean(jnp.square(a)),
    "within jit": lambda a: jax.jit(jax.nn.log_softmax)(a),
    "its gradient": jax.grad(lambda a: jnp.mean(jax.nn.logsumexp(a, -1))),
    "a column": lambda a: jnp.sum(a[:, :1], 0),
}


@on_cpu
@pytest.mark.usefixtures("optimized")
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("rows", [5, 32, 100])
def test_one_has_the_bits_of_many(step, rows):
    many = normal(7, rows, 30)
    step = with_pairwise_sums(step)
    found, alone = jax.jit(jax.vmap(step))(many), jax.jit(step)
    for n, one in enumerate(many):
        np.testing.assert_array_equal(found[n], alone(one))


@on_cpu
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_no_other_sum_is_left(step):
    assert "reduce_sum" not in operations(with_pairwise_sums(step), normal(5, 3))


LEFT_ALONE = {
    "columns": (lambda a: jnp.sum(a, 0), normal(5, 3)),
    "whole numbers": (jnp.sum, np.arange(6)),
    "half precision": (
        lambda a: jax.lax.reduce(a, np.float16(0), jax.lax.add, (0,)),
        normal(4, dtype="float16"),
    ),
    "large arrays": (jnp.sum, np.ones(1 + (1 << 20), "float32")),
    "nothing": (jnp.sum, np.ones((0, 3), "float32")),
}


@pytest.mark.parametrize(("step", "array"), LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_other_sums_are_left_to_xla(step, array):
    step_of_ours = with_pairwise_sums(step)
    assert "reduce_sum" in operations(step_of_ours, array)
    np.testing.assert_array_equal(step_of_ours(array), step(array))


def branches_and_loops(a, gate):
    total = jax.lax.cond(gate, lambda b: jnp.sum(b), lambda b: jnp.prod(b), a)
    total = jax.lax.fori_loop(0, 3, lambda _, carry: carry + jnp.sum(a), total)
    total, each = jax.lax.scan(lambda carry, row: (carry + jnp.sum(row), carry), total, a)
    return {"total": total, "each": (each, None)}, jax.checkpoint(lambda b: jnp.sum(jnp.sin(b)))(a)


@pytest.mark.parametrize("gate", [True, False])
def test_whatever_else_a_step_does_stays(gate):
    found = with_pairwise_sums(branches_and_loops)(normal(4, 3), gate)
    expected = branches_and_loops(normal(4, 3), gate)
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    for ours, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_functions_with_derivatives_of_their_own_are_called():
    @jax.custom_vjp
    def doubled(a):
        return 2 * jnp.sum(a)

    doubled.defvjp(lambda a: (doubled(a), None), lambda _, change: (change * jnp.ones(3),))
    step = with_pairwise_sums(lambda a: (doubled(a), jax.nn.relu(a), jax.grad(doubled)(a)))
    value, positive, gradient = step(jnp.array([1.0, -2.0, 4.0]))
    assert float(value) == 6
    np.testing.assert_array_equal(positive, [1, 0, 4])
    np.testing.assert_array_equal(gradient, np.ones(3))


def test_messages_and_callbacks_of_users_come_through(capfd):
    def step(a):
        jax.debug.print("the sum is {}", jnp.sum(a))
        return jax.pure_callback(lambda b: np.float32(b.sum()), jax.ShapeDtypeStruct((), "float32"), a)

    assert float(jax.jit(with_pairwise_sums(step))(jnp.ones(3))) == 3
    jax.effects_barrier()
    assert "the sum is 3.0" in capfd.readouterr().out


def test_steps_may_be_spread_over_devices():
    mesh = jax.sharding.Mesh(jax.devices()[:1], ("rows",))
    rows = jax.sharding.PartitionSpec("rows")
    spread = jax.shard_map(lambda a: 2 * a, mesh=mesh, in_specs=rows, out_specs=rows)
    found = with_pairwise_sums(jax.jit(lambda a: (spread(a), jnp.sum(a))))(np.ones(4, "float32"))
    np.testing.assert_array_equal(found[0], 2 * np.ones(4))
    assert float(found[1]) == 4


def test_steps_can_be_run_in_python():
    with jax.disable_jit():
        assert float(with_pairwise_sums(jnp.sum)(jnp.ones(3))) == 3


def test_weak_types_stay():
    found = with_pairwise_sums(lambda a, b: a + b)(jnp.asarray(1.0), 2.0)
    assert found.dtype == jnp.float32


def test_derivatives_go_through():
    check_grads(with_pairwise_sums(lambda a: jnp.sum(jnp.sin(a), -1)), (normal(2, 3),), order=2, rtol=1e-2, atol=1e-2)

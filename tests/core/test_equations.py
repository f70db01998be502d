"""Programs run equation by equation give what they give at once."""

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.equations import bind, called, evaluate


def program(a, b):
    return jnp.tanh(a) @ b, jnp.sin(b) + jnp.arange(3.0)


def arrays():
    rng = np.random.default_rng(0)
    return [jnp.asarray(rng.normal(size=shape), "float32") for shape in ((2, 3), (3, 3))]


def test_bound_equations_are_the_program():
    traced = jax.make_jaxpr(program)(*arrays())
    found = evaluate(traced.jaxpr, traced.consts, arrays(), bind)
    for ours, theirs in zip(found, program(*arrays()), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_equations_may_be_run_in_another_way():
    traced = jax.make_jaxpr(lambda a: jnp.sin(a) + 1.0)(0.5)
    other = lambda equation, operands: [operands[0]] if equation.primitive.name == "sin" else bind(equation, operands)  # noqa: E731
    assert float(evaluate(traced.jaxpr, traced.consts, [0.5], other)[0]) == 1.5


def test_constants_are_made_into_operands():
    traced = jax.make_jaxpr(lambda a: a * 3.0)(0.5)
    run = lambda _, operands: [" times ".join(operands)]  # noqa: E731
    assert evaluate(traced.jaxpr, traced.consts, ["a"], run, constant=str) == ["a times 3.0"]


def test_a_called_program_is_found():
    traced = jax.make_jaxpr(jax.jit(lambda a: a + 1.0))(0.5)
    jaxpr, consts = called(traced.jaxpr.eqns[0])
    assert float(evaluate(jaxpr, consts, [2.0], bind)[0]) == 3

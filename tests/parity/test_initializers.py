"""Initializers and random draws are Keras's, number by number."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import initializers, random
from lamina.core.serialization import builtin_names
from lamina.initializers.initializer import Initializer

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.usefixtures("optimized")

SHAPES = [(5,), (4, 3), (3, 4), (3, 3, 2, 4), (), (2, 3, 4), (300, 7), (4, 1, 3)]
DRAWS = ("uniform", "normal", "truncated_normal")


def pair(name, *args, **kwargs):
    return getattr(initializers, name)(*args, **kwargs), getattr(keras.initializers, name)(*args, **kwargs)


def attempt(initializer, shape, dtype):
    """The weights as a variable of this dtype holds them, or `None` where the shape is refused."""
    try:
        return np.asarray(jnp.asarray(initializer(shape, dtype=dtype), dtype), "float64")
    except ValueError:
        return None


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", sorted(builtin_names("initializers")))
def test_every_initializer_draws_what_keras_draws(name, dtype):
    seeded = issubclass(getattr(initializers, name), initializers.RandomInitializer)
    mine, theirs = pair(name, **({"seed": 7} if seeded else {}))
    if name == "Orthogonal" and dtype != "float32":
        return  # Keras cannot; see below
    if name == "STFT":
        shapes = [(4, 1, 3), (16, 1, 9)]
    else:
        shapes = SHAPES if dtype == "float32" else SHAPES[:2]
    for shape in shapes:
        got, expected = attempt(mine, shape, dtype), attempt(theirs, shape, dtype)
        assert (got is None) == (expected is None), shape
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_orthogonal_matrices_in_16_bits_are_those_in_32(dtype):
    initializer = initializers.Orthogonal(seed=7)
    np.testing.assert_array_equal(
        jnp.asarray(initializer((4, 3), dtype), dtype), jnp.asarray(initializer((4, 3), "float32"), dtype)
    )


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("RandomNormal", {"mean": 1.0, "stddev": 3.0, "seed": 3}),
        ("RandomUniform", {"minval": -2.0, "maxval": 5.0, "seed": 4}),
        ("TruncatedNormal", {"mean": -1.0, "stddev": 0.3, "seed": 5}),
        ("Orthogonal", {"gain": 2.0, "seed": 6}),
        ("Constant", {"value": 2.5}),
        ("STFT", {"side": "imag", "window": "hamming", "scaling": "spectrum", "periodic": True}),
        ("STFT", {"window": None, "scaling": None}),
        *(
            ("VarianceScaling", {"scale": 3.0, "mode": mode, "distribution": distribution, "seed": 1})
            for mode in ("fan_in", "fan_out", "fan_avg")
            for distribution in ("truncated_normal", "untruncated_normal", "uniform")
        ),
        ("HeNormal", {"seed": 2, "input_axes": [0], "output_axes": [2]}),
    ],
)
def test_arguments_mean_what_they_mean_in_keras(name, arguments):
    mine, theirs = pair(name, **arguments)
    np.testing.assert_array_equal(mine((3, 4, 2)), theirs((3, 4, 2)))
    assert mine.get_config() == theirs.get_config()


@pytest.mark.parametrize("name", sorted(set(builtin_names("initializers")) - {"Identity"}))
def test_configs_are_read_both_ways(name):
    mine, theirs = pair(name)
    assert mine.get_config() == theirs.get_config()
    record = keras.saving.serialize_keras_object(theirs)
    assert isinstance(initializers.deserialize(record), Initializer)
    assert type(keras.initializers.deserialize(initializers.serialize(mine))) is type(theirs)


def test_an_unseeded_initializer_repeats_itself_and_differs_from_the_next():
    one, two = initializers.GlorotUniform(), initializers.GlorotUniform()
    np.testing.assert_array_equal(one((3, 3)), one((3, 3)))
    assert not np.array_equal(one((3, 3)), two((3, 3)))


def test_a_seed_generator_moves_an_initializer_on():
    mine = initializers.RandomUniform(seed=random.SeedGenerator(3))
    theirs = keras.initializers.RandomUniform(seed=keras.random.SeedGenerator(3))
    for _ in range(3):
        np.testing.assert_array_equal(mine((4,)), theirs((4,)))


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (2, 3, 4)])
@pytest.mark.parametrize("seed", [0, 1, 1337, 2**31, 2**32 - 1])
@pytest.mark.parametrize("name", DRAWS)
def test_draws_on_the_host_are_keras_draws(name, seed, shape):
    np.testing.assert_array_equal(
        getattr(random, name)(shape, seed=seed), getattr(keras.random, name)(shape, seed=seed)
    )


@pytest.mark.parametrize("name", DRAWS)
def test_traced_draws_are_host_draws(name):
    draw = getattr(random, name)
    key = jnp.array([5, 9], "uint32")
    np.testing.assert_array_equal(jax.jit(lambda key: draw((64,), seed=key))(key), draw((64,), seed=key))


def test_bits_are_those_of_jax():
    key = np.array([123, 456], "uint32")
    np.testing.assert_array_equal(
        random.uniform((1001,), seed=key), jax.random.uniform(jax.random.wrap_key_data(jnp.asarray(key)), (1001,))
    )


@pytest.mark.parametrize("noise_shape", [None, (6, 1)])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_masks_are_keras_masks(rate, noise_shape):
    x = np.random.normal(size=(6, 9)).astype("float32")
    expected = keras.random.dropout(jnp.asarray(x), rate, noise_shape=noise_shape, seed=11)
    np.testing.assert_array_equal(random.dropout(x, rate, noise_shape=noise_shape, seed=11), expected)
    traced = jax.jit(lambda x: random.dropout(x, rate, noise_shape=noise_shape, seed=11))(x)
    np.testing.assert_array_equal(traced == 0, expected == 0)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("randint", ((5,), 2, 40)),
        ("categorical", (np.log([[0.2, 0.3, 0.5]] * 4), 6)),
        ("gamma", ((4,), 2.0)),
        ("beta", ((4,), 2.0, 3.0)),
        ("binomial", ((4,), 10.0, 0.3)),
        ("shuffle", (np.arange(10),)),
    ],
)
def test_other_draws_are_keras_draws(name, arguments):
    np.testing.assert_array_equal(
        getattr(random, name)(*arguments, seed=3), getattr(keras.random, name)(*arguments, seed=3)
    )


def test_seed_generators_count_as_in_keras():
    mine, theirs = random.SeedGenerator(42), keras.random.SeedGenerator(42)
    for _ in range(4):
        np.testing.assert_array_equal(mine.next(), theirs.next())
    np.testing.assert_array_equal(mine.state, theirs.state)
    assert mine.get_config()["seed"] == theirs.get_config()["seed"]


def test_the_global_generator_is_keras_global_generator():
    from lamina.utils import set_random_seed

    set_random_seed(5)
    mine = [np.asarray(random.uniform((3,))) for _ in range(3)]
    keras.utils.set_random_seed(5)
    theirs = [np.asarray(keras.random.uniform((3,))) for _ in range(3)]
    np.testing.assert_array_equal(mine, theirs)

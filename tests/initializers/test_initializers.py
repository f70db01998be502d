"""Initializers: names, shapes, seeds, bad arguments; nothing is compiled for each shape."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import initializers, layers
from lamina.core.serialization import builtin_names
from lamina.ops import random
from lamina.random import SeedGenerator

CLASSES = sorted(builtin_names("initializers"))
KERAS_2_NAMES = """
    zeros ones constant random_normal random_uniform truncated_normal variance_scaling orthogonal identity stft
    glorot_uniform glorot_normal he_uniform he_normal lecun_uniform lecun_normal
    zero one normal uniform IdentityInitializer OrthogonalInitializer STFTInitializer
""".split()


@pytest.mark.parametrize("name", [*CLASSES, *KERAS_2_NAMES])
def test_every_name_makes_an_initializer(name):
    found = initializers.get(name)
    assert isinstance(found, initializers.Initializer)
    assert isinstance(getattr(initializers, name)(), type(found))
    assert type(initializers.get(type(found))) is type(found)
    assert type(found.clone()) is type(found)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"Identity", "Orthogonal", "STFT"}))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3), (2, 3, 4), (2, 1, 2, 3), [2, 3], 4])
def test_shapes_of_any_rank(name, shape):
    found = getattr(initializers, name)()(shape)
    assert isinstance(found, jax.Array)
    assert found.shape == (tuple(shape) if not isinstance(shape, int) else (shape,))
    assert found.dtype == "float32"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", ["Zeros", "Ones", "Constant", "Identity", "GlorotUniform", "HeNormal", "RandomNormal"])
def test_dtypes(name, dtype):
    assert getattr(initializers, name)()((2, 2), dtype).dtype == dtype


def test_integers_and_truth_values():
    np.testing.assert_array_equal(initializers.Constant(3)((2,), "int32"), [3, 3])
    assert initializers.Ones()((2,), "bool").dtype == bool


def test_a_seeded_initializer_repeats_itself_and_a_generator_moves_on():
    fixed, moving = initializers.GlorotUniform(seed=1), initializers.GlorotUniform(seed=SeedGenerator(1))
    np.testing.assert_array_equal(fixed((3, 3)), fixed((3, 3)))
    assert not np.array_equal(moving((3, 3)), moving((3, 3)))
    twin = initializers.deserialize(initializers.serialize(moving))
    assert isinstance(twin.seed, SeedGenerator)
    np.testing.assert_array_equal(twin((3, 3)), fixed((3, 3)))


def test_an_unseeded_initializer_takes_pythons_generator():
    import random as python

    python.seed(3)
    one = initializers.GlorotUniform()((2, 2))
    python.seed(3)
    np.testing.assert_array_equal(initializers.GlorotUniform()((2, 2)), one)
    assert initializers.GlorotUniform().get_config()["seed"] is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: initializers.get("glorot_unifrom"), r"(?s)'glorot_unifrom' is not .* initializer.*glorot_uniform"),
        (lambda: initializers.get(3), "Cannot make sense of 3 as an initializer"),
        (lambda: initializers.VarianceScaling(distribution=2), "distribution must be one of .*'2'"),
        (lambda: initializers.VarianceScaling(scale="1"), "scale must be a finite number above 0.*scale='1'"),
        (lambda: initializers.Constant(None), "Constant: value must be a number or an array.*value=None"),
        (lambda: initializers.RandomNormal(stddev="1"), "RandomNormal: stddev must be a finite number.*'1'"),
        (lambda: initializers.VarianceScaling(scale=0), "scale must be a finite number above 0.*scale=0"),
        (lambda: initializers.VarianceScaling(scale=-1.0), "scale must be a finite number above 0.*scale=-1.0"),
        (lambda: initializers.VarianceScaling(mode="fan"), r"(?s)mode must be one of 'fan_in'.*did you mean"),
        (lambda: initializers.VarianceScaling(distribution="cauchy"), "distribution must be one of.*'cauchy'"),
        (lambda: initializers.GlorotUniform(seed=1.5), r"seed must be an integer or None\. Received: seed=1.5"),
        (lambda: initializers.STFT(side="left"), "side must be one of 'real', 'imag'"),
        (lambda: initializers.STFT(scaling="loud"), "scaling must be one of"),
        (lambda: initializers.STFT(window="hannn"), "(?i)unknown window|hannn"),
        (lambda: initializers.STFT()((4, 3)), r"\(frame_length, 1, frequencies\).*shape=\(4, 3\)"),
        (lambda: initializers.STFT(window=np.ones(3))((4, 1, 3)), r"window of shape \(3,\), but frames of 4"),
        (lambda: initializers.Identity()((2, 2, 2)), r"matrices only\. Received: shape=\(2, 2, 2\)"),
        (lambda: initializers.Orthogonal()((3,)), r"at least two axes\. Received: shape=\(3,\)"),
        (lambda: initializers.Constant([1.0, 2.0])((3,)), r"shape \(2,\), which does not broadcast to \(3,\)"),
        (lambda: initializers.Zeros()((2, None)), r"tuple of integers.*shape=\(2, None\)"),
        (lambda: initializers.GlorotUniform()((2, -1)), r"tuple of integers.*shape=\(2, -1\)"),
        (lambda: initializers.get(np.ones(2))((3,)), r"shape \(2,\) were given for a variable of shape \(3,\)"),
        (lambda: layers.Dense(2, kernel_initializer="he"), "'he' is not the name of an initializer"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_arrays_are_initializers():
    kernel = np.arange(6.0).reshape(2, 3)
    layer = layers.Dense(3, kernel_initializer=kernel)
    layer.build((None, 2))
    np.testing.assert_array_equal(layer.kernel, kernel)


def test_functions_are_initializers():
    def tens(shape, dtype=None):
        return 10 * jnp.ones(shape, dtype)

    layer = layers.Dense(3, kernel_initializer=tens, bias_initializer=initializers.Zeros)
    layer.build((None, 2))
    np.testing.assert_array_equal(layer.kernel, np.full((2, 3), 10))


@pytest.mark.parametrize("name", ["GlorotUniform", "HeNormal", "RandomNormal", "Orthogonal", "Zeros", "Constant"])
def test_no_shape_is_compiled_for(name):
    initializer = getattr(initializers, name)()
    initializer((3, 5))  # the draw's own program serves every size up to 256
    before = random._gaussian._cache_size()
    for rows in range(1, 40):
        initializer((rows, 6))
    assert random._gaussian._cache_size() == before


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 2, 4), (5, 5)])
def test_orthogonal_matrices_are_orthogonal(shape):
    q = np.reshape(initializers.Orthogonal(gain=2.0, seed=1)(shape), (-1, shape[-1]))
    q = q if q.shape[0] >= q.shape[1] else q.T
    np.testing.assert_allclose(q.T @ q, 4 * np.eye(q.shape[1]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "variance"), [("GlorotNormal", 2 / 700), ("HeUniform", 2 / 400), ("LecunNormal", 1 / 400)]
)
def test_variances(name, variance):
    weights = np.asarray(getattr(initializers, name)(seed=1)((400, 300)))
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert abs(weights.mean()) < 1e-3

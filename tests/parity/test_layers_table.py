"""A table of layers that compute, learn and describe themselves as Keras's do.

Tolerances: 1e-6 for outputs, what layers keep, and penalties; 1e-5 for gradients; 2e-2 in bfloat16.
"""

import json
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.layers import deserialize, serialize

keras = pytest.importorskip("keras")
# NumPy has things to say about Keras's variables; both warn of an old argument.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*rms_scaling:UserWarning"),
]

rng = np.random.default_rng(0)
VECTORS, SEQUENCES, IMAGES, VOLUMES = (
    rng.normal(size=shape).astype("float32") for shape in ((6, 4), (6, 4, 8), (3, 4, 6, 2), (2, 4, 3, 6, 2))
)
WORDS = np.arange(12, dtype="int32").reshape(4, 3)


class Row(NamedTuple):
    """A layer by name, its arguments, and a batch for it."""

    name: str
    inputs: np.ndarray
    arguments: dict[str, Any] = {}  # noqa: RUF012 - read only
    takes_training: bool = False
    keras_shape: bool = True  # whether Keras knows as much of the outputs' shape without data

    def pair(self, **more: Any) -> tuple[Any, Any]:
        """The layer in lamina and in Keras, with equal weights."""
        arguments = {"name": "same", **self.arguments, **more}
        mine = getattr(lamina.layers, self.name)(**arguments)
        theirs = getattr(keras.layers, self.name)(**arguments)
        theirs(jnp.asarray(self.inputs))
        mine(self.inputs)
        mine.set_weights(theirs.get_weights())
        return mine, theirs


def training(name: str, inputs: np.ndarray, **arguments: Any) -> Row:
    return Row(name, inputs, arguments, takes_training=True)


def still(name: str, inputs: np.ndarray, **arguments: Any) -> Row:
    return Row(name, inputs, arguments)


CLIPPED = {"rmax": 2.0, "rmin": 0.5, "dmax": 1.0}
ROWS = [
    training("BatchNormalization", VECTORS),
    training("BatchNormalization", SEQUENCES, momentum=0.5, epsilon=0.1, beta_initializer="ones"),
    training("BatchNormalization", IMAGES, axis=1, center=False, gamma_regularizer="l2"),
    training("BatchNormalization", IMAGES, axis=-2, scale=False, beta_constraint="non_neg"),
    training("BatchNormalization", VECTORS, renorm=True, renorm_clipping=CLIPPED, renorm_momentum=0.9),
    training("BatchNormalization", VECTORS, renorm=True, center=False, scale=False),
    training("BatchNormalization", VECTORS, trainable=False),
    still("LayerNormalization", SEQUENCES, gamma_initializer="random_normal"),
    still("LayerNormalization", SEQUENCES, axis=(2, 1), epsilon=0.1, beta_regularizer="l1"),
    still("LayerNormalization", IMAGES, axis=[1, 3], center=False),
    still("LayerNormalization", IMAGES, axis=1, scale=False),
    still("LayerNormalization", SEQUENCES, rms_scaling=True),
    still("GroupNormalization", SEQUENCES, groups=2),
    still("GroupNormalization", SEQUENCES, groups=-1, axis=1, gamma_initializer="random_normal"),
    still("GroupNormalization", IMAGES, groups=3, axis=-2, center=False),
    still("GroupNormalization", VECTORS, groups=1, scale=False),
    still("RMSNormalization", SEQUENCES),
    still("RMSNormalization", SEQUENCES, axis=[1, 2], epsilon=0.1),
    still("UnitNormalization", SEQUENCES),
    still("UnitNormalization", IMAGES, axis=1),
    training("AlphaDropout", SEQUENCES, rate=0.3, seed=3),
    training("AlphaDropout", SEQUENCES, rate=0.3, seed=3, noise_shape=(None, 1, 8)),
    training("Dropout", IMAGES, rate=0.3, seed=3),
    training("GaussianDropout", SEQUENCES, rate=0.3, seed=3),
    training("GaussianNoise", SEQUENCES, stddev=0.3, seed=3),
    training("SpatialDropout1D", SEQUENCES, rate=0.4, seed=3),
    training("SpatialDropout2D", IMAGES, rate=0.4, seed=3),
    training("SpatialDropout2D", IMAGES, rate=0.4, seed=3, data_format="channels_first"),
    training("SpatialDropout3D", VOLUMES, rate=0.4, seed=3),
    training("SpatialDropout3D", VOLUMES, rate=0.4, seed=3, data_format="channels_first"),
    still("ActivityRegularization", SEQUENCES, l1=0.1, l2=0.2),
    still("Permute", SEQUENCES, dims=(2, 1)),
    still("Permute", IMAGES, dims=[3, 1, 2]),
    still("RepeatVector", VECTORS, n=3),
    still("ZeroPadding1D", SEQUENCES, padding=2),
    still("ZeroPadding1D", SEQUENCES, padding=(1, 0)),
    still("ZeroPadding1D", SEQUENCES, padding=(1, 0), data_format="channels_first"),
    still("ZeroPadding2D", IMAGES),
    still("ZeroPadding2D", IMAGES, padding=(1, 2)),
    still("ZeroPadding2D", IMAGES, padding=((1, 2), (0, 3)), data_format="channels_first"),
    still("ZeroPadding3D", VOLUMES, padding=(1, 2, 0)),
    still("ZeroPadding3D", VOLUMES, padding=((1, 2), (0, 3), (1, 1)), data_format="channels_first"),
    still("Cropping1D", SEQUENCES),
    still("Cropping1D", SEQUENCES, cropping=(0, 2)),
    still("Cropping2D", IMAGES, cropping=(1, 2)),
    still("Cropping2D", IMAGES, cropping=((1, 0), (0, 1)), data_format="channels_first"),
    still("Cropping3D", VOLUMES),
    still("Cropping3D", VOLUMES, cropping=((1, 0), (0, 1), (2, 0))),
    still("UpSampling1D", SEQUENCES, size=3),
    still("UpSampling2D", IMAGES, size=2),
    *(
        still("UpSampling2D", IMAGES, size=(2, 3), interpolation=method, data_format=place)
        for method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
        for place in ("channels_last", "channels_first")
    ),
    still("UpSampling3D", VOLUMES, size=(1, 2, 3)),
    still("UpSampling3D", VOLUMES, size=2, data_format="channels_first"),
    still("Identity", SEQUENCES),
    still("Masking", SEQUENCES * (SEQUENCES > 0)),
    still("Masking", SEQUENCES, mask_value=1.5),
    still("Embedding", WORDS, input_dim=12, output_dim=3),
    still("Embedding", WORDS, input_dim=12, output_dim=3, mask_zero=True, embeddings_regularizer="l2"),
    still("Embedding", WORDS.astype("float32"), input_dim=20, output_dim=2, embeddings_initializer="ones"),
    Row("EinsumDense", SEQUENCES, {"equation": "abc,cd->abd", "output_shape": (None, 5)}, keras_shape=False),
    Row("EinsumDense", IMAGES, {"equation": "...x,xy->...y", "output_shape": 5, "bias_axes": "y"}, keras_shape=False),
    still("EinsumDense", SEQUENCES, equation="ab...,bc->ac...", output_shape=7, bias_axes="c", activation="tanh"),
    still("EinsumDense", SEQUENCES, equation="abc,cde->abde", output_shape=(4, 2, 3), bias_axes="de"),
    still("EinsumDense", SEQUENCES, equation="abc,cde->abde", output_shape=(4, 2, 3), bias_axes="d"),
]
IDS = [f"{row.name}-{i}" for i, row in enumerate(ROWS)]
each_row = pytest.mark.parametrize("row", ROWS, ids=IDS)
FIRST = list({row.name: row for row in reversed(ROWS)}.values())
each_class = pytest.mark.parametrize("row", FIRST, ids=lambda row: row.name)
learned = [row for row in ROWS if row.inputs.dtype == np.float32 and row.arguments.get("interpolation") != "lanczos3"]


def plain(config: Any) -> Any:
    """A config as files have it, without what lamina has no use for and Keras leaves at `None`."""
    if isinstance(config, dict):
        return {key: plain(value) for key, value in config.items() if value is not None}
    # Keras keeps some factors in 32 bits.
    return round(config, 6) if isinstance(config, float) else json.loads(json.dumps(config))


def close(mine: Any, theirs: Any, tolerance: float = 1e-6) -> None:
    assert mine.shape == tuple(theirs.shape)
    np.testing.assert_allclose(np.float64(mine), np.float64(theirs), rtol=tolerance, atol=tolerance)


@each_row
def test_outputs_weights_and_penalties(row):
    mine, theirs = row.pair()
    assert [(w.name, w.shape, w.dtype) for w in mine.weights] == [
        (w.name, tuple(w.shape), w.dtype) for w in theirs.weights
    ]
    for flag in (False, True, True, False):
        takes = {"training": flag} if row.takes_training else {}
        got, expected = mine(row.inputs, **takes), theirs(jnp.asarray(row.inputs), **takes)
        assert got.dtype == expected.dtype
        close(got, expected)
        for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
            close(a, b)
        np.testing.assert_allclose([float(v) for v in mine.losses], [float(v) for v in theirs.losses], rtol=1e-6)
    assert mine.supports_masking == theirs.supports_masking
    assert mine.count_params() == theirs.count_params()


@pytest.mark.parametrize("row", learned, ids=[f"{row.name}-{i}" for i, row in enumerate(learned)])
def test_gradients(row):
    mine, theirs = row.pair()
    takes = {"training": True} if row.takes_training else {}
    weights = [w.numpy() for w in mine.trainable_variables]
    target = np.random.default_rng(1).normal(size=np.shape(mine(row.inputs))).astype("float32")

    def loss(layer):
        rest = [jnp.asarray(v.value) for v in layer.non_trainable_variables]

        def of(trained, x):
            return jnp.sum((layer.stateless_call(trained, rest, x, **takes)[0] - target) ** 2)

        return jax.jit(jax.grad(of, argnums=(0, 1)))(weights, jnp.asarray(row.inputs))

    for a, b in zip(jax.tree.leaves(loss(mine)), jax.tree.leaves(loss(theirs)), strict=True):
        scale = max(1.0, float(np.abs(b).max()))
        close(np.asarray(a) / scale, np.asarray(b) / scale, 1e-5)


@each_row
def test_shapes_without_data(row):
    mine, theirs = row.pair()
    shape = (None, *row.inputs.shape[1:])
    expected = tuple(theirs.compute_output_shape(shape))
    if row.keras_shape:
        assert tuple(mine.compute_output_shape(shape)) == expected
        assert mine(lamina.Input(shape[1:])).shape == expected
    else:
        assert tuple(mine.compute_output_shape(shape)) == (None, *mine(row.inputs).shape[1:])


@each_row
def test_configs_travel_both_ways(row):
    mine = getattr(lamina.layers, row.name)(name="same", **row.arguments)
    theirs = getattr(keras.layers, row.name)(name="same", **row.arguments)
    for _ in ("fresh", "built"):
        assert plain(mine.get_config()) == plain(theirs.get_config())
        assert plain(type(mine).from_config(theirs.get_config()).get_config()) == plain(mine.get_config())
        assert plain(type(theirs).from_config(mine.get_config()).get_config()) == plain(theirs.get_config())
        for record in (serialize(mine), keras.saving.serialize_keras_object(theirs)):
            through = json.loads(json.dumps(record))
            assert type(deserialize(through)) is type(mine)
            assert type(keras.saving.deserialize_keras_object(through)) is type(theirs)
        mine(row.inputs)
        theirs(jnp.asarray(row.inputs))


@each_class
def test_mixed_precision(row):
    mine, theirs = row.pair(dtype="mixed_bfloat16")
    takes = {"training": True} if row.takes_training else {}
    got, expected = mine(row.inputs, **takes), theirs(jnp.asarray(row.inputs), **takes)
    assert got.dtype == expected.dtype
    assert [w.dtype for w in mine.weights] == [w.dtype for w in theirs.weights]
    close(np.float32(got), np.float32(expected), 2e-2)


@each_class
def test_float64(row):
    """Keras computes some of its layers in fewer bits even then, which the tolerance allows for."""
    with jax.enable_x64(True):
        mine, theirs = row.pair(dtype="float64")
        takes = {"training": True} if row.takes_training else {}
        inputs = row.inputs.astype("float64") if row.inputs.dtype == np.float32 else row.inputs
        got, expected = mine(inputs, **takes), theirs(jnp.asarray(inputs), **takes)
        assert got.dtype == np.float64
        close(got, expected)
        for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
            assert a.dtype == b.dtype
            close(a, b)

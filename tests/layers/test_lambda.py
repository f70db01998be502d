"""Functions as layers: what they are given, and how they are written and read."""

import json

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import ArgumentError, UnsafeFileError
from lamina.core.masking import mask_of

X = np.arange(6, dtype="float32").reshape(2, 3)


@lamina.utils.register_keras_serializable("lambdas")
def stretch(x, factor=2.0):
    return x * factor


@lamina.utils.register_keras_serializable("lambdas")
def same_shape(shape):
    return shape


def test_arguments_and_flags_are_handed_on():
    np.testing.assert_array_equal(layers.Lambda(stretch, arguments={"factor": 3.0})(X), X * 3)
    layer = layers.Lambda(lambda x, training: x + 1 if training else x)
    np.testing.assert_array_equal(layer(X, training=True), X + 1)
    np.testing.assert_array_equal(layer(X), X)
    masked = layers.Lambda(lambda x, mask: x * mask[..., None], mask=lambda inputs, mask: mask)
    np.testing.assert_array_equal(masked(X, mask=np.array([True, False]))[1], np.zeros(3))


def test_masks():
    step = np.ones((2, 3, 1), "float32")
    step[:, 2] = 0
    given = layers.Lambda(stretch, mask=lambda inputs, mask: mask)(layers.Masking()(step))
    assert mask_of(given).tolist() == [[True, True, False]] * 2
    assert layers.Lambda(stretch).supports_masking is False


def test_shapes():
    assert layers.Lambda(lambda x: x[:, :2])(lamina.Input((3,))).shape == (None, 2)
    assert layers.Lambda(lambda x: x, output_shape=(5, 2))(lamina.Input((3,))).shape == (None, 5, 2)
    assert layers.Lambda(lambda x: x, output_shape=same_shape).compute_output_shape((None, 3)) == (None, 3)
    both = layers.Lambda(lambda pair: pair[0] + pair[1])([lamina.Input((3,)), lamina.Input((3,))])
    assert both.shape == (None, 3)


def test_named_functions_can_be_saved():
    layer = layers.Lambda(stretch, output_shape=same_shape, arguments={"factor": 4.0}, name="four")
    record = json.loads(json.dumps(layers.serialize(layer)))
    again = layers.deserialize(record)
    assert again.get_config() == layer.get_config()
    np.testing.assert_array_equal(again(X), X * 4)


def test_code_is_written_but_never_run():
    power = 2
    layer = layers.Lambda(lambda x: x**power, name="square")
    config = layer.get_config()
    assert config["function"]["class_name"] == "__lambda__"
    assert config["function"]["config"]["closure"] == (2,)
    with pytest.raises(UnsafeFileError, match=r"'square': its function was written as the code .*(?s:.*)register"):
        layers.Lambda.from_config(config)


def test_a_lambda_that_holds_objects_cannot_be_described():
    model = lamina.Sequential([lamina.Input((3,)), layers.Dense(1)])
    with pytest.raises(ArgumentError, match="uses other objects than numbers and strings"):
        layers.Lambda(lambda x: model(x)).get_config()


def test_in_fit():
    model = lamina.Sequential([lamina.Input((3,)), layers.Lambda(lambda x: x / 5), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    losses = model.fit(X, X[:, :1], epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]

"""Sequential models and their configs travel between lamina and Keras."""

import json

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")

# Keras's own variables raise it when they are copied out.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

x = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def plain(framework):
    layers = framework.layers
    return framework.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(5, activation="relu", kernel_regularizer=framework.regularizers.L2(0.1), name="hidden"),
            layers.Dropout(0.3, name="dropout"),
            layers.Dense(2, activation="softmax", use_bias=False, name="head"),
        ],
        name="plain",
    )


def built_later(framework):
    model = framework.Sequential([framework.layers.Reshape((2, 2)), framework.layers.Flatten()], name="later")
    model.build((None, 4))
    return model


def unbuilt(framework):
    return framework.Sequential([framework.layers.Dense(3, kernel_initializer="he_normal")], name="unbuilt")


def nested(framework):
    layers = framework.layers
    return framework.Sequential([layers.Input((4,)), plain(framework), layers.Rescaling(0.5, offset=1.0)], name="outer")


def frozen(framework):
    model = plain(framework)
    model.trainable = False
    return model


MODELS = [plain, built_later, unbuilt, nested, frozen]


def through_json(config):
    return json.loads(json.dumps(config))


BOTH_WAYS = [
    pytest.param(make, source, target, id=f"{make.__name__}-{source.__name__}-{target.__name__}")
    for make in MODELS
    for source, target in ((lamina, keras), (keras, lamina))
]


@pytest.mark.parametrize(("make", "source", "target"), BOTH_WAYS)
def test_configs_travel_both_ways(make, source, target):
    model = make(source)
    again = target.Sequential.from_config(through_json(model.get_config()))
    assert again.name == model.name
    assert again.built == model.built
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert [layer.trainable for layer in again.layers] == [layer.trainable for layer in model.layers]
    assert [tuple(w.shape) for w in again.weights] == [tuple(w.shape) for w in model.weights]
    if model.built:
        assert again.output_shape == model.output_shape
        again.set_weights(model.get_weights())
        np.testing.assert_allclose(np.asarray(again(x)), np.asarray(model(x)), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("make", [plain, built_later, unbuilt, frozen])
def test_shapes_and_counts_are_those_of_keras(make):
    ours, theirs = make(lamina), make(keras)
    for model in (ours, theirs):
        if not model.built:
            model(x)
    assert ours.input_shape == theirs.input_shape
    assert ours.output_shape == theirs.output_shape
    assert ours.count_params() == theirs.count_params()
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]


@pytest.mark.parametrize("make", [plain, built_later, unbuilt, frozen])
def test_the_keys_of_a_config_are_those_of_keras(make):
    ours, theirs = through_json(make(lamina).get_config()), through_json(make(keras).get_config())
    assert set(ours) == set(theirs)
    for one, other in zip(ours["layers"], theirs["layers"], strict=True):
        assert one["class_name"] == other["class_name"]
        assert one["module"] == other["module"]
        assert set(other["config"]) - set(one["config"]) <= {"seed", "quantization_config"}

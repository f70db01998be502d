"""Graphs as configs, and back."""

import json

import numpy as np
import pytest

import lamina
from lamina import layers, ops
from lamina.core.errors import ArgumentError, LoadError, UnknownNameError

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def model_with(function):
    inputs = lamina.Input((4,), name="given")
    return lamina.Model(inputs, function(inputs), name="model")


def same_again(model, x=X, **objects):
    again = lamina.models.model_from_json(model.to_json(), custom_objects=objects)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again(x), model(x), rtol=1e-6)
    assert again.to_json() == model.to_json()
    return again


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 1 - x,
        lambda x: 2.0 / (1.0 + x**2),
        lambda x: x[:, 1:3] @ np.ones((2, 2), "float32"),
        lambda x: x[..., None][:, ::2, 0],
        lambda x: x.reshape(-1, 2, 2).reshape((-1, 4)),
        lambda x: x.astype("float16"),
        lambda x: ops.where(x > 0, x, np.arange(4, dtype="float32")),
        lambda x: ops.concatenate([x, layers.Dense(2, name="d")(x)], axis=-1),
        lambda x: ops.softmax(x, axis=0),
        lambda x: ops.mean(x, 1, keepdims=True),
    ],
)
def test_functions_come_back(function):
    same_again(model_with(function))


def test_a_function_that_is_not_of_ops_is_named():
    from lamina.core.operation import operation

    def halve(x):
        return x / 2

    with pytest.raises(ArgumentError, match=r"(?s)holds the function 'halve', which is none of lamina.ops.*layer"):
        model_with(operation(halve)).to_json()


def test_numbers_of_calls_count_those_of_the_model_alone():
    shared = layers.Dense(4, name="shared")
    shared(lamina.Input((4,), name="elsewhere"))
    model = model_with(lambda x: shared(shared(x)))
    record = model.get_config()["layers"][1]
    histories = [node["args"][0]["config"]["keras_history"] for node in record["inbound_nodes"]]
    assert histories == [["given", 0, 0], ["shared", 0, 0]]
    assert model.get_config()["output_layers"] == ["shared", 1, 0]


def test_a_subclass_that_takes_inputs_and_outputs_keeps_the_graph():
    class Tagged(lamina.Model):
        def __init__(self, inputs, outputs, tag="none", **kwargs):
            super().__init__(inputs, outputs, **kwargs)
            self.tag = tag

    inputs = lamina.Input((4,))
    model = Tagged(inputs, layers.Dense(1)(inputs), tag="red", name="tagged")
    again = same_again(model, Tagged=Tagged)
    assert (type(again), again.tag, again.name) == (Tagged, "red", "tagged")


@pytest.mark.parametrize("rest", [True, False])
def test_a_subclass_with_arguments_of_its_own_keeps_these(rest):
    class Named(lamina.Model):
        def __init__(self, units, **kwargs):
            inputs = lamina.Input((4,), name="given")
            super().__init__(inputs, layers.Dense(units, name="head")(inputs), **kwargs)
            self.units = units

    class Bare(lamina.Model):
        def __init__(self, units):
            super().__init__()
            self.units = units
            self.head = layers.Dense(units)

        def call(self, x):
            return self.head(x)

    model = Named(3, name="mine") if rest else Bare(3)
    model(X)
    again = same_again(model, Named=Named, Bare=Bare)
    assert (again.units, again.name) == (3, model.name)


def test_an_unknown_class_is_named():
    class Strange(layers.Layer):
        def call(self, x):
            return x

    with pytest.raises(UnknownNameError, match=r"(?s)names 'Strange'.*custom_objects"):
        lamina.models.model_from_json(model_with(Strange()).to_json())


def test_configs_that_make_no_graph():
    config = model_with(layers.Dense(2, name="head")).get_config()
    history = config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"]
    config["output_layers"] = ["haed", 0, 0]
    with pytest.raises(UnknownNameError, match=r"(?s)names a layer 'haed' that it does not hold.*head"):
        lamina.Model.from_config(config)
    config["output_layers"] = ["head", 0, 0]
    history[:] = ["head", 0, 0]
    with pytest.raises(UnknownNameError, match="cannot be drawn: the layers 'head' wait for calls of each other"):
        lamina.Model.from_config(config)


def test_a_function_that_lamina_lacks_is_named():
    text = model_with(ops.relu).to_json().replace("Relu", "Rolu")
    with pytest.raises(LoadError, match=r"the function 'Rolu' of keras.src.ops.nn, which lamina.ops lacks"):
        lamina.models.model_from_json(text)


def test_stacks_that_keras_1_recorded_as_lists():
    layer = {"class_name": "Dense", "config": {"name": "head", "units": 2, "batch_input_shape": [None, 4]}}
    model = lamina.models.model_from_json(json.dumps({"class_name": "Sequential", "config": [layer]}))
    assert model.output_shape == (None, 2)


def test_keras_2_records_calls_as_lists():
    layer = {"class_name": "Dense", "config": {"name": "head", "units": 2, "activation": "relu"}, "name": "head"}
    start = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "given"},
    }
    add = {"class_name": "Add", "config": {"name": "sum"}, "name": "sum"}
    config = {
        "name": "old",
        "layers": [
            {**start, "name": "given", "inbound_nodes": []},
            {**layer, "inbound_nodes": [[["given", 0, 0, {}]]]},
            {**add, "inbound_nodes": [[["head", 0, 0, {}], ["head", 0, 0, {}]]]},
        ],
        "input_layers": [["given", 0, 0]],
        "output_layers": [["sum", 0, 0]],
    }
    model = lamina.models.model_from_json(json.dumps({"class_name": "Functional", "config": config}))
    np.testing.assert_allclose(model(X), 2 * model.get_layer("head")(X), rtol=1e-6)


def test_compiling_comes_back():
    model = model_with(layers.Dense(2, name="head"))
    assert model.get_compile_config() == {}
    model.compile(lamina.optimizers.SGD(0.5), "mae", metrics=["mse"], loss_weights=[2.0])
    again = lamina.models.model_from_json(model.to_json())
    assert again.compiled
    assert float(again.optimizer.learning_rate) == 0.5
    assert again.get_compile_config() == model.get_compile_config()
    again.set_weights(model.get_weights())
    assert again.evaluate(X, X[:, :2], verbose=0) == model.evaluate(X, X[:, :2], verbose=0)


def test_a_compile_of_ones_own_is_left_to_its_owner():
    class Own(lamina.Model):
        def compile(self, optimizer):
            super().compile(optimizer, "mse")

    inputs = lamina.Input((4,))
    model = Own(inputs, layers.Dense(1)(inputs))
    model.compile("sgd")
    with pytest.warns(UserWarning, match=r"Own has a compile\(\) of its own"):
        again = lamina.models.model_from_json(model.to_json(), {"Own": Own})
    assert not again.compiled

"""Where data enter a model."""

import numpy as np
import pytest

from lamina import Input, KerasTensor, Model, Sequential, layers
from lamina.core.errors import ArgumentError
from lamina.layers import InputLayer


def test_shapes_can_be_given_in_every_way():
    assert InputLayer(shape=(3,)).batch_shape == (None, 3)
    assert InputLayer(shape=3).batch_shape == (None, 3)
    assert InputLayer(shape=(3,), batch_size=5).batch_shape == (5, 3)
    assert InputLayer(batch_shape=(5, 3)).batch_shape == (5, 3)
    assert InputLayer(input_shape=(3,)).batch_shape == (None, 3)
    assert InputLayer(batch_input_shape=(5, 3)).batch_shape == (5, 3)
    assert Input((None, 2), dtype="uint8", name="x").dtype == "uint8"
    assert InputLayer.from_config(InputLayer(shape=(3,), name="x").get_config()).batch_shape == (None, 3)


@pytest.mark.parametrize("first", [{"input_shape": (3,)}, {"input_dim": 3}, {"input_shape": [3]}])
def test_a_first_layer_may_bring_the_shape(first):
    model = Sequential([layers.Dense(2, **first)])
    assert model.built
    assert model.input_shape == (None, 3)


def test_shapes_that_are_none_are_refused():
    with pytest.raises(ArgumentError, match=r"(?s)An input needs a shape.*Input\(shape=\(8,\)\)"):
        Input()
    with pytest.raises(ArgumentError, match="positive integers and None"):
        Input((3.5,))
    with pytest.raises(ArgumentError, match="positive integers and None"):
        Input((-1,))
    with pytest.raises(ArgumentError, match="not both"):
        InputLayer(shape=(3,), batch_shape=(None, 3))
    with pytest.raises(ArgumentError, match="not both"):
        Input(batch_shape=(2, 3), batch_size=2)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"shape": (3,), "ragged": True}, "no ragged shapes"),
        ({"shape": (3,), "dtype": "flaot32"}, "(?s)'flaot32' is no dtype.*float32"),
        ({"shape": (3,), "name": "a/b"}, "without a slash.*name='a/b'"),
        ({"shape": (3,), "name": 5}, "is a string.*name=5"),
        ({"tensor": 3}, "is a symbolic tensor. Received: 3"),
        ({"tensor": KerasTensor((None, 3)), "shape": (4,)}, r"has shape=\(3,\). Received: shape=\(4,\)"),
        ({"tensor": KerasTensor((None, 3)), "dtype": "int32"}, "has dtype='float32'. Received: dtype='int32'"),
    ],
)
def test_other_arguments_that_are_refused(given, says):
    with pytest.raises(ArgumentError, match=says):
        Input(**given)


def test_a_tensor_becomes_an_input():
    tensor = KerasTensor((None, 3), "int32")
    inputs = Input(tensor=tensor, shape=[3], name="given")
    assert inputs is tensor
    model = Model(inputs, layers.Dense(2)(tensor))
    assert (model.input_names, model.inputs[0].dtype) == (["given"], "int32")


def test_a_tensor_that_a_layer_computed_stays_what_it_is():
    hidden = layers.Dense(2, name="hidden")(Input((3,)))
    inputs = Input(tensor=hidden)
    assert inputs is not hidden
    assert inputs.shape == (None, 2)
    assert hidden.node.operation.name == "hidden"


@pytest.mark.parametrize(("dtype", "name"), [(np.float16, "float16"), (None, "float32"), (int, "int32")])
def test_dtypes(dtype, name):
    assert Input((), dtype=dtype).dtype == name


def test_it_comes_back():
    layer = InputLayer((None, 2), batch_size=4, dtype="int32", optional=True, sparse=False, name="given")
    assert InputLayer.from_config(layer.get_config()).get_config() == layer.get_config()

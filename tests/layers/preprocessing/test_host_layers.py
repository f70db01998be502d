"""What all layers have in common that prepare data on the host."""

import copy
import json
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import lamina
from lamina import layers
from lamina.layers.preprocessing.host_layer import as_texts

WORDS = np.array([["cat", "dog"], ["cow", "cat"]])
LAYERS = {
    "StringLookup": (lambda: layers.StringLookup(vocabulary=["cat", "dog"]), WORDS),
    "IntegerLookup": (lambda: layers.IntegerLookup(vocabulary=[3, 5]), np.array([[3], [5]])),
    "Hashing": (lambda: layers.Hashing(5), WORDS),
    "HashedCrossing": (lambda: layers.HashedCrossing(5), (WORDS[:, 0], np.array([1, 2]))),
    "TextVectorization": (lambda: layers.TextVectorization(vocabulary=["cat", "dog"]), WORDS[:, 0]),
}
each = pytest.mark.parametrize(("make", "inputs"), LAYERS.values(), ids=LAYERS)


@each
def test_numbers_come_out_as_arrays_of_jax_whatever_training_is(make, inputs):
    layer = make()
    outputs = layer(inputs)
    assert isinstance(outputs, jax.Array)
    assert outputs.dtype == jnp.int32
    np.testing.assert_array_equal(layer(inputs, training=True), outputs)
    assert layer.built
    assert layer.weights == []
    assert layer.count_params() == 0


@each
def test_a_model_cannot_have_them(make, inputs):
    with pytest.raises(ValueError, match=r"(?s)prepares data on the host.*hint: apply it to the data first"):
        lamina.Sequential([lamina.Input((2,), dtype="int32"), make()])
    with pytest.raises(ValueError, match="prepares data on the host"):
        make()(lamina.Input((1,), dtype="int32"))
    with pytest.raises(ValueError, match="prepares data on the host"):
        jax.jit(lambda x: make()(x))(jnp.ones((2, 1), "int32"))


@each
def test_copies_and_configs_make_equal_layers(make, inputs):
    layer = make()
    outputs = layer(inputs)
    record = json.loads(json.dumps(layers.serialize(layer)))
    twins = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), layers.deserialize(record)]
    for twin in [*twins, type(layer).from_config(layer.get_config())]:
        np.testing.assert_array_equal(twin(inputs), outputs)
        assert twin.name == layer.name


@each
def test_a_name_can_be_given_and_a_misspelt_argument_gets_a_suggestion(make, inputs):
    layer = make()
    config = {**layer.get_config(), "name": "mine"}
    assert type(layer).from_config(config).name == "mine"
    with pytest.raises(TypeError, match=r"(?s)no argument 'output_mod'.*did you mean output_mode"):
        type(layer).from_config({**config, "output_mod": "int"})


@each
def test_outputs_are_not_sparse(make, inputs):
    config = {**make().get_config(), "sparse": True}
    with pytest.raises(ValueError, match=r"(?s)sparse=True is not supported.*dense"):
        type(make()).from_config(config)


def test_data_may_be_of_any_kind_of_text():
    expected = [["a"], ["é"]]
    frame = pd.DataFrame({"x": ["a", "é"]})
    for values in (expected, np.array(expected), np.array(expected, object), frame, [[b"a"], ["é".encode()]]):
        assert as_texts(values, "inputs").tolist() == expected
    assert as_texts("a", "inputs").shape == ()
    assert as_texts(pd.Series(["a", "b"]), "inputs").tolist() == ["a", "b"]
    assert as_texts([], "inputs").shape == (0,)
    assert as_texts([["\xe9".encode("latin-1")]], "inputs", "latin-1").tolist() == [["é"]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 2], r"(?s)takes text, but got an array of dtype int64.*astype\(str\)"),
        (["a", None], "got None of type NoneType"),
        ([["a"], ["b", "c"]], "(?s)rows that differ in length.*pad them"),
        ([b"\xff"], "no text in utf-8"),
    ],
)
def test_what_is_no_text_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        layers.StringLookup(vocabulary=["a"])(values)

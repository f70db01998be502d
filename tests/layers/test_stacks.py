"""Random stacks of layers: a compiled program gives what eager calls give, and configs come back."""

import json
from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina import Sequential, layers
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object

# Layers draw their seeds when they are made, which is for the test to do.
LAYERS = st.one_of(
    st.builds(partial, st.just(layers.Dense), st.integers(1, 5), st.sampled_from(["relu", "tanh"])),
    st.builds(partial, st.just(layers.Dropout), st.sampled_from([0.0, 0.4]), seed=st.just(1)),
    st.builds(partial, st.just(layers.Activation), st.sampled_from(["softmax", "gelu"])),
    st.builds(partial, st.just(layers.Rescaling), st.floats(-2, 2, width=32), offset=st.just(1.0)),
    st.builds(partial, st.sampled_from([layers.Flatten, layers.Normalization])),
    st.just(partial(layers.Reshape, (-1, 1))),
)


@settings(deadline=None, max_examples=15)
@given(st.lists(LAYERS, min_size=1, max_size=4), st.integers(1, 5), st.booleans())
def test_compiled_equals_eager(stack, rows, training):
    x = np.random.default_rng(rows).normal(size=(rows, 3)).astype("float32")
    model = Sequential([make() for make in stack])
    model.build((None, 3))
    states = [v.numpy() for v in model.variables]
    expected = x
    for layer in model.layers:
        expected = layer(expected, training=training)
    for variable, state in zip(model.variables, states, strict=True):
        variable.assign(state)
    np.testing.assert_allclose(model(x, training=training), expected, rtol=1e-5, atol=1e-5)
    assert model.output_shape == (None, *expected.shape[1:])


@settings(deadline=None, max_examples=15)
@given(st.lists(LAYERS, min_size=1, max_size=4))
def test_configs_come_back(stack):
    model = Sequential([make() for make in stack])
    model.build((None, 3))
    record = json.loads(json.dumps(serialize_keras_object(model)))
    twin = deserialize_keras_object(record)
    assert json.loads(json.dumps(serialize_keras_object(twin))) == record
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]

"""The registry: configs name what is known, and never code."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamina
from lamina import layers, utils
from lamina.core.errors import ArgumentError, ArgumentTypeError, UnknownNameError
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_come_back(value):
    assert deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(value)))) == value


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 9),
    st.sampled_from(["relu", "softmax", None]),
    st.sampled_from(["he_normal", "zeros"]),
    st.none() | st.floats(0.0, 1.0),
    st.booleans(),
)
def test_configs_come_back(units, activation, initializer, factor, bias):
    regularizer = None if factor is None else lamina.regularizers.L2(factor)
    layer = layers.Dense(
        units, activation, bias, kernel_initializer=initializer, kernel_regularizer=regularizer, name="d"
    )
    record = json.loads(json.dumps(serialize_keras_object(layer)))
    assert serialize_keras_object(deserialize_keras_object(record)) == record


@pytest.mark.parametrize("array", [np.arange(3), np.ones((2, 2), "float32"), jnp.ones(2)])
def test_arrays_come_back(array):
    twin = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(array))))
    assert twin.dtype == array.dtype
    np.testing.assert_array_equal(twin, array)


def test_tuples_and_scalars_are_plain():
    assert serialize_keras_object((1, (2, None))) == (1, (2, None))
    assert serialize_keras_object(np.float32(0.5)) == 0.5
    assert serialize_keras_object(np.array(3)) == 3
    assert deserialize_keras_object((1, [2])) == (1, [2])


@pytest.mark.parametrize(
    "config",
    [
        {"module": "os", "class_name": "system", "config": {"command": "true"}, "registered_name": "system"},
        {"module": "subprocess", "class_name": "Popen", "config": {"args": "true"}, "registered_name": None},
        {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "eval"},
        {"module": "keras.layers", "class_name": "Dens", "config": {}, "registered_name": None},
        {"class_name": "__lambda__", "config": {"value": "abc"}},
    ],
)
def test_a_config_cannot_name_code(config):
    with pytest.raises(UnknownNameError, match=r"(?s)which lamina does not know.*register_keras_serializable"):
        deserialize_keras_object(config, safe_mode=False)


class Mine(layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor


def test_custom_classes_need_a_scope_or_registration():
    record = json.loads(json.dumps(serialize_keras_object(Mine(2.0, name="m"))))
    with pytest.raises(UnknownNameError, match="'Mine'"):
        deserialize_keras_object(record)
    assert deserialize_keras_object(record, custom_objects={"Mine": Mine}).factor == 2.0
    with utils.custom_object_scope({"Mine": Mine}):
        assert deserialize_keras_object(record).factor == 2.0
    with pytest.raises(UnknownNameError):
        deserialize_keras_object(record)
    with pytest.raises(ArgumentTypeError, match=r"(?s)custom_objects must be a dict.*\{'MyLayer': MyLayer\}"):
        deserialize_keras_object(record, custom_objects=[Mine])


def test_registering_twice_takes_the_later():
    registry = utils.get_custom_objects()
    before = dict(registry)
    try:
        first = utils.register_keras_serializable("tests", "Same")(type("One", (Mine,), {}))
        assert utils.get_registered_name(first) == "tests>Same"
        second = utils.register_keras_serializable("tests", "Same")(type("Two", (Mine,), {}))
        assert utils.get_registered_object("tests>Same") is second
        record = serialize_keras_object(second(3.0))
        assert record["registered_name"] == "tests>Same"
        assert type(deserialize_keras_object(record)) is second
    finally:
        registry.clear()
        registry.update(before)


def test_what_has_no_config_is_refused():
    with pytest.raises(ArgumentError, match="has no get_config"):
        utils.register_keras_serializable()(type("Bare", (), {}))
    with pytest.raises(ArgumentError, match=r"(?s)Cannot describe.*give it a name"):
        serialize_keras_object(lambda x: x)


@pytest.mark.parametrize(
    ("get", "name", "meant"),
    [
        (lamina.activations.get, "rleu", "relu"),
        (lamina.initializers.get, "glorot_unifrom", "glorot_uniform"),
        (lamina.regularizers.get, "l1l3", "l1l2"),
        (lamina.constraints.get, "maxnrom", "maxnorm"),
    ],
)
def test_misspelt_names_get_suggestions(get, name, meant):
    with pytest.raises(UnknownNameError, match=rf"(?si){name}.*did you mean .*{meant}"):
        get(name)
    with pytest.raises(ArgumentError, match="Cannot make sense of 3"):
        get(3)

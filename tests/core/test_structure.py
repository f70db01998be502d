"""Structure keys: equal for equal structures, different for different ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lamina
from lamina import layers
from lamina.core.structure import structure_key

LAYERS = st.one_of(
    st.builds(
        lambda units, activation, bias: ("Dense", {"units": units, "activation": activation, "use_bias": bias}),
        st.integers(1, 4),
        st.sampled_from(["relu", "tanh"]),
        st.booleans(),
    ),
    st.builds(lambda shape: ("Reshape", {"target_shape": shape}), st.sampled_from([(2, 3), (3, 2), (6,), (-1,)])),
    st.builds(
        lambda format: ("Flatten", {"data_format": format}), st.sampled_from(["channels_first", "channels_last"])
    ),
    st.builds(lambda scale: ("Rescaling", {"scale": scale}), st.sampled_from([0.5, 2.0])),
    st.builds(lambda axis: ("Normalization", {"axis": axis}), st.sampled_from([-1, None, (1, 2)])),
)
STACKS = st.lists(LAYERS, max_size=3)


def key(stack):
    return structure_key(lamina.Sequential([getattr(layers, name)(**arguments) for name, arguments in stack]))


@settings(deadline=None, max_examples=60)
@given(STACKS, STACKS)
def test_keys_are_equal_when_and_only_when_structures_are(one, two):
    assert (key(one) == key(two)) == (one == two)
    assert hash(key(one)) == hash(key(one))


def test_names_seeds_first_values_and_hyperparameters_are_no_structure():
    one = layers.Dense(3, kernel_initializer="zeros", name="a", kernel_regularizer=lamina.regularizers.L2(0.1))
    two = layers.Dense(3, kernel_initializer="ones", name="b", kernel_regularizer=lamina.regularizers.L2(0.2))
    assert structure_key(one) == structure_key(two)
    assert structure_key(layers.Dropout(0.2, seed=1)) == structure_key(layers.Dropout(0.3, seed=2))


def test_switching_something_off_is_structure():
    assert structure_key(layers.Dropout(0.2)) != structure_key(layers.Dropout(0.0))
    on, off = lamina.regularizers.L2(0.1), lamina.regularizers.L2(0.0)
    assert structure_key(layers.Dense(3, kernel_regularizer=on)) != structure_key(
        layers.Dense(3, kernel_regularizer=off)
    )
    frozen = layers.Dense(3, trainable=False)
    assert structure_key(layers.Dense(3)) != structure_key(frozen)
    assert structure_key(layers.Dense(3)) != structure_key(layers.Dense(3, dtype="mixed_bfloat16"))


def test_large_arrays_differ_in_any_entry():
    one = np.zeros(5000)
    two = one.copy()
    assert structure_key(layers.Rescaling(one)) == structure_key(layers.Rescaling(two))
    two[2500] = 1
    assert structure_key(layers.Rescaling(one)) != structure_key(layers.Rescaling(two))
    mean = layers.Normalization(mean=one, variance=one + 1)
    assert structure_key(mean) != structure_key(layers.Normalization(mean=two, variance=one + 1))


def test_custom_objects_key_by_identity():
    class Mine(layers.Layer):
        def call(self, x):
            return x

    one = Mine()
    assert structure_key(one) == structure_key(one)
    assert structure_key(one) != structure_key(Mine())
    assert structure_key(lambda x: x) != structure_key(lambda x: x)
    assert structure_key({1, 2}) != structure_key({1, 2})

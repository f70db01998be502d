"""Every registered layer keeps the contract of layers."""

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.serialization import builtin_names
from tests.layers.contract import CHECKS, Case, check_layer


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


INDICES = np.array([[0, 2], [1, 1], [2, 0], [1, 0]])
# An input layer is called on nothing, and these on lists: tests/layers/test_input_layer.py and test_merging.py.
NOT_CALLED = {"InputLayer"}
CALLED_ON_LISTS = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}
# They prepare data on the host: tests/layers/preprocessing.
ON_THE_HOST = {"HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"}
CASES = {
    "Activation": [
        Case(layers.Activation("softmax"), normal(4, 3)),
        Case(layers.Activation("relu", activity_regularizer="l2"), normal(4, 3)),
    ],
    "CategoryEncoding": [
        Case(layers.CategoryEncoding(3), INDICES, integers=True),
        Case(layers.CategoryEncoding(3, output_mode="one_hot"), INDICES, integers=True),
        Case(layers.CategoryEncoding(3, output_mode="count"), INDICES, integers=True),
    ],
    "Dense": [
        Case(layers.Dense(3, "tanh"), normal(5, 4)),
        Case(layers.Dense(2, use_bias=False, kernel_regularizer="l1", kernel_constraint="max_norm"), normal(4, 3, 2)),
        Case(layers.Dense(2, bias_initializer="ones", activity_regularizer=lamina.regularizers.L2(0.1)), normal(4, 3)),
    ],
    "Discretization": [
        Case(layers.Discretization([-0.5, 0.0, 0.5]), normal(4, 3), integers=True),
        Case(layers.Discretization([0.0, 0.5], output_mode="one_hot"), normal(4, 3), integers=True),
        Case(layers.Discretization([0.0, 0.5], output_mode="count"), normal(4, 3), integers=True),
    ],
    "Dropout": [
        Case(layers.Dropout(0.4, seed=1), normal(6, 5)),
        Case(layers.Dropout(0.4, noise_shape=(None, 1), seed=1), normal(6, 5)),
        Case(layers.Dropout(0.0), normal(6, 5)),
        Case(layers.Dropout(1.0, seed=2), normal(6, 5)),
    ],
    "Flatten": [
        Case(layers.Flatten(), normal(4, 2, 3)),
        Case(layers.Flatten(), normal(4)),
        Case(layers.Flatten("channels_first"), normal(4, 2, 3)),
    ],
    "Normalization": [
        Case(layers.Normalization(), normal(4, 3)),
        Case(layers.Normalization(mean=[1.0, 2.0], variance=[4.0, 9.0], invert=True), normal(4, 2)),
        Case(layers.Normalization(axis=None), normal(4, 2)),
        Case(layers.Normalization(axis=(1, 2)), normal(4, 2, 3)),
        Case(layers.Normalization(axis=1), normal(4, 2, 3)),
    ],
    "Rescaling": [
        Case(layers.Rescaling(0.5, offset=1.0), normal(4, 3)),
        Case(layers.Rescaling([1.0, 2.0, 3.0], offset=np.array([1.0, 0.0, 2.0])), normal(4, 3)),
    ],
    "Reshape": [
        Case(layers.Reshape((3, 2)), normal(4, 6)),
        Case(layers.Reshape((-1,)), normal(4, 2, 3)),
    ],
}
ALL = [(f"{name}-{i}", case) for name, cases in CASES.items() for i, case in enumerate(cases)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", [case for _, case in ALL], ids=[name for name, _ in ALL])
def test_layer(case, check):
    check(case)


def test_every_layer_is_checked():
    assert set(builtin_names("layers")) == CASES.keys() | NOT_CALLED | CALLED_ON_LISTS | ON_THE_HOST


class ForgetsItsArgument(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return self.factor * x

    def get_config(self):
        return {**super().get_config(), "factor": 1.0}


class LooksAtOtherRows(layers.Layer):
    row_independent = True

    @property
    def is_row_independent(self):
        return True

    def call(self, x):
        return x - jnp.mean(x, 0)


class TellsTheWrongShape(layers.Layer):
    def call(self, x):
        return x[:, :1]

    def compute_output_shape(self, input_shape):
        return input_shape


@pytest.mark.parametrize("layer", [LooksAtOtherRows(), TellsTheWrongShape()], ids=lambda layer: layer.name)
def test_the_check_finds_a_layer_that_lies(layer):
    with lamina.utils.custom_object_scope({type(layer).__name__: type(layer)}), pytest.raises(AssertionError):
        check_layer(layer, input_shape=(4, 3))


def test_an_honest_layer_of_a_users_own_passes():
    class Scale(layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

        def call(self, x):
            return x * self.factor

    with lamina.utils.custom_object_scope({"Scale": Scale}):
        checks_without_pickle(Scale())


def checks_without_pickle(layer):
    """A class inside of a function cannot be pickled, whoever made it."""
    for check in CHECKS:
        if check.__name__ != "copies_are_equal_and_apart":
            check(Case(layer, normal(4, 3)))

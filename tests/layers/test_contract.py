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


@lamina.utils.register_keras_serializable("contract")
def twice(x):
    return 2 * x


@lamina.utils.register_keras_serializable("contract")
def scaled(x, factor):
    return factor * x


# An input layer is called on nothing, a wrapper is a base class, and these are called on lists:
# tests/layers/test_input_layer.py and test_merging.py.
NOT_CALLED = {"InputLayer", "Wrapper"}
CALLED_ON_LISTS = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"}
# They prepare data on the host: tests/layers/preprocessing.
# Activations have a table of their own: tests/layers/test_activation.py.
ACTIVATIONS = {"ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"}
ON_THE_HOST = {"HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"}
CASES = {
    "ActivityRegularization": [Case(layers.ActivityRegularization(0.1, 0.2), normal(4, 3))],
    "AlphaDropout": [
        Case(layers.AlphaDropout(0.4, seed=1), normal(6, 5)),
        Case(layers.AlphaDropout(0.4, noise_shape=(None, 1), seed=1), normal(6, 5)),
        Case(layers.AlphaDropout(1.0, seed=1), normal(6, 5)),
    ],
    "BatchNormalization": [
        Case(layers.BatchNormalization(), normal(5, 3)),
        Case(layers.BatchNormalization(axis=1, momentum=0.5, center=False), normal(4, 3, 2)),
        Case(layers.BatchNormalization(scale=False, gamma_regularizer="l2", beta_constraint="non_neg"), normal(4, 3)),
        Case(layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1.5}), normal(4, 3)),
    ],
    "Activation": [
        Case(layers.Activation("softmax"), normal(4, 3)),
        Case(layers.Activation("relu", activity_regularizer="l2"), normal(4, 3)),
    ],
    "CategoryEncoding": [
        Case(layers.CategoryEncoding(3), INDICES, integers=True),
        Case(layers.CategoryEncoding(3, output_mode="one_hot"), INDICES, integers=True),
        Case(layers.CategoryEncoding(3, output_mode="count"), INDICES, integers=True),
    ],
    "Cropping1D": [Case(layers.Cropping1D((1, 0)), normal(4, 5, 2))],
    "Cropping2D": [Case(layers.Cropping2D(((0, 1), (2, 0)), "channels_first"), normal(4, 2, 3, 5))],
    "Cropping3D": [Case(layers.Cropping3D(), normal(4, 3, 4, 3, 2))],
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
    "EinsumDense": [
        Case(layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d", activation="tanh"), normal(4, 3, 2)),
        Case(layers.EinsumDense("...x,xy->...y", 5, kernel_regularizer="l2"), normal(4, 3, 2)),
        Case(layers.EinsumDense("abc...,bcd->ad...", 5, bias_axes="d"), normal(4, 2, 3, 5)),
    ],
    "Embedding": [
        Case(layers.Embedding(10, 3), np.arange(8, dtype="int32").reshape(4, 2), integers=True),
        Case(layers.Embedding(10, 3, mask_zero=True), np.arange(4, dtype="uint8"), integers=True),
    ],
    "Flatten": [
        Case(layers.Flatten(), normal(4, 2, 3)),
        Case(layers.Flatten(), normal(4)),
        Case(layers.Flatten("channels_first"), normal(4, 2, 3)),
    ],
    "GaussianDropout": [Case(layers.GaussianDropout(0.3, seed=1), normal(4, 3))],
    "GaussianNoise": [Case(layers.GaussianNoise(0.3, seed=1), normal(4, 3))],
    "GroupNormalization": [
        Case(layers.GroupNormalization(2), normal(4, 3, 6)),
        Case(layers.GroupNormalization(-1, axis=1, scale=False), normal(4, 3, 6)),
        Case(layers.GroupNormalization(1, center=False), normal(4, 6)),
    ],
    "Identity": [Case(layers.Identity(), normal(4, 3))],
    "Lambda": [
        Case(layers.Lambda(twice), normal(4, 3)),
        Case(layers.Lambda(scaled, arguments={"factor": 3.0}, output_shape=(3,)), normal(4, 3)),
    ],
    "LayerNormalization": [
        Case(layers.LayerNormalization(), normal(4, 3)),
        Case(layers.LayerNormalization(axis=(2, 1), center=False), normal(4, 3, 2)),
        Case(layers.LayerNormalization(axis=1, gamma_initializer="uniform"), normal(4, 3, 2)),
    ],
    "Masking": [Case(layers.Masking(), np.maximum(normal(4, 3, 2), 0)), Case(layers.Masking(1.0), normal(4, 3))],
    "Normalization": [
        Case(layers.Normalization(), normal(4, 3)),
        Case(layers.Normalization(mean=[1.0, 2.0], variance=[4.0, 9.0], invert=True), normal(4, 2)),
        Case(layers.Normalization(axis=None), normal(4, 2)),
        Case(layers.Normalization(axis=(1, 2)), normal(4, 2, 3)),
        Case(layers.Normalization(axis=1), normal(4, 2, 3)),
    ],
    "Permute": [Case(layers.Permute((2, 1)), normal(4, 3, 2))],
    "RMSNormalization": [
        Case(layers.RMSNormalization(), normal(4, 3)),
        Case(layers.RMSNormalization(axis=(1, 2), epsilon=0.1), normal(4, 3, 2)),
    ],
    "RepeatVector": [Case(layers.RepeatVector(3), normal(4, 2))],
    "Rescaling": [
        Case(layers.Rescaling(0.5, offset=1.0), normal(4, 3)),
        Case(layers.Rescaling([1.0, 2.0, 3.0], offset=np.array([1.0, 0.0, 2.0])), normal(4, 3)),
    ],
    "Reshape": [
        Case(layers.Reshape((3, 2)), normal(4, 6)),
        Case(layers.Reshape((-1,)), normal(4, 2, 3)),
    ],
    "SpatialDropout1D": [Case(layers.SpatialDropout1D(0.4, seed=1), normal(4, 3, 5))],
    "SpatialDropout2D": [Case(layers.SpatialDropout2D(0.4, "channels_first", seed=1), normal(4, 5, 2, 3))],
    "SpatialDropout3D": [Case(layers.SpatialDropout3D(0.4, seed=1), normal(4, 2, 2, 2, 5))],
    "SpectralNormalization": [Case(layers.SpectralNormalization(layers.Dense(3, name="inner")), normal(4, 5))],
    "TimeDistributed": [
        Case(layers.TimeDistributed(layers.Dense(2, name="inner")), normal(4, 3, 5)),
        Case(layers.TimeDistributed(layers.BatchNormalization(name="inner")), normal(4, 3, 5)),
        Case(layers.TimeDistributed(layers.Dropout(0.5, seed=1, name="inner")), normal(4, 3, 5)),
    ],
    "UnitNormalization": [
        Case(layers.UnitNormalization(), normal(4, 3)),
        Case(layers.UnitNormalization(axis=[1, 2]), normal(4, 3, 2)),
    ],
    "UpSampling1D": [Case(layers.UpSampling1D(3), normal(4, 2, 3))],
    "UpSampling2D": [
        Case(layers.UpSampling2D((2, 3)), normal(4, 2, 3, 2)),
        Case(layers.UpSampling2D(2, "channels_first", interpolation="bicubic"), normal(4, 2, 3, 4)),
    ],
    "UpSampling3D": [Case(layers.UpSampling3D((1, 2, 3), "channels_first"), normal(4, 2, 1, 2, 2))],
    "ZeroPadding1D": [Case(layers.ZeroPadding1D((1, 2), "channels_first"), normal(4, 5, 2))],
    "ZeroPadding2D": [Case(layers.ZeroPadding2D((1, 2)), normal(4, 2, 3, 5))],
    "ZeroPadding3D": [Case(layers.ZeroPadding3D(), normal(4, 2, 3, 2, 2))],
}
ALL = [(f"{name}-{i}", case) for name, cases in CASES.items() for i, case in enumerate(cases)]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", [case for _, case in ALL], ids=[name for name, _ in ALL])
def test_layer(case, check):
    # Its eager calls keep the kernel that they compute, which in programs is the optimizer's.
    if not (check.__name__ == "compiled_equals_eager" and isinstance(case.layer, layers.SpectralNormalization)):
        check(case)


def test_every_layer_is_checked():
    assert set(builtin_names("layers")) == CASES.keys() | NOT_CALLED | CALLED_ON_LISTS | ON_THE_HOST | ACTIVATIONS


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

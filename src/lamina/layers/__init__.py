"""`keras.layers`."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.serialization import deserialize_keras_object as deserialize
from lamina.core.serialization import serialize_keras_object as serialize
from lamina.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from lamina.layers.dense import Dense
from lamina.layers.dot import Dot, dot
from lamina.layers.dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from lamina.layers.einsum_dense import EinsumDense
from lamina.layers.embedding import Embedding
from lamina.layers.identity import Identity
from lamina.layers.input_layer import Input, InputLayer
from lamina.layers.input_spec import InputSpec
from lamina.layers.lambda_layer import Lambda
from lamina.layers.layer import Layer
from lamina.layers.masking import Masking
from lamina.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    maximum,
    minimum,
    multiply,
    subtract,
)
from lamina.layers.noise import ActivityRegularization, AlphaDropout, GaussianDropout, GaussianNoise
from lamina.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    SpectralNormalization,
    UnitNormalization,
)
from lamina.layers.padding import Cropping1D, Cropping2D, Cropping3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from lamina.layers.preprocessing import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Normalization,
    Rescaling,
    StringLookup,
    TextVectorization,
)
from lamina.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from lamina.layers.time_distributed import TimeDistributed
from lamina.layers.upsampling import UpSampling1D, UpSampling2D, UpSampling3D
from lamina.layers.wrapper import Wrapper

__all__ = [
    *("Activation", "Add", "Average", "Concatenate", "Dense", "Dropout", "ELU", "Flatten", "Input", "InputLayer"),
    *("InputSpec", "Layer", "LeakyReLU", "Maximum", "Minimum", "Multiply", "Normalization", "PReLU", "ReLU"),
    *("Rescaling", "Reshape", "Softmax", "Subtract", "add", "average", "concatenate", "deserialize", "maximum"),
    *("minimum", "multiply", "serialize", "subtract"),
    *("CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup"),
    *("TextVectorization", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "GaussianDropout"),
    *("GaussianNoise", "GroupNormalization", "LayerNormalization", "RMSNormalization", "SpatialDropout1D"),
    *("SpatialDropout2D", "SpatialDropout3D", "SpectralNormalization", "UnitNormalization", "Wrapper"),
    *("Cropping1D", "Cropping2D", "Cropping3D", "Dot", "EinsumDense", "Embedding", "Identity", "Lambda", "Masking"),
    *("Permute", "RepeatVector", "TimeDistributed", "UpSampling1D", "UpSampling2D", "UpSampling3D"),
    *("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "dot"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.layers has no {name!r}.", hint=suggestion(name, __all__))

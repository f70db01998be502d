"""The names that users write."""

import importlib
import re
from types import ModuleType

import pytest

import lamina
import lamina as keras

MODULES = [name for name in lamina.__all__ if isinstance(getattr(lamina, name), ModuleType)]

# What code for Keras, 2 or 3, says behind `keras.`
ADDRESSES = """
__version__ Input Layer Model Sequential Variable KerasTensor InputSpec Initializer Regularizer Loss Metric Optimizer
DTypePolicy
activations.get activations.relu activations.softmax activations.sigmoid activations.tanh activations.selu
activations.elu activations.linear activations.serialize activations.deserialize
backend.clear_session backend.floatx backend.set_floatx backend.epsilon backend.image_data_format backend.get_uid
backend.is_keras_tensor backend.get_value backend.backend
callbacks.Callback callbacks.History callbacks.CallbackList callbacks.ProgbarLogger callbacks.CSVLogger
callbacks.EarlyStopping callbacks.LambdaCallback callbacks.LearningRateScheduler callbacks.ModelCheckpoint
callbacks.ReduceLROnPlateau callbacks.RemoteMonitor callbacks.SwapEMAWeights callbacks.TerminateOnNaN
config.floatx config.set_floatx config.epsilon config.set_epsilon config.backend config.image_data_format
constraints.max_norm constraints.MaxNorm constraints.NonNeg constraints.UnitNorm constraints.get
datasets.mnist.load_data datasets.fashion_mnist.load_data datasets.cifar10.load_data datasets.imdb.load_data
datasets.imdb.get_word_index datasets.reuters.load_data datasets.reuters.get_word_index
datasets.boston_housing.load_data datasets.california_housing.load_data
initializers.get initializers.Zeros initializers.zeros initializers.Ones initializers.Constant
initializers.RandomNormal initializers.RandomUniform initializers.TruncatedNormal initializers.GlorotUniform
initializers.glorot_uniform initializers.GlorotNormal initializers.HeNormal initializers.he_normal
initializers.HeUniform initializers.LecunNormal initializers.lecun_normal initializers.VarianceScaling
layers.Input layers.InputLayer layers.InputSpec layers.Dense layers.Flatten layers.Activation layers.Dropout
layers.Reshape layers.Rescaling layers.Normalization layers.Layer
losses.get losses.Loss losses.MeanSquaredError losses.mean_squared_error losses.MeanAbsoluteError losses.Huber
losses.BinaryCrossentropy losses.binary_crossentropy losses.CategoricalCrossentropy
losses.SparseCategoricalCrossentropy losses.sparse_categorical_crossentropy
metrics.get metrics.Metric metrics.Mean metrics.Accuracy metrics.BinaryAccuracy metrics.CategoricalAccuracy
metrics.SparseCategoricalAccuracy metrics.MeanSquaredError metrics.MeanAbsoluteError
metrics.RootMeanSquaredError metrics.binary_accuracy
models.Model models.Sequential models.clone_model models.model_from_json
ops.add ops.matmul ops.relu ops.softmax ops.mean ops.sum ops.reshape ops.concatenate ops.cast ops.convert_to_numpy
optimizers.get optimizers.Optimizer optimizers.SGD optimizers.RMSprop optimizers.Adam
random.normal random.uniform random.SeedGenerator
regularizers.get regularizers.l1 regularizers.l2 regularizers.l1_l2 regularizers.L1 regularizers.L2
regularizers.L1L2
utils.to_categorical utils.np_utils.to_categorical utils.set_random_seed utils.get_file utils.normalize
utils.Progbar utils.PyDataset utils.Sequence utils.register_keras_serializable utils.custom_object_scope
utils.pad_sequences utils.split_dataset utils.timeseries_dataset_from_array utils.image_dataset_from_directory
utils.text_dataset_from_directory utils.load_img utils.img_to_array utils.array_to_img utils.save_img
utils.unpack_x_y_sample_weight utils.pack_x_y_sample_weight utils.get_source_inputs utils.clear_session
utils.is_keras_tensor utils.standardize_dtype utils.is_interactive_logging_enabled
preprocessing.sequence.pad_sequences preprocessing.image.load_img preprocessing.image.smart_resize
preprocessing.image_dataset_from_directory preprocessing.text.Tokenizer
layers.CategoryEncoding layers.Discretization layers.Hashing layers.HashedCrossing layers.StringLookup
layers.IntegerLookup layers.TextVectorization
callbacks.TensorBoard utils.plot_model utils.model_to_dot
utils.CustomObjectScope utils.serialize_keras_object utils.deserialize_keras_object utils.get_custom_objects
""".split()


@pytest.mark.parametrize("name", lamina.__all__)
def test_every_public_name_of_lamina_resolves(name):
    assert getattr(lamina, name) is not None
    assert name in dir(lamina)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_of_a_module_resolves(module):
    found = importlib.import_module(f"lamina.{module}")
    assert found is getattr(lamina, module)
    assert found.__doc__
    assert len(found.__all__) == len(set(found.__all__)) > 0
    for name in found.__all__:
        assert getattr(found, name) is not None, name


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_addresses_of_keras(address):
    item = keras
    for name in address.split("."):
        item = getattr(item, name)
    assert item is not None


def test_names_of_two_addresses_are_one_object():
    assert keras.models.Sequential is keras.Sequential
    assert keras.layers.Layer is keras.Layer
    assert keras.layers.Input is keras.Input
    assert keras.utils.np_utils.to_categorical is keras.utils.to_categorical
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", keras.__version__)


@pytest.mark.parametrize("module", [name for name in MODULES if name != "ops"])
def test_a_misspelt_name_of_a_module_gets_a_suggestion(module):
    found = getattr(lamina, module)
    own = set(found.__all__) - {"get", "serialize", "deserialize", "register"}
    name = max(sorted(own), key=len)
    wrong = name[:-2] + name[-1]
    with pytest.raises(AttributeError, match=rf"(?s){wrong}.*did you mean.*{name}"):
        getattr(found, wrong)


def test_a_misspelt_module_gets_a_suggestion():
    with pytest.raises(AttributeError, match=r"(?s)lamina has no 'layer'.*did you mean.*layers"):
        lamina.layer  # noqa: B018


def test_from_imports_of_keras_style_work():
    code = """
from lamina.datasets import mnist, imdb
from lamina.layers import Dense
from lamina.models import Sequential
from lamina.utils import to_categorical
from lamina.utils.np_utils import to_categorical
from lamina import models, layers, backend as K
"""
    names = {}
    exec(code, names)
    assert names["K"].floatx() == "float32"

"""`keras.utils`: what users need around models."""

import importlib
from typing import Any

from lamina.core.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.core.precision import standardize_dtype
from lamina.core.seeds import set_random_seed
from lamina.core.serialization import (
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from lamina.core.serialization import (
    custom_object_scope as CustomObjectScope,
)
from lamina.core.symbolic import is_symbolic as is_keras_tensor
from lamina.data.dataset import Dataset
from lamina.data.image_folder import image_dataset_from_directory
from lamina.data.images import array_to_img, img_to_array, load_img, save_img
from lamina.data.py_dataset import PyDataset, Sequence
from lamina.data.sequences import pad_sequences
from lamina.data.splitting import split_dataset
from lamina.data.text_folder import text_dataset_from_directory
from lamina.data.timeseries import timeseries_dataset_from_array
from lamina.datasets._files import get_file
from lamina.layers.preprocessing.feature_space import FeatureSpace
from lamina.training.session import clear_session
from lamina.utils.batches import pack_x_y_sample_weight, unpack_x_y_sample_weight
from lamina.utils.diagrams import model_to_dot, plot_model
from lamina.utils.labels import normalize, to_categorical
from lamina.utils.progbar import Progbar
from lamina.utils.sources import get_source_inputs

__all__ = [
    *(
        "CustomObjectScope",
        "Dataset",
        "FeatureSpace",
        "Progbar",
        "PyDataset",
        "Sequence",
        "array_to_img",
        "clear_session",
    ),
    *("custom_object_scope", "deserialize_keras_object", "disable_interactive_logging"),
    *("enable_interactive_logging", "get_custom_objects", "get_file", "get_registered_name"),
    *("get_registered_object", "get_source_inputs", "image_dataset_from_directory", "img_to_array"),
    *("is_interactive_logging_enabled", "is_keras_tensor", "load_img", "model_to_dot", "normalize"),
    "pack_x_y_sample_weight",
    *(
        "pad_sequences",
        "plot_model",
        "register_keras_serializable",
        "save_img",
        "serialize_keras_object",
        "set_random_seed",
    ),
    *("split_dataset", "standardize_dtype", "text_dataset_from_directory", "timeseries_dataset_from_array"),
    *("to_categorical", "unpack_x_y_sample_weight"),
]


def __getattr__(name: str) -> Any:
    if name == "np_utils":
        return importlib.import_module("lamina.utils.np_utils")
    raise UnknownAttributeError(f"lamina.utils has no {name!r}.", hint=suggestion(name, __all__))

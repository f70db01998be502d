"""`keras.preprocessing`: where older code looks for what is in `lamina.utils`."""

from typing import Any

from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.data.image_folder import image_dataset_from_directory
from lamina.data.text_folder import text_dataset_from_directory
from lamina.data.timeseries import timeseries_dataset_from_array
from lamina.preprocessing import image, sequence, text

__all__ = [
    *("image", "image_dataset_from_directory", "sequence", "text", "text_dataset_from_directory"),
    "timeseries_dataset_from_array",
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.preprocessing has no {name!r}.", hint=suggestion(name, __all__))

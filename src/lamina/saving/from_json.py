"""Models from their descriptions alone."""

from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.serialization import deserialize_keras_object, reading_file
from lamina.core.tracebacks import public
from lamina.core.variable import restoring
from lamina.saving.json_text import read_json
from lamina.saving.legacy_records import modern_record
from lamina.saving.records import finish, reading

_NAME = "json_string"
_WEIGHTS_LIMIT = 3 << 28  # bytes: a text of any length describes weights of any size


@public
def model_from_json(json_string: str | bytes, custom_objects: dict[str, Any] | None = None) -> Any:
    """The model that `to_json` described, with new weights.

    As in files of models, nothing that the text says is run or imported, and no file is opened for it.

    Args:
        json_string: what `to_json` returned, or Keras's, 2 or 3.
        custom_objects: classes and functions by name.

    Raises:
        ArgumentError: for what is no text.
        LoadError: if it is no JSON, or describes what cannot be made.
        UnsafeFileError: if it asks for what texts of strangers are not trusted with, or for very large weights.
        UnknownNameError: if it names classes or functions that are not known.

    Example:
        >>> import lamina
        >>> inputs = lamina.Input((3,))
        >>> model = lamina.Model(inputs, lamina.layers.Dense(2)(inputs))
        >>> model_from_json(model.to_json()).output_shape
        (None, 2)
    """
    if not isinstance(json_string, str | bytes):
        raise ArgumentError(
            f"model_from_json takes the text that to_json() returned. Received: {json_string!r}",
            hint="a config is taken by the from_config() of its class, a file by lamina.models.load_model().",
        )
    with restoring() as made:
        with reading(_NAME, advice=""), reading_file():
            model = deserialize_keras_object(modern_record(read_json(json_string, _NAME)), custom_objects)
        finish(made, _NAME, len(json_string), _WEIGHTS_LIMIT)
    return model

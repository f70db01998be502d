"""The part of a model that has to do with files."""

import json
import os
from typing import Any

from lamina import saving
from lamina.core.serialization import serialize_keras_object
from lamina.core.tracebacks import public
from lamina.core.variable import Variable


class Saved:
    """Saving a model, and loading weights into it."""

    def save(
        self, filepath: str | os.PathLike[str], overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
    ) -> None:
        """Writes the model to a file; `lamina.models.load_model` reads it, and so does Keras.

        Args:
            filepath: ends in `.keras`; or in `.h5` for Keras 2's format.
            overwrite: whether a file that is there is replaced.
            zipped: accepted as Keras does.
            **kwargs: `include_optimizer`, `save_format`, as in Keras 2.
        """
        saving.save_model(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(
        self, filepath: str | os.PathLike[str], overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Writes the weights, and the state of the optimizer, to a file.

        Args:
            filepath: ends in `.weights.h5`, `.weights.json`, `.h5` or `.safetensors`; or in anything else.
            overwrite: whether a file that is there is replaced.
            max_shard_size: the largest size of each of several files, gigabytes; for `.weights.json`.
        """
        saving.save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(self, filepath: str | os.PathLike[str], skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Reads the weights, and the state of the optimizer, from a file of any format.

        Args:
            filepath: the file.
            skip_mismatch: whether to leave layers as they are whose weights do not fit.
            **kwargs: `by_name`, `objects_to_skip`.
        """
        saving.load_weights(self, filepath, skip_mismatch, **kwargs)

    @public
    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str | None = None,
        verbose: Any = None,
        input_signature: Any = None,
        opset_version: int | None = None,
    ) -> None:
        """Writes the model for programs that only predict, with weights, and batches of any size.

        Args:
            filepath: the file: `"model.onnx"`, or `"model.stablehlo"` for `jax.export.deserialize`.
            format: `"onnx"` or `"stablehlo"`; by the ending of the file when left out.
            verbose: whether to say where it was written.
            input_signature: what inputs look like, if the model cannot know: `lamina.Input(shape)`, or a list of them.
            opset_version: the version of ONNX's operators, 18 or later.

        Raises:
            ArgumentError: for a format that is not written, and inputs that are not known.
            NotBuiltError: if the model has no weights yet.
            ExportError: for what the format has no words for; names the layer.
            MissingExtraError: if a package is missing.
            FileError: if the file cannot be written.
        """
        from lamina.export import export_model  # few export, and it takes a while to import

        export_model(self, filepath, format, verbose, input_signature, opset_version)

    def to_json(self, **kwargs: Any) -> str:
        """The model without its weights, as JSON that `model_from_json` reads, and Keras too.

        Args:
            **kwargs: as for `json.dumps`, such as `indent=2`.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    def own_weights(self) -> list[Variable]:
        """The weights that belong to the model itself, and to none of its layers."""
        of_layers = {id(variable) for layer in self.layers for variable in layer.weights}  # type: ignore[attr-defined]
        return [variable for variable in self.weights if id(variable) not in of_layers]  # type: ignore[attr-defined]

    def saved_parts(self) -> list[tuple[str, Any]]:
        """The attributes that have places of their own in files; a graph's or a stack's layers come first."""
        parts = [*super().saved_parts(), ("layers", self.layers)]  # type: ignore[misc, attr-defined]
        first = {"layers"} if not self.is_fixed else set()  # type: ignore[attr-defined]
        return sorted(parts, key=lambda part: (part[0] not in first, part[0]))

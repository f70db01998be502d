"""`model.export`: which format, and what is written."""

import os
from typing import Any

from lamina.core.errors import ArgumentError, suggestion
from lamina.core.validate import file_path
from lamina.export.inference import inference_of
from lamina.export.onnx_file import write_onnx
from lamina.export.stablehlo import write_stablehlo

FORMATS = ("onnx", "stablehlo")
# What Keras writes, too, and lamina does not: it needs TensorFlow, or another program.
_OTHERS = ("tf_saved_model", "openvino", "litert", "torch")


def export_model(
    model: Any,
    filepath: str | os.PathLike[str],
    format: str | None = None,
    verbose: Any = None,
    input_signature: Any = None,
    opset_version: int | None = None,
) -> None:
    """Writes a model for programs that only predict.

    Args:
        model: that is built.
        filepath: the file.
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
    path = file_path("export", "filepath", filepath)
    kind = _format_of(path, format)
    inference = inference_of(model, input_signature)
    if kind == "onnx":
        write_onnx(path, inference, model.name, opset_version)
    else:
        write_stablehlo(path, inference)
    if verbose:
        print(f"'{path}' holds the model as {kind}.", flush=True)


def _format_of(path: str, given: str | None) -> str:
    if given in FORMATS:
        return given
    ending = os.path.splitext(path)[1].lstrip(".").lower()
    if given is None and ending in FORMATS:
        return ending
    alternatives = 'export("model.onnx") for ONNX, export("model.stablehlo") for JAX, or save("model.keras")'
    if given in _OTHERS or (given is None and not ending):
        what = "a SavedModel of TensorFlow" if given in (None, "tf_saved_model") else f"the format {given!r}"
        raise ArgumentError(f"lamina does not write {what}. Received: '{path}'", hint=f"use {alternatives}.")
    if given is None:
        raise ArgumentError(f"The ending of '{path}' names no format.", hint=f"pass format=, or use {alternatives}.")
    raise ArgumentError(f"There is no format {given!r} to export to.", hint=suggestion(given, FORMATS))

"""StableHLO artifacts: a model as one file that JAX alone can run."""

import os

import jax
import jax.export

from lamina.core.files import replacing
from lamina.export.inference import Inference

_PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


def write_stablehlo(path: str | os.PathLike[str], inference: Inference) -> None:
    """Writes a model, its weights inside, as what `jax.export.deserialize` reads.

    Args:
        path: the file.
        inference: the model.

    Raises:
        FileError: if the file cannot be written.
    """
    function = jax.jit(lambda *inputs: inference.function(inference.state, *inputs))
    exported = jax.export.export(function, platforms=_PLATFORMS)(*inference.inputs)
    with replacing(path) as file:
        file.write(exported.serialize())

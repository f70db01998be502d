"""ONNX files, of what builders have collected."""

import os
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.errors import ArgumentError, ExportError, missing_extra
from lamina.core.files import replacing
from lamina.export import primitives  # noqa: F401 - fills the table
from lamina.export.builder import Body, Builder, Operator, is_known
from lamina.export.inference import Inference
from lamina.export.translation import translate
from lamina.version import __version__

# The operators as they were defined in this version, and the version of files that came with it.
_OPSET = 18
_FILES = 8
_LIMIT = (1 << 31) - 1  # bytes in a file


def write_onnx(path: str | os.PathLike[str], inference: Inference, name: str, opset: int | None = None) -> None:
    """Writes a model for programs that read ONNX.

    Args:
        path: the file.
        inference: the model.
        name: of the graph.
        opset: the version of the set of operators, 18 or later.

    Raises:
        MissingExtraError: without the package onnx.
        ExportError: for what ONNX has no operators for.
        FileError: if the file cannot be written.
    """
    try:
        import onnx
    except ImportError:
        raise missing_extra("onnx", "onnx", "export to ONNX") from None
    latest = onnx.defs.onnx_opset_version()
    if opset is not None and (not isinstance(opset, int) or not _OPSET <= opset <= latest):
        raise ArgumentError(
            f"opset_version must be {_OPSET} to {latest}, the latest that the package onnx {onnx.__version__} knows. "
            f"Received: opset_version={opset!r}"
        )
    builder, outputs = _collected(inference)
    graph = onnx.helper.make_graph(
        [_node(operator) for operator in builder.operators],
        name,
        [_value(n, s.dtype, s.shape) for n, s in zip(inference.input_names, inference.inputs, strict=True)],
        [_value(n, v.dtype, v.shape) for n, v in outputs],
        [_tensor(value, key) for key, value in builder.constants.items()],
    )
    imports = [onnx.helper.make_opsetid("", opset or _OPSET)]
    model = onnx.helper.make_model(
        graph, opset_imports=imports, ir_version=_FILES, producer_name="lamina", producer_version=__version__
    )
    if model.ByteSize() > _LIMIT:
        raise ExportError(
            f"The model has {model.ByteSize() >> 20} MiB, but a file of ONNX holds no more than 2 GiB.",
            hint='export it with format="stablehlo".',
        )
    with replacing(path) as file:
        file.write(model.SerializeToString())


def _collected(inference: Inference) -> tuple[Builder, list[tuple[str, Any]]]:
    """All operators, and the outputs with their shapes."""
    closed, shapes = jax.make_jaxpr(inference.function, return_shape=True)(inference.state, *inference.inputs)
    sizes: dict[str, tuple[str, int]] = {}
    for name, spec in zip(inference.input_names, inference.inputs, strict=True):
        for axis, size in enumerate(spec.shape):
            if not is_known(size):
                sizes.setdefault(str(size), (name, axis))
    builder = Builder(sizes)
    for name in inference.input_names:
        builder.taken.add(name)
    leaves = jax.tree.leaves(shapes)
    named = inference.output_names if len(inference.output_names) == len(leaves) else []
    names = [builder.unique(name) for name in named] or [f"output_{number}" for number in range(len(leaves))]
    values = jax.tree.leaves(inference.state)
    used = _used(closed.jaxpr)
    weights = [
        builder.constant(np.asarray(value), name=path) if variable in used else ""
        for value, path, variable in zip(values, inference.paths, closed.jaxpr.invars, strict=False)
    ]
    constants = [builder.constant(np.asarray(value), name="table") for value in closed.consts]
    made = translate(builder, closed.jaxpr, constants, [*weights, *inference.input_names])
    for tensor, name in zip(made, names, strict=True):
        builder.operators.append(Operator("Identity", (tensor,), (name,), {}))
    return builder, list(zip(names, leaves, strict=True))


def _used(jaxpr: Any) -> set[Any]:
    """The variables of a program that something is done with."""
    atoms = [atom for eqn in jaxpr.eqns for atom in eqn.invars] + list(jaxpr.outvars)
    return {atom for atom in atoms if not hasattr(atom, "val")}


# -- the parts of a file -----------------------------------------------------------------------------------------------


def _kind(dtype: Any) -> int:
    import onnx

    # Few operators take numbers without a sign.
    dtype = np.dtype(np.int64) if np.dtype(dtype) == np.uint32 else dtype
    try:
        return onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    except (ValueError, KeyError, TypeError):
        raise ExportError(f"ONNX has no tensors of dtype {dtype}.") from None


def _tensor(value: np.ndarray, name: str) -> Any:
    import onnx

    value = value.astype(np.int64) if value.dtype == np.uint32 else value
    return onnx.numpy_helper.from_array(np.ascontiguousarray(value) if value.ndim else value, name)


def _value(name: str, dtype: Any, shape: Any) -> Any:
    import onnx

    sizes = None if shape is None else [int(size) if is_known(size) else str(size) for size in shape]
    return onnx.helper.make_tensor_value_info(name, _kind(jnp.dtype(dtype)), sizes)


def _node(operator: Operator) -> Any:
    import onnx

    attributes = {name: _attribute(value) for name, value in operator.attributes.items()}
    return onnx.helper.make_node(operator.kind, operator.inputs, operator.outputs, **attributes)


def _attribute(value: Any) -> Any:
    import onnx

    if isinstance(value, np.dtype):
        return _kind(value)
    if isinstance(value, Body):
        shapes = [() if number < value.scalars else None for number in range(len(value.inputs))]
        inputs = [_value(*pair, shape) for pair, shape in zip(value.inputs, shapes, strict=True)]
        outputs = [_value(name, dtype, None) for name, dtype in value.outputs]
        return onnx.helper.make_graph([_node(operator) for operator in value.operators], "body", inputs, outputs)
    return value

"""Where data enter: `Input` and `InputLayer`."""

from collections.abc import Sequence
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.core.naming import auto_name
from lamina.core.precision import standardize_dtype
from lamina.core.serialization import builtin
from lamina.core.symbolic import Node, SymbolicTensor
from lamina.layers.layer import Layer


@builtin("layers")
class InputLayer(Layer):
    """The place of an input in a model.

    Args:
        shape: of one example; `None` for axes of any size.
        batch_size: if it is fixed.
        dtype: of the data.
        sparse: accepted as Keras does.
        ragged: accepted as Keras does; on JAX it cannot be true.
        batch_shape: the whole shape, instead of `shape` and `batch_size`.
        input_tensor: a symbolic tensor to take shape and dtype from; the output, if no layer computed it.
        optional: whether `None` may stand for the input.
        name: chosen when left out.
        input_shape: Keras 2's word for `shape`.
        batch_input_shape: Keras 2's word for `batch_shape`.

    Raises:
        ArgumentError: if no shape is given, or two, or another than the tensor's.

    Example:
        >>> InputLayer(shape=(8,)).batch_shape
        (None, 8)
    """

    row_independent = True

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: SymbolicTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name or auto_name(self), **kwargs)
        if ragged:
            raise ArgumentError("Inputs on JAX have no ragged shapes. Received: ragged=True")
        shape = input_shape if shape is None else shape
        batch_shape = batch_input_shape if batch_shape is None else batch_shape
        if input_tensor is not None:
            _check_tensor(input_tensor, shape=shape, batch_size=batch_size, batch_shape=batch_shape, dtype=dtype)
            batch_shape, dtype = input_tensor.shape, input_tensor.dtype
        elif batch_shape is None:
            batch_shape = (batch_size, *_checked(shape))
        elif shape is not None or batch_size is not None:
            raise ArgumentError(
                "An input takes shape and batch_size, or batch_shape, not both. "
                f"Received: shape={shape}, batch_size={batch_size}, batch_shape={batch_shape}"
            )
        self.batch_shape = _checked(batch_shape)
        self.data_dtype = standardize_dtype(dtype)
        self.sparse = bool(sparse)
        self.optional = optional
        self.built = True
        if input_tensor is None or input_tensor.node is not None:
            input_tensor = SymbolicTensor(self.batch_shape, self.data_dtype, name=self.name)
        self._tensor = input_tensor
        self.nodes.append(Node(self, (), {}, self._tensor))

    @property
    def dtype(self) -> str:
        """The dtype of the data."""
        return self.data_dtype

    def call(self) -> SymbolicTensor:
        """The symbolic tensor that stands for the data."""
        return self._tensor

    def structure(self) -> list[Any]:
        """Shape and dtype of the data."""
        return [self.batch_shape, self.data_dtype]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.data_dtype,
            "sparse": self.sparse,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def _check_tensor(tensor: Any, **given: Any) -> None:
    """Raises unless what is given beside a tensor is what the tensor has.

    Raises:
        ArgumentError: says what differs.
    """
    if not isinstance(tensor, SymbolicTensor):
        raise ArgumentError(f"The tensor of an input is a symbolic tensor. Received: {tensor!r}")
    shape = tuple(tensor.shape)
    own = {"shape": shape[1:], "batch_size": shape[0] if shape else None, "batch_shape": shape, "dtype": tensor.dtype}
    for name, value in given.items():
        value = tuple(value) if isinstance(value, list) else value
        if value is not None and value != own[name]:
            raise ArgumentError(f"The tensor of the input has {name}={own[name]!r}. Received: {name}={value!r}")


def _checked(shape: Any) -> tuple[int | None, ...]:
    if shape is None:
        raise ArgumentError(
            "An input needs a shape.", hint="give the shape of one example, without the batch: Input(shape=(8,))."
        )
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    for size in shape:
        if size is not None and (isinstance(size, bool) or not hasattr(size, "__index__") or size < 0):
            raise ArgumentError(f"An input shape holds positive integers and None. Received: shape={shape}")
    return tuple(None if size is None else int(size) for size in shape)


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: SymbolicTensor | None = None,
    optional: bool = False,
) -> SymbolicTensor:
    """A symbolic tensor that stands for data to come.

    Args:
        shape: of one example; `None` for axes of any size.
        batch_size: if it is fixed.
        dtype: of the data; `floatx()` when left out.
        sparse: accepted as Keras does.
        ragged: accepted as Keras does; on JAX it cannot be true.
        batch_shape: the whole shape, instead of `shape` and `batch_size`.
        name: chosen when left out.
        tensor: a symbolic tensor to take shape and dtype from; it is returned, if no layer computed it.
        optional: whether `None` may stand for the input.

    Returns:
        The symbolic tensor; call layers on it.

    Example:
        >>> Input(shape=(28, 28), dtype="uint8").shape
        (None, 28, 28)
    """
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    return layer.output

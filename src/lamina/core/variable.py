"""Variables: named arrays that layers, optimizers and metrics own and change."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core import config
from lamina.core.engine import is_tracing, on_device, wide_types
from lamina.core.errors import ArgumentError, ShapeError, UnboundVariableError
from lamina.core.frame import current_frame
from lamina.core.naming import unique_name
from lamina.core.precision import autocast_dtype
from lamina.core.serialization import resolve

_restoring: ContextVar[list["Variable"] | None] = ContextVar("lamina_restoring", default=None)


class Pending:
    """Stands for the first value of a variable that is about to be read from a file.

    Args:
        shape: of the value.
        dtype: of the value.
        make: draws the value after all.
    """

    def __init__(self, shape: tuple[int, ...], dtype: Any, make: Callable[[], jax.Array]) -> None:
        self.shape = shape
        self.dtype = dtype
        self.ndim = len(shape)
        self.make = make

    @property
    def nbytes(self) -> int:
        """What the value will take, bytes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


@contextmanager
def restoring() -> Iterator[list["Variable"]]:
    """Makes variables whose first values are drawn only if they are needed: a file is about to give them others.

    Yields:
        The variables that were made, for `undrawn`.
    """
    made: list[Variable] = []
    token = _restoring.set(made)
    try:
        yield made
    finally:
        _restoring.reset(token)


def undrawn(made: list["Variable"]) -> list["Variable"]:
    """The variables that have no value yet."""
    return [variable for variable in made if variable.is_pending]


class Lender(Protocol):
    """Who keeps a variable's value while a trainer has it on loan."""

    def read(self, variable: "Variable") -> Any:
        """The present value of `variable`."""
        ...

    def write(self, variable: "Variable", value: Any) -> None:
        """Replaces the present value of `variable`."""
        ...


class Variable:
    """An array with a name that can be assigned to.

    Its value comes from the frame while a pure function is traced, from the trainer while the
    variable is on loan to `fit`, and from its own array otherwise.

    Args:
        initializer: the first value, or a callable `(shape, dtype) -> array`, or the name of an initializer.
        shape: needed when `initializer` is a callable.
        dtype: of the stored values; `floatx()` when the first value has none.
        trainable: whether training may change it.
        autocast: whether a layer that computes in another float dtype sees it cast.
        name: shown in messages and summaries; chosen when left out.

    Raises:
        ArgumentError: for a callable initializer without a shape.
        UnboundVariableError: when made inside a compiled step.

    Example:
        >>> v = Variable([1.0, 2.0], name="v")
        >>> v.assign_add([1.0, 1.0])
        >>> v.numpy()
        array([2., 3.], dtype=float32)
    """

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        del synchronization  # Keras takes it for TensorFlow's sake
        self.name = name or unique_name("variable")
        self.path = self.name
        self.trainable = trainable
        self.made_trainable = trainable
        self.autocast = autocast
        self.aggregation = aggregation
        self.overwrite_with_gradient = False
        self.regularizer: Any = kwargs.get("regularizer")
        self.constraint: Any = kwargs.get("constraint")
        self._loan: Lender | None = None
        # Whether someone else may hold the very array, which a program must not use up then.
        self.is_shared = isinstance(initializer, jax.Array | Variable)
        frame = current_frame()
        if frame is not None and frame.strict:
            raise UnboundVariableError(
                f"Variable '{self.name}' was created during a compiled step.",
                hint="create variables and layers in __init__ or build(), not in call().",
            )
        self._array: Any = _first_value(initializer, shape, dtype, self.name)
        made = _restoring.get()
        if made is not None and self.is_pending:
            made.append(self)

    # -- the value -------------------------------------------------------------------------------

    @property
    def stored(self) -> jax.Array:
        """The value outside of any traced call."""
        if self._loan is not None:
            return self._loan.read(self)
        if self._array.__class__ is Pending:
            if is_tracing():
                return jnp.zeros(self.shape, self._array.dtype)  # only shapes are looked at
            self._array = self._array.make()
        return self._array

    @property
    def is_pending(self) -> bool:
        """Whether the first value was not drawn yet."""
        return self._array.__class__ is Pending

    @property
    def pending_bytes(self) -> int:
        """What the first value will take if it is drawn after all, bytes."""
        return self._array.nbytes if self.is_pending else 0

    def store(self, value: jax.Array) -> None:
        """Replaces the value outside of any traced call.

        Args:
            value: an array of this variable's shape and dtype.
        """
        if self._loan is None:
            self._array = value
        else:
            self._loan.write(self, value)

    @property
    def value(self) -> jax.Array:
        """The present value, cast to the dtype that the running layer computes in."""
        frame = current_frame()
        value = self.stored if frame is None else frame.read(self)
        if frame is None:
            self.is_shared = True
        if self.autocast and (dtype := autocast_dtype()) is not None and jnp.issubdtype(value.dtype, jnp.floating):
            return value.astype(dtype)
        return value

    def assign(self, value: Any) -> None:
        """Replaces the value.

        Args:
            value: anything that NumPy reads as an array of this variable's shape.

        Raises:
            ShapeError: if the shape differs.
        """
        frame = current_frame()
        is_shared = isinstance(value, jax.Array | Variable)
        if frame is None and self._loan is not None and not is_shared:
            value = np.array(value, dtype=self._array.dtype)  # stays on the host: the next dispatch takes it along
        else:
            value = _as_array(value, self._array.dtype)
        if tuple(value.shape) != self.shape:
            raise ShapeError(
                f"Variable '{self.path}' has shape {self.shape}, but was assigned a value of shape {value.shape}."
            )
        if frame is not None:
            frame.write(self, value)
        else:
            self.store(value)
            self.is_shared = is_shared

    def assign_add(self, value: Any) -> None:
        """Adds `value`."""
        self.assign(self._uncast() + self._change(value))

    def assign_sub(self, value: Any) -> None:
        """Subtracts `value`."""
        self.assign(self._uncast() - self._change(value))

    def _change(self, value: Any) -> jax.Array:
        value = _as_array(value, self._array.dtype)
        pairs = zip(value.shape[::-1], self.shape[::-1], strict=False)
        if value.ndim > self.ndim or any(a not in (1, b) for a, b in pairs):
            raise ShapeError(f"Variable '{self.path}' has shape {self.shape}, so it cannot change by {value.shape}.")
        return value

    def _uncast(self) -> jax.Array:
        frame = current_frame()
        return self.stored if frame is None else frame.read(self)

    # -- on loan to a trainer ------------------------------------------------------------------------

    @property
    def loan(self) -> Lender | None:
        """Who keeps the value just now, if it is not the variable itself."""
        return self._loan

    def lend(self, lender: Lender) -> jax.Array:
        """Hands the value over; reads and assigns go to `lender` until `give_back`."""
        array = self.stored
        self._loan = lender
        return array

    def give_back(self, array: jax.Array) -> None:
        """Takes the value back."""
        self._loan = None
        self._array = array

    # -- looks like an array --------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, which never changes; in a program that is made for many widths, with symbols for these."""
        frame = current_frame()
        return tuple(self._array.shape) if frame is None else np.shape(frame.values.get(id(self), self._array))

    @property
    def dtype(self) -> str:
        """The dtype's name, as seen by the running layer."""
        if self.autocast and (dtype := autocast_dtype()) and jnp.issubdtype(self._array.dtype, jnp.floating):
            return str(dtype)
        return str(self._array.dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(np.prod(self.shape, dtype=np.int64))

    def numpy(self) -> np.ndarray:
        """A copy of the value on the host."""
        return np.array(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype=dtype)

    def __jax_array__(self) -> jax.Array:
        return self.value

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __iter__(self) -> Iterator[jax.Array]:
        return iter(self.value)

    def __getitem__(self, index: Any) -> jax.Array:
        return self.value[index]

    def __getattr__(self, name: str) -> Any:
        # Only what the class lacks arrives here: array methods such as `mean` or `astype`.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.value, name)

    def __eq__(self, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else jnp.equal(self.value, jnp.asarray(other))

    def __ne__(self, other: object) -> Any:
        return (
            NotImplemented if other is None or isinstance(other, str) else jnp.not_equal(self.value, jnp.asarray(other))
        )

    def __hash__(self) -> int:
        return id(self)

    def __round__(self, digits: int = 0) -> jax.Array:
        return jnp.round(self.value, digits)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self.value}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_array": np.asarray(self.stored), "_loan": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._array = on_device(self._array)


def _binary(name: str) -> Callable[[Variable, Any], Any]:
    def operator(self: Variable, *others: Any) -> Any:
        return getattr(self.value, name)(*(o.value if isinstance(o, Variable) else jnp.asarray(o) for o in others))

    operator.__name__ = name
    return operator


for _name in (
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv"),
    *("mod", "rmod", "pow", "rpow", "matmul", "rmatmul", "and", "rand", "or", "ror", "xor", "rxor"),
    *("lt", "le", "gt", "ge", "neg", "pos", "abs", "invert"),
):
    setattr(Variable, f"__{_name}__", _binary(f"__{_name}__"))


def _as_array(value: Any, dtype: Any) -> jax.Array:
    if isinstance(value, Variable):
        value = value.value
    if isinstance(value, jax.Array):
        return value if value.dtype == dtype else value.astype(dtype)
    # A copy, since JAX may alias a host array on CPU, and the caller may go on writing to his.
    return on_device(np.array(value, dtype=dtype))


def _first_value(initializer: Any, shape: Sequence[int] | None, dtype: Any, name: str) -> Any:
    # Layers may be built while their caller is traced for its shapes; weights are real all the same.
    with jax.ensure_compile_time_eval():
        if isinstance(initializer, str):
            initializer = resolve(initializer, "initializers", "an initializer")
        if not callable(initializer):
            value = initializer.value if isinstance(initializer, Variable) else initializer
            return _as_array(value, jnp.dtype(dtype or _natural_dtype(value)))
        if shape is None:
            raise ArgumentError(f"Variable '{name}' needs a shape, since its initializer is a function.")
        dtype = jnp.dtype(dtype or config.floatx())
        if _restoring.get() is not None:
            return Pending(tuple(shape), dtype, lambda: _drawn(initializer, tuple(shape), dtype))
        return _drawn(initializer, tuple(shape), dtype)


def _drawn(initializer: Callable[..., Any], shape: tuple[int, ...], dtype: Any) -> jax.Array:
    with jax.ensure_compile_time_eval():
        return _as_array(initializer(shape, dtype=str(dtype)), dtype)


def _natural_dtype(value: Any) -> Any:
    dtype = getattr(value, "dtype", None)
    if isinstance(value, jax.Array):
        return dtype
    dtype = np.asarray(value).dtype if dtype is None else np.dtype(dtype)
    if dtype == np.float64:
        return config.floatx()
    return "int32" if dtype == np.int64 and not wide_types() else dtype

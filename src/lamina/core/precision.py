"""Dtype policies: in what a layer computes, and in what it keeps its weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax.numpy as jnp

from lamina.core import config
from lamina.core.errors import ArgumentError, ArgumentTypeError, suggestion
from lamina.core.expressions import ExpressionMap

_autocast: ContextVar[Any] = ContextVar("lamina_autocast", default=None)
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_PLAIN = (
    *("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "bool", "string"),
)


class DTypePolicy:
    """The pair of dtypes that a layer works with.

    Args:
        name: a dtype (`"float32"`, `"bfloat16"`, …), used for computing and for weights, or
            `"mixed_bfloat16"` / `"mixed_float16"`: compute in 16 bits, keep weights in `float32`. That of the
            global policy when left out. A layer that asks for `"float64"` gets it: from then on JAX keeps
            64-bit numbers, where it would make 32-bit ones of them.

    Raises:
        ArgumentError: for a name that is neither.
        ArgumentTypeError: for something that is no name.

    Example:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')
    """

    quantization_mode = None

    def __init__(self, name: str | None = None) -> None:
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            raise ArgumentTypeError(f"DTypePolicy is made of a name, such as 'mixed_bfloat16'. Received: name={name!r}")
        if name not in (*_MIXED, *_PLAIN):
            raise ArgumentError(f"{name!r} is no dtype policy.", hint=suggestion(name, (*_MIXED, *_PLAIN)))
        self.name = name
        self.compute_dtype = _MIXED.get(name, name)
        self.variable_dtype = "float32" if name in _MIXED else name

    def of(self, layer: str) -> "DTypePolicy":
        """The policy of the layer with this name: the same for all, unless it is chosen by names."""
        del layer
        return self

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DTypePolicy":
        """The policy with this config."""
        return cls(**config)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class FloatDTypePolicy(DTypePolicy):
    """A policy under the name that it had in earlier versions of Keras; files may hold it."""


class DTypePolicyMap(DTypePolicy, ExpressionMap[DTypePolicy]):
    """Policies that are chosen by the names of layers.

    Args:
        default_policy: for layers whose name nothing matches; the global policy when left out.
        policy_map: a dict from regular expressions, which match whole names, to policies.

    Raises:
        ArgumentError: for a default that is chosen by names itself, or something that is no policy.
        ArgumentTypeError: if `policy_map` is no dict.

    Example:
        >>> policies = DTypePolicyMap("mixed_bfloat16", {"head.*": "float32"})
        >>> policies["hidden"].name, policies["head_2"].name
        ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ArgumentError("DTypePolicyMap: default_policy cannot be a DTypePolicyMap itself.")
        if policy_map is not None and not isinstance(policy_map, dict):
            raise ArgumentTypeError(
                "DTypePolicyMap: policy_map must be a dict from regular expressions to policies. "
                f"Received: policy_map={policy_map!r}"
            )
        self._given = default_policy
        self._default = self.default_policy = as_policy(default_policy)
        self.name = f"map_{self.default_policy.name}"
        self.compute_dtype = self.default_policy.compute_dtype
        self.variable_dtype = self.default_policy.variable_dtype
        self._by_expression = {}
        self.update(policy_map or {})

    def of(self, layer: str) -> DTypePolicy:
        return self[layer]

    def accepted(self, key: str, item: Any) -> DTypePolicy:
        return as_policy(item)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal map."""
        return {"default_policy": self._given, "policy_map": dict(self._by_expression)}

    def __repr__(self) -> str:
        chosen = "".join(f', "{key}": "{policy.name}"' for key, policy in self.items())
        return f'<DTypePolicyMap "{self.default_policy.name}"{chosen}>'

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype.

    Args:
        dtype: a name, a dtype of NumPy or JAX, a type of Python, or `None` for `floatx`.

    Raises:
        ArgumentError: if it is no dtype that arrays can have.

    Example:
        >>> standardize_dtype(None), standardize_dtype(int), standardize_dtype(jnp.bfloat16)
        ('float32', 'int32', 'bfloat16')
    """
    if dtype is None or dtype is float:
        return config.floatx()
    plain = {int: "int32", bool: "bool", str: "string"}
    try:
        name = plain[dtype] if isinstance(dtype, type) and dtype in plain else dtype
        name = name if isinstance(name, str) else str(jnp.dtype(name))
    except TypeError:
        name = str(dtype).removeprefix("torch.")
    if name not in _PLAIN:
        raise ArgumentError(f"{dtype!r} is no dtype.", hint=suggestion(name, _PLAIN))
    return name


_policy: dict[str, DTypePolicy | None] = {"global": None}


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none."""
    return _policy["global"] or DTypePolicy(config.floatx())


def set_dtype_policy(policy: "str | DTypePolicy") -> None:
    """Sets the policy of layers that are given none.

    Args:
        policy: a name, or a policy.
    """
    _policy["global"] = as_policy(policy)


def as_policy(identifier: Any) -> DTypePolicy:
    """The policy meant by a name, a dtype, a config or `None`; 64-bit numbers are allowed if it wants them."""
    policy = _resolved(identifier)
    if policy.variable_dtype == "float64":
        config.allow_wide_types()
    return policy


def _resolved(identifier: Any) -> DTypePolicy:
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        known = POLICIES.get(identifier.get("class_name", ""), DTypePolicy)
        return known.from_config(identifier.get("config", identifier))
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(str(jnp.dtype(identifier)))
    except TypeError:
        raise ArgumentError(
            f"Cannot make sense of {identifier!r} as a dtype or a dtype policy.",
            hint=suggestion("", (*_MIXED, *_PLAIN)),
        ) from None


POLICIES: dict[str, type[DTypePolicy]] = {cls.__name__: cls for cls in (DTypePolicy, FloatDTypePolicy, DTypePolicyMap)}


def autocast_dtype() -> Any:
    """The float dtype in which the running layer sees its variables; `None` for their own."""
    return _autocast.get()


@contextmanager
def autocast(dtype: Any) -> Iterator[None]:
    """Shows variables in `dtype` to the layer that runs inside."""
    token = _autocast.set(dtype)
    try:
        yield
    finally:
        _autocast.reset(token)

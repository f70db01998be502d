"""What happens when a layer is called: a small function for each stage, in order.

convert -> build -> check -> hand in masks -> resolve training -> call -> hand on masks -> account for losses
"""

import functools
import inspect
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.engine import VALUE_NEEDED, runs_eagerly
from lamina.core.errors import ArgumentError, DataDependentError, LaminaError, ShapeError
from lamina.core.frame import current_frame
from lamina.core.masking import mask_of, masks_of, set_mask, set_masks
from lamina.core.precision import autocast
from lamina.core.serialization import is_builtin
from lamina.core.symbolic import Node, SymbolicTensor, infer, known_shape, symbolic_leaves
from lamina.core.tracebacks import value_not_known, warn_user
from lamina.core.variable import Variable
from lamina.layers.input_spec import check_input, describe


class CallContext(NamedTuple):
    """What the outermost call of a layer hands down to those inside.

    Attributes:
        training: the default for `training`.
        newborn: the layers that got their weights during the call.
    """

    training: bool | None
    newborn: list[Any]


_context: ContextVar[CallContext | None] = ContextVar("lamina_call", default=None)


@contextmanager
def call_context(layer: Any, training: bool | None) -> Iterator[None]:
    """Runs what is inside of a layer, with `training` as the default.

    Raises:
        ArgumentError: if a layer was built inside that does not belong to the outermost one.
    """
    outer = _context.get()
    context = CallContext(training, [] if outer is None else outer.newborn)
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)
    if outer is None and context.newborn:
        own = {id(inner) for inner in layer.flatten_layers()}
        for stray in context.newborn:
            if id(stray) not in own and stray.variables:
                raise ArgumentError(
                    f"{type(stray).__name__} '{stray.name}' was made inside the call of {type(layer).__name__} "
                    f"'{layer.name}', so each call would make it anew, and its weights could not be trained.",
                    hint="make it in __init__ and keep it: self.hidden = layers.Dense(...).",
                )


class CallSignature(NamedTuple):
    """What a class's `call` takes."""

    parameters: tuple[str, ...]
    training_default: Any
    takes_training: bool
    takes_any: bool


@functools.cache
def call_signature(cls: type) -> CallSignature:
    """The signature of `cls.call`, read once per class."""
    parameters = list(inspect.signature(cls.call).parameters.values())[1:]  # type: ignore[attr-defined]
    training = next((p for p in parameters if p.name == "training"), None)
    default = None if training is None or training.default is training.empty else training.default
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    names = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return CallSignature(names, default, training is not None, takes_any)


def call_layer(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The whole pipeline of `layer(*args, **kwargs)`."""
    signature = call_signature(type(layer))
    args, kwargs = convert_inputs(layer, args, kwargs)
    symbolic = bool(symbolic_leaves((args, kwargs)))
    inputs = args[0] if args else next(iter(kwargs.values()), None)
    check_tensors(layer, inputs)
    ensure_built(layer, signature, args, kwargs, inputs)
    check_input(layer, inputs)
    masks, given_mask = find_masks(layer, signature, args, kwargs)
    if symbolic:
        return call_symbolically(layer, args, kwargs, masks, given_mask)
    training, kwargs = resolve_training(layer, signature, args, kwargs)
    if _context.get() is None and current_frame() is None:
        layer.clear_losses()
    with call_context(layer, training), autocast(layer.autocast_dtype), _named(layer):
        try:
            outputs = run_call(layer, args, {**kwargs, **masks})
        except (TypeError, ValueError) as error:
            refuse_misfit(layer, (args, kwargs), error)
            raise
        hand_on_masks(layer, inputs, outputs, given_mask)
    add_activity_loss(layer, outputs)
    return outputs


def _named(layer: Any) -> AbstractContextManager[Any]:
    """Has what is traced inside say which layer it is of, for messages and profiles."""
    return nullcontext() if current_frame() is None else jax.named_scope(layer.name)


def convert_inputs(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Host arrays become device arrays; floats become the layer's compute dtype."""
    dtype = jnp.dtype(layer.compute_dtype) if layer.autocast else None

    def convert(x: Any) -> Any:
        if isinstance(x, Variable):
            x = x.value
        if isinstance(x, SymbolicTensor):
            floating = jnp.issubdtype(jnp.dtype(x.dtype), jnp.floating)
            if not floating or dtype is None or x.dtype == str(dtype):
                return x
            cast = x.astype(str(dtype))  # type: ignore[attr-defined]
            set_mask(cast, mask_of(x))
            return cast
        if not isinstance(x, jax.Array):
            if not hasattr(x, "__array__"):
                return x
            x = np.asarray(x)
            if x.dtype.kind in "OUS":
                raise ShapeError(
                    f"{type(layer).__name__} '{layer.name}' got an array of dtype {x.dtype}, which holds no numbers.",
                    hint="make numbers of it first: x.astype('float32'), or StringLookup, TextVectorization for text.",
                )
            if dtype is not None and x.dtype.kind == "f":
                return jnp.asarray(x, dtype)
            return jnp.asarray(x)
        if dtype is not None and x.dtype != dtype and jnp.issubdtype(x.dtype, jnp.floating):
            cast = x.astype(dtype)
            set_mask(cast, mask_of(x))
            return cast
        return x

    is_leaf = lambda x: isinstance(x, Variable)  # noqa: E731
    return jax.tree.map(convert, args, is_leaf=is_leaf), jax.tree.map(convert, kwargs, is_leaf=is_leaf)


def check_tensors(layer: Any, inputs: Any) -> None:
    """Raises if a layer of lamina's own is called on anything but arrays; one of a user's own may take what it likes.

    Raises:
        ArgumentError: says what was given.
    """
    if not is_builtin(type(layer)):
        return
    strange = [leaf for leaf in jax.tree.leaves(inputs) if not hasattr(leaf, "shape")]
    if strange or inputs is None:
        what = "None" if inputs is None else f"a {type(inputs).__name__}"
        among = f" with {strange[0]!r} in it" if isinstance(inputs, list | tuple | dict) else ""
        raise ArgumentError(
            f"{type(layer).__name__} '{layer.name}' is called on arrays, but got {what}{among}.",
            hint="make an array of numbers first: np.array(x).",
        )


def ensure_built(
    layer: Any, signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: Any
) -> None:
    """Creates the weights of a layer that is called for the first time."""
    if layer.built:
        return
    check_input(layer, inputs)
    shapes = shapes_of(layer, signature, args, kwargs)
    with autocast(None), call_context(layer, None), layer.being_built():
        layer.build(**shapes)
    if (context := _context.get()) is not None:
        context.newborn.append(layer)


def shapes_of(layer: Any, signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments for `build`: the shape of the input, or one `<name>_shape` for each argument of `call`."""
    names = list(inspect.signature(layer.build).parameters)
    given = dict(zip(signature.parameters, args, strict=False)) | kwargs
    tensors = {name: value for name, value in given.items() if _has_shape(value)}
    shapes = {f"{name}_shape": _shape_structure(value) for name, value in tensors.items()}
    if len(names) <= 1 or not all(name in shapes for name in names):
        first = _shape_structure(args[0]) if args else next(iter(shapes.values()), None)
        return {names[0]: first} if names else {}
    return {name: shapes[name] for name in names}


def _has_shape(value: Any) -> bool:
    return any(hasattr(leaf, "shape") for leaf in jax.tree.leaves(value))


def _shape_structure(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape_structure(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shape_structure(item) for item in value]
    return known_shape(value) if hasattr(value, "shape") else None


def find_masks(
    layer: Any, signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[dict[str, Any], Any]:
    """The masks that `call` takes and the caller left out, and the one that belongs to the first input.

    A single argument's mask is called `mask`, those of several `<name>_mask`.
    """
    given = dict(zip(signature.parameters, args, strict=False)) | kwargs
    found: dict[str, Any] = {}
    tensors = {name: value for name, value in given.items() if not name.endswith("mask") and _has_shape(value)}
    for name, value in tensors.items():
        wanted = "mask" if len(tensors) == 1 and "mask" in signature.parameters else f"{name}_mask"
        if wanted in signature.parameters and given.get(wanted) is None and (masks := masks_of(value)) is not None:
            found[wanted] = masks
    first = next(iter(given.values()), None)
    own = given.get("mask") if "mask" in signature.parameters else None
    return found, masks_of(first) if own is None else own


def hand_on_masks(layer: Any, inputs: Any, outputs: Any, given: Any) -> None:
    """Gives the outputs their masks, if the layer knows them."""
    if layer.supports_masking:
        if any(mask_of(output) is None for output in jax.tree.leaves(outputs)):
            compute = layer.compute_mask
            symbolic = bool(symbolic_leaves(inputs))
            set_masks(outputs, infer(compute, inputs, given) if symbolic else compute(inputs, given))
    elif given is not None:
        warn_user(
            f"{type(layer).__name__} '{layer.name}' does not support masks, so the mask of its input ends here. "
            "Set self.supports_masking = True in its __init__ if it keeps the places of the entries."
        )


def resolve_training(
    layer: Any, signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[bool | None, dict[str, Any]]:
    """Decides on `training`: the caller's word, else the outer call's, else the default of `call`."""
    given = kwargs.get("training")
    if given is None and signature.takes_training:
        place = signature.parameters.index("training")
        given = args[place] if place < len(args) else None
    if given is None:
        outer = _context.get()
        given = outer.training if outer is not None else None
    if given is None:
        given = signature.training_default
    if signature.takes_training or signature.takes_any:
        already = signature.takes_training and signature.parameters.index("training") < len(args)
        if signature.takes_training and not already:
            kwargs = {**kwargs, "training": bool(given) if given is not None else False}
    else:
        kwargs = {name: value for name, value in kwargs.items() if name != "training"}
    return given, kwargs


def run_call(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs `call`; what it cannot do while it is traced gets an error that says so."""
    try:
        outputs = layer.call(*args, **kwargs)
    except VALUE_NEEDED as error:
        title = f"{type(layer).__name__} '{layer.name}'"
        if runs_eagerly():
            raise DataDependentError(
                f"{title} hands a tensor to Python's float() or to NumPy while its gradient is taken.",
                hint="use x.item() or lamina.ops.convert_to_numpy(x); print(x) and if x > 0 work as they are.",
            ) from error
        raise value_not_known(title) from error
    found = jax.tree.leaves(outputs)
    strange = next((leaf for leaf in found if not hasattr(leaf, "shape") and not isinstance(leaf, int | float)), None)
    if not found or strange is not None:
        what = "None" if outputs is None else f"{type(outputs if strange is None else strange).__name__}"
        raise LaminaError(
            f"The call method of {type(layer).__name__} '{layer.name}' returned {what}, not a tensor.",
            hint="return a tensor, or a list, tuple or dict of tensors.",
        )
    return outputs


def call_symbolically(
    layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], masks: dict[str, Any], given_mask: Any
) -> Any:
    """Draws the call into the graph, with the shapes that would come out."""
    try:
        with call_context(layer, kwargs.get("training")), autocast(layer.autocast_dtype):
            outputs = layer.compute_output_spec(*args, **kwargs, **masks)
    except (TypeError, ValueError) as error:
        refuse_misfit(layer, (args, kwargs), error)
        raise
    layer.nodes.append(Node(layer, args, kwargs, outputs))
    inputs = args[0] if args else next(iter(kwargs.values()), None)
    hand_on_masks(layer, inputs, outputs, given_mask)
    return outputs


def refuse_misfit(layer: Any, given: Any, error: Exception) -> None:
    """Says which layer cannot take which inputs, if `error` is JAX's word for that.

    Raises:
        ShapeError: with that word in it.
    """
    if type(error) in (TypeError, ValueError) and re.search("shape|dimension|broadcast", str(error)):
        shown = ", ".join(describe(leaf) for leaf in jax.tree.leaves(given) if hasattr(leaf, "shape"))
        raise ShapeError(f"{type(layer).__name__} '{layer.name}' cannot take inputs {shown}: {error}") from error


def infer_call(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What `call` would return for symbolic tensors, found by tracing it."""
    _, kwargs = resolve_training(layer, call_signature(type(layer)), args, kwargs)
    return infer(lambda *args, **kwargs: run_call(layer, args, kwargs), *args, **kwargs)


def add_activity_loss(layer: Any, outputs: Any) -> None:
    """Adds the penalty on what came out, for one row on average, if the layer has one."""
    if layer.activity_regularizer is not None:
        for output in jax.tree.leaves(outputs):
            layer.add_loss(layer.activity_regularizer(output) / (output.shape[0] if output.shape else 1))

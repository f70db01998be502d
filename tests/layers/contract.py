"""The contract that every layer keeps, as a list of checks: `check_layer` runs them all."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lamina.core.frame import Rows
from lamina.core.functional import purify
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.symbolic import SymbolicTensor
from lamina.layers.layer import Layer


class Case(NamedTuple):
    """A layer to check, and a batch for it.

    Attributes:
        layer: never called itself; each check makes copies by its config.
        inputs: the batch, rows first, at least three rows.
        integers: whether the inputs are indices, which cannot be differentiated or cast.
    """

    layer: Layer
    inputs: np.ndarray
    integers: bool = False

    def fresh(self, **changes: Any) -> Layer:
        """A new layer with the same arguments, but for `changes`."""
        return type(self.layer).from_config({**self.layer.get_config(), **changes})

    def called(self, **changes: Any) -> tuple[Layer, Any]:
        """A new layer and what it makes of the inputs."""
        layer = self.fresh(**changes)
        return layer, layer(self.inputs)


def check_layer(layer: Layer, inputs: Any = None, *, input_shape: Any = None, integers: bool = False) -> None:
    """Raises `AssertionError` at the first thing that a layer of this class does not do.

    Args:
        layer: an instance with the arguments to check.
        inputs: a batch; normal draws when left out.
        input_shape: of the batch that is drawn, the batch first.
        integers: whether the inputs are indices.
    """
    if inputs is None:
        inputs = np.random.default_rng(0).normal(size=input_shape).astype("float32")
    for check in CHECKS:
        check(Case(layer, np.asarray(inputs), integers))


def same(one: Any, two: Any, tolerance: float = 1e-6) -> None:
    """Asserts that two structures of arrays have equal dtypes, shapes and, closely, values."""
    assert jax.tree.structure(one) == jax.tree.structure(two)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_allclose(np.float64(a), np.float64(b), rtol=tolerance, atol=tolerance)


def binding_of(layer: Layer) -> Binding:
    """Where the variables of one layer stand in a state."""
    return Binding(
        State(params=tuple(layer.trainable_variables), stats=tuple(layer.non_trainable_variables)),
        hyperparameter_owners([layer]),
    )


def run_pure(layer: Layer, inputs: Any, training: bool, rows: Rows | None = None, compiled: bool = True) -> Any:
    """What a built layer makes of the inputs in a compiled program: `(outputs, new state, losses)`."""
    binding = binding_of(layer)
    pure = purify(lambda x: layer(x, training=training), binding)
    run = jax.jit(pure) if compiled else pure
    return run(binding.gather(), binding.hyperparameters(), jnp.asarray(inputs), rows=rows)


def builds_lazily_and_eagerly(case: Case) -> None:
    """A layer has the same weights whether it is built by shape, by data or by a symbolic tensor."""
    shapes = []
    for make in (
        lambda layer: layer.build((None, *case.inputs.shape[1:])),
        lambda layer: layer(case.inputs),
        lambda layer: layer(SymbolicTensor((None, *case.inputs.shape[1:]), str(case.inputs.dtype))),
    ):
        layer = case.fresh()
        make(layer)
        assert layer.built
        shapes.append([(v.name, v.shape, v.dtype, v.trainable) for v in layer.weights])
    assert shapes[0] == shapes[1] == shapes[2]


def shapes_agree(case: Case) -> None:
    """Eager, symbolic and computed shapes and dtypes are the same, the batch known or not."""
    layer, outputs = case.called()
    for batch in (None, len(case.inputs)):
        shape = (batch, *case.inputs.shape[1:])
        drawn = case.fresh()(SymbolicTensor(shape, str(case.inputs.dtype)))
        expected = (batch, *outputs.shape[1:])
        assert tuple(layer.compute_output_shape(shape)) == expected
        assert drawn.shape == expected
        assert drawn.dtype == str(outputs.dtype)
        assert len(drawn.node.inputs) == 1


def config_round_trips(case: Case) -> None:
    """A config makes an equal layer, directly, through JSON and through the registry."""
    config = case.layer.get_config()
    through_json = json.loads(json.dumps(serialize_keras_object(case.layer)))
    for twin in (case.fresh(), deserialize_keras_object(through_json)):
        assert type(twin) is type(case.layer)
        assert json.dumps(twin.get_config()) == json.dumps(config)
        assert twin.name == case.layer.name


def registry_rebuilds(case: Case) -> None:
    """The record of a built layer makes a built layer with weights of the same shapes."""
    layer, outputs = case.called()
    twin = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(layer))))
    assert twin.built
    twin.set_weights(layer.get_weights())
    same(twin(case.inputs), outputs)


def weights_go_out_and_in(case: Case) -> None:
    """`get_weights` and `set_weights` carry a layer's state over to another."""
    layer, outputs = case.called()
    assert len(layer.weights) == len(layer.trainable_weights) + len(layer.non_trainable_weights)
    assert {id(v) for v in layer.trainable_weights} <= {id(v) for v in layer.weights}
    assert len(layer.variables) == len(layer.trainable_variables) + len(layer.non_trainable_variables)
    assert layer.count_params() == sum(w.size for w in layer.get_weights())
    twin, _ = case.called()
    twin.set_weights(layer.get_weights())
    same(twin(case.inputs), outputs)
    layer.trainable = False
    assert layer.trainable_weights == []
    assert len(layer.non_trainable_weights) == len(layer.weights)
    assert case.fresh(trainable=False).trainable is False


def training_is_a_flag(case: Case) -> None:
    """`training` is taken by every layer, does not change the shape, and is off when left out."""
    layer, outputs = case.called()
    same(layer(case.inputs, training=False), outputs)
    trained = layer(case.inputs, training=True)
    assert trained.shape == outputs.shape
    assert trained.dtype == outputs.dtype


def compiled_equals_eager(case: Case) -> None:
    """A compiled program gives what an eager call gives, in training and out of it, and moves the same state."""
    for training in (False, True):
        layer, _ = case.called()
        outputs, state, losses = run_pure(layer, case.inputs, training)
        eager = layer(case.inputs, training=training)
        same(outputs, eager)
        same(list(state.params), [v.value for v in layer.trainable_variables])
        same(list(state.stats), [v.value for v in layer.non_trainable_variables])
        assert len(losses) == len(layer.losses) - len(layer.weight_penalties())


def padding_changes_nothing(case: Case) -> None:
    """Where a layer says so, padded rows change neither the outputs of the real ones nor what the layer keeps."""
    layer, _ = case.called()
    if not layer.is_row_independent:
        return
    padded = case.inputs.copy()
    padded[2:] = padded[2:][::-1] if case.integers else padded[2:] + 1
    rows = Rows(np.arange(len(padded)) < 2, np.float32(2))
    for training in (False, True):
        outputs, state, losses = run_pure(layer, case.inputs[:2], training)
        with_padding, padded_state, _ = run_pure(layer, padded, training, rows)
        same(outputs, with_padding[:2], 1e-5)
        same(list(state.stats), list(padded_state.stats))
        assert losses == ()


def rows_of_a_shorter_batch_agree(case: Case) -> None:
    """Outside of training, a batch of two gives the first two rows of a larger batch."""
    layer, outputs = case.called()
    same(layer(case.inputs[:2]), outputs[:2], 1e-5)


def works_in_mixed_precision(case: Case) -> None:
    """Under `mixed_bfloat16` weights stay float32, and floats come out in bfloat16, as drawn."""
    layer, outputs = case.called(dtype="mixed_bfloat16")
    assert layer.compute_dtype == "bfloat16"
    assert all(w.dtype in ("float32", "int32", "uint32") for w in layer.weights)
    plain_layer, plain = case.called()
    drawn = case.fresh(dtype="mixed_bfloat16")(SymbolicTensor((None, *case.inputs.shape[1:]), str(case.inputs.dtype)))
    assert drawn.dtype == str(outputs.dtype)
    if jnp.issubdtype(plain.dtype, jnp.floating) and not case.integers:
        assert outputs.dtype == jnp.bfloat16
        plain_layer.set_weights(layer.get_weights())
        same(outputs.astype("float32"), plain_layer(case.inputs), 0.1)


def takes_other_dtypes(case: Case) -> None:
    """float64 data come out as the layer's floats; bytes are taken, and the drawn dtype is the real one."""
    if case.integers:
        return
    layer, outputs = case.called()
    same(layer(case.inputs.astype("float64")), outputs)
    raw = (np.abs(case.inputs) * 10).astype("uint8")
    expected = layer(raw.astype("float32"))
    given = layer(raw)
    np.testing.assert_allclose(np.float64(given), np.float64(expected), rtol=1e-5, atol=1e-5)
    drawn = case.fresh()(SymbolicTensor((None, *raw.shape[1:]), "uint8"))
    assert drawn.dtype == str(given.dtype)


def is_named(case: Case) -> None:
    """A name can be given; automatic ones count up from the class's."""
    config = {k: v for k, v in case.layer.get_config().items() if k != "name"}
    assert case.fresh(name="mine").name == "mine"
    one, two = type(case.layer).from_config(config), type(case.layer).from_config(config)
    assert one.name != two.name
    assert two.name.rpartition("_")[2].isdigit()
    one(case.inputs)
    assert {w.path.partition("/")[0] for w in one.weights} <= {layer.name for layer in one.flatten_layers()}


def has_gradients(case: Case) -> None:
    """`jax.grad` goes through a pure call, and reaches every trainable weight with finite numbers."""
    layer, outputs = case.called()
    if not jnp.issubdtype(outputs.dtype, jnp.floating) or case.integers:
        return
    binding = binding_of(layer)

    def total(params: Any, x: Any) -> Any:
        state = binding.gather()._replace(params=params)
        return jnp.sum(purify(lambda: layer(x, training=True), binding)(state, binding.hyperparameters())[0] ** 2)

    gradients, slope = jax.grad(total, argnums=(0, 1))(binding.gather().params, jnp.asarray(case.inputs))
    assert len(gradients) == len(layer.trainable_variables)
    assert slope.shape == case.inputs.shape
    assert all(bool(jnp.all(jnp.isfinite(g))) for g in [*gradients, slope])


def copies_are_equal_and_apart(case: Case) -> None:
    """A deep copy, and one through pickle, compute the same and share nothing."""
    layer, outputs = case.called()
    before = layer.get_weights()
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        same(twin(case.inputs), outputs)
        assert twin.name == layer.name
        assert not {id(v) for v in twin.variables} & {id(v) for v in layer.variables}
        twin.set_weights([np.zeros_like(w) for w in before])
        assert all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))


CHECKS: list[Callable[[Case], None]] = [
    builds_lazily_and_eagerly,
    shapes_agree,
    config_round_trips,
    registry_rebuilds,
    weights_go_out_and_in,
    training_is_a_flag,
    compiled_equals_eager,
    padding_changes_nothing,
    rows_of_a_shorter_batch_agree,
    works_in_mixed_precision,
    takes_other_dtypes,
    is_named,
    has_gradients,
    copies_are_equal_and_apart,
]

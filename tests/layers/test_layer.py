"""Layers of a user's own, written the Keras way."""

import threading

import jax.numpy as jnp
import numpy as np
import pytest

import lamina as keras
from lamina import layers, ops
from lamina.core.errors import (
    ArgumentError,
    DataDependentError,
    LaminaError,
    NotBuiltError,
    ShapeError,
    UnboundVariableError,
    UnexpectedArgumentError,
    UnknownAttributeError,
)

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = X[:, :1]


def fitted(*stack, epochs=1):
    model = keras.Sequential([*stack, layers.Dense(1)])
    model.compile("sgd", "mse")
    return model.fit(X, Y, epochs=epochs, batch_size=4, verbose=0).history


class Scale(layers.Layer):
    def __init__(self, start=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        self.shape_seen = input_shape
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
        self.seen = self.add_weight(shape=(), initializer="zeros", name="seen", trainable=False)

    def call(self, x):
        self.seen.assign_add(1.0)
        return x * self.factor * self.start

    def get_config(self):
        return {**super().get_config(), "start": self.start}


def test_weights_made_in_build():
    layer = Scale(2.0, name="scale", dtype="float32")
    assert layer.weights == []
    np.testing.assert_allclose(layer(X), X * 2)
    assert layer.shape_seen == (8, 3)
    assert [w.path for w in layer.weights] == ["scale/factor", "scale/seen"]
    assert [w.name for w in layer.trainable_weights] == ["factor"]
    assert [w.name for w in layer.non_trainable_weights] == ["seen"]
    assert Scale.from_config(layer.get_config()).start == 2.0
    assert layer.get_config()["name"] == "scale"


def test_what_a_layer_counts_survives_training():
    layer = Scale()
    fitted(layer, epochs=2)
    assert float(layer.seen) == 4.0
    assert not np.array_equal(layer.factor, [1, 1, 1])


class Nested(layers.Layer):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(4)
        self.more = [{"a": layers.Dense(3)}, (layers.Dense(2), layers.Dropout(0.5))]
        self.later = []
        self.later.append(layers.Dense(2))
        self.named = {}
        self.named["last"] = layers.Dense(5)

    def call(self, x, training=None):
        x = self.more[0]["a"](self.first(x))
        x = self.more[1][1](self.more[1][0](x), training=training)
        return self.named["last"](self.later[0](x))


def test_layers_in_lists_tuples_and_dicts_are_found():
    layer = Nested()
    assert layer(X).shape == (8, 5)
    assert len(layer.weights) == 10
    assert len(layer.variables) == 11  # the state of Dropout's seeds
    before = layer.get_weights()
    fitted(layer)
    assert all(not np.array_equal(a, b) for a, b in zip(before[::2], layer.get_weights()[::2], strict=True))
    layer.trainable = False
    assert layer.trainable_weights == []
    assert layer.named["last"].trainable is False


class Attributes(layers.Layer):
    def __init__(self):
        super().__init__()
        self.w = keras.Variable(jnp.ones(3), name="w")
        self.calls = keras.Variable(0.0, trainable=False, name="calls")
        self.seed = keras.random.SeedGenerator(3)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x * self.w + 0 * keras.random.normal(ops.shape(x), seed=self.seed)


def test_variables_and_seeds_as_attributes():
    layer = Attributes()
    fitted(layer, epochs=2)
    assert [w.name for w in layer.trainable_weights] == ["w"]
    assert float(layer.calls) == 4.0
    np.testing.assert_array_equal(layer.seed.state, [3, 4])
    assert not np.array_equal(layer.w, [1, 1, 1])


class WithoutDefault(layers.Layer):
    def call(self, x, training):
        return x * 2 if training else x


def test_training_reaches_inner_layers():
    outer = keras.Sequential([WithoutDefault(), layers.Activation("linear")])
    np.testing.assert_array_equal(outer(X), X)
    np.testing.assert_array_equal(outer(X, training=True), X * 2)
    assert WithoutDefault()(keras.Input((3,))).shape == (None, 3)


class TwoInputs(layers.Layer):
    def build(self, a_shape, b_shape):
        self.shapes = a_shape, b_shape
        self.w = self.add_weight((a_shape[-1], b_shape[-1]))

    def call(self, a, b):
        return a @ self.w + b


class ManyInputs(layers.Layer):
    def build(self, input_shape):
        self.shapes = input_shape

    def call(self, inputs):
        return inputs["a"] + inputs["b"] if isinstance(inputs, dict) else inputs[0] + inputs[1]


def test_build_gets_the_shapes_of_several_inputs():
    layer = TwoInputs()
    assert layer(X, X[:, :2]).shape == (8, 2)
    assert layer.shapes == ((8, 3), (8, 2))
    listed, named = ManyInputs(), ManyInputs()
    listed([X, X])
    named({"a": X, "b": X})
    assert listed.shapes == [(8, 3), (8, 3)]
    assert named.shapes == {"a": (8, 3), "b": (8, 3)}
    assert listed.compute_output_shape([(None, 3), (None, 3)]) == (None, 3)
    assert named.compute_output_shape({"a": (None, 3), "b": (None, 3)}) == (None, 3)


class Penalised(layers.Layer):
    def call(self, x):
        self.add_loss(0.5 * ops.mean(x**2))
        return x


def test_added_losses_are_trained_on():
    layer = Penalised()
    layer(X)
    layer(X)
    assert [float(loss) for loss in layer.losses] == pytest.approx([0.5 * np.mean(X**2)])
    model = keras.Sequential([layer, layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    assert model.evaluate(X, Y, verbose=0, batch_size=8) == pytest.approx(np.mean(Y**2) + 0.5 * np.mean(X**2), 1e-5)


def test_sublayers_set_before_super_init_are_kept():
    class Early(layers.Layer):
        def __init__(self):
            self.inner = layers.Dense(2)
            super().__init__()

        def call(self, x):
            return self.inner(x)

    layer = Early()
    assert layer(X).shape == (8, 2)
    assert len(layer.weights) == 2


class Forgets(layers.Layer):
    def __init__(self):
        self.inner = layers.Dense(2)

    def call(self, x):
        return self.inner(x)


class ForgetsModel(keras.Model):
    def __init__(self):
        self.inner = layers.Dense(2)


@pytest.mark.parametrize("cls", [Forgets, ForgetsModel])
def test_a_forgotten_super_init_is_named(cls):
    hint = r"(?s)was not initialized|before it was initialized.*super\(\).__init__\(\)"
    with pytest.raises(NotBuiltError, match=hint):
        cls()(X)
    with pytest.raises(UnknownAttributeError, match=rf"(?s){cls.__name__} has no attribute.*super\(\).__init__"):
        keras.Sequential([cls()])
    assert cls.__name__ in repr(cls())


def test_add_weight_before_super_init_is_named():
    class Hasty(layers.Layer):
        def __init__(self):
            self.w = self.add_weight((2,))

    with pytest.raises(NotBuiltError, match="before layers or weights are set"):
        Hasty()


class MakesVariables(layers.Layer):
    def call(self, x):
        return x * keras.Variable(jnp.ones(3), name="late")


class MakesLayers(layers.Layer):
    def call(self, x):
        return layers.Dense(3)(x)


def test_variables_made_in_call_are_refused_in_training():
    layer = MakesVariables()
    assert layer(X).shape == (8, 3)
    with pytest.raises(UnboundVariableError, match=r"(?s)created during a compiled step.*in __init__ or build"):
        fitted(layer)


def test_layers_made_in_call_are_refused_and_named():
    with pytest.raises(ArgumentError, match=r"(?s)Dense '.*' was made inside .* MakesLayers 'outer'.*keep"):
        MakesLayers(name="outer")(X)


def test_layers_without_weights_may_be_made_in_call():
    class Joins(layers.Layer):
        def call(self, x):
            return layers.concatenate([x, layers.Activation("relu")(x)])

    assert Joins()(X).shape == (8, 6)


def test_layers_made_at_the_first_call_and_kept_are_trained():
    class Late(keras.Model):
        hidden = None

        def call(self, x):
            if self.hidden is None:
                self.hidden = layers.Dense(1)
            return self.hidden(x)

    model = Late()
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0)
    assert len(model.trainable_weights) == 2


@pytest.mark.parametrize(
    "value", [layers.Dense(2), [layers.Dense(2)], keras.Variable(1.0)], ids=["layer", "list", "variable"]
)
def test_a_built_layer_takes_no_more_weights(value):
    layer = layers.Dense(2, name="done")
    layer(X)
    with pytest.raises(ArgumentError, match=r"(?s)Dense 'done' is built already.*'extra'.*__init__"):
        layer.extra = value
    with pytest.raises(ArgumentError, match=r"(?s)Dense 'done' is built already.*weight 'more'"):
        layer.add_weight((2,), name="more")
    layer.note = "other attributes are free"


def test_methods_may_call_the_layer_as_they_like():
    class Short(layers.Layer):
        def build(this, shape):
            this.w = this.add_weight((shape[-1], 2))

        def call(this, x):
            return x @ this.w

    assert Short()(X).shape == (8, 2)


def test_build_may_call_the_build_of_its_base_first():
    class More(layers.Dense):
        def build(self, input_shape):
            super().build(input_shape)
            self.scale = self.add_weight((), "ones", name="scale")

    assert len(More(2)(X).shape) == 2


@pytest.mark.parametrize("result", [None, "text", [], {"a": object()}], ids=["none", "string", "empty", "object"])
def test_a_call_that_returns_no_tensor(result):
    class Wrong(layers.Layer):
        def call(self, x):
            return result

    with pytest.raises(LaminaError, match=r"(?s)call method of Wrong 'wrong.*' returned .*not a tensor"):
        Wrong()(X)


def test_a_variable_of_nobody_is_named():
    outside = keras.Variable(jnp.ones(3), name="outside")

    class Reads(layers.Layer):
        def call(self, x):
            return x * outside

    with pytest.raises(UnboundVariableError, match=r"(?s)'outside'.*assign it"):
        fitted(Reads())


def test_python_branches_on_values_are_explained():
    class Branches(layers.Layer):
        def call(self, x):
            return x if ops.sum(x) > 0 else -x

    layer = Branches(name="branches")
    assert layer(X).shape == (8, 3)
    with pytest.raises(DataDependentError, match=r"(?s)'branches' uses the value.*ops.where"):
        fitted(layer)


def test_a_call_that_returns_nothing_is_named():
    class Silent(layers.Layer):
        def call(self, x):
            pass

    with pytest.raises(LaminaError, match=r"call method of Silent 'silent.*' returned None"):
        Silent()(X)


def test_misspelt_arguments_get_suggestions():
    with pytest.raises(UnexpectedArgumentError, match=r"(?s)Scale has no argument 'strat'.*did you mean start"):
        Scale(strat=2)
    with pytest.raises(UnexpectedArgumentError, match=r"(?s)Dense has no argument 'actvation'.*activation"):
        layers.Dense(2, actvation="relu")


def test_weights_that_do_not_fit_are_refused():
    layer = layers.Dense(2, name="d")
    layer.build((None, 3))
    with pytest.raises(ShapeError, match=r"Dense 'd' has 2 weights, but 1 were given"):
        layer.set_weights([np.zeros((3, 2))])
    with pytest.raises(ShapeError, match=r"'d/kernel' has shape \(3, 2\), but was given one of \(2, 3\)"):
        layer.set_weights([np.zeros((2, 3)), np.zeros(2)])
    with pytest.raises(NotBuiltError, match="no weights yet"):
        layers.Dense(2).count_params()


def test_stateless_call_reads_hyperparameters_and_seeds():
    layer = layers.Dropout(0.5, seed=1)
    outputs, changed = layer.stateless_call([], [v.value for v in layer.non_trainable_variables], X, training=True)
    assert np.mean(np.asarray(outputs) == 0) > 0.2
    np.testing.assert_array_equal(changed[0], [1, 1])
    np.testing.assert_array_equal(layer.seed_generator.state, [1, 0])
    dense = layers.Dense(2, kernel_regularizer="l2")
    dense.build((None, 3))
    losses = dense.stateless_call([jnp.ones((3, 2)), jnp.zeros(2)], [], X, return_losses=True)[2]
    assert float(losses[0]) == pytest.approx(0.06)


def test_two_threads_train_two_models_at_once():
    found, meet = {}, threading.Barrier(2, timeout=30)

    def run(width):
        model = keras.Sequential([layers.Dense(width, "relu", kernel_initializer="ones"), Scale(), layers.Dense(1)])
        model.compile("sgd", "mse")
        meet.wait()
        model.fit(X, Y, epochs=3, batch_size=4, verbose=0)
        found[width] = float(model.layers[1].seen)

    threads = [threading.Thread(target=run, args=(width,)) for width in (4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {4: 6.0, 5: 6.0}

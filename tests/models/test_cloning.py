"""clone_model: the same network with weights of its own."""

import numpy as np
import pytest

import lamina
from lamina import layers, ops
from lamina.core.errors import ArgumentError, ShapeError

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def stack():
    return lamina.Sequential([lamina.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)])


def shared():
    inputs = lamina.Input((4,), name="given")
    twice = layers.Dense(4, name="twice")
    return lamina.Model(inputs, ops.mean(twice(twice(inputs) * 2.0), axis=1), name="shared")


def nested():
    inputs = lamina.Input((4,))
    inner = stack()
    return lamina.Model(inputs, layers.add([inner(inputs), inner(layers.Dense(4)(inputs))]))


class Own(lamina.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.head = layers.Dense(units)

    def call(self, x):
        return self.head(x)


def own():
    model = Own(2, name="mine")
    model(X)
    return model


@pytest.mark.parametrize("make", [stack, shared, nested, own])
def test_a_clone_computes_the_same_with_the_same_weights(make):
    model = make()
    clone = lamina.models.clone_model(model)
    assert type(clone) is type(model)
    assert clone.name == model.name
    assert [weight.shape for weight in clone.weights] == [weight.shape for weight in model.weights]
    assert not {id(weight) for weight in clone.weights} & {id(weight) for weight in model.weights}
    assert not np.array_equal(clone.weights[0].numpy(), model.weights[0].numpy())
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(clone(X), model(X), rtol=1e-6)


def test_a_stack_without_input_is_cloned_without_weights():
    clone = lamina.models.clone_model(lamina.Sequential([layers.Dense(3, name="one")]))
    assert not clone.built
    assert clone.layers[0].name == "one"


def test_training_the_clone_leaves_the_model():
    model = stack()
    model.compile(lamina.optimizers.SGD(0.5), "mse", metrics=["mae"])
    before = model.get_weights()
    clone = lamina.models.clone_model(model)
    assert clone.optimizer is not model.optimizer
    assert float(clone.optimizer.learning_rate) == 0.5
    history = clone.fit(X, X[:, :1], verbose=0).history
    assert list(history) == ["loss", "mae"]
    for one, two in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


def test_freezing_is_cloned():
    model = stack()
    model.layers[0].trainable = False
    assert [layer.trainable for layer in lamina.models.clone_model(model).layers] == [False, True]


def test_clone_function_makes_the_layers():
    def wider(layer):
        if isinstance(layer, layers.Dense):
            return layers.Dense(layer.units + 1, name=f"wide_{layer.name}")
        return type(layer).from_config(layer.get_config())

    clone = lamina.models.clone_model(stack(), clone_function=wider)
    assert clone.output_shape == (None, 2)
    assert all(layer.name.startswith("wide_") for layer in clone.layers)


def test_layers_may_be_kept():
    model = shared()
    other = lamina.Input((4,), name="other")
    twin = lamina.models.clone_model(model, input_tensors=other, clone_function=lambda layer: layer)
    assert twin.weights[0] is model.weights[0]
    assert twin.input_names == ["other"]
    np.testing.assert_array_equal(twin(X), model(X))


def test_call_function_may_add_layers():
    model = shared()

    def with_dropout(layer, *args, **kwargs):
        outputs = layer(*args, **kwargs)
        return layers.Dropout(0.5)(outputs) if isinstance(layer, layers.Dense) else outputs

    clone = lamina.models.clone_model(model, clone_function=lambda layer: layer, call_function=with_dropout)
    assert [type(layer).__name__ for layer in clone.layers].count("Dropout") == 2
    assert clone.weights[0] is model.weights[0]


def test_recursive_reaches_layers_of_models_inside():
    seen = []

    def note(layer):
        seen.append(type(layer).__name__)
        return type(layer).from_config(layer.get_config())

    lamina.models.clone_model(nested(), clone_function=note)
    assert sorted(seen) == ["Add", "Dense", "Sequential"]
    seen.clear()
    clone = lamina.models.clone_model(nested(), clone_function=note, recursive=True)
    assert sorted(seen) == ["Add", "Dense", "Dense", "Dense"]
    assert len(clone.weights) == 6  # the model inside is called twice, and is still one


def test_a_stack_on_a_tensor_that_is_given():
    given = lamina.Input((4,), dtype="float16", name="given")
    clone = lamina.models.clone_model(stack(), input_tensors=[given])
    assert clone.inputs[0].dtype == "float16"


@pytest.mark.parametrize(
    ("make", "options", "error", "says"),
    [
        (
            stack,
            {"call_function": len},
            ArgumentError,
            r"call_function is for functional models. Received: the Sequent",
        ),
        (
            own,
            {"call_function": len},
            ArgumentError,
            r"call_function is for functional models. Received: the Own 'mine'",
        ),
        (own, {"clone_function": len}, ArgumentError, r"(?s)the Own 'mine'.*made from get_config"),
        (own, {"input_tensors": [1]}, ArgumentError, "clone_function and input_tensors are for"),
        (stack, {"input_tensors": [1]}, ArgumentError, "has one input, a symbolic tensor"),
        (shared, {"input_tensors": 1}, ArgumentError, "are symbolic tensors. Received: int"),
        (shared, {"input_tensors": [lamina.Input((4,))]}, ShapeError, "(?s)another structure.*given"),
        (shared, {"clone_functoin": len}, TypeError, "clone_functoin"),
    ],
)
def test_what_is_refused(make, options, error, says):
    with pytest.raises(error, match=says):
        lamina.models.clone_model(make(), **options)


def test_an_argument_that_was_not_kept_cannot_be_cloned():
    class Forgets(lamina.Model):
        def __init__(self, units):
            super().__init__()
            self.head = layers.Dense(units)

        def call(self, x):
            return self.head(x)

    with pytest.raises(NotImplementedError, match=r"Forgets takes the argument 'units' but keeps no attribute"):
        lamina.models.clone_model(Forgets(3))

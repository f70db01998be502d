import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core.errors import NotBuiltError, NotCompiledError, UnknownAttributeError

x = np.linspace(-1, 1, 96, dtype="float32").reshape(32, 3)
y = x.sum(axis=1, keepdims=True)


class Net(lamina.Model):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.hidden = layers.Dense(units, activation="tanh", name="hidden")
        self.dropout = layers.Dropout(0.5, seed=3, name="dropout")
        self.head = layers.Dense(1, name="head")

    def call(self, inputs, training=False):
        return self.head(self.dropout(self.hidden(inputs), training=training))


def twin():
    return lamina.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(4, activation="tanh", name="hidden"),
            layers.Dropout(0.5, seed=3, name="dropout"),
            layers.Dense(1, name="head"),
        ]
    )


@pytest.fixture
def pair():
    """A subclassed model and a Sequential of the same layers and weights, compiled alike."""
    models = [Net(), twin()]
    models[0](x)
    models[0].set_weights(models[1].get_weights())
    for model in models:
        model.compile(lamina.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return models


def test_training_equals_that_of_a_sequential(pair):
    validation = (x[:7], y[:7])
    histories = []
    for model in pair:
        np.random.seed(0)
        histories.append(model.fit(x, y, epochs=3, batch_size=12, validation_data=validation, verbose=0).history)
    assert list(histories[0]) == ["loss", "mae", "val_loss", "val_mae"]
    for name, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][name], rtol=1e-5)
    for one, other in zip(pair[0].get_weights(), pair[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_evaluation_and_prediction_equal_those_of_a_sequential(pair):
    np.testing.assert_allclose(pair[0].evaluate(x, y, verbose=0), pair[1].evaluate(x, y, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(pair[0].predict(x, verbose=0), pair[1].predict(x, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(pair[0](x), pair[1](x), rtol=1e-6)


def test_eager_training_equals_compiled_training(pair):
    eager = pair[1]
    eager.compile(lamina.optimizers.Adam(0.01), "mse", metrics=["mae"], run_eagerly=True)
    histories = []
    for model in pair:
        np.random.seed(0)
        histories.append(model.fit(x, y, epochs=2, batch_size=16, verbose=0).history)
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-5)


def test_training_reaches_layers_inside(pair):
    for model in pair:
        calm, first, second = model(x), model(x, training=True), model(x, training=True)
        assert not np.array_equal(first, second)
        np.testing.assert_array_equal(model(x), calm)


def test_layers_weights_and_names(pair):
    net, sequential = pair
    assert [layer.name for layer in net.layers] == ["hidden", "dropout", "head"]
    assert [w.path for w in net.weights] == [w.path for w in sequential.weights]
    assert net.get_layer("head") is net.head
    assert net.count_params() == sequential.count_params() == 21
    assert Net(name="mine").name == "mine"


def test_a_model_is_built_by_a_shape():
    net = Net()
    assert not net.built
    net.build((None, 3))
    assert net.count_params() == 21
    assert net(x).shape == (32, 1)


def test_layers_see_the_true_shape_of_the_first_batch_or_none():
    seen = []

    class Spy(layers.Layer):
        def build(self, input_shape):
            seen.append(input_shape)

        def call(self, inputs):
            return inputs

    class Outer(lamina.Model):
        def __init__(self):
            super().__init__()
            self.spy = Spy()

        def call(self, inputs):
            return self.spy(inputs)

    Outer()(x)
    Outer().build((None, 3))
    Outer()(layers.Input((3,)))
    model = Outer()
    model.compile(loss="mse")
    model.evaluate(x[:, :1], y, batch_size=10, verbose=0)
    assert seen == [(32, 3), (None, 3), (None, 3), (10, 1)]


def test_a_call_that_fails_can_be_repaired():
    class Picky(Net):
        broken = True

        def call(self, inputs, training=False):
            if self.broken:
                raise RuntimeError("not yet")
            return super().call(inputs, training=training)

    net = Picky()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not yet"):
            net(x)
    with pytest.raises(NotBuiltError):
        net.count_params()
    net.broken = False
    assert net(x).shape == (32, 1)
    assert net.count_params() == 21


def test_a_model_without_super_init():
    class Forgetful(lamina.Model):
        def __init__(self):
            self.head = layers.Dense(1)

        def call(self, inputs):
            return self.head(inputs)

    with pytest.raises(NotBuiltError, match=r"super\(\).__init__\(\)"):
        Forgetful()(x)


def test_a_model_without_call():
    class Silent(lamina.Model):
        pass

    with pytest.raises(NotImplementedError, match="Silent has to define call"):
        Silent()(x)


def test_a_model_before_compile():
    with pytest.raises(NotCompiledError, match=r"(?s)fit\(\) was called before compile.*model.compile"):
        Net().fit(x, y)


def test_misspelt_attributes_of_a_model_of_ones_own():
    net = Net()
    with pytest.raises(UnknownAttributeError, match=r"(?s)Net has no attribute 'hiden'.*did you mean hidden"):
        net.hiden  # noqa: B018
    with pytest.raises(UnknownAttributeError, match=r"(?s)Net has no attribute 'complie'.*compile"):
        net.complie()


def test_a_config_makes_an_equal_model():
    net = Net(units=5, name="mine")
    assert net.get_config()["units"] == 5
    again = Net.from_config(net.get_config())
    assert (again.units, again.name) == (5, "mine")


def test_nested_models():
    class Outer(lamina.Model):
        def __init__(self):
            super().__init__()
            self.inner = Net(name="inner")
            self.heads = [layers.Dense(2), layers.Dense(1)]

        def call(self, inputs):
            inner = self.inner(inputs)
            for head in self.heads:
                inner = head(inner)
            return inner

    model = Outer()
    model.compile("sgd", "mse")
    losses = model.fit(x, y, epochs=2, verbose=0).history["loss"]
    assert len(model.weights) == 8
    assert len(model.layers) == 3
    assert losses[1] != losses[0]


def test_dicts_in_and_out():
    class Both(lamina.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return {"sum": self.dense(inputs["a"]) + inputs["b"]}

    model = Both()
    data = {"a": x, "b": y}
    assert model(data)["sum"].shape == (32, 1)
    assert model.predict(data, verbose=0)["sum"].shape == (32, 1)

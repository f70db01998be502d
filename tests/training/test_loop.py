import numpy as np
import pytest

import lamina
from lamina.training.loop import clear_programs, trace_count


@pytest.fixture
def traces():
    """Counts the programs traced since the last look; none are there at first."""
    clear_programs()
    last = {"count": trace_count()}

    def since():
        now, before = trace_count(), last["count"]
        last["count"] = now
        return now - before

    return since


def build(
    units=4, rate=0.3, penalty=0.01, learning_rate=0.1, seed=None, names=(None, None), optimizer=None, **compiled
):
    hidden = lamina.layers.Dense(
        units, activation="relu", kernel_regularizer=lamina.regularizers.L2(penalty), name=names[0]
    )
    dropout = lamina.layers.Dropout(rate, seed=seed)
    model = lamina.Sequential([lamina.Input((3,)), hidden, dropout, lamina.layers.Dense(1, name=names[1])])
    model.compile(optimizer or lamina.optimizers.SGD(learning_rate), "mse", **compiled)
    return model


def test_three_epochs_trace_once(traces, samples):
    model = build()
    model.fit(samples.x, samples.values, epochs=3, batch_size=7, verbose=0)
    assert traces() == 1
    model.fit(samples.x, samples.values, epochs=2, batch_size=7, verbose=0)
    assert traces() == 0


def test_validation_traces_once_more(traces, samples):
    model = build()
    model.fit(samples.x, samples.values, epochs=3, batch_size=7, verbose=0, validation_data=(samples.x, samples.values))
    assert traces() == 2
    model.evaluate(samples.x, samples.values, batch_size=7, verbose=0)
    assert traces() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"learning_rate": 0.001},
        {"rate": 0.6},
        {"penalty": 0.5},
        {"seed": 5},
        {"names": ("one", "two")},
        {"rate": 0.1, "penalty": 0.2, "learning_rate": 0.3, "names": ("a", None), "seed": 9},
    ],
)
def test_a_model_of_the_same_structure_traces_nothing(traces, samples, changes):
    build().fit(samples.x, samples.values, verbose=0, validation_split=0.2)
    assert traces() == 2
    second = build(**changes)
    second.fit(samples.x, samples.values, verbose=0, validation_split=0.2)
    assert traces() == 0


def test_shared_programs_train_each_model_with_its_own_numbers(traces, samples):
    lamina.utils.set_random_seed(1)
    first, second = build(rate=0.0, learning_rate=0.1), build(rate=0.0, learning_rate=0.0)
    before = second.get_weights()
    for model in (first, second):
        model.fit(samples.x, samples.values, verbose=0)
    assert traces() == 1
    assert all(np.array_equal(a, b) for a, b in zip(before, second.get_weights(), strict=True))
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 5},
        {"rate": 0.0},
        {"metrics": ["mae"]},
        {"optimizer": "adam"},
        {"optimizer": lamina.optimizers.SGD(0.1, momentum=0.9)},
    ],
    ids=["width", "no dropout", "metric", "optimizer", "momentum"],
)
def test_another_structure_traces(traces, samples, changes):
    build().fit(samples.x, samples.values, verbose=0)
    traces()
    build(**changes).fit(samples.x, samples.values, verbose=0)
    assert traces() == 1


def test_a_new_learning_rate_traces_nothing(traces, samples):
    class Halve(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 2
            self.model.layers[1].rate /= 2

    model = build()
    model.fit(samples.x, samples.values, epochs=3, verbose=0, callbacks=Halve())
    assert traces() == 1
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0125)
    assert model.layers[1].rate == pytest.approx(0.0375)


def test_clear_session_keeps_programs(traces, samples):
    build().fit(samples.x, samples.values, verbose=0)
    assert traces() == 1
    lamina.backend.clear_session()
    build().fit(samples.x, samples.values, verbose=0)
    assert traces() == 0


def test_freezing_a_layer_traces_anew(traces, samples):
    model = build()
    model.fit(samples.x, samples.values, verbose=0)
    assert traces() == 1
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    frozen = model.layers[0].get_weights()[0]
    model.fit(samples.x, samples.values, verbose=0)
    assert traces() == 1
    assert np.array_equal(frozen, model.layers[0].get_weights()[0])


def test_predict_of_any_size_soon_traces_nothing(traces):
    model = build()
    for rows in range(1, 7):
        model.predict(np.ones((rows, 3), "float32"), verbose=0)
    assert traces() <= 3
    for rows in range(7, 41):
        assert model.predict(np.ones((rows, 3), "float32"), verbose=0).shape == (rows, 1)
    assert traces() == 0


def test_custom_layers_do_not_share_programs(traces, samples):
    class Times(lamina.layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, x):
            return x * self.factor

    outputs = []
    for factor in (1.0, 2.0):
        lamina.utils.set_random_seed(0)
        model = lamina.Sequential([lamina.Input((3,)), Times(factor), lamina.layers.Dense(1)])
        outputs.append(model.predict(samples.x[:8], verbose=0))
    assert traces() == 2
    np.testing.assert_allclose(outputs[1], 2 * outputs[0], rtol=1e-5)


def test_programs_can_be_forgotten(traces, samples):
    model = build()
    model.fit(samples.x, samples.values, verbose=0)
    clear_programs()
    model.fit(samples.x, samples.values, verbose=0)
    assert traces() == 2

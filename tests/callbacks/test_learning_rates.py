from types import SimpleNamespace

import numpy as np
import pytest

import lamina
from lamina.callbacks import LambdaCallback, LearningRateScheduler, ReduceLROnPlateau
from lamina.training.loop import trace_count

K = lamina.backend


@pytest.fixture
def optimized():
    """A model that only has an optimizer."""
    return SimpleNamespace(optimizer=SimpleNamespace(learning_rate=1.0, name="sgd"))


def test_the_rate_of_each_epoch_is_in_the_history(train):
    model, history = train(LearningRateScheduler(lambda epoch, rate: rate / 2), epochs=3)
    assert history.history["learning_rate"] == pytest.approx([0.15, 0.075, 0.0375])
    assert history.history["lr"] is history.history["learning_rate"]
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0375)


def test_a_rate_of_zero_stops_learning(train, make_model):
    weights = []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(look.model.get_weights()[0]))
    train(LearningRateScheduler(lambda epoch: 0.0 if epoch else 0.1), look, model=make_model(optimizer="sgd"), epochs=3)
    assert np.array_equal(weights[0], weights[2])


def test_setting_rates_compiles_nothing(train):
    train(epochs=1)
    before = trace_count()
    train(LearningRateScheduler(lambda epoch, rate: rate * 0.9), ReduceLROnPlateau(patience=0), epochs=4)
    assert trace_count() == before


@pytest.mark.parametrize("rate", [1, np.float32(0.5), np.float64(0.5), np.array(0.5), lamina.ops.cast(0.5, "float32")])
def test_numbers_of_all_kinds_are_rates(optimized, rate):
    scheduler = LearningRateScheduler(lambda epoch: rate)
    scheduler.set_model(optimized)
    scheduler.on_epoch_begin(0)
    assert optimized.optimizer.learning_rate == float(rate)
    assert type(optimized.optimizer.learning_rate) is float


@pytest.mark.parametrize("rate", [None, "fast", [0.1, 0.2], True])
def test_what_is_no_number_is_refused(optimized, rate):
    scheduler = LearningRateScheduler(lambda epoch, present: rate)
    scheduler.set_model(optimized)
    with pytest.raises(ValueError, match=r"(?s)schedule must return a number. For epoch 7 and the learning rate 1.0"):
        scheduler.on_epoch_begin(7)


def test_errors_of_the_schedule_are_shown(optimized):
    def schedule(epoch, rate):
        return rate + "a"

    scheduler = LearningRateScheduler(schedule)
    scheduler.set_model(optimized)
    with pytest.raises(TypeError, match=r"unsupported operand"):
        scheduler.on_epoch_begin(0)


def test_a_schedule_that_is_no_function():
    with pytest.raises(ValueError, match=r"schedule must be a function.*schedule=0.1"):
        LearningRateScheduler(0.1)


def test_a_model_without_optimizer():
    scheduler = LearningRateScheduler(lambda epoch: 0.1)
    scheduler.set_model(lamina.Sequential([lamina.layers.Dense(1)]))
    with pytest.raises(ValueError, match=r"(?s)has no optimizer.*compile"):
        scheduler.on_epoch_begin(0)


def test_several_optimizers(run_epochs):
    several = [SimpleNamespace(learning_rate=rate, name=name) for rate, name in ((1.0, "a"), (0.5, "b"))]
    model = SimpleNamespace(optimizer=SimpleNamespace(optimizers=several))
    logs = {"loss": 1.0}
    run_epochs(LearningRateScheduler(lambda epoch, rate: rate / 2), model, logs)
    assert logs == {"loss": 1.0, "learning_rate_a": 0.5, "learning_rate_b": 0.25}
    run_epochs(ReduceLROnPlateau("loss", factor=0.5, patience=1, min_lr=0.25), model, dict(logs), dict(logs))
    assert [optimizer.learning_rate for optimizer in several] == [0.25, 0.25]


def test_a_rate_that_follows_a_schedule_is_not_set(samples, make_model):
    schedule = lamina.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model = make_model(optimizer=lamina.optimizers.SGD(schedule))
    with pytest.raises(TypeError, match=r"schedule|ExponentialDecay"):
        model.fit(samples.x, samples.y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch: 0.1)])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LearningRateScheduler(lambda epoch: 0.25, verbose=1), "Epoch 1: LearningRateScheduler sets"),
        (lambda: ReduceLROnPlateau("loss", factor=0.25, patience=0, verbose=1), "Epoch 2: ReduceLROnPlateau lowers"),
    ],
)
def test_what_they_print(optimized, run_epochs, capsys, make, words):
    run_epochs(make(), optimized, {"loss": 1.0}, {"loss": 1.0})
    assert f"{words} learning_rate to 0.25." in capsys.readouterr().out


# -- ReduceLROnPlateau -------------------------------------------------------------------------------------------------


def test_the_rate_falls_when_nothing_improves(optimized, run_epochs):
    reducer = ReduceLROnPlateau("loss", factor=0.5, patience=2, min_lr=0.2)
    logs = [{"loss": 1.0} for _ in range(8)]
    run_epochs(reducer, optimized, *logs)
    assert [log["learning_rate"] for log in logs] == [1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.2]


def test_state_goes_over(optimized, run_epochs):
    first = ReduceLROnPlateau("loss", factor=0.5, patience=3, cooldown=2)
    run_epochs(first, optimized, *[{"loss": 1.0} for _ in range(3)])
    assert first.get_state() == {"wait": 2, "best": 1.0, "cooldown_counter": 0}
    second = ReduceLROnPlateau("loss", factor=0.5, patience=3, cooldown=2)
    second.set_model(optimized)
    second.on_train_begin()
    second.set_state(first.get_state())
    second.on_epoch_end(3, {"loss": 1.0})
    assert optimized.optimizer.learning_rate == 0.5
    assert second.get_state() == {"wait": 0, "best": 1.0, "cooldown_counter": 2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": 1.0}, r"ReduceLROnPlateau: factor must be below 1.*factor=1.0"),
        ({"factor": -0.5}, r"ReduceLROnPlateau: factor must be .*zero or above.*-0.5"),
        ({"patience": -1}, "ReduceLROnPlateau: patience must be"),
        ({"cooldown": -1}, "ReduceLROnPlateau: cooldown must be"),
        ({"min_lr": -0.1}, "ReduceLROnPlateau: min_lr must be"),
        ({"mode": "up"}, "ReduceLROnPlateau: mode must be one of"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        ReduceLROnPlateau(**arguments)


def test_misspelt_arguments():
    with pytest.raises(TypeError, match=r"(?s)ReduceLROnPlateau has no argument 'patiance'.*did you mean patience"):
        ReduceLROnPlateau(patiance=3)


def test_epsilon_is_an_old_word():
    assert ReduceLROnPlateau(epsilon=0.25).min_delta == 0.25


# -- keras.backend -----------------------------------------------------------------------------------------------------


def test_get_value_and_set_value_in_callbacks(train):
    class Grow(lamina.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.rates = []

        def on_batch_end(self, batch, logs=None):
            self.rates.append(K.get_value(self.model.optimizer.lr))
            K.set_value(self.model.optimizer.lr, self.model.optimizer.lr * 1.5)

    grow = Grow()
    model, history = train(grow, LearningRateScheduler(lambda epoch, rate: rate), epochs=2, rate=0.01)
    expected = 0.01 * 1.5 ** np.arange(6)
    assert grow.rates == pytest.approx(expected, rel=1e-5)
    assert history.history["lr"] == pytest.approx([expected[3], expected[5] * 1.5], rel=1e-5)
    assert K.get_value(model.optimizer.learning_rate) == pytest.approx(expected[5] * 1.5, rel=1e-5)

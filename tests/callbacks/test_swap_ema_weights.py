import numpy as np
import pytest

import lamina
from lamina.callbacks import EarlyStopping, LambdaCallback, SwapEMAWeights


@pytest.fixture
def averaged(make_model):
    return make_model(optimizer=lamina.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9))


def test_the_means_are_in_the_model_while_it_is_evaluated_only(averaged, train):
    seen = {}
    hooks = ("on_epoch_begin", "on_test_begin", "on_test_end", "on_epoch_end")
    looks = {hook: lambda *args, hook=hook: seen.update({hook: averaged.get_weights()[0]}) for hook in hooks}
    before = LambdaCallback(on_test_begin=lambda logs: seen.update(weights=averaged.get_weights()[0]))
    train(before, SwapEMAWeights(), LambdaCallback(**looks), model=averaged, epochs=3)
    np.testing.assert_array_equal(seen["on_test_end"], seen["weights"])
    np.testing.assert_array_equal(seen["on_epoch_end"], seen["weights"])
    assert not np.allclose(seen["on_test_begin"], seen["weights"])
    np.testing.assert_array_equal(averaged.get_weights()[0], seen["on_test_begin"])  # fit leaves the means


def test_later_callbacks_see_the_means(averaged, train):
    seen, evaluated = [], []

    def look(epoch, logs):
        seen.append(logs["val_loss"])
        evaluated.append(averaged.evaluate(*validation, verbose=0)[0])

    rng = np.random.default_rng(1)
    validation = (rng.normal(size=(20, 3)).astype("float32"), rng.normal(size=(20, 1)).astype("float32"))
    callbacks = [SwapEMAWeights(swap_on_epoch=True), LambdaCallback(on_epoch_end=look)]
    train(*callbacks, model=averaged, epochs=3, validation_data=validation, validation_split=0.0)
    assert seen == pytest.approx(evaluated, rel=1e-5)
    assert averaged.evaluate(*validation, verbose=0)[0] == pytest.approx(seen[-1], rel=1e-5)


def test_the_means_stay_when_training_is_stopped(averaged, train):
    seen = []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(averaged.get_weights()[0]))
    stop = EarlyStopping("loss", patience=0, mode="max")
    train(stop, SwapEMAWeights(swap_on_epoch=True), look, model=averaged, epochs=30)
    assert len(seen) < 30
    np.testing.assert_array_equal(averaged.get_weights()[0], seen[-1])


def test_prediction_leaves_the_weights(averaged, train, samples):
    train(model=averaged, epochs=1)
    averaged.layers[0].kernel.assign(averaged.layers[0].kernel.value + 1)
    before = averaged.get_weights()[0]
    plain = averaged.predict(samples.x, verbose=0)
    with_means = averaged.predict(samples.x, verbose=0, callbacks=[SwapEMAWeights()])
    assert not np.allclose(plain, with_means)
    np.testing.assert_array_equal(averaged.get_weights()[0], before)


def test_state(averaged):
    callback = SwapEMAWeights()
    callback.set_state({"swapped": True})
    assert callback.get_state() == {"swapped": True}


def test_an_optimizer_without_means(train):
    with pytest.raises(ValueError, match=r"(?s)needs an optimizer that keeps running means.*use_ema=True"):
        train(SwapEMAWeights(), epochs=1)

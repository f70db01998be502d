import os
import signal
import threading

import numpy as np
import pytest

import lamina
from lamina.training.interrupts import deferred_interrupt


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


class PressAt(lamina.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            press_ctrl_c()


def assert_usable(model, samples, epochs):
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert model.history.epoch == epochs
    assert len(model.history.history.get("loss", [])) == len(epochs)
    loss = model.evaluate(samples.x, samples.values, verbose=0)
    assert np.isfinite(model.predict(samples.x, verbose=0)).all()
    assert model.fit(samples.x, samples.values, verbose=0).history["loss"][0] <= loss + 1e-6


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_keeps_weights_and_history(make_model, samples):
    model = make_model()
    with pytest.raises(KeyboardInterrupt):
        model.fit(samples.x, samples.values, epochs=5, verbose=0, callbacks=PressAt(2))
    assert_usable(model, samples, [0, 1])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_a_long_epoch(make_model, samples):
    def batches():
        yield samples.x, samples.values
        threading.Timer(0.2, press_ctrl_c).start()
        while True:
            yield samples.x, samples.values

    model = make_model()
    before = model.get_weights()[0]
    with pytest.raises(KeyboardInterrupt):
        model.fit(batches(), steps_per_epoch=10**9, verbose=0)
    assert not np.array_equal(before, model.get_weights()[0])
    assert_usable(model, samples, [])


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_a_long_epoch_over_arrays(make_model, samples):
    model = make_model()
    model.fit(samples.x, samples.values, batch_size=1, verbose=0)
    timer = threading.Timer(0.3, press_ctrl_c)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(samples.x, samples.values, batch_size=1, epochs=10**6, verbose=0)
    assert len(model.history.epoch) > 0
    assert_usable(model, samples, model.history.epoch)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_an_evaluation(make_model, samples):
    class Press(lamina.callbacks.Callback):
        def on_test_begin(self, logs=None):
            press_ctrl_c()

    model = make_model()
    with pytest.raises(KeyboardInterrupt):
        model.evaluate(samples.x, samples.values, verbose=0, callbacks=[Press()])
    assert np.isfinite(model.evaluate(samples.x, samples.values, verbose=0))


def test_a_keyboard_interrupt_of_a_callback_goes_through(make_model, samples):
    class Raise(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    model = make_model()
    with pytest.raises(KeyboardInterrupt):
        model.fit(samples.x, samples.values, epochs=5, verbose=0, callbacks=[lamina.callbacks.History(), Raise()])
    assert_usable(model, samples, [0, 1])


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupt_waits_until_it_is_asked_for():
    reached = []

    def interrupted():
        with deferred_interrupt() as raise_if_pressed:
            raise_if_pressed()
            press_ctrl_c()
            reached.append("here")
            raise_if_pressed()
            reached.append("not here")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == ["here"]


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_does_not_wait():
    reached = []

    def interrupted():
        with deferred_interrupt():
            press_ctrl_c()
            reached.append("here")
            press_ctrl_c()
            reached.append("not here")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == ["here"]


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupt_at_the_very_end_is_not_lost():
    with pytest.raises(KeyboardInterrupt), deferred_interrupt():
        press_ctrl_c()


def test_handlers_of_others_are_left_alone():
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(1))
    try:
        with deferred_interrupt() as raise_if_pressed:
            press_ctrl_c()
            raise_if_pressed()
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [1]


def test_other_threads_have_no_signals(make_model, samples):
    found = []
    thread = threading.Thread(target=lambda: found.append(make_model().fit(samples.x, samples.values, verbose=0)))
    thread.start()
    thread.join()
    assert found[0].epoch == [0]

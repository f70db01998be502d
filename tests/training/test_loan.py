import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina.core.errors import LoanError
from lamina.training.loan import Loan


class Keep(lamina.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.kept = []

    def on_epoch_end(self, epoch, logs=None):
        self.kept.append(self.model.layers[0].kernel.value)


class Halve(lamina.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        kernel = self.model.layers[0].kernel
        kernel.assign(np.asarray(kernel) / 2)
        self.assigned = np.array(kernel)


@pytest.fixture
def model():
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
    model.compile(lamina.optimizers.SGD(0.0), "mse")
    return model


@pytest.fixture
def data():
    return np.ones((8, 3), "float32"), np.ones((8, 1), "float32")


@pytest.mark.parametrize("train", ["fit", "train_on_batch"])
def test_arrays_that_others_hold_are_left_to_them(model, data, train):
    kernel = model.layers[0].kernel
    held, assigned = kernel.value, jnp.full((3, 1), 2.0)
    before = np.array(held)
    getattr(model, train)(*data)
    kernel.assign(assigned)
    getattr(model, train)(*data)
    np.testing.assert_array_equal(held, before)
    np.testing.assert_array_equal(assigned, np.full((3, 1), 2.0))


def test_one_array_may_be_assigned_to_two_variables(data):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(3), lamina.layers.Dense(3)])
    model.compile("sgd", "mse")
    for layer in model.layers:
        layer.kernel.assign(jnp.eye(3))
    model.layers[1].kernel.assign(model.layers[0].kernel)
    model.fit(data[0], data[0], verbose=0)


def test_callbacks_may_keep_what_they_read(model, data):
    model.optimizer.learning_rate = 0.1
    keep = Keep()
    model.fit(*data, epochs=3, verbose=0, callbacks=[keep])
    sums = [float(value.sum()) for value in keep.kept]
    assert len(set(sums)) == 3
    assert sums[-1] == float(model.layers[0].kernel.value.sum())


def test_what_callbacks_assign_from_the_host_is_trained_on(model, data):
    halve = Halve()
    before = model.layers[0].get_weights()[0]
    model.fit(*data, epochs=2, verbose=0, callbacks=[halve])
    np.testing.assert_array_equal(halve.assigned, before / 4)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], before / 4)


def test_a_second_borrower_is_refused(model, data):
    model.fit(*data, verbose=0)
    binding = model.learner("fit")[0].binding
    loan = Loan(binding)
    with pytest.raises(LoanError, match="is being trained by another call of fit"):
        Loan(binding)
    loan.settle()
    Loan(binding).settle()

import numpy as np
import pytest

import lamina
from lamina.core.errors import ArgumentError, NotCompiledError, UnexpectedArgumentError
from lamina.training import arguments


def refuses(error, message, call):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"batch_size": 0}, "fit: batch_size must be a positive integer. Received: batch_size=0"),
        ({"batch_size": 1.5}, "batch_size must be a positive integer. Received: batch_size=1.5"),
        ({"batch_size": True}, "Received: batch_size=True"),
        ({"epochs": -1}, "fit: epochs must be an integer, 0 or above. Received: epochs=-1"),
        ({"epochs": 1.5}, "Received: epochs=1.5"),
        ({"initial_epoch": -2}, "Received: initial_epoch=-2"),
        ({"steps_per_epoch": 0}, "steps_per_epoch must be a positive integer. Received: steps_per_epoch=0"),
        ({"validation_steps": -3}, "Received: validation_steps=-3"),
        ({"validation_batch_size": 0}, "Received: validation_batch_size=0"),
        ({"validation_freq": 0}, "validation_freq must be a positive integer, or a list of epochs. Received: "),
        ({"validation_freq": ["x"]}, "an epoch of validation_freq must be an integer"),
        ({"validation_split": 1}, "from 0 up to, not including, 1. Received: validation_split=1"),
        ({"validation_split": -0.1}, "Received: validation_split=-0.1"),
        ({"validation_split": "half"}, "Received: validation_split='half'"),
        ({"verbose": 7}, "verbose must be 0, 1, 2 or 'auto'. Received: verbose=7"),
        ({"verbose": "loud"}, "Received: verbose='loud'"),
        ({"shuffle": "batches"}, "shuffle must be one of True, False, 'batch'. Received: shuffle='batches'"),
        ({"callbacks": 3}, "callbacks holds 3, which is no callback"),
        ({"callbacks": [lamina.callbacks.Callback]}, "made with ()"),
    ],
)
def test_fit_refuses_impossible_values_and_does_nothing(make_model, samples, given, message):
    model = make_model()
    before = model.get_weights()
    refuses(ArgumentError, message, lambda: model.fit(samples.x, samples.values, **{"verbose": 0, **given}))
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert model.history is None


def test_refusals_can_be_caught_as_value_errors(make_model, samples):
    with pytest.raises(ValueError, match="epochs"):
        make_model().fit(samples.x, samples.values, epochs=-1)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_other_methods_check_too(make_model, samples, method):
    data = (samples.x, samples.values)[: 2 if method == "evaluate" else 1]
    call = getattr(make_model(), method)
    refuses(ArgumentError, f"{method}: batch_size must be a positive integer", lambda: call(*data, batch_size=0))
    refuses(ArgumentError, f"{method}: steps must be a positive integer", lambda: call(*data, steps=0))
    refuses(ArgumentError, "verbose must be", lambda: call(*data, verbose=-1))


@pytest.mark.parametrize(
    ("method", "given", "meant"),
    [
        ("fit", {"ephocs": 3}, "epochs"),
        ("fit", {"batchsize": 3}, "batch_size"),
        ("fit", {"validaton_data": 3}, "validation_data"),
        ("compile", {"los": "mse"}, "loss"),
        ("compile", {"optimiser": "sgd"}, "optimizer"),
        ("evaluate", {"batch": 1}, "batch_size"),
        ("predict", {"verbos": 0}, "verbose"),
        ("train_on_batch", {"sample_weights": 1}, "sample_weight"),
    ],
)
def test_misspelt_arguments_get_a_suggestion(make_model, method, given, meant):
    name = next(iter(given))
    message = refuses(
        UnexpectedArgumentError, f"{method}() has no argument {name!r}", lambda: getattr(make_model(), method)(**given)
    )
    assert message.partition("hint: ")[2].startswith(f"did you mean {meant}")


def test_arrays_are_not_shown_in_full(make_model):
    call = lambda: make_model().fit(samplewight=np.zeros((5, 2)))  # noqa: E731
    refuses(UnexpectedArgumentError, "(received samplewight=<ndarray of shape (5, 2)>)", call)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_training_needs_compile(samples, method):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
    call = lambda: getattr(model, method)(samples.x, samples.values)  # noqa: E731
    message = refuses(NotCompiledError, f"{method}() was called before compile().", call)
    assert "hint: say what to train for first: model.compile(optimizer='adam', loss='mse')." in message


def test_predict_needs_no_compile(samples):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
    assert model.predict(samples.x, verbose=0).shape == (40, 1)


def test_training_needs_a_loss(samples):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(1)])
    model.compile("sgd")
    call = lambda: model.fit(samples.x, samples.values, verbose=0)  # noqa: E731
    refuses(NotCompiledError, "compile() was given no loss, and no layer adds one", call)


@pytest.mark.parametrize(
    ("given", "epochs"),
    [(1, [1, 2, 3, 4, 5, 6]), (3, [3, 6]), ([1, 4], [1, 4]), (range(2, 4), [2, 3]), (np.array([5]), [5]), ([], [])],
)
def test_validation_is_due_after(given, epochs):
    freq = arguments.check_freq(given)
    assert [epoch + 1 for epoch in range(6) if arguments.is_due(epoch, freq)] == epochs


@pytest.mark.parametrize(("given", "told"), [("auto", 1), (True, 1), (False, 0), (0, 0), (2, 2), (np.int64(2), 2)])
def test_verbosity(given, told):
    assert arguments.check_verbose(given) == told


@pytest.mark.parametrize(("given", "share"), [(None, 0.0), (0, 0.0), (0.25, 0.25), (np.float32(0.5), 0.5)])
def test_split(given, share):
    assert arguments.check_split(given) == share

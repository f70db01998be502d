import traceback

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamina
from lamina.core.errors import DataDependentError
from lamina.training.driver import Pace, as_logs

_rng = np.random.default_rng(0)
X = _rng.normal(size=(70, 3)).astype("float32")
Y = (X[:, :1] * 2).astype("float32")
WEIGHTS = _rng.uniform(size=70).astype("float32")


class Exact(lamina.layers.Layer):
    """A layer of one's own, which lamina does not trust with padded rows."""

    def call(self, x):
        return x


def build(*layers, **compiled):
    lamina.utils.set_random_seed(1)
    hidden = lamina.layers.Dense(4, activation="tanh", kernel_regularizer="l2")
    model = lamina.Sequential([lamina.Input((3,)), *layers, hidden, lamina.layers.Dense(1)])
    model.compile(lamina.optimizers.SGD(0.05, momentum=0.9), "mse", **{"metrics": ["mae"], **compiled})
    return model


def assert_close(ours, theirs):
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=2e-5, atol=1e-6)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(rows=st.integers(1, 70), batch=st.sampled_from([1, 3, 16, 32, 100]), weighted=st.booleans())
def test_the_loop_is_its_steps(rows, batch, weighted):
    weights = WEIGHTS[:rows] if weighted else None
    looped, stepped = build(), build()
    looped.fit(X[:rows], Y[:rows], batch_size=batch, sample_weight=weights, epochs=2, shuffle=False, verbose=0)
    for _ in range(2):
        for start in range(0, rows, batch):
            cut = slice(start, min(start + batch, rows))
            stepped.train_on_batch(X[cut], Y[cut], None if weights is None else weights[cut])
    assert_close(looped.get_weights(), stepped.get_weights())


@settings(max_examples=4, deadline=None, derandomize=True)
@given(rows=st.integers(1, 70), batch=st.sampled_from([3, 16, 32]), weighted=st.booleans())
def test_padded_batches_are_as_good_as_exact_ones(rows, batch, weighted):
    weights = WEIGHTS[:rows] if weighted else None
    found = []
    for layers in ((), (Exact(),)):
        model = build(*layers, weighted_metrics=["mae"])
        history = model.fit(X[:rows], Y[:rows], batch_size=batch, sample_weight=weights, epochs=2, verbose=0)
        scores = model.evaluate(X[:rows], Y[:rows], batch_size=batch, sample_weight=weights, verbose=0)
        found.append([*model.get_weights(), *history.history.values(), scores])
    assert_close(*found)


# -- step by step in Python --------------------------------------------------------------------------------------------


def test_eager_training_is_compiled_training():
    found = []
    for eager in (False, True):
        model = build(lamina.layers.Dropout(0.3, seed=5), run_eagerly=eager)
        history = model.fit(X, Y, epochs=2, verbose=0, validation_split=0.2)
        found.append([*history.history.values(), *model.get_weights(), model.predict(X, verbose=0)])
    assert_close(*found)


def test_eager_layers_can_look_at_values(capsys):
    class Looks(lamina.layers.Layer):
        def call(self, x):
            if float(lamina.ops.mean(x)) > 1e6:
                return x * 0
            print(f"mean {np.asarray(x).mean():.3f}")
            return x if x[0, 0] > -1e9 else -x

    eager, compiled = build(Looks(), run_eagerly=True), build()
    eager.fit(X, Y, verbose=0, shuffle=False)
    assert f"mean {X[:32].mean():.3f}" in capsys.readouterr().out
    compiled.fit(X, Y, verbose=0, shuffle=False)
    assert_close(eager.get_weights(), compiled.get_weights())


def test_compiled_layers_say_why_they_cannot():
    class Branches(lamina.layers.Layer):
        def call(self, x):
            return x if x[0, 0] > 0 else -x

    with pytest.raises(DataDependentError, match="uses the value of a tensor in Python") as caught:
        build(Branches()).fit(X, Y, verbose=0)
    assert "run_eagerly=True" in str(caught.value)
    cause = caught.value.__cause__
    assert "call" in [frame.name for frame in traceback.extract_tb(cause.__traceback__) if frame.filename == __file__]


# -- parts -------------------------------------------------------------------------------------------------------------


def test_pace_grows_and_shrinks():
    pace = Pace()
    pace.observe(1, 3.0)  # compilation
    started = pace.steps
    assert started >= 1
    for _ in range(20):
        pace.observe(pace.steps, 1e-5 * pace.steps)
    fast = pace.steps
    assert fast > 100 * started
    for _ in range(20):
        pace.observe(pace.steps, 0.5 * pace.steps)
    assert pace.steps == 1


def test_logs_are_in_the_order_of_names():
    logs = as_logs(["loss", "accuracy", "more"], [np.float32(1), np.float32(0.5), {"b": np.float32(2), "a": 3}])
    assert list(logs.items()) == [("a", 3.0), ("accuracy", 0.5), ("b", 2.0), ("loss", 1.0)]

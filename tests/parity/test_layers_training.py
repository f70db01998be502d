"""Networks with layers that behave differently in training: three epochs as Keras trains them.

Losses and what layers keep agree to 1e-5, relative; the last batch is short, and masks leave steps out.
"""

import numpy as np
import pytest

import lamina

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

rng = np.random.default_rng(3)
X = rng.normal(size=(71, 6)).astype("float32")
Y = (X[:, :1] * X[:, 1:2]).astype("float32")
STEPS = rng.normal(size=(71, 5, 6)).astype("float32") * (rng.random((71, 5, 1)) > 0.3)
STEPS = STEPS.astype("float32")
WORDS = rng.integers(0, 9, (71, 5)).astype("int32")


def dense(k, units=8, activation="tanh", seed=1):
    return k.layers.Dense(units, activation, kernel_initializer=k.initializers.GlorotUniform(seed=seed))


def between(make):
    return lambda k: [k.Input((6,)), dense(k), *make(k.layers), dense(k, 1, None, 2)]


def over_steps(make):
    return lambda k: [k.Input((5, 6)), *make(k), k.layers.Flatten(), dense(k, 1, None, 2)]


def words(**arguments):
    def make(k):
        table = k.layers.Embedding(9, 4, embeddings_initializer=k.initializers.RandomUniform(seed=3), **arguments)
        inner = k.layers.TimeDistributed(dense(k, 3))
        return [
            k.Input((5,), dtype="int32"),
            table,
            k.layers.BatchNormalization(),
            inner,
            k.layers.Flatten(),
            dense(k, 1),
        ]

    return make


NETWORKS = {
    "batch": (between(lambda layers: [layers.BatchNormalization(momentum=0.9)]), X),
    "batch, no weights": (between(lambda layers: [layers.BatchNormalization(center=False, scale=False)]), X),
    "batch, frozen": (between(lambda layers: [layers.BatchNormalization(trainable=False)]), X),
    "batch, renorm": (between(lambda layers: [layers.BatchNormalization(renorm=True)]), X),
    "batch over steps": (over_steps(lambda k: [k.layers.BatchNormalization(), dense(k)]), STEPS),
    "batch, masked": (over_steps(lambda k: [k.layers.Masking(), k.layers.BatchNormalization(momentum=0.5)]), STEPS),
    "batch in each step": (over_steps(lambda k: [k.layers.TimeDistributed(k.layers.BatchNormalization())]), STEPS),
    "layer": (between(lambda layers: [layers.LayerNormalization(gamma_regularizer="l2")]), X),
    "group": (between(lambda layers: [layers.GroupNormalization(4)]), X),
    "rms": (between(lambda layers: [layers.RMSNormalization()]), X),
    "dropout": (between(lambda layers: [layers.Dropout(0.3, seed=5), layers.Dropout(0.1, seed=6)]), X),
    "alpha": (between(lambda layers: [layers.AlphaDropout(0.3, seed=5)]), X),
    "gaussian": (between(lambda layers: [layers.GaussianDropout(0.3, seed=5), layers.GaussianNoise(0.1, seed=6)]), X),
    "spatial": (over_steps(lambda k: [k.layers.SpatialDropout1D(0.3, seed=5), dense(k)]), STEPS),
    "activity": (between(lambda layers: [layers.ActivityRegularization(l2=0.01)]), X),
    "words": (words(), WORDS),
    "words, masked": (words(mask_zero=True), WORDS),
    "einsum": (
        over_steps(lambda k: [k.layers.EinsumDense("abc,cd->abd", (5, 3), kernel_initializer="ones")]),
        STEPS,
    ),
}


def trained(k, make, x):
    np.random.seed(7)
    model = k.Sequential(make(k))
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse")
    history = model.fit(x, Y, epochs=3, batch_size=16, verbose=0)
    return model, history.history


@pytest.mark.filterwarnings(
    "ignore:.*does not support masks:UserWarning", "ignore:Layer .* was passed an input with a mask"
)
@pytest.mark.parametrize("name", NETWORKS)
def test_three_epochs(name):
    make, x = NETWORKS[name]
    mine, my_history = trained(lamina, make, x)
    theirs, their_history = trained(keras, make, x)
    assert my_history.keys() == their_history.keys()
    for key, values in their_history.items():
        np.testing.assert_allclose(my_history[key], values, rtol=1e-5)
    assert [w.name for w in mine.weights] == [w.name for w in theirs.weights]
    for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-5)
    predicted = theirs.predict(x, batch_size=len(x), verbose=0)  # Keras compiles one program then, not two
    np.testing.assert_allclose(mine.predict(x, verbose=0), predicted, rtol=1e-4, atol=1e-5)


def test_spectral_normalization_in_fit_and_out_of_it():
    pair = []
    for k in (lamina, keras):
        make = between(lambda layers, k=k: [layers.SpectralNormalization(dense(k, 4, None, 9), power_iterations=2)])
        k.utils.set_random_seed(1)
        pair.append(trained(k, make, X))
    (mine, my_history), (theirs, their_history) = pair
    np.testing.assert_allclose(my_history["loss"], their_history["loss"], rtol=1e-5)
    for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-5)

"""Lecture, regularization: L1 and L2, dropout and the max-norm constraint.

The slides only make the layers; here each is also trained, since making it proves little.
"""

# %% a small problem
import numpy as np

import lamina as keras

keras.utils.set_random_seed(42)
images = np.random.uniform(size=(64, 28, 28)).astype("float32")
labels = np.arange(64) % 10


def train(layer: keras.layers.Layer) -> keras.models.Sequential:
    """One epoch of a classifier with the layer below its output."""
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.models.Sequential([keras.layers.Flatten(input_shape=[28, 28]), layer, output])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
    model.fit(images, labels, epochs=1, verbose=0)
    return model


# %% an L2 penalty
layer = keras.layers.Dense(
    100,
    activation="elu",
    kernel_initializer="he_normal",
    kernel_regularizer=keras.regularizers.l2(0.01),
)
model = train(layer)
np.testing.assert_allclose(np.array(model.losses), [0.01 * np.square(layer.get_weights()[0]).sum()], rtol=1e-4)

# %% L1 penalties, alone and with L2
for penalty in (keras.regularizers.l1(0.01), keras.regularizers.l1_l2(0.01, 0.01)):
    assert len(train(keras.layers.Dense(100, activation="elu", kernel_regularizer=penalty)).losses) == 1

# %% dropout before every dense layer
model = keras.models.Sequential(
    [
        keras.layers.Flatten(input_shape=[28, 28]),
        keras.layers.Dropout(rate=0.2),
        keras.layers.Dense(300, activation="elu", kernel_initializer="he_normal"),
        keras.layers.Dropout(rate=0.2),
        keras.layers.Dense(100, activation="elu", kernel_initializer="he_normal"),
        keras.layers.Dropout(rate=0.2),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
np.testing.assert_array_equal(model.predict(images), model.predict(images))  # nothing is dropped in prediction
model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
model.fit(images, labels, epochs=1, verbose=0)

# %% a bound on the norm of the weights
layer = keras.layers.Dense(
    100,
    activation="selu",
    kernel_initializer="lecun_normal",
    kernel_constraint=keras.constraints.max_norm(1.0),
)
train(layer)
assert np.linalg.norm(layer.get_weights()[0], axis=0).max() <= 1 + 1e-5

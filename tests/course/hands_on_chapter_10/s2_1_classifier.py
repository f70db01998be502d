"""Chapter 10, section 2-1: an image classifier with the sequential API."""
# ruff: noqa: E402

# %% imports and a place for figures
import os

import matplotlib.pyplot as plt
import numpy as np

import lamina as keras

HELD_OUT = int(os.environ.get("COURSE_HELD_OUT", "5000"))  # images kept for validation


def save_fig(name: str) -> None:
    """Saves the current figure in the working directory."""
    plt.savefig(f"{name}.png")


# %% load Fashion-MNIST
fashion_mnist = keras.datasets.fashion_mnist
(X_train_full, y_train_full), (X_test, y_test) = fashion_mnist.load_data()

# %% shape and type of the images
print(X_train_full.shape, X_train_full.dtype)
assert X_train_full.shape[1:] == (28, 28)
assert X_train_full.dtype == np.uint8

# %% split and scale
X_valid, X_train = X_train_full[:HELD_OUT] / 255.0, X_train_full[HELD_OUT:] / 255.0
y_valid, y_train = y_train_full[:HELD_OUT], y_train_full[HELD_OUT:]
X_test = X_test / 255.0

# %% class names
class_names = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]

# %% show forty images
n_rows = 4
n_cols = 10
plt.figure(figsize=(n_cols * 1.2, n_rows * 1.2))
for row in range(n_rows):
    for col in range(n_cols):
        index = n_cols * row + col
        plt.subplot(n_rows, n_cols, index + 1)
        plt.imshow(X_train[index], cmap="binary", interpolation="nearest")
        plt.axis("off")
        plt.title(class_names[y_train[index]], fontsize=12)
plt.subplots_adjust(wspace=0.2, hspace=0.5)
plt.show()

# %% layers added one by one
model = keras.models.Sequential()
model.add(keras.layers.Flatten(input_shape=[28, 28]))
model.add(keras.layers.Dense(300, activation="relu"))
model.add(keras.layers.Dense(100, activation="relu"))
model.add(keras.layers.Dense(10, activation="softmax"))

# %% start afresh
keras.backend.clear_session()
np.random.seed(42)
keras.utils.set_random_seed(42)

# %% layers as a list
model = keras.models.Sequential(
    [
        keras.layers.Flatten(input_shape=[28, 28]),
        keras.layers.Dense(300, activation="relu"),
        keras.layers.Dense(100, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)

# %% summary
model.summary()
assert model.count_params() == 266_610

# %% a layer by position and by name
hidden1 = model.layers[1]
assert hidden1.name == "dense"
assert model.get_layer(hidden1.name) is hidden1

# %% weights and biases
weights, biases = hidden1.get_weights()
print(weights)
assert weights.shape == (784, 300)
assert not biases.any()

# %% compile by names
model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])

# %% compile with the function, the optimizer and the metric themselves
model.compile(
    loss=keras.losses.sparse_categorical_crossentropy,
    optimizer=keras.optimizers.SGD(),
    metrics=[keras.metrics.sparse_categorical_accuracy],
)

# %% train
model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid))

# %% what the history holds
print(history.params)
assert history.params["epochs"] == 30
assert history.params["steps"] == -(-len(X_train) // 32)  # 1719 with all the images
assert history.epoch == list(range(30))
assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}

# %% plot the learning curves
import pandas as pd

pd.DataFrame(history.history).plot(figsize=(8, 5))
plt.grid(True)
plt.gca().set_ylim(0, 1)
save_fig("keras_learning_curves_plot")
plt.show()

# %% probabilities of three images
X_new = X_test[:3]
y_proba = model.predict(X_new)
print(y_proba.round(2))
assert y_proba.shape == (3, 10)
np.testing.assert_allclose(y_proba.sum(axis=1), 1, rtol=1e-5)

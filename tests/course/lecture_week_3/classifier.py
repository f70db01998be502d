"""Lecture, sequential API: an image classifier from loading to class names."""
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


# %% the version
print(keras.__version__)
assert isinstance(keras.__version__, str)

# %% load Fashion-MNIST
fashion_mnist = keras.datasets.fashion_mnist
(X_train_full, y_train_full), (X_test, y_test) = fashion_mnist.load_data()

# %% shape of the images
print(X_train_full.shape)
assert X_train_full.shape[1:] == (28, 28)

# %% split, scale and name the classes
X_valid, X_train = X_train_full[:HELD_OUT] / 255.0, X_train_full[HELD_OUT:] / 255.0
y_valid, y_train = y_train_full[:HELD_OUT], y_train_full[HELD_OUT:]
X_test = X_test / 255.0
class_names = "T-shirt/top Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Ankle-boot".split()

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
assert [layer.name for layer in model.layers] == ["flatten", "dense", "dense_1", "dense_2"]
assert [layer.count_params() for layer in model.layers] == [0, 235_500, 30_100, 1_010]

# %% the network as a picture
keras.utils.plot_model(model, "my_fashion_mnist_model.png", show_shapes=True)

# %% a layer by position
hidden1 = model.layers[1]
print(hidden1.name)
assert hidden1.name == "dense"

# %% a layer by name
assert model.get_layer(hidden1.name) is hidden1

# %% weights and biases
weights, biases = hidden1.get_weights()
print(weights)
print(biases)
assert weights.dtype == np.float32

# %% shape of the weights
assert weights.shape == (784, 300)

# %% shape of the biases
assert biases.shape == (300,)

# %% compile by names
model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])

# %% compile with the function, the optimizer and the metric themselves
model.compile(
    loss=keras.losses.sparse_categorical_crossentropy,
    optimizer=keras.optimizers.SGD(),
    metrics=[keras.metrics.sparse_categorical_accuracy],
)

# %% train
history = model.fit(X_train, y_train, epochs=30, validation_data=(X_valid, y_valid))
assert history.history["loss"][-1] < history.history["loss"][0]

# %% plot the learning curves
import pandas as pd

pd.DataFrame(history.history).plot(figsize=(8, 5))
plt.grid(True)
plt.gca().set_ylim(0, 1)
save_fig("keras_learning_curves_plot")
plt.show()

# %% evaluate
results = model.evaluate(X_test, y_test)
print(results)
assert len(results) == 2

# %% probabilities of three images
X_new = X_test[:3]
y_proba = model.predict(X_new)
print(y_proba.round(2))
assert y_proba.dtype == np.float32

# %% classes of three images
y_pred = np.argmax(model.predict(X_new), axis=-1)
print(y_pred)
assert y_pred.shape == (3,)

# %% names of the classes
print(np.array(class_names)[y_pred])

# %% the true classes
y_new = y_test[:3]
print(y_new)
assert y_new.dtype == np.uint8

"""Notes on deep networks: two layers, three ways to write them, relu, Flatten and Adam, on Fashion-MNIST."""

# %% load and scale the images
import os

import lamina as keras

HELD_OUT = int(os.environ.get("COURSE_HELD_OUT", "12000"))  # images kept for validation

(train_input, train_target), (test_input, test_target) = keras.datasets.fashion_mnist.load_data()
train_scaled = train_input / 255.0
train_scaled, val_scaled = train_scaled[HELD_OUT:], train_scaled[:HELD_OUT]
train_target, val_target = train_target[HELD_OUT:], train_target[:HELD_OUT]

# %% a hidden and an output layer
dense1 = keras.layers.Dense(100, activation="sigmoid", input_shape=(784,))
dense2 = keras.layers.Dense(10, activation="softmax")

# %% a model from a list of layers
model = keras.Sequential([dense1, dense2])
model.summary()
assert model.count_params() == 79_510

# %% layers made in the list, with names
model = keras.Sequential(
    [
        keras.layers.Dense(100, activation="sigmoid", input_shape=(784,), name="hidden"),
        keras.layers.Dense(10, activation="softmax", name="output"),
    ],
    name="패션 MNIST 모델",
)
model.summary()
assert [layer.name for layer in model.layers] == ["hidden", "output"]

# %% layers added one by one
model = keras.Sequential()
model.add(keras.layers.Dense(100, activation="sigmoid", input_shape=(784,)))
model.add(keras.layers.Dense(10, activation="softmax"))
model.summary()

# %% relu after Flatten
model = keras.Sequential()
model.add(keras.layers.Flatten(input_shape=(28, 28)))
model.add(keras.layers.Dense(100, activation="relu"))
model.add(keras.layers.Dense(10, activation="softmax"))  # the notes leave this line to the reader
assert model.count_params() == 79_510

# %% train with Adam
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_scaled, train_target, epochs=5)

# %% a metric as a bare string
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics="accuracy")
history = model.fit(train_scaled, train_target, epochs=5)
assert set(history.history) == {"loss", "accuracy"}

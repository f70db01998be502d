"""Chapter 3.4 of the deep-learning book: positive or negative film reviews, a binary classifier."""
# ruff: noqa: E402

# %% load the reviews
import os

from lamina.datasets import imdb

HELD_OUT = int(os.environ.get("COURSE_HELD_OUT", "10000"))  # reviews kept for validation

(train_data, train_labels), (test_data, test_labels) = imdb.load_data(num_words=10000)
assert max(max(review) for review in train_data) < 10000

# %% reviews as rows of zeros and ones
import numpy as np


def vectorize_sequences(sequences: np.ndarray, dimension: int = 10000) -> np.ndarray:
    """One row a sequence, with a one for every word that occurs in it."""
    rows = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        rows[i, sequence] = 1.0
    return rows


x_train = vectorize_sequences(train_data)
x_test = vectorize_sequences(test_data)
y_train = np.asarray(train_labels).astype("float32")
y_test = np.asarray(test_labels).astype("float32")

# %% three dense layers
from lamina import layers, models

model = models.Sequential()
model.add(layers.Dense(16, activation="relu", input_shape=(10000,)))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(1, activation="sigmoid"))

# %% compile by names
model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])

# %% compile with an optimizer object
from lamina import optimizers

model.compile(optimizer=optimizers.RMSprop(lr=0.001), loss="binary_crossentropy", metrics=["accuracy"])

# %% hold out reviews for validation
x_val = x_train[:HELD_OUT]
partial_x_train = x_train[HELD_OUT:]
y_val = y_train[:HELD_OUT]
partial_y_train = y_train[HELD_OUT:]

# %% train
history = model.fit(partial_x_train, partial_y_train, epochs=20, batch_size=512, validation_data=(x_val, y_val))

# %% plot the losses
import matplotlib.pyplot as plt

history_dict = history.history
loss = history_dict["loss"]
val_loss = history_dict["val_loss"]
epochs = range(1, len(loss) + 1)
plt.plot(epochs, loss, "bo", label="Training loss")
plt.plot(epochs, val_loss, "b", label="Validation loss")
plt.title("Training and validation loss")
plt.xlabel("Epochs")
plt.ylabel("Loss")
plt.legend()
plt.show()

# %% plot the accuracies
plt.clf()
acc = history_dict["accuracy"]
val_acc = history_dict["val_accuracy"]
plt.plot(epochs, acc, "bo", label="Training acc")
plt.plot(epochs, val_acc, "b", label="Validation acc")
plt.title("Training and validation accuracy")
plt.xlabel("Epochs")
plt.ylabel("Accuracy")
plt.legend()
plt.show()

# %% predict
probabilities = model.predict(x_test)
print(probabilities)
assert probabilities.shape == (len(x_test), 1)

"""Chapter 3.5 of the deep-learning book: the topic of a newswire, a classifier of 46 classes."""
# ruff: noqa: E402

# %% load the newswires
import os

from lamina.datasets import reuters

HELD_OUT = int(os.environ.get("COURSE_HELD_OUT", "1000"))  # newswires kept for validation

(train_data, train_labels), (test_data, test_labels) = reuters.load_data(num_words=10000)

# %% read a newswire
word_index = reuters.get_word_index()
reverse_word_index = {rank: word for word, rank in word_index.items()}
decoded_newswire = " ".join([reverse_word_index.get(i - 3, "?") for i in train_data[0]])
print(decoded_newswire)
assert decoded_newswire.startswith("? ")  # the mark of a sequence's start is no word

# %% newswires as rows of zeros and ones
import numpy as np


def vectorize_sequences(sequences: np.ndarray, dimension: int = 10000) -> np.ndarray:
    """One row a sequence, with a one for every word that occurs in it."""
    rows = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        rows[i, sequence] = 1.0
    return rows


x_train = vectorize_sequences(train_data)
x_test = vectorize_sequences(test_data)


# %% one-hot labels by hand
def to_one_hot(labels: np.ndarray, dimension: int = 46) -> np.ndarray:
    """One row a label, with a one in the label's column."""
    rows = np.zeros((len(labels), dimension))
    for i, label in enumerate(labels):
        rows[i, label] = 1.0
    return rows


one_hot_train_labels = to_one_hot(train_labels)
one_hot_test_labels = to_one_hot(test_labels)

# %% one-hot labels by the library
from lamina.utils.np_utils import to_categorical

by_hand = one_hot_train_labels
one_hot_train_labels = to_categorical(train_labels)
one_hot_test_labels = to_categorical(test_labels)
np.testing.assert_array_equal(one_hot_train_labels, by_hand)

# %% three dense layers
from lamina import layers, models

model = models.Sequential()
model.add(layers.Dense(64, activation="relu", input_shape=(10000,)))
model.add(layers.Dense(64, activation="relu"))
model.add(layers.Dense(46, activation="softmax"))

# %% compile by names
model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])

# %% hold out newswires for validation
x_val = x_train[:HELD_OUT]
partial_x_train = x_train[HELD_OUT:]
y_val = one_hot_train_labels[:HELD_OUT]
partial_y_train = one_hot_train_labels[HELD_OUT:]

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

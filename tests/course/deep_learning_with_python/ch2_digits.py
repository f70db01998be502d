"""Chapter 2 of the deep-learning book: a first network on MNIST, and what tensors are."""
# ruff: noqa: E402

# %% load the digits
from lamina.datasets import mnist

(train_images, train_labels), (test_images, test_labels) = mnist.load_data()

# %% two dense layers
from lamina import layers, models

network = models.Sequential()
network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(10, activation="softmax"))

# %% compile by names
network.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])

# %% flatten and scale the images
train_images = train_images.reshape((train_images.shape[0], 28 * 28))
train_images = train_images.astype("float32") / 255
test_images = test_images.reshape((test_images.shape[0], 28 * 28))
test_images = test_images.astype("float32") / 255

# %% one-hot labels
from lamina.utils import to_categorical

train_labels = to_categorical(train_labels)
test_labels = to_categorical(test_labels)
assert train_labels.shape == (len(train_images), 10)

# %% train
network.fit(train_images, train_labels, epochs=5, batch_size=128)

# %% test accuracy
test_loss, test_acc = network.evaluate(test_images, test_labels)
print("test accuracy:", test_acc)
assert 0 <= test_acc <= 1

# %% scalars, vectors and matrices
import numpy as np

x = np.array(12)
assert x.ndim == 0
x = np.array([12, 3, 6, 14, 7])
assert x.ndim == 1
x = np.array([[5, 78, 2, 34, 0], [6, 79, 3, 35, 1], [7, 80, 4, 36, 2]])
print(x.ndim, x.shape, x.dtype)

# %% show a digit
import matplotlib.pyplot as plt

(train_images, train_labels), (test_images, test_labels) = mnist.load_data()  # the images as they were, not flattened
digit = train_images[4]
plt.imshow(digit, cmap=plt.cm.binary)
plt.show()

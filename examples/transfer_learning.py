"""Transfer learning: what a network learned from eight kinds of clothes helps to tell two others apart.

Network A is trained on Fashion-MNIST without sandals and shirts. There are only 200 images of these
two. A network trained on them from scratch is compared with one that takes over all but the last layer of
A: first these layers are frozen, so that the new last layer can settle; then all are trained, with a
lower learning rate.

    python examples/transfer_learning.py
"""

import time
from typing import NamedTuple

import numpy as np

import lamina as keras

SANDAL, SHIRT = 5, 6
FEW = 200


class Images(NamedTuple):
    """Images and what they show."""

    x: np.ndarray  # (images, 28, 28), uint8
    y: np.ndarray  # (images,)


def is_wanted(labels):
    """Which images show a sandal or a shirt."""
    return (labels == SANDAL) | (labels == SHIRT)


def eight_classes(images):
    """Without sandals and shirts, the other classes numbered from 0 to 7."""
    kept = ~is_wanted(images.y)
    labels = images.y[kept].astype("int32")
    return Images(images.x[kept], np.where(labels > SHIRT, labels - 2, labels))


def two_classes(images):
    """Sandals and shirts alone: 1 for a shirt."""
    kept = is_wanted(images.y)
    return Images(images.x[kept], (images.y[kept] == SHIRT).astype("float32"))


def hidden_layers():
    """The part of a network that one task can take over from another."""
    layers = [keras.Input((28, 28)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
    for units in (300, 100, 50, 50, 50):
        layers.append(keras.layers.Dense(units, activation="selu", kernel_initializer="lecun_normal"))
    return layers


def train_a(train, epochs):
    """The network for eight classes."""
    model = keras.Sequential([*hidden_layers(), keras.layers.Dense(8, activation="softmax")], name="A")
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train.x, train.y, epochs=epochs, batch_size=128, verbose=0)
    return model


def train_b(model, train, epochs, learning_rate):
    """Trains a network for two classes; which layers are trained, `compile` notes."""
    model.compile(keras.optimizers.SGD(learning_rate), "binary_crossentropy", metrics=["accuracy"])
    model.fit(train.x, train.y, epochs=epochs, batch_size=32, verbose=0)


def from_scratch(train, epochs):
    """Network B, as if there were no network A."""
    model = keras.Sequential([*hidden_layers(), keras.layers.Dense(1, activation="sigmoid")], name="B")
    train_b(model, train, epochs, learning_rate=0.001)
    return model


def from_network_a(model_a, train, epochs):
    """Network B on top of network A, whose own weights stay as they are: B works with a copy."""
    base = keras.models.clone_model(model_a)
    base.set_weights(model_a.get_weights())
    base.pop()
    model = keras.Sequential([base, keras.layers.Dense(1, activation="sigmoid")], name="B_on_A")
    base.trainable = False
    train_b(model, train, epochs // 4, learning_rate=0.01)
    base.trainable = True
    train_b(model, train, epochs - epochs // 4, learning_rate=0.001)
    return model


def main(epochs_a=5, epochs_b=20):
    """Trains the networks, and prints how well they do on images that none of them has seen.

    Args:
        epochs_a: passes over the images of eight classes.
        epochs_b: passes over the 200 images of two classes.

    Returns:
        The accuracies for the two classes: from scratch, and on top of network A.
    """
    keras.utils.set_random_seed(42)
    train, test = (Images(*part) for part in keras.datasets.fashion_mnist.load_data())
    few, unseen = Images(*(part[:FEW] for part in two_classes(train))), two_classes(test)
    rows = []
    start = time.perf_counter()
    model_a = train_a(eight_classes(train), epochs_a)
    rows.append(("A: eight classes", model_a, eight_classes(test), time.perf_counter() - start))
    makers = {"B: from scratch": from_scratch, "B: on top of A": lambda *args: from_network_a(model_a, *args)}
    for name, make in makers.items():
        start = time.perf_counter()
        rows.append((name, make(few, epochs_b), unseen, time.perf_counter() - start))
    accuracies = []
    print(f"{'network':<20}{'weights':>10}{'test accuracy':>16}{'training time':>16}")
    for name, model, images, seconds in rows:
        _, accuracy = model.evaluate(images.x, images.y, verbose=0)
        accuracies.append(accuracy)
        print(f"{name:<20}{model.count_params():>10,}{accuracy:>15.1%}{seconds:>14.1f} s")
    return accuracies[1], accuracies[2]


if __name__ == "__main__":
    main()

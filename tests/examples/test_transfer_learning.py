"""The example of transfer learning runs, and does what it says, on images that stand in for Fashion-MNIST."""

import numpy as np
import pytest

import lamina


@pytest.fixture
def example(load_example):
    return load_example("transfer_learning")


def pictures(count):
    """Images whose class is told by the rows that are bright."""
    labels = (np.arange(count) % 10).astype("uint8")
    images = np.random.default_rng(0).integers(0, 60, (count, 28, 28)).astype("uint8")
    images[np.arange(count), 2 * labels] = 200
    return images, labels


def test_the_table(example, monkeypatch, capsys):
    monkeypatch.setattr(lamina.datasets.fashion_mnist, "load_data", lambda: (pictures(2000), pictures(500)))
    accuracies = example.main(epochs_a=3, epochs_b=8)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["network", "A:", "B:", "B:"]
    assert all(f"{accuracy:.1%}" in line for accuracy, line in zip(accuracies, lines[2:], strict=True))
    assert accuracies[1] > 0.9


def test_classes_are_parted(example):
    images = example.Images(*pictures(20))
    assert example.eight_classes(images).y.tolist() == [*range(8)] * 2
    assert example.two_classes(images).y.tolist() == [0.0, 1.0] * 2


def test_network_a_is_left_as_it_is(example):
    images = example.Images(*pictures(300))
    network = example.train_a(example.eight_classes(images), 1)
    before = network.get_weights()
    other = example.from_network_a(network, example.two_classes(images), 4)
    for one, two in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(other.get_weights()[0], before[0])
    assert len(network.layers) == 8

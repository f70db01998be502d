import numpy as np
import pandas as pd
import pytest

import lamina
from lamina import layers
from lamina.core.errors import DataError, ShapeError
from lamina.data.dataset import Dataset

X = np.random.default_rng(0).normal(3, 2, (50, 3)).astype("float32")


def batches():
    return Dataset.from_rows(lambda rows: (X[rows], rows), 50, 7)


class Numbered(lamina.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[10 * index : 10 * index + 10], index


@pytest.mark.parametrize(
    "data",
    [X, X.tolist(), X.astype("float64"), pd.DataFrame(X), [X[:20], X[20:]], batches(), Numbered(), iter([X, X])],
    ids=lambda data: type(data).__name__,
)
def test_adapt_takes_anything(data):
    layer = layers.Normalization()
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean[0], X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.variance[0], X.var(0), rtol=1e-5)
    found = np.asarray(layer(X))
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(layers.Normalization.from_config(layer.get_config())(X), X)


def test_integers_and_objects_are_numbers():
    layer = layers.Normalization()
    layer.adapt(np.array([[1, 2], [3, 6]], "uint8"))
    assert layer.mean.tolist() == [[2, 4]]
    frame = pd.DataFrame({"a": [1, 3], "b": [2.0, 6.0]}, dtype=object)
    layer.adapt(frame)
    assert layer.mean.tolist() == [[2, 4]]


def test_one_mean_for_all_keeps_the_rank():
    layer = layers.Normalization(axis=None)
    layer.adapt(np.array([1.0, 3.0]))
    assert layer(np.array([1.0, 3.0, 5.0])).tolist() == [-1, 1, 3]
    inverse = layers.Normalization(axis=None, mean=2.0, variance=4.0, invert=True)
    assert inverse(np.array([[-1.0, 1.0]])).tolist() == [[0, 4]]


def test_given_statistics_belong_to_the_last_of_the_axes():
    layer = layers.Normalization(axis=(1, 2), mean=[0.0, 1.0], variance=[1.0, 4.0])
    assert layer(np.ones((1, 3, 2, 1))).ravel().tolist() == [1, 0] * 3
    assert layers.Normalization(mean=1.0, variance=4.0)(np.array([[3.0, 5.0]])).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Normalization(mean=1.0), "mean and variance together"),
        (lambda: layers.Normalization(mean=[1.0], variance=[1.0, 2.0]), "of one shape"),
        (lambda: layers.Normalization(axis=None, mean=[1.0], variance=[1.0]), "at most one axis for each of"),
        (lambda: layers.Normalization(mean=0.0, variance=1.0).adapt(X), "was given mean and variance"),
        (lambda: layers.Normalization(axis=2).adapt(X), r"axis=\(2,\), but inputs of shape"),
        (lambda: layers.Normalization(axis=1).build((None, None)), "needs known sizes"),
        (lambda: layers.Normalization().adapt(X[:0]), "empty data set"),
        (lambda: layers.Normalization().adapt([]), "empty data set"),
        (lambda: layers.Normalization().adapt([["a"], ["b"]]), "cannot adapt to data of dtype"),
        (lambda: layers.Normalization().adapt([X, X[:, :2]]), r"shape \(1, 3\), but cannot adapt.*\(50, 2\)"),
    ],
)
def test_bad_input_for_normalization(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_scales_per_channel_follow_the_layout_of_images():
    layer = layers.Rescaling([1.0, 2.0], offset=1.0)
    assert layer(np.ones((1, 1, 1, 2))).ravel().tolist() == [2, 3]
    lamina.config.set_image_data_format("channels_first")
    try:
        assert layer(np.ones((1, 2, 1, 1))).ravel().tolist() == [2, 3]
    finally:
        lamina.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("layer", [layers.Normalization(mean=1.0, variance=4.0), layers.Rescaling(0.5, offset=-0.5)])
def test_nested_lists_are_arrays(layer):
    np.testing.assert_array_equal(layer([[1, 3], [5.0, 7.0]]), [[0, 1], [2, 3]])
    with pytest.raises(DataError, match="rows that differ in length"):
        layer([[1.0], [2.0, 3.0]])
    with pytest.raises(ShapeError, match="got an array of dtype object, which holds no numbers"):
        layer(None)


def test_bins_of_words_are_refused():
    with pytest.raises(DataError, match=r"Discretization 'bins' takes in numbers, but got others: .*'a'"):
        layers.Discretization(num_bins=2, name="bins").adapt(np.array(["a", "b"]))

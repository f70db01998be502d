import random

import numpy as np
import pytest

import lamina
from lamina import utils


def trained(seed):
    utils.set_random_seed(seed)
    layers = [lamina.layers.Dense(4, "relu"), lamina.layers.Dropout(0.5), lamina.layers.Dense(1)]
    model = lamina.Sequential(layers)
    model.compile("adam", "mse")
    x = np.random.normal(size=(40, 3))
    model.fit(x, x.sum(1), epochs=2, verbose=0)
    return [*model.get_weights(), np.random.normal(), random.random(), np.asarray(lamina.random.normal((2,)))]


def test_a_seed_repeats_everything():
    one, two, other = trained(7), trained(7), trained(8)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.allclose(one[0], other[0])


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "a", True])
def test_seeds_that_are_none(seed):
    with pytest.raises(ValueError, match="seed must be an integer"):
        utils.set_random_seed(seed)


def test_names_begin_anew_after_clear_session():
    utils.clear_session()
    assert lamina.layers.Dense(1).name == "dense"
    assert lamina.layers.Dense(1).name == "dense_1"
    utils.clear_session()
    assert lamina.layers.Dense(1).name == "dense"
    assert utils.clear_session is lamina.backend.clear_session


def test_parts_of_batches():
    assert utils.unpack_x_y_sample_weight([1, 2]) == (1, 2, None)
    assert utils.pack_x_y_sample_weight([1]) == ([1],)
    with pytest.raises(ValueError, match="A batch has 4 parts"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))
    with pytest.raises(ValueError, match="A batch has 0 parts"):
        utils.unpack_x_y_sample_weight(())


def test_source_inputs_of_a_shared_graph_come_once():
    a, b = lamina.Input((2,)), lamina.Input((2,))
    both = lamina.layers.Add()([a, b])
    assert utils.get_source_inputs(lamina.layers.Add()([both, a])) == [a, b]
    assert utils.get_source_inputs(a) == [a]


@pytest.mark.parametrize(
    ("dtype", "name"), [(None, "float32"), ("int64", "int64"), (np.float16, "float16"), (str, "string")]
)
def test_names_of_dtypes(dtype, name):
    assert utils.standardize_dtype(dtype) == name


@pytest.mark.parametrize("dtype", ["float", "complex64", object])
def test_what_is_no_dtype(dtype):
    with pytest.raises(ValueError, match="is no dtype"):
        utils.standardize_dtype(dtype)

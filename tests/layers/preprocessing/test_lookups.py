import json

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from lamina import layers
from lamina.data.dataset import Dataset


def test_adapt_takes_arrays_frames_and_batches():
    words = ["b", "a", "b", "c"]
    batches = Dataset.from_rows(lambda rows: (np.array(words)[rows], rows), 4, 3)
    sources = [words, tuple(words), np.array(words), pd.Series(words), pd.DataFrame({"w": words}), batches]
    for data in [*sources, iter([words[:2], words[2:]]), [np.array(words[:3]), np.array(words[3:])]]:
        layer = layers.StringLookup()
        layer.adapt(data)
        assert layer.get_vocabulary() == ["[UNK]", "b", "c", "a"]
        assert layer.get_vocabulary(include_special_tokens=False) == ["b", "c", "a"]


def test_steps_end_adapting_early_and_a_second_time_starts_anew():
    layer = layers.IntegerLookup()
    layer.adapt(iter([[1, 1], [2], [3]]), steps=2)
    assert layer.get_vocabulary() == [-1, 1, 2]
    layer.adapt([7])
    assert layer.get_vocabulary() == [-1, 7]
    layer.reset_state()
    layer.update_state([[8, 9], [9, 9]])
    layer.finalize_state()
    assert layer.get_vocabulary() == [-1, 9, 8]


def test_a_vocabulary_may_come_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("cat\ndöner\n\nx\n", "utf-8")
    for given in (path, str(path)):
        layer = layers.StringLookup(vocabulary=given)
        assert layer.get_vocabulary() == ["[UNK]", "cat", "döner", "", "x"]
        assert layer.get_config()["vocabulary"] is None
    path.write_text("30\n10", "utf-8")
    assert layers.IntegerLookup(vocabulary=str(path))([10, 11]).tolist() == [2, 0]
    with pytest.raises(ValueError, match=r"vocabulary file '.*gone\.txt' does not exist"):
        layers.StringLookup(vocabulary=str(tmp_path / "gone.txt"))


@pytest.mark.parametrize("kind", [list, tuple, np.array, jnp.array, pd.Series])
def test_a_vocabulary_may_be_any_kind_of_list(kind):
    layer = layers.IntegerLookup(vocabulary=kind([5, 3]))
    assert layer.get_vocabulary() == [-1, 5, 3]
    assert list(layer.get_config()["vocabulary"]) == [5, 3]


def test_tokens_come_back_from_their_indices():
    layer = layers.StringLookup(vocabulary=["a", "b"], mask_token="")
    back = layers.StringLookup(vocabulary=layer.get_vocabulary(), mask_token="", invert=True)
    words = back(layer(np.array([["b", "", "z"]])))
    assert words.tolist() == [["b", "", "[UNK]"]]
    assert back([[9, -1]]).tolist() == [["[UNK]", "[UNK]"]]
    assert str(back(2)) == "a"


def test_large_integers_are_not_cut():
    layer = layers.IntegerLookup(vocabulary=[2**40, 1])
    assert layer(np.array([2**40, 2**40 + 1])).tolist() == [1, 0]
    assert layer(np.array([1.9, 2.0])).tolist() == [2, 0]


def test_set_vocabulary_replaces_it_and_adapt_does_too():
    layer = layers.StringLookup()
    layer.set_vocabulary(["x"])
    assert layer("x").tolist() == 1
    layer.adapt(["y"])
    assert layer.get_vocabulary() == ["[UNK]", "y"]


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count", "tf_idf", "int"])
@pytest.mark.parametrize("shape", [(), (2,), (2, 1), (2, 3), (2, 3, 2)])
def test_shapes_are_as_computed(mode, shape):
    layer = layers.StringLookup(output_mode=mode)
    layer.adapt(["a", "b", "b"])
    if shape or mode == "int":
        assert layer.compute_output_shape(shape) == layer(np.full(shape, "a")).shape
    assert layer(np.full(shape, "a")).dtype == ("float32" if mode == "tf_idf" else "int32")


def test_what_was_learnt_travels_in_files(tmp_path):
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(["a b b", "c é"])
    layer.save_assets(tmp_path)
    store = {}
    layer.save_own_variables(store)
    twin = layers.TextVectorization.from_config(layer.get_config())
    twin.load_own_variables(store)
    twin.load_assets(tmp_path)
    np.testing.assert_array_equal(twin(["a b", "é z"]), layer(["a b", "é z"]))
    numbers, other = layers.IntegerLookup(mask_token=0), layers.IntegerLookup(mask_token=0)
    numbers.adapt([5, 5, 7])
    numbers.save_assets(tmp_path)
    other.load_assets(tmp_path)
    assert other.get_vocabulary() == numbers.get_vocabulary() == [0, -1, 5, 7]


def lookup(**arguments):
    return lambda: layers.StringLookup(**arguments)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lookup(vocabulary=["a", "b", "a"]), r"repeated tokens: 'a'\.\n\nhint: keep each once"),
        (lookup(vocabulary=["a", ""], mask_token=""), "(?s)the mask token '' at index 1.*in this order"),
        (lookup(vocabulary=["a", "[UNK]"], invert=True), r"the OOV token '\[UNK\]' at index 1"),
        (lookup(vocabulary=[]), "empty vocabulary"),
        (lookup(vocabulary=[["a"]]), r"one axis, but got the shape \(1, 1\)"),
        (lookup(vocabulary=[1, 2]), "takes text"),
        (lookup(vocabulary=["a", "b"], max_tokens=2), "3 tokens, special ones included, but max_tokens is 2"),
        (lookup(max_tokens=1), "max_tokens must be an integer, 2 or above"),
        (lookup(num_oov_indices=-1), "num_oov_indices"),
        (lookup(pad_to_max_tokens=True), "pad_to_max_tokens=True needs max_tokens"),
        (lookup(output_mode="onehot"), "(?s)output_mode must be one of.*did you mean one_hot"),
        (lookup(output_mode="count", invert=True), "invert=True needs output_mode='int'"),
        (lookup(idf_weights=[1.0], vocabulary=["a"]), "idf_weights need output_mode='tf_idf'"),
        (lookup(output_mode="tf_idf", vocabulary=["a"]), "idf_weights belong to output_mode='tf_idf'"),
        (lookup(output_mode="tf_idf", vocabulary=["a"], idf_weights=[1.0, 2.0]), r"each of 1 tokens.*\(2,\)"),
        (lookup(salt=1.5), "salt must be one integer or two"),
        (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), "vocabulary_dtype must be 'int64'"),
        (lambda: layers.IntegerLookup(vocabulary=["a"]), "(?s)takes integers.*StringLookup"),
        (lambda: layers.IntegerLookup(salt=1), "salt needs oov_method='farmhash'"),
        (lambda: layers.IntegerLookup(oov_method="md5"), "oov_method must be one of"),
        (lambda: layers.StringLookup().adapt([]), "cannot adapt to an empty data set"),
        (lambda: layers.StringLookup().adapt(iter(())), "cannot adapt to an empty data set"),
        (lambda: layers.StringLookup().adapt(3), "(?s)cannot read a int.*pass an array"),
        (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), "made with a vocabulary, so it cannot adapt"),
        (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), "(?s)'b'.*num_oov_indices=1"),
        (lambda: layers.StringLookup().set_vocabulary(["a"], [0.5]), "idf_weights belong to"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("error", [ValueError, RuntimeError])
@pytest.mark.parametrize("make", [layers.StringLookup, layers.IntegerLookup, layers.TextVectorization])
def test_a_layer_without_vocabulary_says_so(make, error):
    with pytest.raises(error, match=r"(?s)has no vocabulary yet.*adapt"):
        make()(["1"])


@pytest.mark.parametrize("kind", [layers.StringLookup, layers.IntegerLookup, layers.TextVectorization])
def test_configs_are_json(kind):
    config = json.loads(json.dumps(kind(name="same").get_config()))
    assert config["dtype"]["config"] == {"name": "float32"}
    assert kind.from_config(config).get_config() == config

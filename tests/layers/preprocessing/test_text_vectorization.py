import json

import numpy as np
import pytest

import lamina
from lamina import layers


def test_functions_may_standardize_and_split():
    seen = []

    def standardize(texts):
        seen.append(texts.dtype.kind)
        return np.char.replace(texts, "x", " ")

    layer = layers.TextVectorization(standardize=standardize, split=lambda texts: [text.split("-") for text in texts])
    layer.adapt(["ax-b", "b"])
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "a "]
    assert layer(["b-ax", "ax"]).tolist() == [[2, 3], [3, 0]]
    assert set(seen) == {"U"}


@lamina.utils.register_keras_serializable("tests")
def shout(texts):
    return np.char.upper(texts)


def test_functions_travel_in_configs_if_they_are_registered():
    layer = layers.TextVectorization(standardize=shout, split=None, ngrams=(1, 2), vocabulary=["A", "A B"])
    record = json.loads(json.dumps(layers.serialize(layer)))
    twin = layers.deserialize(record)
    assert twin.standardize is shout
    assert twin([["a", "b"]]).tolist() == layer([["a", "b"]]).tolist() == [[2, 1, 3]]


def test_no_texts_and_empty_texts():
    layer = layers.TextVectorization(vocabulary=["a"])
    assert layer(["", ""]).shape == (2, 0)
    assert layer([]).shape == (0, 0)
    assert layer("").shape == (0,)
    fixed = layers.TextVectorization(vocabulary=["a"], output_sequence_length=3)
    assert fixed([]).shape == (0, 3)
    assert fixed("a").tolist() == [2, 0, 0]
    counts = layers.TextVectorization(vocabulary=["a"], output_mode="count")
    assert counts(["", "a a z"]).tolist() == [[0, 0], [1, 2]]
    assert counts([]).shape == (0, 2)


def test_one_row_per_word():
    layer = layers.TextVectorization(vocabulary=["a", "b"], output_mode="one_hot")
    assert layer(["b a", "a"]).tolist() == [[[0, 0, 1], [0, 1, 0]], [[0, 1, 0], [0, 0, 0]]]


def test_texts_may_have_more_axes():
    layer = layers.TextVectorization(vocabulary=["a", "b"])
    assert layer(np.array([[["a b"], ["b"]]])).tolist() == [[[2, 3], [3, 0]]]


@pytest.mark.parametrize("mode", ["int", "multi_hot", "tf_idf"])
def test_shapes_are_as_computed(mode):
    layer = layers.TextVectorization(output_mode=mode, output_sequence_length=4 if mode == "int" else None)
    layer.adapt(["a b", "c"])
    for shape in ((2,), (2, 1)):
        assert layer.compute_output_shape(shape) == layer(np.full(shape, "a")).shape


def test_batches_of_a_generator_and_steps():
    layer = layers.TextVectorization()
    layer.adapt((batch for batch in (["a a"], ["b"], ["c"])), steps=2)
    assert layer.get_vocabulary() == ["", "[UNK]", "a", "b"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"standardize": "upper"}, "standardize must be one of"),
        ({"split": "words"}, "split must be one of"),
        ({"output_mode": "binaries"}, "output_mode must be one of"),
        ({"ngrams": "2"}, "ngrams must be a positive integer, a tuple"),
        ({"ngrams": (0,)}, "ngrams must be"),
        ({"output_sequence_length": 2, "output_mode": "count"}, "output_sequence_length needs output_mode='int'"),
        ({"output_sequence_length": 2.5}, "output_sequence_length"),
        ({"ragged": True}, "(?s)ragged=True is not supported.*padded with 0"),
        ({"vocabulary": ["a", "a"]}, "repeated tokens: 'a'"),
        ({"vocabulary": ["a", ""]}, "mask token ''"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.TextVectorization(**arguments)


def test_bad_texts():
    layer = layers.TextVectorization(vocabulary=["a"])
    with pytest.raises(ValueError, match=r"(?s)shape \(batch,\) or \(batch, 1\), but got \(1, 2\).*split=None"):
        layer([["a", "b"]])
    with pytest.raises(ValueError, match="takes text"):
        layer([1.5])
    with pytest.raises(ValueError, match="empty data set"):
        layers.TextVectorization().adapt(["", "!"])
    with pytest.raises(ValueError, match="made with a vocabulary"):
        layer.adapt(["b"])

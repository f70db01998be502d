import numpy as np
import pytest

from lamina.data.sequences import pad_sequences


@pytest.mark.parametrize(
    ("sequences", "arguments", "expected"),
    [
        ([[1], [2, 3]], {}, [[0, 1], [2, 3]]),
        ([[1], [2, 3]], {"padding": "post", "value": 9}, [[1, 9], [2, 3]]),
        ([[1, 2, 3]], {"maxlen": 2}, [[2, 3]]),
        ([[1, 2, 3]], {"maxlen": 2, "truncating": "post"}, [[1, 2]]),
        ([[], [1]], {"maxlen": 3}, [[0, 0, 0], [0, 0, 1]]),
        ([[], []], {}, [[], []]),
        ([[1, 2]], {"maxlen": 0}, [[]]),
        ([[1.5], [2.7]], {}, [[1], [2]]),
        ([["a"], ["b", "c"]], {"dtype": object, "value": "-"}, [["-", "a"], ["b", "c"]]),
        ([[[1, 2]], [[3, 4], [5, 6]]], {}, [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]),
    ],
)
def test_sequences_of_one_length(sequences, arguments, expected):
    assert pad_sequences(sequences, **arguments).tolist() == expected


def test_no_sequences_and_the_dtype():
    assert pad_sequences([]).shape == (0, 0)
    assert pad_sequences([[1]]).dtype == np.int32
    assert pad_sequences([[1]], dtype="float32").dtype == np.float32


@pytest.mark.parametrize(
    ("sequences", "arguments", "message"),
    [
        ([[1]], {"padding": "middle"}, "padding must be one of 'pre', 'post'.*middle"),
        ([[1]], {"truncating": "before"}, "truncating must be one of"),
        ([1, 2], {}, r"(?s)got 1 in it.*pad_sequences\(\[sequence\]\)"),
        (iter([[1]]), {}, "takes a list of sequences"),
        ([["a"]], {"value": "x"}, r"(?s)cannot fill up with text.*dtype=object"),
        ([[[1, 2]], [[3]]], {}, r"position 1 has the shape \(1, 1\)"),
        ([[1]], {"maxlen": -1}, "maxlen"),
        (["ab"], {}, r"(?s)got 'ab' in it"),
        ("ab", {}, "takes a list of sequences. Received: str"),
        ([[1], ["a"]], {}, r"(?s)dtype int32, but the sequence at position 1 has other entries.*dtype=object"),
    ],
)
def test_bad_input(sequences, arguments, message):
    with pytest.raises(ValueError, match=message):
        pad_sequences(sequences, **arguments)


def test_a_misspelt_argument_gets_a_suggestion():
    with pytest.raises(TypeError, match=r"(?s)'max_len'.*did you mean maxlen"):
        pad_sequences([[1]], max_len=3)

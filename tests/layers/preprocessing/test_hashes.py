import numpy as np
import pytest

from lamina import layers
from lamina.layers.preprocessing.fingerprints import fingerprint64, siphash64

# TensorFlow's: tf.fingerprint(texts), and tf.strings.to_hash_bucket_strong(texts, 2**61 - 1, key=[3, -7]).
TEXTS = [b"", b"a", b"abc", b"abcd", b"1234567", b"12345678", b"x" * 16, b"y" * 17, b"z" * 32, b"u" * 33]
TEXTS += [bytes(range(64)), bytes(range(65)), bytes(range(128)), bytes(range(200))]
FARM = [
    11160318154034397263,
    12917804110809363939,
    2640714258260161385,
    1897425971756105985,
    7403371938570208423,
    3430003927990384362,
    3320895591121647644,
    426471879119003573,
    5529242935250131553,
    11593094892739070947,
    17691551913807367243,
    14313328211205373374,
    2037963038260878803,
    525935771297148851,
]
SIP = [
    396391132787413816,
    2082617205373507409,
    1728069457813428732,
    1878782622944310933,
    82059883515555192,
    1313878268834829554,
    294847856908819639,
    277491807413226148,
    2294860908057192545,
    923916554172995103,
    2057443601788149969,
    803327065691276967,
    1567703860782844898,
    1387947331128472405,
]


def test_fingerprints_of_every_length_class():
    assert fingerprint64(TEXTS).tolist() == FARM
    assert fingerprint64(TEXTS[::-1]).tolist() == FARM[::-1]
    assert fingerprint64([]).shape == (0,)


def test_keyed_hashes_of_every_length_class():
    assert (siphash64(TEXTS, (3, -7)) % np.uint64(2**61 - 1)).tolist() == SIP


def test_bins_do_not_depend_on_the_kind_of_integers():
    layer = layers.Hashing(100)
    expected = layer(["-3", "70000"]).tolist()
    for dtype in ("int32", "int64", "float32"):
        assert layer(np.array([-3, 70000], dtype)).tolist() == expected
    assert layer(np.array([b"-3", b"70000"])).tolist() == expected


def test_truths_are_the_words_for_them():
    layer = layers.Hashing(1000)
    assert layer(np.array([True, False])).tolist() == layer(["true", "false"]).tolist() == [570, 757]


def test_a_mask_has_bin_0_for_itself():
    layer = layers.Hashing(3, mask_value="")
    bins = layer(np.array(["", *map(str, range(50))]))
    assert bins[0] == 0
    assert sorted(set(bins[1:].tolist())) == [1, 2]


def test_shapes_dtypes_and_modes():
    for mode, shape in (("int", (2, 3)), ("one_hot", (2, 3, 4)), ("count", (2, 4)), ("multi_hot", (2, 4))):
        layer = layers.Hashing(4, output_mode=mode)
        found = layer(np.full((2, 3), "a"))
        assert found.shape == layer.compute_output_shape((2, 3)) == shape
        assert found.dtype == ("int32" if mode == "int" else "float32")
    assert layers.Hashing(4)("a").shape == ()
    assert layers.HashedCrossing(4)(("a", 3)).shape == ()
    assert layers.HashedCrossing(4, output_mode="one_hot")((["a"], [3])).shape == (1, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Hashing(0), "num_bins must be a positive integer"),
        (lambda: layers.Hashing(None), "num_bins"),
        (lambda: layers.Hashing(3, output_mode="tf_idf"), "output_mode must be one of"),
        (lambda: layers.Hashing(3, dtype="float32"), "needs the dtype 'int32' or 'int64'"),
        (lambda: layers.Hashing(3, salt=(1, 2, 3)), "salt must be one integer or two"),
        (lambda: layers.Hashing(3)(np.array([1j])), "takes text or integers, but got dtype complex128"),
        (lambda: layers.HashedCrossing(3, output_mode="count"), "output_mode must be one of"),
        (lambda: layers.HashedCrossing(3)(np.array(["a"])), "list of two or more features. Received: ndarray"),
        (lambda: layers.HashedCrossing(3)([["a"]]), "Received: 1 in a list"),
        (lambda: layers.HashedCrossing(3)([["a", "b"], ["a"]]), r"one shape.*\(2,\), \(1,\)"),
        (lambda: layers.HashedCrossing(3)([[["a", "b"]]] * 2), r"Received: \(1, 2\), \(1, 2\)"),
        (lambda: layers.HashedCrossing(3)([["a"], [0.5]]), "(?s)dtype float64.*Discretization"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()

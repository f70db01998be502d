import numpy as np
import pytest

import lamina
from lamina.preprocessing.text import Tokenizer, hashing_trick, one_hot, text_to_word_sequence, tokenizer_from_json

TEXTS = ["The cat, the dog.", "A cat! The end", ""]


def test_words_of_a_text():
    assert text_to_word_sequence("It's\ta B-c.") == ["it's", "a", "b", "c"]
    assert text_to_word_sequence("A,b C", filters="", lower=False, split=",") == ["A", "b C"]


def test_words_are_numbered_by_how_frequent_they_are():
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(TEXTS)
    assert tokenizer.word_index == {"the": 1, "cat": 2, "dog": 3, "a": 4, "end": 5}
    assert tokenizer.document_count == 3
    assert dict(tokenizer.word_docs) == {"the": 2, "cat": 2, "dog": 1, "a": 1, "end": 1}
    assert tokenizer.texts_to_sequences(["the end is near"]) == [[1, 5]]
    assert tokenizer.sequences_to_texts([[2, 9, 4]]) == ["cat a"]


def test_rare_and_unknown_words():
    tokenizer = Tokenizer(num_words=4, oov_token="?")
    tokenizer.fit_on_texts(TEXTS)
    assert tokenizer.texts_to_sequences(["the cat is a dog"]) == [[2, 3, 1, 1, 1]]
    assert tokenizer.sequences_to_texts([[2, 5, 3]]) == ["the ? cat"]
    plain = Tokenizer(num_words=2)
    plain.fit_on_texts(TEXTS)
    assert plain.texts_to_sequences(["the cat"]) == [[1]]


def test_signs_lists_and_analyzers():
    signs = Tokenizer(char_level=True)
    signs.fit_on_texts(["aAb"])
    assert signs.texts_to_sequences(["Ba"]) == [[2, 1]]
    lists = Tokenizer()
    lists.fit_on_texts([["New York", "x"]])
    assert lists.word_index == {"new york": 1, "x": 2}
    other = Tokenizer(analyzer=lambda text: text.split("/"))
    other.fit_on_texts(["A/b"])
    assert other.word_index == {"A": 1, "b": 2}


def test_rows_over_the_words():
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(["a b b", "a"])
    rows = {mode: tokenizer.texts_to_matrix(["b b a z", ""], mode) for mode in ("binary", "count", "freq", "tfidf")}
    assert rows["binary"].tolist() == [[0, 1, 1], [0, 0, 0]]
    assert rows["count"].tolist() == [[0, 1, 2], [0, 0, 0]]
    np.testing.assert_allclose(rows["freq"][0], [0, 1 / 3, 2 / 3])
    np.testing.assert_allclose(rows["tfidf"][0], [0, np.log(1 + 2 / 3), (1 + np.log(2)) * np.log(2)])


def test_it_travels_as_json():
    tokenizer = Tokenizer(num_words=10, oov_token="?")
    tokenizer.fit_on_texts(TEXTS)
    twin = tokenizer_from_json(tokenizer.to_json())
    assert twin.get_config() == tokenizer.get_config()
    assert twin.texts_to_sequences(TEXTS) == tokenizer.texts_to_sequences(TEXTS)


def test_hashes():
    assert hashing_trick("a b a", 50, "md5")[0] == hashing_trick("a", 50, "md5")[0]
    assert all(1 <= number < 5 for number in one_hot("a b c d e f", 5))


def test_sequences_are_documents_too():
    tokenizer = Tokenizer(num_words=4)
    tokenizer.fit_on_sequences([[1, 2], [1]])
    assert tokenizer.document_count == 2
    np.testing.assert_allclose(tokenizer.sequences_to_matrix([[1]], "tfidf")[0, 1], np.log(1 + 2 / 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Tokenizer().texts_to_matrix(["a"]), "(?s)has seen no texts.*fit_on_texts"),
        (lambda: Tokenizer(num_words=3).texts_to_matrix(["a"], "tfidf"), "has seen no texts"),
        (lambda: Tokenizer(num_words=3).texts_to_matrix(["a"], "idf"), "mode must be one of"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_misspelt_argument_gets_a_suggestion():
    with pytest.raises(TypeError, match=r"(?s)no argument 'nb_words'.*did you mean num_words"):
        Tokenizer(nb_words=3)


def test_old_addresses():
    old = lamina.preprocessing
    assert old.sequence.pad_sequences is lamina.utils.pad_sequences
    assert old.image.load_img is lamina.utils.load_img
    assert old.image_dataset_from_directory is lamina.utils.image_dataset_from_directory
    with pytest.raises(AttributeError, match=r"(?s)no 'sequences'.*did you mean sequence"):
        old.sequences  # noqa: B018

"""Preparation layers on small data, and what Keras 3.15.1 makes of them.

Keras needs TensorFlow for most of these layers, so its results are kept in preprocessing_expected.json. With Keras
and TensorFlow installed, this writes them anew:

    KERAS_BACKEND=jax python tests/parity/preprocessing_cases.py
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

EXPECTED = Path(__file__).with_name("preprocessing_expected.json")

WORDS = [["cat", "dog", "cat"], ["cow", "", "dog"]]
TEXTS = ["The cat, the dog.", "A cat! It's a CAT\tand\na dog", "", "élan Élan  nb\xa0sp - x"]
NUMBERS = [[12, 36, 0], [7, 12, -5]]
REALS = [[-1.5, 1.0, 3.4], [0.5, 0.0, 1.3]]
LONG = ["", "a", "ab", "abcd", "hello world", "x" * 17, "y" * 40, "z" * 65, "w" * 200, "日本語"]
MODES = ("one_hot", "multi_hot", "count")


class Case(NamedTuple):
    """A layer, what it is adapted to, and what it is called on."""

    layer: str
    arguments: dict[str, Any]
    inputs: Any
    adapt: Any = None


CASES = {
    **{
        f"string {mode} {np.shape(x)}": Case("StringLookup", {"vocabulary": ["dog", "cow"], "output_mode": mode}, x)
        for mode in ("int", *MODES)
        for x in ("dog", ["cat", "dog", "dog"], WORDS, [["cow"], ["x"]], [WORDS])
    },
    "string adapt": Case("StringLookup", {}, WORDS, WORDS),
    "string adapt to vector": Case("StringLookup", {"output_mode": "tf_idf"}, WORDS, ["b", "a", "c", "a", "b"]),
    "string max_tokens": Case("StringLookup", {"max_tokens": 3}, WORDS, WORDS),
    "string mask": Case("StringLookup", {"mask_token": "", "vocabulary": ["dog", "cow"]}, WORDS),
    "string mask adapt": Case("StringLookup", {"mask_token": "", "oov_token": "cow"}, WORDS, WORDS),
    **{
        f"string mask {mode}": Case(
            "StringLookup", {"mask_token": "", "vocabulary": ["dog", "cow"], "output_mode": mode}, WORDS
        )
        for mode in MODES
    },
    "string special": Case("StringLookup", {"mask_token": "", "vocabulary": ["", "[UNK]", "dog", "cow"]}, WORDS),
    "string hashed": Case("StringLookup", {"num_oov_indices": 5, "vocabulary": ["dog"]}, [LONG, LONG]),
    "string salted": Case("StringLookup", {"num_oov_indices": 5, "vocabulary": ["dog"], "salt": [3, 9]}, [LONG]),
    "string no oov": Case("StringLookup", {"num_oov_indices": 0, "vocabulary": ["dog", "cow", "cat", ""]}, WORDS),
    "string padded": Case(
        "StringLookup", {"max_tokens": 6, "pad_to_max_tokens": True, "output_mode": "count"}, WORDS, [["dog", "cat"]]
    ),
    "string tf_idf": Case("StringLookup", {"output_mode": "tf_idf"}, WORDS, WORDS),
    "string tf_idf padded": Case(
        "StringLookup", {"output_mode": "tf_idf", "max_tokens": 8, "pad_to_max_tokens": True}, WORDS, WORDS
    ),
    "string tf_idf given": Case(
        "StringLookup", {"output_mode": "tf_idf", "vocabulary": ["dog", "cow"], "idf_weights": [0.5, 2.0]}, WORDS
    ),
    "string tf-idf": Case("StringLookup", {"output_mode": "tf-idf", "num_oov_indices": 2}, WORDS, WORDS),
    "string binary": Case("StringLookup", {"output_mode": "binary"}, WORDS, WORDS),
    **{
        f"integer {mode}": Case("IntegerLookup", {"vocabulary": [36, 12], "output_mode": mode}, NUMBERS)
        for mode in ("int", *MODES)
    },
    "integer adapt": Case("IntegerLookup", {}, NUMBERS, NUMBERS),
    "integer adapt max_tokens": Case("IntegerLookup", {"max_tokens": 4, "mask_token": 0}, NUMBERS, NUMBERS),
    "integer tf_idf": Case("IntegerLookup", {"output_mode": "tf_idf"}, NUMBERS, NUMBERS),
    "integer mask": Case("IntegerLookup", {"vocabulary": [36, 12], "mask_token": 0, "num_oov_indices": 3}, NUMBERS),
    "integer farmhash": Case(
        "IntegerLookup", {"vocabulary": [36], "num_oov_indices": 4, "oov_method": "farmhash"}, NUMBERS
    ),
    "integer salted": Case(
        "IntegerLookup", {"vocabulary": [36], "num_oov_indices": 4, "oov_method": "farmhash", "salt": 7}, NUMBERS
    ),
    "integer invert": Case("IntegerLookup", {"vocabulary": [36, 12], "invert": True}, [[0, 1, 2, 9]]),
    "integer invert mask": Case(
        "IntegerLookup", {"vocabulary": [36, 12], "invert": True, "mask_token": 0}, [0, 1, 2, 3]
    ),
    "hashing": Case("Hashing", {"num_bins": 7}, LONG),
    "hashing mask": Case("Hashing", {"num_bins": 7, "mask_value": "a"}, [LONG]),
    "hashing one bin": Case("Hashing", {"num_bins": 1, "mask_value": "a"}, LONG),
    "hashing salt": Case("Hashing", {"num_bins": 1000, "salt": [133, 137]}, LONG),
    "hashing salt of one": Case("Hashing", {"num_bins": 1000, "salt": 133}, LONG),
    "hashing integers": Case("Hashing", {"num_bins": 1000, "mask_value": 12}, NUMBERS),
    "hashing reals": Case("Hashing", {"num_bins": 1000}, REALS),
    **{f"hashing {mode}": Case("Hashing", {"num_bins": 4, "output_mode": mode}, WORDS) for mode in MODES},
    "crossing": Case("HashedCrossing", {"num_bins": 1000}, [["A", "B", "A"], [101, -5, 102]]),
    "crossing one_hot": Case(
        "HashedCrossing", {"num_bins": 4, "output_mode": "one_hot"}, [["A", "B"], ["x", "y"], [1, 2]]
    ),
    "crossing column": Case("HashedCrossing", {"num_bins": 9}, [[["A"], ["B"]], [[1], [2]]]),
    "text": Case("TextVectorization", {}, TEXTS, TEXTS),
    "text column": Case("TextVectorization", {}, [[text] for text in TEXTS], [[text] for text in TEXTS]),
    "text scalar": Case("TextVectorization", {}, TEXTS[1], TEXTS),
    **{
        f"text {standardize} {split}": Case(
            "TextVectorization", {"standardize": standardize, "split": split}, TEXTS, TEXTS
        )
        for standardize in (None, "lower", "strip_punctuation", "lower_and_strip_punctuation")
        for split in ("whitespace", "character")
    },
    "text unsplit": Case("TextVectorization", {"split": None, "output_sequence_length": 4}, WORDS, WORDS),
    "text unsplit short": Case("TextVectorization", {"split": None, "output_sequence_length": 2}, WORDS, WORDS),
    "text long": Case("TextVectorization", {"output_sequence_length": 12}, TEXTS, TEXTS),
    "text short": Case("TextVectorization", {"output_sequence_length": 3}, TEXTS, TEXTS),
    "text bigrams": Case("TextVectorization", {"ngrams": 2, "output_sequence_length": 6}, TEXTS, TEXTS),
    "text some ngrams": Case("TextVectorization", {"ngrams": (3, 2)}, TEXTS, TEXTS),
    "text max_tokens": Case("TextVectorization", {"max_tokens": 4}, TEXTS, TEXTS),
    "text given": Case("TextVectorization", {"vocabulary": ["cat", "a", "the"]}, TEXTS),
    **{
        f"text {mode} {padded}": Case(
            "TextVectorization",
            {"output_mode": mode, "ngrams": 2, "max_tokens": 30, "pad_to_max_tokens": padded},
            TEXTS,
            TEXTS,
        )
        for mode in ("multi_hot", "count", "tf_idf")
        for padded in (False, True)
    },
    "text tf_idf given": Case(
        "TextVectorization",
        {"output_mode": "tf_idf", "vocabulary": ["cat", "a"], "idf_weights": [0.5, 2.0]},
        TEXTS,
    ),
}


def run(layers: Any, case: Case) -> dict[str, Any]:
    """Everything about a case that can be compared: outputs, vocabulary and config."""
    layer = getattr(layers, case.layer)(**case.arguments, name="same")
    if case.adapt is not None:
        layer.adapt(np.array(case.adapt))
    crossing = case.layer == "HashedCrossing"
    inputs = [np.array(feature) for feature in case.inputs] if crossing else np.array(case.inputs)
    outputs = np.asarray(layer(inputs))
    found = {"outputs": outputs.tolist(), "dtype": str(outputs.dtype), "shape": list(outputs.shape)}
    config = layer.get_config()
    config["dtype"] = getattr(config["dtype"], "name", config["dtype"])
    if isinstance(config["dtype"], dict):
        config["dtype"] = config["dtype"]["config"]["name"]
    if hasattr(layer, "get_vocabulary"):
        found["vocabulary"] = np.array(layer.get_vocabulary()).tolist()
        found["size"] = int(layer.vocabulary_size())
        found["own"] = np.array(layer.get_vocabulary(include_special_tokens=False)).tolist()
    return json.loads(json.dumps({**found, "config": config}))


TABLE = {
    "plain": [0.5, 1.5, 2.5],
    "scaled": [1.0, 2.0, 6.0],
    "normal": [3.0, 5.0, 10.0],
    "binned": [0.1, 0.7, 0.9],
    "number": [7, 7, 9],
    "word": ["b", "a", "b"],
    "hashed": ["x", "y", "z"],
    "hashed_number": [101, 102, 103],
}


def run_feature_space(utils: Any, output_mode: str) -> dict[str, Any]:
    """A table of all kinds of columns."""
    space = utils.FeatureSpace(
        {
            "plain": "float",
            "scaled": utils.FeatureSpace.float_rescaled(scale=2.0, offset=1.0),
            "normal": "float_normalized",
            "binned": utils.FeatureSpace.float_discretized(num_bins=3),
            "number": "integer_categorical",
            "word": utils.FeatureSpace.string_categorical(num_oov_indices=2),
            "hashed": utils.FeatureSpace.string_hashed(num_bins=4),
            "hashed_number": "integer_hashed",
        },
        output_mode=output_mode,
        crosses=[("word", "number")],
        crossing_dim=5,
        hashing_dim=6,
    )
    table = {key: np.array(column) for key, column in TABLE.items()}
    space.adapt(table)
    one = space({key: column[1] for key, column in table.items()})
    found = {"rows": space({**table, "word": np.array(["a", "q", "b"])}), "one": one}
    if output_mode == "concat":
        return {key: np.asarray(value).tolist() for key, value in found.items()}
    return {key: {name: np.asarray(a).tolist() for name, a in value.items()} for key, value in found.items()}


if __name__ == "__main__":
    import keras

    rows = [f"{json.dumps(name)}: {json.dumps(run(keras.layers, case))}" for name, case in CASES.items()]
    rows += [f"{json.dumps(mode)}: {json.dumps(run_feature_space(keras.utils, mode))}" for mode in ("concat", "dict")]
    EXPECTED.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")

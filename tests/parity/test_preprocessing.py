"""Layers that prepare data make what Keras's make: outputs, vocabularies, configs."""

import json

import numpy as np
import pytest

from lamina import layers
from tests.parity.preprocessing_cases import CASES, EXPECTED, run

# NumPy has things to say about Keras's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
TABLE = json.loads(EXPECTED.read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_a_layer_makes_what_keras_made(name):
    mine, theirs = run(layers, CASES[name]), TABLE[name]
    np.testing.assert_allclose(mine.pop("outputs"), theirs.pop("outputs"), rtol=1e-6, atol=1e-6)
    assert mine == theirs


def test_the_table_has_these_cases():
    assert set(TABLE) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_config_of_keras_makes_the_layer(name):
    config = TABLE[name]["config"]
    layer = getattr(layers, CASES[name].layer).from_config(config)
    again = json.loads(json.dumps(layers.serialize(layer)))["config"]
    again["dtype"] = config["dtype"]
    if CASES[name].adapt is None or "vocabulary_size" not in config:
        assert again == config
    else:  # what was learnt is kept in a file beside the config
        assert {**again, "vocabulary_size": 0} == {**config, "vocabulary_size": 0}

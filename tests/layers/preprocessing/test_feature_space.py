import json

import numpy as np
import pandas as pd
import pytest

import lamina
from lamina import layers
from lamina.utils import FeatureSpace

TABLE = {"age": np.array([20.0, 40.0, 60.0]), "job": np.array(["cook", "poet", "cook"])}
KINDS = {"age": "float_normalized", "job": "string_categorical"}


def test_adapt_takes_columns_frames_and_batches():
    expected = None
    batches = [{key: column[rows] for key, column in TABLE.items()} for rows in (slice(2), slice(2, 3))]
    for data in (TABLE, pd.DataFrame(TABLE), {key: list(value) for key, value in TABLE.items()}, iter(batches)):
        space = FeatureSpace(KINDS)
        space.adapt(data)
        found = np.asarray(space(TABLE))
        expected = found if expected is None else expected
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert expected.shape == (3, 4)
    np.testing.assert_allclose(space(pd.DataFrame(TABLE)), expected, rtol=1e-6)


def test_features_that_learn_nothing_need_no_adapting():
    space = FeatureSpace({"x": "float", "n": FeatureSpace.integer_hashed(3, output_mode="int")}, output_mode="dict")
    found = space({"x": [1.0], "n": [5]})
    assert found["x"].tolist() == [[1.0]]
    assert found["n"].shape == (1, 1)
    assert space({"x": 1.0, "n": 5})["x"].tolist() == [1.0]
    given = FeatureSpace({"x": FeatureSpace.float_discretized(None, bin_boundaries=[0.0, 1.0])})
    assert given({"x": [0.5]}).tolist() == [[0, 1, 0]]


def test_a_model_is_trained_on_what_comes_out():
    space = FeatureSpace({**KINDS, "n": "integer_categorical"}, crosses=[("job", "n")], crossing_dim=3)
    table = {**TABLE, "n": np.array([1, 2, 1])}
    space.adapt(table)
    inputs = space.get_encoded_features()
    model = lamina.Model(inputs, layers.Dense(1)(inputs))
    assert model.predict(space(table), verbose=0).shape == (3, 1)


def test_layers_of_ones_own_and_configs():
    own = FeatureSpace.feature("float32", layers.Rescaling(3.0), "float")
    space = FeatureSpace(
        {"age": own, "job": FeatureSpace.string_hashed(4)}, crosses=[FeatureSpace.cross(("job", "job"), 2)]
    )
    record = json.loads(json.dumps(space.get_config()))
    twin = FeatureSpace.from_config(record)
    np.testing.assert_array_equal(twin(TABLE), space(TABLE))
    assert twin.get_config() == space.get_config()


def space(**arguments):
    made = FeatureSpace({"a": "float", "w": "string_hashed"}, **arguments)
    return made({"a": [1.0], "w": ["x"]})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FeatureSpace({}), "needs features"),
        (lambda: FeatureSpace({"a": "floats"}), "(?s)the kind of 'a' must be one of.*did you mean float"),
        (lambda: space(output_mode="list"), "output_mode must be one of"),
        (lambda: space(crosses=[("a", "b")]), "crosses names 'b'"),
        (lambda: space(crosses=[("a", "w")]), "takes text or integers"),
        (lambda: FeatureSpace(KINDS)(TABLE), r"(?s)has not learnt its features.*adapt"),
        (lambda: FeatureSpace(KINDS).adapt({"age": [1.0]}), r"needs the column 'job', but the data have \['age'\]"),
        (lambda: FeatureSpace(KINDS).adapt([1.0]), "takes a dict of columns, but got a list"),
        (lambda: FeatureSpace({"a": FeatureSpace.integer_hashed(3, "int")})({"a": [1]}), "(?s)cannot join.*dict"),
        (
            lambda: FeatureSpace({"a": FeatureSpace.feature("float32", layers.Rescaling(1), "one_hot")})({"a": [1.0]}),
            "cannot encode feature 'a'",
        ),
        (lambda: FeatureSpace.cross(("a", "b"), 0), "crossing_dim"),
        (lambda: FeatureSpace.feature("float32", None, "dense"), "output_mode must be one of"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()

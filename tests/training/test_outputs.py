"""What is given per output, and how it finds its output."""

import pytest

from lamina.core.errors import DataError
from lamina.training.outputs import Outputs, match_targets

TWO = Outputs(("m", "a"), ["main", "aux"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [None, None]),
        ([1, 2], [1, 2]),
        ((1, None), [1, None]),
        ({"aux": 2, "main": 1}, [1, 2]),
        ({"aux": 2}, [None, 2]),
        ({}, [None, None]),
    ],
)
def test_one_for_each_output(given, expected):
    assert TWO.match(given, "loss") == expected


def test_a_single_output_takes_a_single_thing():
    one = Outputs("out", ["price"])
    assert one.single
    assert one.match("mse", "loss") == one.match(["mse"], "loss") == one.match({"price": "mse"}, "loss") == ["mse"]


def test_unknown_outputs_are_named():
    with pytest.raises(ValueError, match=r"loss names the output 'man'.*'main', 'aux'(?s:.*)did you mean main\?"):
        TWO.match({"man": "mse"}, "loss")


def test_wrong_numbers():
    with pytest.raises(ValueError, match="loss_weights has 3 items, but the model has 2 outputs"):
        TWO.match([1, 2, 3], "loss_weights")
    with pytest.raises(ValueError, match="loss has 2 items, but the model has 1 output"):
        Outputs("out").match(["mse", "mae"], "loss")


def test_one_thing_for_two_outputs():
    with pytest.raises(DataError, match=r"y is one thing, but the model has .*(?s:.*)dict by output name"):
        match_targets(TWO, 3)


def test_dicts_keep_the_models_order_or_the_alphabets():
    structure = {"b": 1, "a": 2}
    assert Outputs(structure, ["b", "a"]).leaves == [1, 2]
    assert Outputs(structure).names == ["a", "b"]
    assert Outputs(structure, ["x", "y"]).leaves == [2, 1]
    assert Outputs(structure, ["b", "a"]).flatten({"a": "A", "b": "B"}) == ["B", "A"]


def test_names_are_made_up():
    assert Outputs([1, 2]).names == ["output_1", "output_2"]
    assert Outputs(1).names == ["output"]
    assert [Outputs(s).flatten(s) for s in ([1, 2], (1,), 3)] == [[1, 2], [1], [3]]

import numpy as np
import pytest

from lamina.core.errors import ArgumentError, DataError
from lamina.data.weights import apply_class_weight, split

CLASSES = np.array([0, 1, 2, 1])


@pytest.mark.parametrize(
    "y", [CLASSES, CLASSES[:, None], np.eye(3)[CLASSES], CLASSES.astype("float32"), [CLASSES]], ids=range(5)
)
@pytest.mark.parametrize(
    "given", [{1: 3.0, 2: 0.5}, [1.0, 3.0, 0.5], np.array([1.0, 3.0, 0.5]), {np.int64(1): 3, 2: 0.5}]
)
def test_weights_of_classes(y, given):
    assert apply_class_weight(y, None, given).tolist() == [1.0, 3.0, 0.5, 3.0]


def test_weights_of_classes_and_examples_multiply():
    found = apply_class_weight(CLASSES, np.array([1.0, 2.0, 3.0, 4.0]), {1: 10.0})
    assert found.tolist() == [1.0, 20.0, 3.0, 40.0]


@pytest.mark.parametrize("given", [{"a": 1.0}, {0: None}, {0: "x"}, 3, "abc"])
def test_what_is_no_class_weight(given):
    with pytest.raises(ArgumentError, match="class_weight maps integer classes to factors"):
        apply_class_weight(CLASSES, None, given)


@pytest.mark.parametrize(("rows", "share", "first"), [(10, 0.2, 8), (10, 0.25, 7), (2, 0.1, 1), (7, 0.999, 0)])
def test_the_last_rows_are_held_back(rows, share, first):
    x = np.arange(rows)
    if first == 0:
        with pytest.raises(DataError, match="7 rows cannot be split with validation_split=0"):
            split((x, None, None), share)
        return
    kept, held = split((x, {"a": x}, None), share)
    assert kept[0].tolist() == list(range(first))
    assert held[1]["a"].tolist() == list(range(first, rows))
    assert kept[2] is held[2] is None


@pytest.mark.parametrize("given", [{"a": {1: 3.0}}, [{1: 3.0}, None]], ids=["dict", "list"])
def test_classes_of_several_outputs_have_weights_of_their_own(given):
    a, b = np.array([0, 1]), np.array([1.0, 1.0])
    first, second = apply_class_weight([a, b], None, given, ["a", "b"])
    assert first.tolist() == [1.0, 3.0]
    assert second is None
    named = apply_class_weight({"a": a, "b": b}, {"b": np.array([5.0, 6.0])}, {"a": {1: 3.0}, "b": {1: 2.0}})
    assert {name: weights.tolist() for name, weights in named.items()} == {"a": [1.0, 3.0], "b": [10.0, 12.0]}


def test_weights_for_outputs_that_do_not_exist_are_named():
    y = [np.array([0, 1]), np.array([1, 1])]
    with pytest.raises(ArgumentError, match=r"(?s)the output 'mian'.*'main', 'aux'.*main"):
        apply_class_weight(y, None, {"mian": {1: 3.0}}, ["main", "aux"])
    with pytest.raises(ArgumentError, match=r"(?s)targets for 2 outputs.*by output name"):
        apply_class_weight(y, None, {1: 3.0}, ["main", "aux"])

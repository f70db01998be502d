import numpy as np
import pytest

import lamina
from lamina.data.dataset import Dataset
from lamina.data.splitting import split_dataset

X = np.arange(10)


def values(data):
    return [np.asarray(element).tolist() for element in data]


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        ({"left_size": 0.8}, 8, 2),
        ({"right_size": 3}, 7, 3),
        ({"left_size": 2, "right_size": 5}, 2, 5),
        ({"left_size": 0.25}, 2, 8),
        ({"left_size": 0.5, "right_size": 0.3}, 5, 3),
    ],
)
def test_the_left_part_is_the_beginning_and_the_right_part_the_end(sizes, left, right):
    one, two = split_dataset(X, **sizes)
    assert values(one) == list(range(left))
    assert values(two) == list(range(10 - right, 10))
    assert (len(one), two.cardinality()) == (left, right)


def test_lists_and_dicts_of_arrays_keep_their_structure():
    one, _ = split_dataset((X, X * 2), left_size=2)
    assert [(int(a), int(b)) for a, b in one] == [(0, 0), (1, 2)]
    one, _ = split_dataset([X, X * 2], left_size=2)
    assert isinstance(next(iter(one)), tuple)
    one, _ = split_dataset({"a": X, "b": X * 2}, left_size=2)
    assert [int(part["b"]) for part in one] == [0, 2]


def test_sources_of_samples_and_of_batches():
    one, two = split_dataset((x for x in X), left_size=8)
    assert (values(one), values(two)) == (list(range(8)), [8, 9])
    batches = Dataset.from_rows(lambda rows: X[rows], 10, 4)
    one, two = split_dataset(batches, left_size=6)
    assert (values(one), values(two)) == ([[0, 1, 2, 3], [4, 5]], [[6, 7, 8, 9]])

    class Numbered(lamina.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return X[5 * index : 5 * index + 5], X[:5]

    one, _ = split_dataset(Numbered(), left_size=0.7)
    assert [x.tolist() for x, _ in one] == [[0, 1, 2, 3, 4], [5, 6]]


def test_a_shuffled_split_has_all_samples_once_and_repeats_with_its_seed():
    one, two = split_dataset(X, left_size=0.5, shuffle=True, seed=3)
    assert sorted(values(one) + values(two)) == list(range(10))
    assert values(one) != list(range(5))
    again, _ = split_dataset(X, left_size=0.5, shuffle=True, seed=3)
    assert values(one) == values(again)


def test_fit_takes_the_parts():
    x = np.linspace(0, 1, 50)[:, None]
    train, valid = split_dataset((x, 2 * x), left_size=0.8)
    model = lamina.Sequential([lamina.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(train, validation_data=valid, epochs=2, verbose=0).history
    assert set(history) == {"loss", "val_loss"}


@pytest.mark.parametrize(
    ("data", "sizes", "error", "message"),
    [
        (X, {}, ValueError, "needs left_size or right_size"),
        (X, {"left_size": 10}, ValueError, r"between 0 and the number of samples, 10.*left_size=10"),
        (X, {"left_size": -0.1}, ValueError, r"left_size=-0\.1"),
        (X, {"right_size": 1.0}, ValueError, r"right_size=1\.0"),
        (X, {"left_size": 0.7, "right_size": 0.6}, ValueError, "more than all"),
        (X, {"left_size": 7, "right_size": 6}, ValueError, "cannot be more than all"),
        (X, {"left_size": 0.01}, ValueError, "each part needs one"),
        (X, {"left_size": "half"}, TypeError, "left_size='half'"),
        ([], {"left_size": 1}, ValueError, "empty list"),
        ([[1, 2], [3, 4]], {"left_size": 1}, ValueError, "list of arrays, but got a list"),
        (np.zeros((0, 2)), {"left_size": 0.5}, ValueError, "empty data set"),
        (iter(()), {"left_size": 0.5}, ValueError, "empty data set"),
        ((X, X[:5]), {"left_size": 2}, ValueError, "differ in length: 10, 5"),
        (iter([np.zeros(2), np.zeros(3)]), {"left_size": 1}, ValueError, r"differ in shape: \[\(2,\)\] and \[\(3,\)\]"),
        (3, {"left_size": 1}, TypeError, "cannot read a int"),
    ],
)
def test_bad_input(data, sizes, error, message):
    with pytest.raises(error, match=message):
        split_dataset(data, **sizes)

import sys

import numpy as np
import pytest

import lamina
from lamina import callbacks
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, MissingExtraError, UnexpectedArgumentError
from lamina.population import cross_validate
from tests.population.networks import assert_same, build


def test_each_fold_is_held_out_once(data):
    result = cross_validate(build, *data, cv=4, epochs=2, seed=3, verbose=0)
    held_out = np.sort(np.concatenate([rows for _, rows in result.folds]))
    np.testing.assert_array_equal(held_out, np.arange(75))
    assert [len(rows) for _, rows in result.folds] == [19, 19, 19, 18]
    assert all(not set(train) & set(rows) for train, rows in result.folds)


def test_folds_equal_trainings_by_hand(data, alone):
    result = cross_validate(build, *data, cv=3, epochs=3, batch_size=16, seed=3, verbose=0)
    for n, (train, held_out) in enumerate(result.folds):
        model, history = alone({}, 3, train, held_out, epochs=3, batch_size=16)
        assert_same(result.models[n], result.histories[n], model, history)
        np.testing.assert_allclose(result.scores["loss"][n], history.history["val_loss"][-1], rtol=1e-5)
    assert result.mean["mae"] == pytest.approx(result.scores["mae"].mean())
    assert result.std["mae"] == pytest.approx(result.scores["mae"].std())
    np.testing.assert_allclose(
        result.curve("val_loss"), np.mean([h.history["val_loss"] for h in result.histories], axis=0)
    )


def test_scores_are_those_of_the_restored_weights(data):
    stopper = callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    result = cross_validate(lambda: build(rate=0.2), *data, cv=3, epochs=8, callbacks=[stopper], seed=1, verbose=0)
    best = [min(history.history["val_loss"]) for history in result.histories]
    np.testing.assert_allclose(result.scores["loss"], best, rtol=1e-5)


def test_repeats_shuffle_the_rows(data):
    result = cross_validate(build, *data, cv=2, repeats=2, seed=3, verbose=0)
    assert len(result.models) == 4
    assert sorted(result.folds[2][1].tolist()) != sorted(result.folds[0][1].tolist())
    np.testing.assert_array_equal(np.sort(np.concatenate([rows for _, rows in result.folds[2:]])), np.arange(75))


def test_a_model_is_cloned_for_each_fold(data):
    model = build()
    before = model.get_weights()
    result = cross_validate(model, *data, cv=2, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    first, second = (m.get_weights()[0] for m in result.models)
    assert not np.array_equal(first, second)


def test_splitters_and_pairs(data):
    class Halves:
        def split(self, x, y):
            yield np.arange(40), np.arange(40, len(x))

    assert len(cross_validate(build, *data, cv=Halves(), verbose=0).models) == 1
    assert len(cross_validate(build, *data, cv=[(range(9), range(9, 20))] * 2, verbose=0).models) == 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"cv": 76}, ArgumentError, "76 folds need as many rows, but there are 75"),
        ({"cv": 1}, ArgumentError, "cv must be an integer, 2 or above"),
        ({"repeats": 0}, ArgumentError, "repeats must be a positive integer"),
        ({"cv": [(range(3), range(3))], "repeats": 2}, ArgumentError, "repeats goes with a number of folds"),
        ({"cv": 2.5}, ArgumentError, r"cv gives no pairs of row indices. Received: cv=2.5\n\nhint: give a number of f"),
        ({"cv": [range(3)]}, ArgumentError, "cv gives no pairs of row indices"),
        ({"folds": 3}, UnexpectedArgumentError, r"cross_validate\(\) has no argument 'folds'"),
    ],
)
def test_wrong_folds(data, arguments, error, message):
    with pytest.raises(error, match=message):
        cross_validate(build, *data, **arguments)


def test_splitters_see_the_rows_of_several_inputs(data):
    class Halves:
        def split(self, x, y):
            yield np.arange(len(x) // 2), np.arange(len(x) // 2, len(x))

    one, other = lamina.Input((4,)), lamina.Input((1,))
    model = lamina.Model([one, other], lamina.layers.Dense(1)(lamina.layers.concatenate([one, other])))
    model.compile(loss="mse")
    assert cross_validate(model, list(data), data[1], cv=Halves(), verbose=0).folds[0][1].tolist() == [*range(37, 75)]


def test_what_cannot_be_validated(data):
    with pytest.raises(ArgumentError, match="is not compiled"):
        cross_validate(lamina.Sequential([lamina.layers.Dense(1)]), *data)
    with pytest.raises(ArgumentTypeError, match="a compiled model or a function"):
        cross_validate("model", *data)


def labelled(width=3):
    model = lamina.Sequential([lamina.Input((4,)), lamina.layers.Dense(width, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_strata_and_groups(data):
    pytest.importorskip("sklearn")
    x = data[0]
    labels = np.repeat([0, 1, 2], 25)
    result = cross_validate(labelled, x, labels, cv=5, repeats=2, stratify=True, seed=0, verbose=0)
    assert len(result.folds) == 10
    assert all(np.bincount(labels[rows]).tolist() == [5, 5, 5] for _, rows in result.folds)
    assert sorted(result.folds[5][1].tolist()) != sorted(result.folds[0][1].tolist())
    groups = np.arange(75) // 5
    for chosen in ({}, {"stratify": labels}):
        folds = cross_validate(labelled, x, np.arange(75) % 3, cv=3, groups=groups, verbose=0, **chosen).folds
        assert all(not set(groups[train]) & set(groups[rows]) for train, rows in folds)


def test_classes_that_a_fold_lacks(data):
    labels = np.repeat([0, 1, 2], 25)
    with pytest.raises(DataError, match=r"fold 0 is validated on rows of the class 0, of which.*\n\nhint: stratify"):
        cross_validate(labelled, data[0], labels, cv=3)


def test_folds_that_labels_do_not_allow(data, monkeypatch):
    pytest.importorskip("sklearn")
    x, labels = data[0], np.repeat([0, 1, 2], 25)
    with pytest.raises(ArgumentError, match=r"cannot be cut into 30 folds: .*number of members in each class"):
        cross_validate(labelled, x, labels, cv=30, stratify=True)
    with pytest.raises(ArgumentError, match="stratify goes with a number of folds"):
        cross_validate(labelled, x, labels, cv=[(range(3), range(3))], stratify=True)
    with pytest.raises(ArgumentError, match="groups has 3 labels, but there are 75 rows"):
        cross_validate(labelled, x, labels, groups=[1, 2, 3])
    with pytest.raises(ArgumentError, match="repeats have nothing to add"):
        cross_validate(labelled, x, labels, groups=labels, repeats=2)
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", None)
    with pytest.raises(MissingExtraError, match=r"cross_validate\(stratify=…\) needs the package 'scikit-learn'"):
        cross_validate(labelled, x, labels, stratify=True)

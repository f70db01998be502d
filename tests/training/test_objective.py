"""Losses and metrics, as they are chosen for a model's outputs."""

import types

import numpy as np
import pytest

from lamina import losses, metrics
from lamina.training.objective import Objective
from lamina.training.outputs import Outputs


def spec(*shape):
    return types.SimpleNamespace(shape=shape, dtype="float32")


def resolved(loss="mse", loss_weights=None, metrics=None, weighted=None, target=(None, 1), output=(None, 1)):
    objective = Objective(loss, loss_weights, metrics, weighted)
    objective.resolve(Outputs(spec(*output)), spec(*target))
    return objective


def two(loss="mse", loss_weights=None, metrics=None, weighted=None, names=("main", "aux")):
    objective = Objective(loss, loss_weights, metrics, weighted)
    objective.resolve(Outputs((spec(None, 1), spec(None, 3)), names), [spec(None, 1), spec(None)])
    return objective


KINDS = [
    ((None, 1), (None, 1), "Binary"),
    ((None,), (None, 1), "Binary"),
    ((None,), (None, 3), "SparseCategorical"),
    ((None, 1), (None, 3), "SparseCategorical"),
    ((None, 3), (None, 3), "Categorical"),
    ((None, 5), (None, 5, 3), "SparseCategorical"),
    ((None, 5, 1), (None, 5, 3), "SparseCategorical"),
    ((None, 5, 3), (None, 5, 3), "Categorical"),
    ((None, 5, 1), (None, 5, 1), "Binary"),
]
each_kind = pytest.mark.parametrize(("target", "output", "kind"), KINDS)


@each_kind
def test_accuracy_suits_the_shapes(target, output, kind):
    objective = resolved(metrics=["accuracy", "acc", "Accuracy"], target=target, output=output)
    assert [type(m) for m in objective.metrics[0]] == [getattr(metrics, f"{kind}Accuracy")] * 3
    assert objective.names() == ["loss", "accuracy", "acc", "Accuracy"]


@each_kind
def test_crossentropy_suits_the_shapes(target, output, kind):
    objective = resolved("crossentropy", metrics=["ce"], target=target, output=output)
    assert objective.losses[0].fn is getattr(losses, f"{kind}Crossentropy")().fn
    assert type(objective.metrics[0][0]) is getattr(metrics, f"{kind}Crossentropy")


def test_strings_functions_classes_and_objects():
    def worst(y_true, y_pred):
        return abs(y_true - y_pred).max(-1)

    given = ["mse", "MAE", worst, metrics.RootMeanSquaredError(name="root"), metrics.Mean, losses.huber]
    assert resolved(metrics=given).names() == ["loss", "mse", "MAE", "worst", "root", "mean", "huber"]
    assert resolved(metrics="mae").names() == ["loss", "mae"]
    assert resolved(metrics=worst).names() == ["loss", "worst"]
    assert resolved(metrics=[["mae"]]).names() == ["loss", "mae"]


def test_functions_are_called_as_in_keras():
    def MeanGap(y_true, y_pred):
        return y_true - y_pred

    assert resolved(metrics=[MeanGap, lambda y_true, y_pred: y_pred]).names() == ["loss", "mean_gap", "lambda"]


def test_names_that_occur_twice_are_told_apart():
    objective = resolved(metrics=["mae", "mae", "mae"], weighted=["mae", "mse", "mae"])
    assert objective.names() == ["loss", "mae", "mae_1", "mae_2", "weighted_mae", "mse", "weighted_mae_1"]
    assert len(objective.all_metrics()) == 7


def test_twice_in_a_named_output():
    objective = two(["mse", None], metrics=[["mae"], []], weighted=[["mae", "mae"], []])
    assert objective.names() == ["loss", "main_mae", "main_weighted_mae", "main_weighted_mae_1"]


def test_outputs_put_their_names_before_metrics():
    objective = two(["mse", "sparse_categorical_crossentropy"], metrics=[["mae"], ["accuracy"]], weighted=[[], ["acc"]])
    assert objective.names() == ["loss", "main_loss", "aux_loss", "main_mae", "aux_accuracy", "aux_acc"]
    assert [m.name for m in objective.all_metrics()] == ["loss", "main_loss", "aux_loss", "mae", "accuracy", "acc"]


def test_dicts_by_output():
    given = {"aux": "sparse_categorical_crossentropy", "main": "mae"}
    objective = two(given, {"aux": 0.5}, {"aux": "acc"}, {"main": ["mse", "mae"]})
    assert [loss.name for loss in objective.losses] == ["mae", "sparse_categorical_crossentropy"]
    assert objective.factors == [None, 0.5]
    assert objective.names() == ["loss", "main_loss", "aux_loss", "aux_acc", "main_mse", "main_mae"]
    assert isinstance(objective.metrics[1][0], metrics.SparseCategoricalAccuracy)


def test_an_output_without_a_loss():
    objective = two({"main": "mse"})
    assert objective.losses[1] is None
    y = [np.ones((2, 1), "float32"), np.zeros(2)]
    assert float(objective.loss(y, (np.zeros((2, 1), "float32"), np.ones((2, 3))), None)) == 1.0
    assert objective.names() == ["loss"]


def test_only_outputs_with_a_loss_have_it_logged():
    objective = Objective({"c": "mse", "a": "mae"}, None, None, None)
    column = np.ones((2, 1), "float32")
    objective.resolve(Outputs([column] * 3, ["a", "b", "c"]), [column] * 3)
    assert float(objective.loss([column, column, 3 * column], [0 * column] * 3, None)) == 10.0
    assert objective.names() == ["loss", "a_loss", "c_loss"]
    assert [float(tracker.result()) for tracker in objective.loss_trackers] == [1.0, 9.0]


def test_losses_are_weighted_and_added():
    objective = two(["mse", "sparse_categorical_crossentropy"], [2.0, 0.5])
    y = {"main": np.full((2, 1), 3.0, "float32"), "aux": np.array([0, 1])}
    predictions = np.zeros((2, 1), "float32"), np.full((2, 3), 1 / 3, "float32")
    np.testing.assert_allclose(objective.loss(y, predictions, None), 2 * 9 + 0.5 * np.log(3), rtol=1e-6)
    np.testing.assert_allclose([t.result() for t in objective.loss_trackers], [9, np.log(3)], rtol=1e-6)


FIRST = np.array([1.0, 0.0])


@pytest.mark.parametrize("weights", [FIRST, [FIRST, None], {"main": FIRST}], ids=["all", "list", "dict"])
def test_sample_weights(weights):
    objective = two(["mse", None], weighted=[["mse"], []], metrics=[["mse"], []])
    y = [np.array([[2.0], [4.0]], "float32"), np.zeros(2)]
    predictions = np.zeros((2, 1), "float32"), np.ones((2, 3), "float32")
    assert float(objective.loss(y, predictions, weights)) == 2.0
    objective.update_metrics(y, predictions, weights)
    assert float(objective.metrics[0][0].result()) == 10.0
    assert float(objective.weighted_metrics[0][0].result()) == 4.0


def test_a_loss_has_to_be_one_number():
    for loss in (losses.MeanSquaredError(reduction=None), losses.MeanSquaredError(reduction="none")):
        with pytest.raises(
            ValueError, match=r"'mean_squared_error' returns an array of shape \(4,\)(?s:.*)sum_over_batch"
        ):
            resolved(loss).loss(np.ones((4, 1)), np.zeros((4, 1)), None)


def test_functions_may_return_a_number_or_an_array():
    per_row = lambda y_true, y_pred: abs(y_true - y_pred)  # noqa: E731
    mean = lambda y_true, y_pred: abs(y_true - y_pred).mean()  # noqa: E731
    data = np.array([[1.0], [3.0]], "float32"), np.zeros((2, 1), "float32"), None
    assert float(resolved(per_row).loss(*data)) == float(resolved(mean).loss(*data)) == 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mean_sqared_error", None, None, None), "'mean_sqared_error' is not the name of a loss"),
        ((["mse", "msee"], None, None, None), "'msee' is not the name of a loss"),
        (("mse", None, ["acuracy"], None), "'acuracy' is not the name of a metric"),
        (("mse", None, {"main": ["acuracy"]}, None), "'acuracy' is not the name of a metric"),
        (("mse", None, None, ["maee"]), "'maee' is not the name of a metric"),
    ],
)
def test_misspelt_names_are_found_at_once(arguments, message):
    with pytest.raises(ValueError, match=rf"{message}(?s:.*)did you mean"):
        Objective(*arguments)


def test_things_that_are_no_metrics():
    with pytest.raises(ValueError, match=r"metrics takes names, functions or metric objects.*metrics=3"):
        Objective("mse", None, 3, None)


@pytest.mark.parametrize("what", ["loss", "loss_weights", "metrics"])
def test_misspelt_outputs(what):
    given = {"loss": {"man": "mse"}, "loss_weights": {"man": 1.0}, "metrics": {"man": "mae"}}[what]
    with pytest.raises(ValueError, match=rf"{what} names the output 'man'(?s:.*)did you mean main"):
        two(**{what: given})


def test_only_laminas_own_parts_may_be_padded():
    own = lambda y_true, y_pred: abs(y_true - y_pred)  # noqa: E731
    assert resolved("mse", metrics=["mae", losses.huber], weighted=[metrics.BinaryAccuracy()]).row_independent
    assert not resolved(own).row_independent
    assert not resolved(metrics=[own]).row_independent

    class Custom(metrics.Mean):
        pass

    assert not resolved(metrics=[Custom()]).row_independent
    assert not resolved(weighted=[Custom()]).row_independent


def test_metrics_are_built_for_outputs_that_know_the_first_batch():
    objective = resolved(metrics=[metrics.R2Score()], target=(None, 1), output=(20, 1))
    assert objective.metrics[0][0].built

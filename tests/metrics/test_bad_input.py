"""What metrics and losses say about arguments and shapes that do not fit."""

import numpy as np
import pytest

import lamina as keras
from lamina import losses, metrics

ARGUMENTS = [
    ("AUC", {"curve": "RCO"}, r"AUC: curve must be one of 'ROC', 'PR', 'PRGAIN'.*'RCO'(?s:.*)did you mean ROC"),
    ("AUC", {"summation_method": "minor"}, r"AUC: summation_method must be one of.*(?s:.*)did you mean minoring"),
    ("AUC", {"num_thresholds": 1}, "AUC: num_thresholds must be an integer, 2 or above.*num_thresholds=1"),
    ("AUC", {"thresholds": [0.5, 1.5]}, r"AUC: thresholds must be from 0 to 1.*\[0.5, 1.5\]"),
    ("AUC", {"num_labels": 3}, "AUC: num_labels is for multi_label=True only.*num_labels=3(?s:.*)leave it out"),
    ("Precision", {"thresholds": -0.1}, "Precision: thresholds must be from 0 to 1.*thresholds=-0.1"),
    ("Recall", {"top_k": 0}, "Recall: top_k must be a positive integer.*top_k=0"),
    ("TruePositives", {"thresholds": [None]}, r"TruePositives: thresholds must be from 0 to 1.*\[None\]"),
    ("PrecisionAtRecall", {"recall": 1.2}, "PrecisionAtRecall: recall must be a number from 0 to 1.*recall=1.2"),
    ("SensitivityAtSpecificity", {"specificity": 0.5, "num_thresholds": 0}, "num_thresholds must be a positive"),
    ("F1Score", {"average": "mikro"}, "F1Score: average must be one of.*'mikro'(?s:.*)did you mean micro"),
    ("F1Score", {"threshold": 0.0}, "F1Score: threshold must be above 0 and at most 1.*threshold=0.0"),
    ("FBetaScore", {"beta": -1.0}, "FBetaScore: beta must be a number above 0.*beta=-1.0"),
    ("R2Score", {"class_aggregation": "mean"}, "R2Score: class_aggregation must be one of None, 'uniform_average'"),
    ("R2Score", {"num_regressors": -1}, "R2Score: num_regressors must be an integer, 0 or above.*-1"),
    ("IoU", {"num_classes": 2, "target_class_ids": [2]}, r"IoU: target_class_ids must be classes from 0 to 1.*\[2\]"),
    ("MeanIoU", {"num_classes": 0}, "MeanIoU: num_classes must be a positive integer.*num_classes=0"),
    ("BinaryAccuracy", {"threshold": "half"}, "BinaryAccuracy: threshold must be a finite number.*'half'"),
    ("MeanMetricWrapper", {"fn": "mse"}, "MeanMetricWrapper: fn must be a function.*fn='mse'"),
    ("TopKCategoricalAccuracy", {"k": 0}, "TopKCategoricalAccuracy: k must be a positive integer.*k=0"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), ARGUMENTS, ids=str)
def test_arguments_of_metrics(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(metrics, name)(**arguments)


SHAPES = [
    ("MeanSquaredError", {}, (4, 3), (4, 2), r"mean_squared_error needs .*\(4, 3\) and y_pred \(4, 2\)"),
    ("RootMeanSquaredError", {}, (4, 3), (4, 2), r"root_mean_squared_error\w* needs .*\(4, 3\) and y_pred \(4, 2\)"),
    ("AUC", {"name": "auc"}, (4,), (4, 3), r"auc needs .*\(4,\) and y_pred \(4, 3\)(?s:.*)one-hot"),
    ("AUC", {"name": "auc", "multi_label": True}, (4,), (4,), r"auc with multi_label=True needs .*got \(4,\)"),
    ("Precision", {"name": "p", "class_id": 3}, (4, 3), (4, 3), r"p looks at class 3 only.*\(4, 3\)"),
    ("Precision", {"top_k": 5}, (4, 3), (4, 3), r"top_k=5, but predictions have the shape \(4, 3\)"),
    ("F1Score", {}, (4,), (4, 3), r"f1_score needs .*\(4,\) and y_pred \(4, 3\)(?s:.*)one-hot"),
    ("R2Score", {}, (4, 3, 2), (4, 3, 2), r"r2_score needs targets and predictions \(batch, outputs\)"),
    ("MeanIoU", {"num_classes": 3, "name": "iou"}, (4,), (4, 3), r"iou needs .*\(4, 3\)(?s:.*)sparse_y_pred"),
    ("CategoricalAccuracy", {}, (4,), (4, 3), r"categorical_accuracy needs(?s:.*)sparse_categorical_accuracy"),
    ("SparseCategoricalAccuracy", {}, (4, 3), (4, 3), r"needs targets(?s:.*)use categorical_accuracy"),
    ("SparseTopKCategoricalAccuracy", {}, (3,), (4, 3), r"sparse_top_k_categorical_accuracy needs .*\(3,\)"),
    ("TopKCategoricalAccuracy", {}, (4,), (4, 3), r"top_k_categorical_accuracy needs(?s:.*)use sparse_top_k"),
]


@pytest.mark.parametrize(("name", "arguments", "targets", "outputs", "message"), SHAPES, ids=str)
def test_shapes_of_metrics(name, arguments, targets, outputs, message):
    metric = getattr(metrics, name)(**arguments)
    with pytest.raises(ValueError, match=message):
        metric.update_state(np.zeros(targets), np.zeros(outputs))


@pytest.mark.parametrize("metric", [metrics.AUC(), metrics.F1Score(), metrics.R2Score(), metrics.MeanSquaredError()])
def test_weights_that_do_not_fit(metric):
    with pytest.raises(ValueError, match=r"\(3,"):
        metric.update_state(np.zeros((4, 2)), np.zeros((4, 2)), sample_weight=np.ones(3))


def test_metrics_that_do_not_fit_are_found_before_the_first_step():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metrics.F1Score()])
    with pytest.raises(ValueError, match=r"f1_score needs targets(?s:.*)to_categorical"):
        model.fit(np.zeros((4, 2)), np.zeros(4, int), verbose=0)


def test_weights_that_are_cut_off():
    with pytest.warns(UserWarning, match="counts in int32, so weights are cut off(?s:.*)dtype='float32'"):
        metrics.MeanIoU(2).update_state([0, 1], [0, 1], sample_weight=[0.5, 0.5])


def test_too_few_samples_to_adjust_for():
    metric = metrics.R2Score(num_regressors=5)
    metric.update_state([[1.0], [4.0]], [[2.0], [4.0]])
    with pytest.warns(UserWarning, match="has seen 2 samples, too few to adjust for 5 regressors"):
        metric.result()


LOSSES = [
    ("BinaryFocalCrossentropy", {"gamma": -1.0}, "BinaryFocalCrossentropy: gamma must be .* zero or above.*gamma=-1.0"),
    ("BinaryFocalCrossentropy", {"alpha": 2.0}, "BinaryFocalCrossentropy: alpha must be a number from 0 to 1"),
    ("CategoricalFocalCrossentropy", {"alpha": [0.5, -1]}, r"alpha must be zero or above, for each class.*-1"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 1.0}, "q must be a number between 0 and 1, both excluded.*q=1.0"),
    ("Circle", {"margin": 1.5}, "Circle: margin must be a number from 0 to 1.*1.5"),
    ("Tversky", {"beta": -0.5}, "Tversky: beta must be .* zero or above"),
    ("Huber", {"delta": -1}, "Huber: delta must be .* zero or above"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), LOSSES, ids=str)
def test_arguments_of_losses(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(losses, name)(**arguments)


LOSS_SHAPES = [
    ("mean_squared_error", (4, 3), (4, 2), r"mean_squared_error needs .*y_true \(4, 3\) and y_pred \(4, 2\)"),
    ("hinge", (4, 3), (4, 2), r"hinge needs .*y_true \(4, 3\) and y_pred \(4, 2\)"),
    ("sparse_categorical_crossentropy", (4, 3), (4, 3), r"shape \(4,\)(?s:.*)use categorical_crossentropy"),
    ("circle", (3,), (4, 3), r"circle needs embeddings .*y_true \(3,\)"),
    ("ctc", (4, 3), (4, 3), r"CTC needs integer labels .*logits \(4, 3\)"),
]


@pytest.mark.parametrize(("name", "targets", "outputs", "message"), LOSS_SHAPES)
def test_shapes_of_losses(name, targets, outputs, message):
    with pytest.raises(ValueError, match=message):
        getattr(losses, name)(np.zeros(targets), np.zeros(outputs))


def test_loss_weights_that_do_not_fit():
    with pytest.raises(ValueError, match=r"sample_weight of shape \(4,\) does not fit values of shape \(4, 3\)"):
        losses.MeanSquaredError()(np.zeros((4, 3, 2)), np.zeros((4, 3, 2)), np.ones(4))


def test_a_single_class_is_suspicious():
    with pytest.warns(SyntaxWarning, match="predictions of a single class(?s:.*)binary_crossentropy"):
        losses.categorical_crossentropy(np.ones((2, 1)), np.ones((2, 1)))


def test_an_axis_is_a_number():
    with pytest.raises(ValueError, match=r"axis must be an integer\. Received: axis=True"):
        losses.categorical_crossentropy(np.ones((2, 2)), np.ones((2, 2)), axis=True)


def test_more_weights_than_values():
    with pytest.raises(ValueError, match=r"weights of shape \(2,\) for values of shape \(1,\)"):
        metrics.MeanSquaredError().update_state([[1.0]], [[0.0]], [1.0, 2.0])

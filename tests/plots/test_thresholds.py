import numpy as np
import pytest

from lamina.core.errors import ArgumentError
from lamina.plots import calibration_curve, precision_recall_curve, roc_curve

CURVES = (precision_recall_curve, roc_curve, calibration_curve)


@pytest.fixture
def scored():
    """Labels, and probabilities with ties that know something of them."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    return labels, (0.3 * labels + 0.7 * rng.random(200)).round(2)


def labels_of(ax):
    return [line.get_label() for line in ax.lines]


def test_precision_recall_as_in_scikit_learn(ax, scored):
    metrics = pytest.importorskip("sklearn.metrics")
    assert precision_recall_curve(*scored, ax=ax) is ax
    precision, recall, _ = metrics.precision_recall_curve(*scored)
    points = ax.lines[0].get_xydata()
    np.testing.assert_allclose(points[1:], np.stack([recall, precision], axis=1)[-2::-1])
    assert points[0].tolist() == [0, points[1, 1]]
    assert labels_of(ax) == [f"average precision {metrics.average_precision_score(*scored):.3f}"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("recall", "precision")


def test_roc_as_in_scikit_learn(ax, scored):
    metrics = pytest.importorskip("sklearn.metrics")
    assert roc_curve(scored[0], scored[1][:, None], ax=ax) is ax
    false, true, _ = metrics.roc_curve(*scored, drop_intermediate=False)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.stack([false, true], axis=1))
    assert labels_of(ax) == [f"area {metrics.roc_auc_score(*scored):.3f}", "chance"]


def test_calibration_as_in_scikit_learn(ax, scored):
    calibration = pytest.importorskip("sklearn.calibration")
    assert calibration_curve(*scored, ax=ax, bins=7) is ax
    positive, predicted = calibration.calibration_curve(*scored, n_bins=7)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.stack([predicted, positive], axis=1))


def test_the_calibration_error_weighs_bins_by_their_examples(ax):
    calibration_curve([1, 1, 1, 0], [0.9, 0.9, 0.9, 0.5], ax=ax, bins=2)
    assert labels_of(ax)[0] == "calibration error 0.050"


def test_a_probability_of_one_is_in_the_last_bin(ax):
    calibration_curve([0, 1], [0.0, 1.0], ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize("curve", CURVES)
def test_each_class_against_the_rest(ax, curve):
    labels, scores = [0, 1, 2, 2], [[0.6, 0.2, 0.2], [0.1, 0.7, 0.2], [0.5, 0.1, 0.4], [0.2, 0.2, 0.6]]
    curve(labels, scores, ["cat", "dog", "fox"], ax=ax)
    names = [label.split(":")[0] for label in labels_of(ax)[:3]]
    assert names == ["cat", "dog", "fox"]
    dashes = {line.get_linestyle() for line in ax.lines[:3]}
    assert len(dashes) == 3
    curve(np.eye(3)[labels], scores, ax=(other := ax.figure.add_subplot()), classes=[2])
    np.testing.assert_array_equal(other.lines[0].get_xydata(), ax.lines[2].get_xydata())


@pytest.mark.parametrize("curve", CURVES)
def test_two_columns_are_two_classes(ax, curve, scored):
    labels, scores = scored
    curve(labels, np.stack([1 - scores, scores], axis=1), ["no", "yes"], ax=ax)
    curve(labels, scores, ax=(other := ax.figure.add_subplot()))
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), other.lines[0].get_xydata())
    assert labels_of(ax)[0] == f"yes: {labels_of(other)[0]}"


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize(
    ("labels", "predictions", "options", "message"),
    [
        ([0, 1, 2], [0.1, 0.5, 0.9], {}, r"a binary model's, .* but labels go up to 2[^$]*3 units with softmax"),
        ([0, 1, 1], np.full((3, 4), 0.25), {}, "for 4 classes, but no label is of the classes 2, 3[^$]*classes="),
        ([1, 1], [0.1, 0.5], {}, "all labels are of the class 1"),
        ([0, 1], [0.1, 0.5], {"class_names": ["a", "b", "c"]}, "3 class_names, but 2 classes"),
        ([0, 1], [0.1, 0.5], {"classes": [2]}, "no class 2; there are 2"),
        ([0, 1], [0.1, 0.5], {"classes": ["cat"]}, "no class 'cat'; there are 2"),
        ([0, 1], [0.1, np.nan], {}, "predictions holds 1 values that are NaN"),
        ([0, 1, 1], [0.1, 0.5], {}, "3 labels, but 2 predictions"),
        ([0, 1], np.zeros((2, 2, 2)), {}, r"Received: shape \(2, 2, 2\)"),
    ],
)
def test_what_does_not_fit(ax, curve, labels, predictions, options, message):
    with pytest.raises(ArgumentError, match=message):
        curve(labels, predictions, ax=ax, **options)


def test_logits_have_curves_but_no_calibration(ax):
    roc_curve([0, 1], [-3, 4], ax=ax)
    with pytest.raises(ArgumentError, match=r"must be probabilities, but they go from -3 to 4[^$]*sigmoid"):
        calibration_curve([0, 1], [-3, 4], ax=ax)

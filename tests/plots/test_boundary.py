import numpy as np
import pytest
from matplotlib.colors import to_rgba

import lamina
from lamina.core.errors import ArgumentError, ArgumentTypeError
from lamina.plots import decision_boundary
from lamina.plots.style import STYLES

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ground(ax):
    """The colours of the ground at the four points."""
    image = ax.images[0].get_array()
    edge = len(image) // 6
    return [tuple(image[row, column]) for column in (edge, -edge) for row in (edge, -edge)]


def tint(number):
    return tuple(STYLES["light"].tint(number, 0.28))


def test_regions_of_a_function_and_the_points_on_them(ax):
    calls = []

    def above(points):
        calls.append(points)
        return (points[:, 1] > 0.5).astype(int)

    assert decision_boundary(above, X, [0, 1, 0, 1], ["low", "high"], ax=ax, resolution=30) is ax
    assert calls[0].shape == (900, 2)
    assert ground(ax) == [tint(0), tint(1), tint(0), tint(1)]
    assert names(ax) == ["low", "high"]
    assert ax.collections[-1].get_offsets().tolist() == X[[1, 3]].tolist()
    faces = [collection.get_facecolor()[0] for collection in ax.collections[-2:]]
    assert [tuple(face) for face in faces] == [to_rgba(STYLES["light"].colour(n)) for n in (0, 1)]
    shapes = [collection.get_paths()[0].vertices for collection in ax.collections[-2:]]
    assert shapes[0].shape != shapes[1].shape


def test_probabilities_have_a_line_at_one_half(ax):
    decision_boundary(lambda points: 1 / (1 + np.exp(-20 * (points[:, 0] - 0.4))), X, [0, 0, 1, 1], ax=ax)
    line = ax.collections[1].get_paths()[0].vertices
    np.testing.assert_allclose(line[:, 0], 0.4, atol=0.01)


def test_a_model_of_lamina(ax):
    kernel = lamina.initializers.Constant(np.array([[8.0], [0.0]]))
    layer = lamina.layers.Dense(1, kernel_initializer=kernel, bias_initializer=lamina.initializers.Constant(-2.0))
    logits = lamina.Sequential([lamina.Input((2,)), layer])
    probabilities = lamina.Sequential([logits, lamina.layers.Activation("sigmoid")])
    for model in (logits, probabilities):
        decision_boundary(model, X, [0, 0, 1, 1], ax=(part := ax.figure.add_subplot()), resolution=40)
        np.testing.assert_allclose(part.collections[1].get_paths()[0].vertices[:, 0], 0.25, atol=0.01)


def test_several_outputs_are_several_regions(ax):
    decision_boundary(lambda p: np.stack([0 * p[:, 0], p[:, 0] - 0.5, p[:, 1] - 0.4], 1), X, [0, 2, 1, 1], ax=ax)
    assert ground(ax) == [tint(0), tint(2), tint(1), tint(2)]


def test_labels_may_be_one_hot_rows(ax):
    decision_boundary(lambda p: np.eye(3)[[1] * len(p)], X, np.eye(3)[[0, 2, 1, 1]], ax=ax, resolution=12)
    assert names(ax) == ["0", "1", "2"]


def test_estimators_and_classes_that_are_words(ax):
    linear = pytest.importorskip("sklearn.linear_model")
    words = np.array(["no", "yes", "no", "yes"])
    decision_boundary(linear.LogisticRegression().fit(X, words), X, words, ax=ax)
    assert names(ax) == ["no", "yes"]
    other = ax.figure.add_subplot()
    decision_boundary(linear.Perceptron().fit(X, words), X, words, ax=other)
    assert ground(other) == [tint(0), tint(1), tint(0), tint(1)]


def test_more_features_are_held_at_their_medians(ax):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"size": [0.0, 1, 0, 1], "age": [5, 7, 5, 100], "weight": [0.0, 0, 1, 1]})
    seen = []

    def model(points):
        seen.append(points)
        return points[:, 2] > 0.5

    decision_boundary(model, table, [0, 0, 1, 1], ax=ax, features=["weight", "size"], resolution=3)
    assert np.unique(seen[0][:, 1]).tolist() == [6]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight", "size")
    assert np.unique(seen[0][:3, 0]).size == 1  # weight runs across, size up


WIDE = np.arange(12.0).reshape(3, 4)
FLOWER = ["sepal length", "sepal width", "petal length", "petal width"]


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (WIDE, {}, r"draws two features, but x has 4\.[^$]*features=\[0, 1\]"),
        (WIDE, {"feature_names": FLOWER}, r"has 4: sepal length, .*\.[^$]*features=\['sepal length', 'sepal width'\]"),
        (WIDE[:, :1], {}, r"draws two features, but x has 1\."),
        (WIDE, {"feature_names": FLOWER, "features": ["petal lenth", "petal width"]}, "did you mean petal length"),
        (WIDE, {"features": ["a", "b"]}, "x has no names"),
        (WIDE, {"features": [0, 4]}, "no feature 4; x has 4"),
        (WIDE, {"features": [1, 1]}, "two different ones"),
        (WIDE[:, :2], {"feature_names": FLOWER}, "4 feature_names, but x has 2 features"),
        (WIDE[:2, :2], {}, "2 examples, but 3 labels"),
        (WIDE[:, :2] * np.nan, {}, "x holds 6 values that are NaN"),
        (WIDE[:, :2], {"class_names": ["a"]}, "1 class_names, but 3 classes"),
    ],
)
def test_what_does_not_fit(ax, x, options, message):
    with pytest.raises(ArgumentError, match=message):
        decision_boundary(lambda points: np.zeros(len(points), int), x, [0, 1, 2], ax=ax, **options)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda points: points[:, 0] * 0.01 + 0.5, "a binary model's, but labels have 3 classes"),
        (lambda points: np.zeros((len(points), 2)), "a binary model's, but labels have 3 classes"),
        (lambda points: np.zeros((3, 3)), r"predictions for 16 points have the shape \(3, 3\)"),
        (lambda points: np.full((len(points), 3), np.nan), "predictions holds .* NaN"),
    ],
)
def test_what_models_may_not_say(ax, model, message):
    with pytest.raises(ArgumentError, match=message):
        decision_boundary(model, WIDE[:, :2], [0, 1, 2], ax=ax, resolution=4)


def test_what_is_no_model(ax):
    with pytest.raises(ArgumentTypeError, match=r"must have predict\(\) or be a function. Received: a str"):
        decision_boundary("model", X, [0, 0, 1, 1], ax=ax)

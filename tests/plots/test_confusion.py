import numpy as np
import pytest

from lamina.core.errors import ArgumentError
from lamina.plots import confusion_matrix

LABELS = [0, 0, 1, 2, 2, 2]
GUESSES = [0, 1, 1, 2, 2, 0]
COUNTS = [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
NAMES = ("cat", "dog", "fox")


def matrix(ax):
    return ax.images[0].get_array().tolist()


@pytest.mark.parametrize("labels", [LABELS, np.eye(3)[LABELS], np.reshape(LABELS, (-1, 1))])
@pytest.mark.parametrize("predictions", [GUESSES, np.eye(3)[GUESSES] * 0.6 + 0.1])
def test_rows_are_true_and_columns_predicted(ax, labels, predictions):
    assert confusion_matrix(labels, predictions, NAMES, ax=ax) is ax
    assert matrix(ax) == COUNTS
    assert [text.get_text() for text in ax.texts] == ["1", "1", "0", "0", "1", "0", "1", "0", "2"]
    assert [label.get_text() for label in ax.get_xticklabels()] == list(NAMES)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


@pytest.mark.parametrize(
    ("normalize", "last"), [("true", [1 / 3, 0, 2 / 3]), ("pred", [1 / 2, 0, 1]), ("all", [1 / 6, 0, 2 / 6])]
)
def test_shares(ax, normalize, last):
    confusion_matrix(LABELS, GUESSES, ax=ax, normalize=normalize)
    assert matrix(ax)[2] == pytest.approx(last)
    assert ax.texts[-1].get_text() == f"{last[2]:.0%}"


def test_a_binary_model(ax):
    confusion_matrix([0, 1, 1], [[0.4], [0.6], [0.3]], ax=ax)
    assert matrix(ax) == [[1, 0], [1, 1]]


def test_a_class_that_no_one_has_and_none_is_predicted(ax):
    confusion_matrix([0, 0], [0, 0], np.array(NAMES), ax=ax, normalize="true")
    assert matrix(ax) == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_many_classes_have_a_scale_instead_of_numbers(ax):
    confusion_matrix(np.arange(40), np.arange(40), ax=ax)
    assert not ax.texts
    assert len(ax.figure.axes) == 2
    assert len(ax.get_xticklabels()) == 20


def test_numbers_show_on_their_ground(ax):
    confusion_matrix([0, 0, 1], [0, 0, 0], ax=ax)
    assert ax.texts[0].get_color() != ax.texts[2].get_color()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0, 1, 2], [[0.1], [0.9], [0.5]]), {}, r"binary model's, .* go up to 2\.[^$]*3 units with softmax"),
        (([0, 1, 3], np.eye(3)), {}, r"for 3 classes, 0 to 2, but labels go up to 3"),
        (([0, 1], np.eye(2), NAMES), {}, r"3 class_names, but 2 classes \(a binary model's\)"),
        (([0, 1, 2], [0, 1, 2], NAMES[:2]), {}, "2 class_names, but 3 classes"),
        (([0, 1], [-1.5, 2.5]), {}, r"probabilities, but they go from -1.5 to 2.5[^$]*sigmoid"),
        (([0, 1], [0, 1, 1]), {}, "2 labels, but 3 predictions"),
        (([0, 1.5], [0, 1]), {}, "labels must be integers from 0. Received: 1.5"),
        (([0, -1], [0, 1]), {}, "labels must be integers from 0. Received: -1"),
        (([[1, 1], [0, 1]], [0, 1]), {}, "not one-hot"),
        ((["cat", "dog"], [0, 1]), {}, "return_inverse"),
        (([0, 1], [np.nan, 1]), {}, "NaN"),
        (([], []), {}, "labels is empty"),
        (([0, 1], [0, 1]), {"normalize": "rows"}, "normalize must be one of"),
    ],
)
def test_what_does_not_fit(ax, arguments, options, message):
    with pytest.raises(ArgumentError, match=message):
        confusion_matrix(*arguments, ax=ax, **options)

import numpy as np
import pytest

from lamina.core.errors import ArgumentError
from lamina.plots import embeddings


def offsets(ax):
    return np.concatenate([collection.get_offsets() for collection in ax.collections])


def test_principal_components_as_in_scikit_learn(ax):
    decomposition = pytest.importorskip("sklearn.decomposition")
    vectors = np.random.default_rng(0).normal(size=(30, 5)) * [5, 1, 3, 1, 1] + 7
    assert embeddings(vectors, ax=ax) is ax
    theirs = decomposition.PCA(2).fit(vectors)
    np.testing.assert_allclose(np.abs(offsets(ax)), np.abs(theirs.transform(vectors)))
    shares = theirs.explained_variance_ratio_
    assert [ax.get_xlabel(), ax.get_ylabel()] == [f"component {n + 1} ({shares[n]:.0%})" for n in (0, 1)]


def test_labels_have_colours_and_markers_and_names_are_written(ax):
    vectors = [[0, 0], [4, 0], [0, 1], [4, 1]]
    embeddings(vectors, ["a", "b", "a", "b"], ax=ax, names=["p", "q", "r", "s"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert [len(collection.get_offsets()) for collection in ax.collections] == [2, 2]
    shapes = [collection.get_paths()[0].vertices.shape for collection in ax.collections]
    assert shapes[0] != shapes[1]
    assert {text.get_text(): tuple(text.xy) for text in ax.texts}["q"] == tuple(ax.collections[1].get_offsets()[0])


def test_of_many_names_the_outer_ones_are_written(ax):
    embeddings(np.arange(100.0)[:, None], names=[str(n) for n in range(100)], ax=ax)
    written = {int(text.get_text()) for text in ax.texts}
    assert written == {*range(30), *range(70, 100)}


@pytest.mark.parametrize(
    ("vectors", "options", "message"),
    [
        (np.zeros(3), {}, r"2 axes. Received: shape \(3,\)"),
        (np.full((2, 2), np.nan), {}, "4 values that are NaN"),
        (np.zeros((0, 2)), {}, "vectors is empty"),
        (np.eye(3), {"labels": [0, 1]}, "3 vectors, but 2 labels"),
        (np.eye(3), {"names": ["a"]}, "3 vectors, but 1 names"),
        (np.eye(20), {"labels": range(20)}, "20 different labels, but only 10"),
    ],
)
def test_what_does_not_fit(ax, vectors, options, message):
    with pytest.raises(ArgumentError, match=message):
        embeddings(vectors, ax=ax, **options)

import numpy as np
import pytest
from PIL import Image

from lamina.core.errors import ArgumentError, MissingFolderError
from lamina.optimizers import SGD, Adam
from lamina.plots import animate_optimizer_paths, optimizer_paths


def paths(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def test_paths_of_gradient_descent_on_a_surface_of_ones_own(ax):
    plain = SGD(0.1)
    surface = lambda point: point[0] ** 2 + 2 * point[1] ** 2  # noqa: E731
    assert optimizer_paths({"plain": plain}, surface, ax=ax, start=(1, -1), steps=3) is ax
    expected = [(0.8**step, -(0.6**step)) for step in range(4)]
    np.testing.assert_allclose(paths(ax)["plain"], expected, rtol=1e-5)
    assert int(plain.iterations) == 0
    left, right, low, high = *ax.get_xlim(), *ax.get_ylim()
    assert left < 0.8**3 < 1 < right
    assert low < -1 < -(0.6**3) < high
    assert ax.collections[1].get_offsets().tolist() == [[1, -1]]


@pytest.mark.parametrize("surface", ["ravine", "saddle"])
def test_the_usual_optimizers_start_together_and_differ(ax, surface):
    optimizer_paths(surface=surface, ax=ax, steps=5)
    found = paths(ax)
    assert list(found) == ["SGD", "momentum", "Adagrad", "RMSprop", "Adam"]
    assert len({tuple(points[0]) for points in found.values()}) == 1
    assert len({tuple(points[-1]) for points in found.values()}) == 5
    looks = {(str(line.get_linestyle()), line.get_marker()) for line in ax.lines}
    assert len(looks) == 5


def test_many_optimizers_have_markers_at_their_ends(ax):
    optimizer_paths({str(place): SGD(0.01 * place) for place in range(1, 10)}, ax=ax, steps=1)
    assert [line.get_markevery() for line in ax.lines] == [[1]] * 9
    assert len({(line.get_marker(), str(line.get_linestyle())) for line in ax.lines}) == 9


def test_lists_of_optimizers(ax):
    optimizer_paths(["adam", Adam(0.5), Adam(0.25)], ax=ax, steps=1, window=(-9.5, -8, 0, 2))
    assert list(paths(ax)) == ["adam", "Adam 0.5", "Adam 0.25"]
    assert ax.get_xlim() == (-9.5, -8)


def test_an_animation_has_its_frames_and_ends_with_the_whole_path(ax, tmp_path):
    path = tmp_path / "paths.gif"
    assert animate_optimizer_paths(path, "sgd", ax=ax, steps=8, frames=4, fps=10) is ax
    with Image.open(path) as picture:
        # Equal pictures at the end, which stay for a second, may have become one.
        lengths = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            lengths.append(picture.info["duration"])
    assert sum(lengths) == 100 * (5 + 10)
    assert len(ax.lines[0].get_xdata()) == 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"surface": "sadle"}, "did you mean saddle"),
        ({"surface": lambda point: point[0]}, "two numbers are needed to start from. Received: start=None"),
        ({"start": (1, 2, 3)}, "two numbers are needed"),
        ({"optimizers": {"wild": SGD(1e20)}}, "the path of wild runs to infinity[^$]*lower learning rate"),
        ({"optimizers": {}}, "no optimizers"),
        ({"optimizers": "adm"}, "did you mean adam"),
        ({"steps": 0}, "steps must be a positive integer"),
    ],
)
def test_what_has_no_paths(ax, options, message):
    with pytest.raises(ValueError, match=message):
        optimizer_paths(ax=ax, **{"steps": 5, **options})


def test_files_that_cannot_be_written(ax, tmp_path):
    with pytest.raises(ArgumentError, match=r"must end in '\.gif'. Received: to_file='paths.mp4'"):
        animate_optimizer_paths("paths.mp4", ax=ax)
    with pytest.raises(MissingFolderError):
        animate_optimizer_paths(tmp_path / "none" / "paths.gif", "sgd", ax=ax, steps=1)

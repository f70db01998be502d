"""`lamina.utils` does what `keras.utils` does, where Keras needs no TensorFlow."""

import os
import re

import jax.numpy as jnp
import numpy as np
import pytest

from lamina import preprocessing, utils
from lamina.data.directories import Selection

keras = pytest.importorskip("keras")
pytest.importorskip("PIL")
PIXELS = np.random.default_rng(0).integers(0, 256, (9, 14, 4)).astype("uint8")


@pytest.mark.parametrize(
    ("sequences", "arguments"),
    [
        ([[1], [2, 3], []], {}),
        ([[1], [2, 3], [4, 5, 6]], {"maxlen": 2, "padding": "post"}),
        ([[1], [2, 3], [4, 5, 6]], {"maxlen": 2, "truncating": "post", "value": 7}),
        ([[1], [2, 3]], {"maxlen": 5, "dtype": "float32", "value": 0.5}),
        ([["a"], ["b", "c"]], {"dtype": object, "value": ""}),
        ([np.ones((2, 3)), np.ones((1, 3))], {}),
        ([range(3), (1,), np.arange(2)], {"maxlen": 1}),
    ],
)
def test_pad_sequences(sequences, arguments):
    mine = utils.pad_sequences(sequences, **arguments)
    theirs = keras.utils.pad_sequences(sequences, **arguments)
    np.testing.assert_array_equal(mine, theirs)
    assert mine.dtype == theirs.dtype


@pytest.mark.parametrize("x", [[0, 2, 1], [[0], [3]], [[0, 1], [2, 2]], np.array([1.0, 0.0]), np.array(2), []])
@pytest.mark.parametrize("classes", [None, 5])
def test_to_categorical(x, classes):
    if not len(np.shape(x)) or not np.size(x):
        classes = classes or 5
    mine, theirs = utils.to_categorical(x, classes), keras.utils.to_categorical(x, classes)
    np.testing.assert_array_equal(mine, theirs)
    assert mine.dtype == theirs.dtype
    assert type(mine) is type(theirs)


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("order", [1, 2, 3, np.inf])
def test_normalize(axis, order):
    x = np.random.default_rng(0).normal(size=(3, 4))
    x[1] = 0
    if axis != 0:  # Keras takes 0 for None
        np.testing.assert_allclose(utils.normalize(x, axis, order), keras.utils.normalize(x, axis, order), rtol=1e-6)
    if order != np.inf:
        x = jnp.asarray(x)
        mine, theirs = utils.normalize(x, axis, order), keras.utils.normalize(x, axis, order)
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("data", [1, (1,), (1, 2), (1, 2, 3), [1, 2]])
def test_the_parts_of_a_batch(data):
    assert utils.unpack_x_y_sample_weight(data) == keras.utils.unpack_x_y_sample_weight(data)
    parts = utils.unpack_x_y_sample_weight(data)
    assert utils.pack_x_y_sample_weight(*parts) == keras.utils.pack_x_y_sample_weight(*parts)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_images_and_arrays(channels, scale, layout):
    x = PIXELS[..., :channels] / (1 if scale else 2)
    x = x if layout == "channels_last" else np.moveaxis(x, -1, 0)
    mine = utils.array_to_img(x, layout, scale)
    theirs = keras.utils.array_to_img(x, layout, scale)
    assert (mine.mode, mine.size) == (theirs.mode, theirs.size)
    found = utils.img_to_array(mine, layout)
    np.testing.assert_array_equal(found, keras.utils.img_to_array(theirs, layout))
    assert found.dtype == np.float32


@pytest.mark.parametrize("mode", ["rgb", "rgba", "grayscale"])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"])
@pytest.mark.parametrize("keep", [True, False])
def test_load_img(tmp_path, mode, interpolation, keep):
    utils.save_img(tmp_path / "x.png", PIXELS, scale=False)
    arguments = (tmp_path / "x.png", mode, (5, 6), interpolation, keep)
    mine, theirs = utils.load_img(*arguments), keras.utils.load_img(*arguments)
    np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("size", [(4, 4), (20, 9), (3, 30)])
def test_smart_resize(interpolation, size):
    for x in (PIXELS.astype("float32"), np.stack([PIXELS, PIXELS]).astype("float32")):
        mine = preprocessing.image.smart_resize(x, size, interpolation)
        theirs = keras.preprocessing.image.smart_resize(x, size, interpolation)
        assert (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=2e-3)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(
    ("labels", "names"), [("inferred", None), ("inferred", ["b", "a"]), (None, None), ("list", None)]
)
def test_files_come_in_keras_order(tmp_path, shuffle, labels, names):
    for name in ("a", "b", "c/below"):
        (tmp_path / name).mkdir(parents=True)
        for number in range(5):
            (tmp_path / name / f"{number}.txt").write_text("")
    labels = list(range(15)) if labels == "list" else labels
    index = keras.src.utils.dataset_utils.index_directory
    given = list(labels) if isinstance(labels, list) else labels  # Keras shuffles the list itself
    paths, numbers, classes = index(str(tmp_path), given, (".txt",), names, shuffle, seed=4, verbose=False)
    selection = Selection("mine", str(tmp_path), labels, "int", names, 4, shuffle, 4, None, None, False, False)
    (mine,) = selection.listings((".txt",))
    assert [os.path.normpath(path) for path in paths] == mine.paths
    assert classes == mine.class_names
    assert (numbers is None and mine.labels is None) or list(numbers) == mine.labels.tolist()


@pytest.mark.parametrize(
    "arguments",
    [{}, {"stateful_metrics": ["b"]}, {"stateless_metrics": ["b"]}, {"unit_name": "page"}],
    ids=str,
)
def test_progbar_says_what_keras_says(capsys, arguments):
    lines = []
    for module in (utils, keras.utils):
        bar = module.Progbar(4, verbose=2, **arguments)
        bar.update(1, [("a", 1.0), ("b", 2.0)])
        bar.update(3, [("a", 4.0), ("b", 5.0)])
        bar.add(1, [("a", 0.0005)])
        lines.append(re.sub(r"\d+(s|ms|us)", "T", capsys.readouterr().out))
    assert lines[0] == lines[1]


def test_source_inputs():
    found = []
    for module, api in ((utils, __import__("lamina")), (keras.utils, keras)):
        a, b = api.Input((2,), name="a"), api.Input((2,), name="b")
        merged = api.layers.Add()([api.layers.Dense(2)(a), b])
        found.append([t.name for t in module.get_source_inputs(api.layers.Dense(1)(merged))])
    assert found[0] == found[1] == ["a", "b"]


@pytest.mark.parametrize("dtype", [None, "float16", np.float32, np.dtype("int8"), jnp.bfloat16, bool, int, float, str])
def test_standardize_dtype(dtype):
    assert utils.standardize_dtype(dtype) == keras.utils.standardize_dtype(dtype)


def test_every_name_of_keras_is_there():
    theirs = {name for name in dir(keras.utils) if not name.startswith("_") and name != "legacy"}
    missing = {"Config", "audio_dataset_from_directory", "bounding_boxes"}
    elsewhere = {"model_to_dot", "plot_model"}
    assert theirs - set(utils.__all__) <= missing | elsewhere

import os

import numpy as np
import pytest

import lamina
from lamina.data.image_folder import image_dataset_from_directory
from lamina.data.images import save_img
from lamina.data.text_folder import text_dataset_from_directory

pytest.importorskip("PIL")


@pytest.fixture
def images(tmp_path):
    """Three classes of four images, each plain in a grey of its own: 10 × class + number."""
    for label, name in enumerate(("ants", "bees", "cats")):
        for number in range(4):
            folder = tmp_path / name / ("below" if number == 3 else "")
            folder.mkdir(parents=True, exist_ok=True)
            grey = np.full((6 + number, 5, 3), 10 * label + number)
            save_img(folder / f"{number}.{('png', 'bmp', 'gif', 'PNG')[number]}", grey, scale=False)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "ants" / "notes.txt").write_text("no image")
    return tmp_path


@pytest.fixture
def texts(tmp_path):
    for name, contents in (("neg", ["bad film", "awful"]), ("pos", ["good film", "très bon"])):
        (tmp_path / name).mkdir()
        for number, text in enumerate(contents):
            (tmp_path / name / f"{number}.txt").write_text(text, "utf-8")
    return tmp_path


def quiet(directory, **arguments):
    return image_dataset_from_directory(directory, **{"verbose": False, "image_size": (4, 4), **arguments})


def greys(dataset):
    return np.concatenate([(b[0] if isinstance(b, tuple) else b)[:, 0, 0, 0] for b in dataset]).tolist()


IN_ORDER = [10 * label + number for label in range(3) for number in (0, 1, 2, 3)]


def test_images_and_labels_come_in_alphabetic_order(images, capsys):
    data = image_dataset_from_directory(images, shuffle=False, batch_size=5, image_size=(4, 6))
    assert capsys.readouterr().out == "Found 12 files belonging to 3 classes.\n"
    batches = list(data)
    assert [x.shape for x, _ in batches] == [(5, 4, 6, 3), (5, 4, 6, 3), (2, 4, 6, 3)]
    assert {x.dtype for x, _ in batches} == {np.dtype("float32")}
    assert greys(data) == IN_ORDER
    labels = np.concatenate([y for _, y in batches])
    assert labels.dtype == np.int32
    assert labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert data.class_names == ["ants", "bees", "cats"]
    assert [os.path.relpath(path, images) for path in data.file_paths[:5]] == [
        *("ants/0.png", "ants/1.bmp", "ants/2.gif", "ants/below/3.PNG", "bees/0.png"),
    ]
    assert len(data) == 3


@pytest.mark.parametrize(
    ("arguments", "dtype", "first", "last"),
    [
        ({"label_mode": "int"}, "int32", 0, 2),
        ({"label_mode": "categorical"}, "float32", [1, 0, 0], [0, 0, 1]),
        ({"label_mode": "binary", "class_names": ["cats", "ants"]}, "float32", [0], [1]),
        ({"labels": [3] * 6 + [7] * 6}, "int32", 3, 7),
        ({"labels": (0,) * 6 + (1,) * 6, "label_mode": "categorical"}, "float32", [1, 0], [0, 1]),
    ],
)
def test_label_modes(images, arguments, dtype, first, last):
    batches = list(quiet(images, shuffle=False, **arguments))
    assert batches[0][1].dtype == dtype
    assert batches[0][1][0].tolist() == first
    assert batches[-1][1][-1].tolist() == last


@pytest.mark.parametrize("arguments", [{"labels": None}, {"label_mode": None}])
def test_images_without_labels(images, arguments):
    data = quiet(images, shuffle=False, **arguments)
    assert next(iter(data)).shape == (12, 4, 4, 3)
    assert data.class_names is None


def test_single_images_colours_and_layouts(images):
    x, y = next(iter(quiet(images, batch_size=None, shuffle=False)))
    assert (x.shape, int(y)) == ((4, 4, 3), 0)
    assert next(iter(quiet(images, color_mode="grayscale")))[0].shape == (12, 4, 4, 1)
    assert next(iter(quiet(images, color_mode="rgba")))[0][0, 0, 0, 3] == 255
    assert next(iter(quiet(images, data_format="channels_first")))[0].shape == (12, 3, 4, 4)
    assert next(iter(quiet(images, image_size=7)))[0].shape == (12, 7, 7, 3)
    assert next(iter(quiet(images, interpolation="nearest")))[0].dtype == np.uint8
    padded = next(iter(quiet(images, pad_to_aspect_ratio=True, shuffle=False, image_size=(8, 16))))[0]
    assert padded[8].max() == 20
    assert padded[8, :, 0].max() == 0
    assert next(iter(quiet(images, crop_to_aspect_ratio=True, shuffle=False)))[0][8].min() == 20


def test_each_pass_is_shuffled_anew_and_the_seed_tells_how(images):
    one, two = quiet(images, seed=1), quiet(images, seed=1)
    passes = [greys(one) for _ in range(2)]
    assert passes == [greys(two) for _ in range(2)]
    assert passes[0] != passes[1]
    assert sorted(passes[0]) == IN_ORDER
    labels = {int(x[0, 0, 0]): int(y) for x, y in quiet(images, batch_size=None)}
    assert all(grey // 10 == label for grey, label in labels.items())


def test_parts_have_no_files_in_common(images, capsys):
    arguments = {"validation_split": 0.25, "seed": 3, "image_size": (4, 4)}
    both = image_dataset_from_directory(images, subset="both", **arguments)
    assert "Using 9 files for training.\nUsing 3 files for validation." in capsys.readouterr().out
    single = [quiet(images, subset=name, **arguments) for name in ("training", "validation")]
    assert [part.file_paths for part in both] == [part.file_paths for part in single]
    assert sorted(both[0].file_paths + both[1].file_paths) == sorted(quiet(images).file_paths)
    assert greys(both[1]) == greys(both[1])
    ordered = quiet(images, subset="validation", validation_split=0.25, shuffle=False)
    assert greys(ordered) == [20, 21, 22, 23][1:]


def test_links_are_followed_if_asked(images, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    save_img(elsewhere / "x.png", np.zeros((2, 2, 3)))
    os.symlink(elsewhere, images / "ants" / "linked")
    assert len(quiet(images).file_paths) == 12
    assert len(quiet(images, follow_links=True).file_paths) == 13


def test_fit_evaluate_and_predict_take_them(images):
    train, valid = quiet(images, validation_split=0.25, subset="both", seed=1, batch_size=4)
    layers = [lamina.layers.Rescaling(1 / 255), lamina.layers.Flatten(), lamina.layers.Dense(3, "softmax")]
    model = lamina.Sequential(layers)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=valid, epochs=2, verbose=0)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert model.predict(valid, verbose=0).shape == (3, 3)
    assert len(model.evaluate(valid, verbose=0)) == 2


def test_a_damaged_image_is_named_when_it_is_read(images):
    (images / "bees" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    data = quiet(images)
    with pytest.raises(ValueError, match=r"broken\.png.*cannot be read"):
        list(data)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"labels": "guess"}, ValueError, "labels must be 'inferred', None, or a list of integers.*'guess'"),
        ({"labels": [1, 2]}, ValueError, "2 labels were given for 12 files"),
        ({"labels": ["a"] * 12}, ValueError, "labels must be integers"),
        ({"labels": [1] * 12, "class_names": ["ants"]}, ValueError, "class_names go with labels='inferred'"),
        ({"class_names": ["ants", "dogs"]}, ValueError, "has 'dogs', but the folders .* are 'ants', 'bees', 'cats'"),
        ({"label_mode": "onehot"}, ValueError, "label_mode must be one of"),
        ({"label_mode": "binary"}, ValueError, "needs two classes, but there are 3: ants, bees, cats"),
        ({"color_mode": "bgr"}, ValueError, "color_mode must be one of"),
        ({"image_size": (3,)}, ValueError, "image_size must be a height and a width"),
        ({"image_size": (0, 3)}, ValueError, "image_size"),
        ({"interpolation": "cubic"}, ValueError, "interpolation must be one of"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"validation_split": 1.5, "subset": "both"}, ValueError, r"Received: validation_split=1\.5"),
        ({"validation_split": 0.2}, ValueError, "validation_split and subset go together"),
        ({"subset": "training"}, ValueError, "validation_split and subset go together"),
        ({"subset": "test", "validation_split": 0.2}, ValueError, "subset must be one of"),
        ({"subset": "both", "validation_split": 0.2}, ValueError, "(?s)needs a seed.*seed=42"),
        ({"subset": "both", "validation_split": 0.01, "seed": 1}, ValueError, "leaves none for validation"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, ValueError, "only one of"),
        ({"data_format": "last"}, ValueError, "data_format must be one of"),
        ({"format": "torch"}, ValueError, "format must be one of"),
        ({"seed": "a"}, ValueError, "seed must be an integer, 0 or above. Received: seed='a'"),
        ({"color": "rgb"}, TypeError, "no argument 'color'"),
    ],
)
def test_bad_input(images, arguments, error, message):
    with pytest.raises(error, match=message):
        quiet(images, **arguments)


@pytest.mark.parametrize("make", [image_dataset_from_directory, text_dataset_from_directory])
def test_folders_that_are_missing_or_empty(tmp_path, make):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*gone"):
        make(tmp_path / "gone")
    message = r"directory must be a path, given as a string or a pathlib.Path. Received: directory=None"
    with pytest.raises(TypeError, match=message):
        make(None)
    (tmp_path / "a").mkdir()
    for labels in ("inferred", None):
        with pytest.raises(ValueError, match=r"there are no files in .*\.(png|txt)"):
            make(tmp_path, labels=labels, verbose=False)


def test_texts_and_labels(texts):
    data = text_dataset_from_directory(texts, shuffle=False, verbose=False)
    x, y = next(iter(data))
    assert x.tolist() == ["bad film", "awful", "good film", "très bon"]
    assert y.tolist() == [0, 0, 1, 1]
    assert data.class_names == ["neg", "pos"]
    short = text_dataset_from_directory(texts, shuffle=False, max_length=4, verbose=False, batch_size=None)
    assert [x for x, _ in short][:3] == ["bad ", "awfu", "good"]
    assert len(list(text_dataset_from_directory(texts, labels=None, verbose=False, batch_size=2))) == 2


def test_texts_become_numbers_on_their_way_to_a_model(texts):
    (texts / "pos" / "latin.txt").write_bytes("caf\xe9".encode("latin-1"))
    data = text_dataset_from_directory(texts, verbose=False, label_mode="binary", seed=1)
    vectorize = lamina.layers.TextVectorization(output_mode="multi_hot")
    vectorize.adapt(data.map(lambda x, y: x))
    assert vectorize.vocabulary_size() == 8
    assert "film" in vectorize.get_vocabulary()
    model = lamina.Sequential([lamina.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    model.fit(data.map(lambda x, y: (vectorize(x), y)), verbose=0)
    assert model.input_shape[-1] == 8


def test_texts_that_are_not_numbers_are_refused_by_fit(texts):
    model = lamina.Sequential([lamina.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"(?s)x holds values.*turn text into numbers"):
        model.fit(text_dataset_from_directory(texts, verbose=False), verbose=0)


def test_bad_input_for_texts(texts):
    with pytest.raises(ValueError, match="max_length"):
        text_dataset_from_directory(texts, max_length=-1)
    with pytest.raises(ValueError, match="format must be one of"):
        text_dataset_from_directory(texts, format="jax")


def test_messages_go_to_the_log_if_that_was_chosen(texts, capsys, caplog):
    lamina.utils.disable_interactive_logging()
    try:
        assert not lamina.utils.is_interactive_logging_enabled()
        with caplog.at_level("INFO", logger="lamina"):
            text_dataset_from_directory(texts)
    finally:
        lamina.utils.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert "Found 4 files belonging to 2 classes." in caplog.text

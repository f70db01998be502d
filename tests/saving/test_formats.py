"""What is saved is what is loaded, in every format; and what does not fit is told."""

import json
import logging
import struct
import zipfile

import h5py
import numpy as np
import pytest

import lamina
from lamina.core.errors import (
    ArgumentError,
    FileError,
    LoadError,
    MissingFileError,
    MissingFolderError,
    NotBuiltError,
    UnknownNameError,
    UnsafeFileError,
)
from lamina.saving import weights


def make(units=3, **names):
    model = lamina.Sequential(
        [
            lamina.Input((4,)),
            lamina.layers.Dense(units, activation="relu", name=names.get("first", "first")),
            lamina.layers.BatchNormalization(name="norm"),
            lamina.layers.Dense(1, name=names.get("last", "last")),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


@pytest.fixture
def rows():
    return np.random.rand(16, 4).astype("float32"), np.random.rand(16, 1).astype("float32")


@pytest.fixture
def model(rows):
    model = make()
    model.fit(*rows, epochs=2, verbose=0)
    return model


def go_on(model, rows):
    return model.fit(*rows, epochs=2, shuffle=False, verbose=0).history["loss"]


@pytest.mark.parametrize("ending", [".keras", ".h5", ".hdf5"])
def test_whole_models_go_on_training(model, rows, tmp_path, ending):
    path = tmp_path / f"model{ending}"
    model.save(path)
    copy = lamina.models.load_model(path)
    np.testing.assert_array_equal(model.predict(rows[0], verbose=0), copy.predict(rows[0], verbose=0))
    assert copy.loss == "mse" or copy.loss == "mean_squared_error"
    assert go_on(model, rows) == go_on(copy, rows)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.safetensors", "a.weights.json", "a.ckpt", "a", "a.h5", "a.keras"])
def test_weights_come_back(model, rows, tmp_path, name):
    path = tmp_path / name
    model.save_weights(path, max_shard_size=1e-7 if name.endswith(".json") else None)
    copy = make()
    copy.load_weights(path)
    np.testing.assert_array_equal(model.predict(rows[0], verbose=0), copy.predict(rows[0], verbose=0))
    if name != "a.h5":  # without the optimizer's state
        assert go_on(model, rows) == go_on(copy, rows)


def test_weights_of_whole_models_can_be_loaded(model, tmp_path):
    for name in ("a.keras", "a.h5"):
        model.save(tmp_path / name)
        copy = make()
        copy.load_weights(tmp_path / name)
        np.testing.assert_array_equal(model.get_weights()[0], copy.get_weights()[0])


def test_a_format_that_was_chosen_is_told_once(model, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(weights, "_told", set())
    with caplog.at_level(logging.WARNING, "lamina"):
        model.save_weights(tmp_path / "one.ckpt")
        model.save_weights(tmp_path / "two.ckpt")
    assert [record.getMessage() for record in caplog.records] == [
        f"lamina writes '{tmp_path / 'one.ckpt'}' in the format of .weights.h5 files."
    ]


def test_files_name_the_version(model, tmp_path):
    model.save(tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        metadata = json.loads(archive.read("metadata.json"))
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
    assert metadata["lamina_version"] == lamina.__version__
    assert metadata["keras_version"] == "3.15.1"
    model.save(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert file.attrs["lamina_version"] == lamina.__version__


def test_shards_are_replaced_whole(model, tmp_path):
    path = tmp_path / "a.weights.json"
    model.save_weights(path, max_shard_size=1e-7)
    first = set(tmp_path.iterdir())
    model.save_weights(path, max_shard_size=1e-7)
    second = set(tmp_path.iterdir())
    assert first & second == {path}
    assert len(first) == len(second) > 3
    make().load_weights(path)


def test_a_frozen_layer_stays_frozen(rows, tmp_path):
    model = make()
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.fit(*rows, verbose=0)
    model.save(tmp_path / "a.keras")
    copy = lamina.models.load_model(tmp_path / "a.keras")
    assert [layer.trainable for layer in copy.layers] == [False, True, True]
    assert go_on(model, rows) == go_on(copy, rows)


def test_a_layer_in_two_models_stays_one_layer(tmp_path):
    layer = lamina.layers.Dense(4, name="shared")
    sides = [lamina.Sequential([lamina.Input((4,)), layer]) for _ in range(2)]
    inputs = lamina.Input((4,))
    model = lamina.Model(inputs, lamina.layers.add([side(inputs) for side in sides]))
    model.save(tmp_path / "a.keras")
    copy = lamina.models.load_model(tmp_path / "a.keras")
    assert len(copy.weights) == 2
    assert copy.layers[1].layers[0] is copy.layers[2].layers[0]
    np.testing.assert_array_equal(model.predict(np.ones((1, 4)), verbose=0), copy.predict(np.ones((1, 4)), verbose=0))


def test_without_compile_there_is_no_optimizer(model, tmp_path):
    for name in ("a.keras", "a.h5"):
        model.save(tmp_path / name)
        assert not lamina.models.load_model(tmp_path / name, compile=False).compiled


def test_objects_save_what_they_like(tmp_path):
    @lamina.saving.register_keras_serializable("formats")
    class Counter(lamina.layers.Layer):
        words = ()

        def call(self, x):
            return x

        def save_own_variables(self, store):
            store["lengths"] = np.array([len(word) for word in self.words])

        def load_own_variables(self, store):
            self.lengths = list(store["lengths"])

        def save_assets(self, folder):
            with open(f"{folder}/words.txt", "w") as file:
                file.write(" ".join(self.words))

        def load_assets(self, folder):
            with open(f"{folder}/words.txt") as file:
                self.words = tuple(file.read().split())

    layer = Counter()
    layer.words = ("one", "three")
    lamina.Sequential([lamina.Input((2,)), layer]).save(tmp_path / "a.keras")
    copy = lamina.models.load_model(tmp_path / "a.keras").layers[0]
    assert copy.words == ("one", "three")
    assert copy.lengths == [3, 5]


def test_a_vocabulary_travels(tmp_path):
    @lamina.saving.register_keras_serializable("formats")
    class Reader(lamina.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.lookup = lamina.layers.StringLookup()
            self.dense = lamina.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

    model = Reader()
    model.lookup.adapt(["a", "b", "b"])
    model(np.ones((1, 2), "float32"))
    model.save(tmp_path / "a.keras")
    assert lamina.models.load_model(tmp_path / "a.keras").lookup.get_vocabulary() == ["[UNK]", "b", "a"]


# -- classes of one's own --------------------------------------------------------------------------------------------


class Unregistered(lamina.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = lamina.layers.Dense(2)

    def call(self, x):
        return self.dense(x)


def test_a_model_of_an_unknown_class_says_what_to_do(tmp_path):
    model = Unregistered()
    model(np.ones((1, 3), "float32"))
    with pytest.warns(UserWarning, match=r"register_keras_serializable.*save_weights"):
        model.save(tmp_path / "a.keras")
    with pytest.raises(UnknownNameError, match=r"(?s)'Unregistered'.*register.*load_weights"):
        lamina.models.load_model(tmp_path / "a.keras")
    copy = lamina.models.load_model(tmp_path / "a.keras", custom_objects={"Unregistered": Unregistered})
    np.testing.assert_array_equal(copy.get_weights()[0], model.get_weights()[0])


def test_a_model_without_a_config_offers_its_weights(tmp_path):
    @lamina.saving.register_keras_serializable("formats")
    class Secret(lamina.Model):
        def __init__(self, size):
            super().__init__()
            self.dense = lamina.layers.Dense(size)

        def call(self, x):
            return self.dense(x)

    model = Secret(2)
    model(np.ones((1, 3), "float32"))
    with pytest.raises(ArgumentError, match=r"(?s)'size'.*save_weights"):
        model.save(tmp_path / "a.keras")
    assert not list(tmp_path.iterdir())


def test_a_loss_without_a_name_does_not_keep_a_model_from_being_saved(rows, tmp_path):
    model = make()
    model.compile("sgd", lambda a, b: (a - b) ** 2)
    model.fit(*rows, verbose=0)
    with pytest.warns(UserWarning, match="Compile it again"):
        model.save(tmp_path / "a.keras")
    assert not lamina.models.load_model(tmp_path / "a.keras").compiled


# -- Keras 2 ---------------------------------------------------------------------------------------------------------


def keras_2_file(path, loss="mse", metrics=("mae",)):
    layers = [
        {
            "class_name": "Dense",
            "config": {
                **{"name": "dense", "trainable": True, "batch_input_shape": [None, 3], "dtype": "float32", "units": 2},
                **{"activation": "linear", "use_bias": True, "kernel_regularizer": None, "bias_constraint": None},
                "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
            },
        }
    ]
    kernel, bias = np.arange(6, dtype="float32").reshape(3, 2), np.array([1, 2], "float32")
    slots = {"iter": np.int64(7), "m1": kernel, "m2": bias, "v1": kernel + 1, "v2": bias + 1}
    optimizer = {"class_name": "Adam", "config": {"name": "Adam", "lr": 0.5, "decay": 0.0, "beta_1": 0.9}}
    training = {"loss": loss, "metrics": metrics, "loss_weights": None, "sample_weight_mode": None}
    training["optimizer_config"] = optimizer
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.4.0"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers}).encode()
        file.attrs["training_config"] = json.dumps(
            {**training, "loss_weights": None, "optimizer_config": optimizer}
        ).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"dense"]
        dense = group.create_group("dense")
        dense.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        dense["dense/kernel:0"], dense["dense/bias:0"] = kernel, bias
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = [name.encode() for name in slots]
        for name, value in slots.items():
            group[name] = value


@pytest.mark.parametrize(
    ("loss", "metrics"),
    [
        ("mse", ["mae"]),
        ("mean_squared_error", [["accuracy"]]),
        ({"class_name": "LossFunctionWrapper", "config": {"name": "x", "fn": "mean_squared_error"}}, None),
        ("mse", [[{"class_name": "MeanMetricWrapper", "config": {"name": "mae", "fn": "mean_absolute_error"}}]]),
    ],
)
def test_files_of_keras_2_load(tmp_path, loss, metrics):
    keras_2_file(tmp_path / "old.h5", loss, metrics)
    model = lamina.models.load_model(tmp_path / "old.h5")
    np.testing.assert_array_equal(model.predict(np.ones((1, 3)), verbose=0), [[7, 11]])
    assert float(model.optimizer.learning_rate) == 0.5
    assert int(model.optimizer.iterations) == 7
    np.testing.assert_array_equal(model.optimizer.variables[3], [[1, 2], [3, 4], [5, 6]])
    assert np.isfinite(model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0).history["loss"][0])


def test_layers_find_each_other_by_name(model, tmp_path):
    model.save_weights(tmp_path / "a.h5")
    other = make(units=5, first="another")
    with pytest.raises(LoadError, match=r"'last' has weights of the shapes \[\(5, 1\), \(1,\)\]"):
        other.load_weights(tmp_path / "a.h5", by_name=True)
    with pytest.warns(UserWarning, match="'last'"):
        other.load_weights(tmp_path / "a.h5", by_name=True, skip_mismatch=True)
    same = make(first="another")
    before = same.layers[0].get_weights()
    same.load_weights(tmp_path / "a.h5", by_name=True)
    np.testing.assert_array_equal(same.layers[0].get_weights()[0], before[0])
    np.testing.assert_array_equal(same.layers[2].get_weights()[0], model.layers[2].get_weights()[0])


# -- what does not fit -----------------------------------------------------------------------------------------------


def test_other_shapes_are_told_by_layer(model, tmp_path):
    model.save_weights(tmp_path / "a.weights.h5")
    other = make(units=5)
    with pytest.raises(LoadError, match=r"(?s)Dense 'first' at 'layers/dense'.*\(4, 5\).*\(4, 3\)"):
        other.load_weights(tmp_path / "a.weights.h5")
    with pytest.warns(UserWarning, match="left as they were"):
        other.load_weights(tmp_path / "a.weights.h5", skip_mismatch=True)


def test_a_file_that_exists_is_kept_if_asked(model, tmp_path):
    (tmp_path / "a.keras").write_text("precious")
    with pytest.raises(FileError, match="overwrite=False"):
        model.save(tmp_path / "a.keras", overwrite=False)
    assert (tmp_path / "a.keras").read_text() == "precious"
    model.save(tmp_path / "a.keras")
    lamina.models.load_model(tmp_path / "a.keras")


@pytest.mark.parametrize("name", ["a", "a.kers", "a.pb", "a.weights.h5"])
def test_other_endings_are_refused_for_models(model, tmp_path, name):
    with pytest.raises(ArgumentError, match=r"ends in \.keras"):
        model.save(tmp_path / name)


def test_missing_files_and_folders_are_told(model, tmp_path):
    model.save(tmp_path / "best.keras")
    with pytest.raises(MissingFileError, match=r"(?s)There is no file.*did you mean best\.keras"):
        lamina.models.load_model(tmp_path / "bets.keras")
    with pytest.raises(FileNotFoundError):
        model.load_weights(tmp_path / "none" / "a.weights.h5")
    with pytest.raises(MissingFolderError, match=r"(?s)no folder.*makedirs"):
        model.save(tmp_path / "none" / "a.keras")
    with pytest.raises(FileError, match="is a folder"):
        model.save_weights(tmp_path)


def test_weights_need_a_built_model(tmp_path):
    model = lamina.Sequential([lamina.layers.Dense(1)])
    with pytest.raises(NotBuiltError, match="no weights yet"):
        model.save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(NotBuiltError, match="not built yet"):
        model.load_weights(tmp_path / "a.weights.h5")
    with pytest.warns(UserWarning, match="before it is built"):
        model.save(tmp_path / "a.keras")


def test_weights_alone_are_no_model(model, tmp_path):
    for name in ("a.weights.h5", "a.h5", "a.safetensors"):
        model.save_weights(tmp_path / name)
        with pytest.raises(LoadError, match="load_weights"):
            lamina.models.load_model(tmp_path / name)


def test_shards_need_their_ending(model, tmp_path):
    model.save_weights(tmp_path / "b.weights.h5", max_shard_size=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.weights.json", "b_00000.weights.h5"]
    with pytest.raises(ArgumentError, match=r"max_shard_size goes with files that end in \.weights\.json"):
        model.save_weights(tmp_path / "a.ckpt", max_shard_size=1)
    with pytest.raises(ArgumentError, match="max_shard_size is 1 bytes"):
        model.save_weights(tmp_path / "a.weights.json", max_shard_size=1e-9)


def test_a_safetensors_file_is_as_its_specification_says(model, tmp_path):
    path = tmp_path / "a.safetensors"
    model.save_weights(path)
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    first = header["layers/dense/vars/0"]
    begin, end = first["data_offsets"]
    kernel = np.frombuffer(content[8 + length + begin : 8 + length + end], "<f4").reshape(first["shape"])
    np.testing.assert_array_equal(kernel, model.layers[0].kernel)
    assert header["__metadata__"]["format"] == "lamina"


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a.safetensors"])
def test_files_that_are_cut_short_are_damaged(model, tmp_path, name):
    path = tmp_path / name
    model.save_weights(path) if name.endswith("rs") else model.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(LoadError, match=name):
        make().load_weights(path)


def test_a_shard_elsewhere_is_refused(model, tmp_path):
    text = {"metadata": {}, "weight_map": {"/layers/dense/vars": ["../secret.weights.h5"]}}
    (tmp_path / "a.weights.json").write_text(json.dumps(text))
    with pytest.raises(UnsafeFileError, match=r"\.\./secret"):
        model.load_weights(tmp_path / "a.weights.json")


def test_dropout_of_a_loaded_graph_is_at_work_in_training(tmp_path):
    inputs = lamina.Input((64,))
    model = lamina.Model(inputs, lamina.layers.Dropout(0.5)(inputs))
    model.save(tmp_path / "a.keras")
    copy = lamina.models.load_model(tmp_path / "a.keras")
    x = np.ones((1, 64), "float32")
    np.testing.assert_array_equal(copy(x), x)
    assert 0 < np.count_nonzero(np.asarray(copy(x, training=True)) == 0) < 64


def test_names_in_keras_2_files_are_those_of_layers(tmp_path):
    inputs = lamina.Input((4,))
    model = lamina.Model(inputs, lamina.layers.Identity()(inputs))  # there is an initializer of this name, too
    model.save(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        described = json.loads(file.attrs["model_config"])
        node = described["config"]["layers"][1]["inbound_nodes"]
        described["config"]["layers"][1:1] = [
            {"class_name": "Absolute", "config": {"name": "abs"}, "name": "abs", "inbound_nodes": node}
        ]
        described["config"]["output_layers"] = ["abs", 0, 0]
        file.attrs["model_config"] = json.dumps(described)
    copy = lamina.models.load_model(tmp_path / "a.h5")
    np.testing.assert_array_equal(copy.predict(np.full((1, 4), -2.0), verbose=0), [[2, 2, 2, 2]])


def test_functions_in_keras_3_files_have_names_of_layers(tmp_path):
    inputs = lamina.Input((4,))
    lamina.Model(inputs, inputs + 1.0).save(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        described = json.loads(file.attrs["model_config"])
        described["config"]["layers"][1] = {
            name: described["config"]["layers"][1][name] for name in ("class_name", "config", "name", "inbound_nodes")
        }
        assert described["config"]["layers"][1]["class_name"] == "Add"  # as a layer is named
        file.attrs["model_config"] = json.dumps(described)
    copy = lamina.models.load_model(tmp_path / "a.h5")
    np.testing.assert_array_equal(copy.predict(np.zeros((1, 4)), verbose=0), [[1, 1, 1, 1]])


def test_functions_of_ones_own_are_found_in_keras_2_files(rows, tmp_path):
    @lamina.saving.register_keras_serializable("tests")
    def own_loss(y_true, y_pred):
        return lamina.ops.mean((y_true - y_pred) ** 2, axis=-1)

    model = make()
    model.compile("adam", own_loss)
    model.save(tmp_path / "a.h5")
    copy = lamina.models.load_model(tmp_path / "a.h5")
    assert copy.evaluate(*rows, verbose=0) == model.evaluate(*rows, verbose=0)


def test_optimizers_that_keras_2_records_as_custom(tmp_path):
    make().save(tmp_path / "a.h5")
    config = {"name": "Adam", "jit_compile": True, "is_legacy_optimizer": False, "learning_rate": 0.5}
    with h5py.File(tmp_path / "a.h5", "a") as file:
        compiled = json.loads(file.attrs["training_config"])
        compiled["optimizer_config"] = {"class_name": "Custom>Adam", "config": config}
        file.attrs["training_config"] = json.dumps(compiled)
    optimizer = lamina.models.load_model(tmp_path / "a.h5").optimizer
    assert isinstance(optimizer, lamina.optimizers.Adam)
    assert float(optimizer.learning_rate) == 0.5


@pytest.mark.parametrize("name", ["a.keras", "a.h5"])
def test_optimizers_that_have_not_begun_are_new_without_a_word(rows, tmp_path, name):
    make().save(tmp_path / name)
    copy = lamina.models.load_model(tmp_path / name)  # warnings are errors
    copy.fit(*rows, verbose=0)
    copy.save(tmp_path / name)
    assert int(lamina.models.load_model(tmp_path / name).optimizer.iterations) > 0


def test_formats_of_tensorflow_are_refused(model, tmp_path):
    with pytest.raises(ArgumentError, match="save_format must be one of 'keras', 'h5'"):
        model.save(tmp_path / "a", save_format="tf")
    with pytest.raises(FileError, match="is a folder"):
        model.save_weights(f"{tmp_path}/new/")

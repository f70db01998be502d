import sys

import numpy as np
import pytest

import lamina
from lamina import summary
from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, FileError, MissingExtraError
from lamina.tensorboard import summaries

metadata = pytest.importorskip("tensorboard.plugins.hparams.metadata")


@pytest.fixture
def writer(tmp_path):
    return summary.create_file_writer(tmp_path)


def test_without_a_writer_nothing_is_written():
    assert summary.scalar("loss", 1.0, step=0) is False
    assert summary.hparams({"units": 3}) is False
    assert summary.embedding("points", np.eye(2)) is False


def test_what_is_written_is_in_the_file_when_the_block_ends(writer):
    with writer.as_default():
        assert summary.scalar("group/loss", 1.0, step=0)
    assert b"group/loss" in writer.path.read_bytes()


def test_a_writer_in_a_with_is_the_default_and_is_closed(tmp_path):
    with summary.create_file_writer(tmp_path) as writer:
        assert summary.text("note", "words", step=0)
    assert b"words" in writer.path.read_bytes()
    assert summary.text("note", "words", step=1) is False
    with pytest.raises(FileError, match=r"The writer for .* is closed"), writer.as_default():
        summary.text("note", "words", step=1)


def test_the_inner_writer_counts(tmp_path):
    outer, inner = (summary.create_file_writer(tmp_path / name) for name in ("outer", "inner"))
    with outer.as_default(step=1):
        with inner.as_default(step=2):
            summary.scalar("here", 1)
        summary.scalar("there", 1)
    assert b"here" in inner.path.read_bytes()
    assert b"here" not in outer.path.read_bytes().replace(b"there", b"")


def test_many_records_do_not_wait_for_the_end(tmp_path):
    writer = summary.create_file_writer(tmp_path, max_queue=2)
    with writer.as_default():
        summary.scalar("first", 1, step=0)
        assert b"first" not in writer.path.read_bytes()
        summary.scalar("second", 1, step=0)
        assert b"first" in writer.path.read_bytes()


@pytest.mark.parametrize("data", [np.float64(2), np.ones((1, 1)), 3, True, lamina.Variable(2.0, dtype="bfloat16")])
def test_numbers_of_any_kind_are_scalars(writer, data):
    with writer.as_default(step=0):
        assert summary.scalar("number", data)


NEXT = np.nextafter(1.0, 2.0)


@pytest.mark.parametrize("data", [[], [1.0, np.nan, np.inf], np.zeros((3, 3)), np.arange(5, dtype="int8"), [1.0, NEXT]])
def test_histograms_take_numbers_of_any_shape(writer, data):
    with writer.as_default(step=0):
        assert summary.histogram("numbers", data)


@pytest.mark.parametrize(
    "images",
    [np.zeros((1, 2, 3, 1), "uint8"), np.ones((5, 2, 3, 3)), np.ones((1, 2, 2, 2), bool), np.zeros((1, 1, 1, 4))],
)
def test_images_have_one_to_four_channels(writer, images):
    with writer.as_default(step=0):
        assert summary.image("pictures", images)
    assert writer.path.read_bytes().count(b"\x89PNG") == min(3, len(images))


def test_numbers_of_eager_training_are_written(writer):
    class Net(lamina.Model):
        def call(self, x):
            assert summary.scalar("mean", lamina.ops.mean(x), step=0)
            return lamina.ops.mean(x, axis=1, keepdims=True)

    model = Net()
    model.compile("sgd", "mse", run_eagerly=True)
    with writer.as_default():
        model.fit(np.ones((2, 3)), np.ones((2, 1)), verbose=0)
    assert b"mean" in writer.path.read_bytes()


@pytest.mark.parametrize("values", [[1, 0.5], np.linspace(0, 1, 3), {0.1, 0.2}, "sgd", 3])
def test_values_of_a_hyperparameter_may_be_given_in_any_way(writer, values):
    with writer.as_default():
        assert summary.hparams_config({"value": values})


def test_a_search_is_described_before_it_begins(writer):
    many = list(range(20))
    with writer.as_default():
        assert summary.hparams_config({"units": many, "optimizer": ["sgd", "adam"], "free": ()}, ["epoch_loss"])
    (value,) = summaries.experiment({"units": many, "optimizer": ["sgd", "adam"], "free": ()}, ["epoch_loss"]).value
    experiment = metadata.parse_experiment_plugin_data(value.metadata.plugin_data.content)
    units, optimizer, free = experiment.hparam_infos
    assert (units.domain_interval.min_value, units.domain_interval.max_value) == (0, 19)
    assert sorted(item.string_value for item in optimizer.domain_discrete.values) == ["adam", "sgd"]
    assert free.WhichOneof("domain") is None
    assert [info.name.tag for info in experiment.metric_infos] == ["epoch_loss"]


def test_the_file_has_the_suffix_that_is_wanted(tmp_path):
    assert summary.create_file_writer(tmp_path, filename_suffix=".own").path.name.endswith(".own")


# -- bad input -----------------------------------------------------------------------------------------------------


def test_a_summary_needs_a_step(writer):
    with writer.as_default(), pytest.raises(ArgumentError, match="The summary 'loss' has no step") as error:
        summary.scalar("loss", 1.0)
    assert "as_default(step=...)" in error.value.hint


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: summary.scalar("a", [1.0, 2.0]), r"The summary 'a' must be one number. Received: float64\[2\]"),
        (lambda: summary.scalar("a", "many"), "The summary 'a' must be of real numbers. Received: 'many'"),
        (lambda: summary.scalar("a", None), "must be of real numbers. Received: None"),
        (lambda: summary.histogram("a", [[1], [1, 2]]), "must be of real numbers. Received: a list"),
        (lambda: summary.image("a", np.ones((1, 0, 2, 1))), r"Received: float64\[1, 0, 2, 1\]"),
        (lambda: summary.text("a", [["b"], ["c", "d"]]), "or a table of texts. Received: a list"),
        (lambda: summary.text("a", ["b", 1]), "or a table of texts"),
        (
            lambda: summary.image("a", np.ones((2, 3))),
            r"as \(images, height, width, channels\).*Received: float64\[2, 3\]",
        ),
        (lambda: summary.image("a", np.ones((1, 2, 3, 7))), "with 1 to 4 channels"),
        (lambda: summary.text("a", 3), "The summary 'a' must be text"),
        (lambda: summary.embedding("a", np.ones(3)), r"'a' must be numbers of the shape \(points, dimensions\)"),
        (lambda: summary.embedding("a", [["b", "c"]]), r"Received: <U1\[1, 2\]"),
        (lambda: summary.embedding("a", np.eye(3), labels=3), "must be a list, one a point. Received: 3"),
        (lambda: summary.embedding("a", np.eye(3), labels=["x"]), "as many labels as points, 3. Received: 1"),
        (lambda: summary.embedding("a", np.eye(3), images=np.ones((2, 4, 4))), r"images as \(3, height, width\)"),
    ],
)
def test_data_of_another_kind_are_refused(writer, call, message):
    with writer.as_default(step=0), pytest.raises(DataError, match=message):
        call()


@pytest.mark.parametrize("step", ["one", np.nan, [1, 2], 2**70])
def test_steps_are_whole_numbers(writer, step):
    with writer.as_default(), pytest.raises(ArgumentError, match="step of the summary 'loss' must be a whole number"):
        summary.scalar("loss", 1.0, step)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: summary.hparams(3), "hparams must be a dict from names to values. Received: a int"),
        (lambda: summary.hparams_config(3), "needs a dict from names to the values that they take. Received: a int"),
        (
            lambda: summary.hparams_config({"units": [1, "two"]}),
            "'units' must be all numbers, all strings or all bools",
        ),
    ],
)
def test_descriptions_of_another_kind_are_refused(writer, call, message):
    with writer.as_default(), pytest.raises(ArgumentError, match=message):
        call()


def test_graphs_and_searches_of_another_kind_are_refused(writer):
    with writer.as_default():
        with pytest.raises(ArgumentTypeError, match=r"A graph shows a model\. Received: a str"):
            summary.graph("model")
        with pytest.raises(ArgumentTypeError, match=r"pairs \(hyperparameters, history\). Received: list"):
            summary.search([1, 2])


def test_hyperparameters_are_plain_values(writer):
    with writer.as_default(), pytest.raises(ArgumentError, match="hyperparameter 'layers' must be a number") as error:
        summary.hparams({"units": 3, "layers": [1, 2]})
    assert error.value.hint == "write others as text: str(value)."


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FileError, match=r"Logs for TensorBoard cannot be written to '.*taken'"):
        summary.create_file_writer(tmp_path / "taken")


def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    with pytest.raises(MissingExtraError, match="needs the package 'tensorboard'"):
        summary.create_file_writer(tmp_path)


def test_misspelt_names_get_suggestions():
    with pytest.raises(AttributeError, match="did you mean scalar"):
        _ = summary.skalar

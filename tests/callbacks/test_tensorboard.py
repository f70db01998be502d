import struct
import sys

import numpy as np
import pytest

import lamina
from lamina.callbacks import TensorBoard
from lamina.core.errors import ArgumentError, FileError, MissingExtraError
from lamina.training.events import CallbackList

event_pb2 = pytest.importorskip("tensorboard.compat.proto.event_pb2")


def events(folder):
    """All events in a folder: pairs of tag and step, in order."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = event_pb2.Event.FromString(data[12 : 12 + length])
            found += [(value.tag, event.step) for value in event.summary.value]
            data = data[16 + length :]
    return found


def of(folder, tag):
    return [step for name, step in events(folder) if name == tag]


def test_it_leaves_the_loop_whole_unless_batches_are_wanted():
    told = CallbackList([TensorBoard(histogram_freq=1, write_steps_per_second=True)])
    assert not told.wants_batches("train")
    assert told.batches_until_due() is None
    every = CallbackList([TensorBoard(update_freq=7)])
    assert not every.wants_batches("train")
    assert every.batches_until_due() == 7


def test_without_validation_there_is_no_run_of_it(tmp_path, train):
    train(TensorBoard(tmp_path), epochs=2, validation_split=0.0)
    assert [path.name for path in tmp_path.iterdir()] == ["train"]
    assert of(tmp_path / "train", "epoch_loss") == [0, 1]
    assert of(tmp_path / "train", "keras") == [0]


def test_tensorflow_is_not_needed(tmp_path, train, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    train(TensorBoard(tmp_path, histogram_freq=1, write_images=True), epochs=1)
    assert of(tmp_path / "train", "epoch_learning_rate") == [0]


def test_numbers_of_epochs_go_on_from_initial_epoch(tmp_path, train):
    train(TensorBoard(tmp_path, write_graph=False), epochs=5, initial_epoch=3)
    assert of(tmp_path / "train", "epoch_mae") == [3, 4]
    assert of(tmp_path / "train", "keras") == []


@pytest.mark.parametrize(("freq", "steps"), [("batch", [1, 2, 3, 4, 5, 6]), (1, [1, 2, 3, 4, 5, 6]), (4, [4])])
def test_batches_are_counted_across_epochs(tmp_path, train, freq, steps):
    train(TensorBoard(tmp_path, update_freq=freq), epochs=2)  # 3 batches an epoch
    assert of(tmp_path / "train", "batch_loss") == steps


def test_two_callbacks_do_not_disturb_each_other(tmp_path, train):
    train(TensorBoard(tmp_path / "a", update_freq=2), TensorBoard(tmp_path / "b", update_freq=3), epochs=2)
    assert of(tmp_path / "a" / "train", "batch_loss") == [2, 4, 6]
    assert of(tmp_path / "b" / "train", "batch_loss") == [3, 6]


def test_training_that_goes_on_counts_batches_on():
    callback, other = TensorBoard(update_freq=4), TensorBoard(update_freq=4)
    callback.batches, callback.last_batch = 6, 2
    other.set_state(callback.get_state())
    assert other.batches_until_due() == 2


def test_histograms_come_every_so_many_epochs(tmp_path, train):
    train(TensorBoard(tmp_path, histogram_freq=2), epochs=4)
    assert [step for tag, step in events(tmp_path / "train") if tag.endswith("kernel/histogram")] == [0, 0, 2, 2]
    assert not [tag for tag, _ in events(tmp_path / "train") if tag.endswith("/image")]


def test_weights_have_the_names_that_keras_gives_them(tmp_path):
    layers = lamina.layers
    tower = lamina.Sequential([layers.Dense(2, name="first")], name="tower")
    x = lamina.Input((3, 2))
    h = tower(layers.TimeDistributed(layers.Dense(2, name="one"), name="each")(x))
    model = lamina.Model(x, layers.Dense(1, use_bias=False, name="last")(h))
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 3, 2)), np.ones((2, 3)), callbacks=[TensorBoard(tmp_path, histogram_freq=1)], verbose=0)
    tags = {tag.removesuffix("/histogram") for tag, _ in events(tmp_path / "train") if tag.endswith("/histogram")}
    both = {f"{layer}/{weight}" for layer in ("each/one", "tower/first") for weight in ("kernel", "bias")}
    assert tags == {*both, "last/kernel"}


def test_an_evaluation_alone_is_logged_over_the_steps_of_training(tmp_path, train, samples):
    model, _ = train(epochs=2)
    model.evaluate(samples.x, samples.y, callbacks=[TensorBoard(tmp_path)], verbose=0)
    assert of(tmp_path / "validation", "evaluation_loss_vs_iterations") == [6]
    assert not (tmp_path / "train").exists()


def test_a_second_training_writes_a_file_of_its_own(tmp_path, train):
    callback = TensorBoard(tmp_path)
    model, _ = train(callback, epochs=1)
    train(callback, model=model, epochs=2, initial_epoch=1)
    assert len(list((tmp_path / "train").iterdir())) == 2
    assert sorted(of(tmp_path / "train", "epoch_loss")) == [0, 1]


def test_a_profile_ends_with_a_training_that_is_too_short(tmp_path, train):
    train(TensorBoard(tmp_path, profile_batch=(2, 500)), epochs=1)
    assert list(tmp_path.glob("train/plugins/profile/*/*.xplane.pb"))


def test_weights_of_many_axes_are_images_of_their_last(tmp_path):
    model = lamina.Sequential(
        [lamina.Input((4, 4)), lamina.layers.EinsumDense("abc,bcd->ad", 3), lamina.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    callback = TensorBoard(tmp_path, histogram_freq=1, write_images=True)
    model.fit(np.ones((4, 4, 4)), np.ones((4, 1)), callbacks=[callback], verbose=0)
    assert len([tag for tag, _ in events(tmp_path / "train") if tag.endswith("kernel/image")]) == 2


# -- embeddings ----------------------------------------------------------------------------------------------------


@pytest.fixture
def reader():
    layers = lamina.layers
    model = lamina.Sequential(
        [lamina.Input((2,)), layers.Embedding(3, 2, name="words"), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


def fit(model, callback):
    model.fit(np.array([[0, 1], [1, 2]]), np.ones((2, 1)), callbacks=[callback], verbose=0)


def test_embeddings_are_files_beside_the_logs(tmp_path, reader):
    (tmp_path / "words.tsv").write_text("one\ntwo\nthree\n")
    fit(reader, TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata="words.tsv"))
    table = np.loadtxt(tmp_path / "train" / "words_embeddings.tsv", delimiter="\t")
    np.testing.assert_allclose(table, reader.get_layer("words").embeddings, rtol=1e-6)
    assert (tmp_path / "train" / "words_embeddings.labels.tsv").read_text() == "one\ntwo\nthree\n"
    assert 'tensor_path: "train/words_embeddings.tsv"' in (tmp_path / "projector_config.pbtxt").read_text()
    assert 'tensor_path: "words_embeddings.tsv"' in (tmp_path / "train" / "projector_config.pbtxt").read_text()


def test_labels_of_a_layer_that_does_not_exist_are_told_before_training(tmp_path, reader):
    with pytest.raises(ArgumentError, match="embeddings_metadata names 'word', which is no Embedding layer") as error:
        fit(reader, TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"word": ["a", "b", "c"]}))
    assert error.value.hint == "did you mean words?"


# -- bad input -----------------------------------------------------------------------------------------------------


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    with pytest.raises(MissingExtraError, match="The callback TensorBoard needs the package 'tensorboard'") as error:
        TensorBoard()
    assert error.value.hint == 'install it with: pip install "lamina[tensorboard]"'


def test_a_folder_that_cannot_be_written_is_told_before_training(tmp_path, make_model, samples):
    (tmp_path / "taken").write_text("a file")
    model = make_model()
    before = model.get_weights()[0].copy()
    with pytest.raises(FileError, match=r"cannot be written to '.*taken.train'") as error:
        model.fit(samples.x, samples.y, callbacks=[TensorBoard(tmp_path / "taken")], verbose=0)
    assert "choose a folder that you may write to" in error.value.hint
    np.testing.assert_array_equal(model.get_weights()[0], before)


@pytest.mark.parametrize("freq", ["epochs", "step", 0, -3, 1.5, True, None])
def test_unknown_frequencies_are_refused(freq):
    with pytest.raises(ArgumentError, match="update_freq must be 'batch', 'epoch' or a positive number") as error:
        TensorBoard(update_freq=freq)
    assert f"Received: update_freq={freq!r}" in str(error.value)


def test_a_misspelt_frequency_gets_a_suggestion():
    with pytest.raises(ArgumentError) as error:
        TensorBoard(update_freq="epochs")
    assert error.value.hint == "did you mean epoch?"


@pytest.mark.parametrize("batches", [-1, (3, 2), (1, 2, 3), "some", (0, 5), True, 1.5j])
def test_profiles_of_no_batches_are_refused(batches):
    with pytest.raises(ArgumentError, match="profile_batch must be 0, the number of a batch from 1, or a pair"):
        TensorBoard(profile_batch=batches)


@pytest.mark.parametrize("name", ["histogram_freq", "embeddings_freq"])
def test_frequencies_of_epochs_are_whole_numbers(name):
    with pytest.raises(ArgumentError, match=f"{name} must be an integer, 0 or above. Received: {name}=-1"):
        TensorBoard(**{name: -1})

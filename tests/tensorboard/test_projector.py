import numpy as np
import pytest

from lamina.core.errors import DataError, FileError, LoadError
from lamina.tensorboard import write_embedding

pytest.importorskip("tensorboard")


def test_vectors_of_the_same_name_are_replaced_and_others_kept(tmp_path):
    write_embedding(tmp_path, "a", np.eye(2))
    write_embedding(tmp_path, "b", np.eye(3))
    write_embedding(tmp_path, "a", np.eye(4))
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert config.count("tensor_name") == 2
    assert config.count("tensor_shape: 4") == 2
    assert np.loadtxt(tmp_path / "a.tsv").shape == (4, 4)


def test_labels_in_several_columns_have_titles(tmp_path):
    write_embedding(tmp_path, "a", np.eye(2), labels=[("word", "count"), ("a\tb", 1), ("c", 2)])
    assert (tmp_path / "a.labels.tsv").read_text() == "word\tcount\na b\t1\nc\t2\n"
    with pytest.raises(DataError, match=r"as many labels as points, 2 and a row of titles. Received: 2"):
        write_embedding(tmp_path, "a", np.eye(2), labels=[("word", "count"), ("a", 1)])


def test_the_sprite_is_a_square_of_the_images(tmp_path):
    image = pytest.importorskip("PIL.Image")
    pictures = np.arange(3)[:, None, None] * np.ones((3, 2, 4)) / 2
    write_embedding(tmp_path, "a", np.eye(3), images=pictures)
    with image.open(tmp_path / "a.png") as sprite:
        pixels = np.asarray(sprite)
    assert pixels.shape == (4, 8, 3)
    assert [pixels[0, 0, 0], pixels[0, 4, 0], pixels[2, 0, 0], pixels[2, 4, 0]] == [0, 127, 255, 0]


def test_a_missing_file_of_labels_is_told(tmp_path):
    with pytest.raises(FileError, match=r"labels of the embedding 'a' cannot be read from 'none.tsv'"):
        write_embedding(tmp_path, "a", np.eye(2), labels="none.tsv")


def test_a_damaged_config_is_told(tmp_path):
    (tmp_path / "projector_config.pbtxt").write_text("no config {")
    with pytest.raises(LoadError, match="is no config of TensorBoard's projector"):
        write_embedding(tmp_path, "a", np.eye(2))

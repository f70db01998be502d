import pytest

from lamina import summary
from lamina.tensorboard.damage import find_damage

pytest.importorskip("tensorboard")


@pytest.fixture
def file(tmp_path):
    """An event file of three records."""
    with summary.create_file_writer(tmp_path / "run") as writer:
        summary.scalar("loss", 1.0, step=0)
        summary.scalar("loss", 0.5, step=1)
    return writer.path


def test_whole_files_and_empty_ones_are_not_damaged(file):
    file.with_name("events.out.tfevents.0").touch()
    assert list(find_damage(file.parents[1])) == []


@pytest.mark.parametrize(
    ("spoil", "records", "what"),
    [
        (lambda whole: whole[:-3], 2, "the file ends within a record"),
        (lambda whole: whole + b"\x01", 3, "the file ends within a record"),
        (lambda whole: whole + bytes(20), 3, "there is no record"),
        (lambda whole: b"\xff" + whole[1:], 0, "there is no record"),
        (lambda whole: whole[:12] + b"\xff" * 8 + whole[20:], 0, "a record holds no event"),
    ],
)
def test_the_place_of_the_damage_is_told(file, spoil, records, what):
    file.write_bytes(spoil(file.read_bytes()))
    (damage,) = find_damage(file.parents[1])
    assert (damage.path, damage.records, damage.what) == (file, records, what)
    assert str(damage).startswith(f"'{file}' is damaged: {what} at byte ")


def test_new_logs_can_be_written_beside_a_damaged_file(file):
    file.write_bytes(b"no events")
    with summary.create_file_writer(file.parent) as writer:
        summary.scalar("loss", 1.0, step=0)
    assert [damage.path for damage in find_damage(file.parent)] == [file]
    assert b"loss" in writer.path.read_bytes()

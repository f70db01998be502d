"""Whatever interrupts a write, the old file is whole."""

import errno
import io
import os
import resource
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import lamina
from lamina.core.errors import FileError
from lamina.core.files import replacing

NAMES = ["a.keras", "a.h5", "a.weights.h5", "a.safetensors", "a.weights.json", "a.ckpt"]


def make(units=4):
    return lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(units), lamina.layers.Dense(1)])


def save(model, path):
    if path.name in ("a.keras", "a.h5"):
        model.save(path)
    else:
        model.save_weights(path, max_shard_size=1e-3 if path.name.endswith(".json") else None)


class Full(io.FileIO):
    """A file on a disk that has room for some bytes only."""

    room = 300

    def write(self, content):
        if self.tell() + len(content) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(content)


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, name):
    path = tmp_path / name
    old = make()
    save(old, path)
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    monkeypatch.setattr("lamina.core.files.open", lambda part, mode, **options: Full(part, mode), raising=False)
    with pytest.raises(FileError, match=r"could not be written") as caught:
        save(make(), path)
    assert caught.value.errno == errno.ENOSPC
    assert "make room" in caught.value.hint
    assert "as it was" in str(caught.value) or name.endswith(".json")
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == before
    monkeypatch.undo()
    copy = make()
    copy.load_weights(path)
    np.testing.assert_array_equal(copy.get_weights()[0], old.get_weights()[0])


def test_a_limit_on_sizes_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.weights.h5"
    make().save_weights(path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, limits[1]))
        with pytest.raises(FileError, match="could not be written"):
            make(4000).save_weights(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
    import os, signal, sys
    import lamina
    from lamina.core import files
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(4), lamina.layers.Dense(1)])
    def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
    setattr(files.os, sys.argv[2], kill)
    model.save(sys.argv[1])
"""


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_leaves_the_old_file(tmp_path, moment):
    path = tmp_path / "a.keras"
    old = make()
    old.save(path)
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(path), moment], check=False)
    assert done.returncode == -signal.SIGKILL
    np.testing.assert_array_equal(lamina.models.load_model(path).get_weights()[0], old.get_weights()[0])


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path):
    path = tmp_path / "a[1].txt"
    parts = [tmp_path / f".{path.name}.{number}.part" for number in range(2)]
    for part in parts:
        part.write_text("half")
    os.utime(parts[0], (0, 0))
    with replacing(path, "w") as file:
        file.write("whole")
    assert sorted(tmp_path.iterdir()) == sorted([parts[1], path])


@pytest.mark.skipif(os.geteuid() == 0, reason="folders are never read-only for root")
def test_a_read_only_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match=r"(?s)could not be written.*folder that you may write to"):
        make().save(tmp_path / "a.keras")


def test_a_folder_that_refuses_is_told(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("lamina.core.files.open", refuse, raising=False)
    with pytest.raises(FileError, match=r"(?s)Permission denied.*Nothing was left.*may write to"):
        make().save(tmp_path / "a.keras")


def test_a_link_goes_on_pointing_to_the_file(tmp_path):
    (tmp_path / "b.keras").write_text("old")
    (tmp_path / "a.keras").symlink_to(tmp_path / "b.keras")
    make().save(tmp_path / "a.keras")
    assert (tmp_path / "a.keras").is_symlink()
    lamina.models.load_model(tmp_path / "b.keras")


def test_permissions_stay(tmp_path):
    path = tmp_path / "a.weights.h5"
    make().save_weights(path)
    path.chmod(0o640)
    make().save_weights(path)
    assert path.stat().st_mode & 0o777 == 0o640

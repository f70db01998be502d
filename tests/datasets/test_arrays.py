import gzip
import io
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.datasets._arrays import Form, read_idx, read_npz


class MakesFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.folder),)


def ragged(*rows: object) -> np.ndarray:
    array = np.empty(len(rows), dtype=object)
    for index, row in enumerate(rows):
        array[index] = row
    return array


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data"


class TestNpz:
    def test_reads_what_is_asked(self, path):
        x, y = np.arange(6, dtype=np.float32).reshape(3, 2), np.arange(3)
        np.savez(path.with_suffix(".npz"), x=x, y=y, other=ragged([1]))
        found = read_npz(path.with_suffix(".npz"), {"x": Form(np.floating, (None, 2)), "y": Form(np.int64, (3,))})
        assert list(found) == ["x", "y"]
        np.testing.assert_array_equal(found["x"], x, strict=True)
        np.testing.assert_array_equal(found["y"], y, strict=True)

    def test_reads_lists(self, path):
        np.savez_compressed(path.with_suffix(".npz"), x=ragged([1, 2], [3]))
        found = read_npz(path.with_suffix(".npz"), {"x": Form(np.object_, (None,))})
        assert found["x"].tolist() == [[1, 2], [3]]

    @pytest.mark.parametrize(
        ("form", "array", "message"),
        [
            (Form(np.uint8, (3,)), None, r"no array 'x', only y\.npy"),
            (Form(np.uint8, (3,)), np.zeros(3), "x is float64, expected uint8"),
            (Form(np.floating, (3,)), np.zeros(3, int), "x is int64, expected floating"),
            (Form(np.uint8, (3,)), np.zeros(4, np.uint8), r"x has shape \(4,\), expected \(3,\)"),
            (Form(np.uint8, (None, 2)), np.zeros(4, np.uint8), r"x has shape \(4,\), expected \(None, 2\)"),
            (Form(np.object_, (None,)), np.zeros(4), "an array of float64 where lists of integers"),
            (Form(np.object_, (None,)), ragged([1], [2.5]), "x must hold lists of integers"),
            (Form(np.object_, (None,)), ragged([1], [True]), "x must hold lists of integers"),
            (Form(np.object_, (None,)), ragged([1], "12"), "x must hold lists of integers"),
            (Form(np.object_, (None,)), ragged([1], None), "x must hold lists of integers"),
        ],
    )
    def test_other_forms_are_refused(self, path, form, array, message):
        np.savez(path.with_suffix(".npz"), **({"y": np.zeros(1)} if array is None else {"x": array}))
        with pytest.raises(DataError, match=message):
            read_npz(path.with_suffix(".npz"), {"x": form})

    @pytest.mark.parametrize(
        ("form", "error"), [(Form(np.object_, (1,)), pickle.UnpicklingError), (Form(np.uint8, (1,)), ValueError)]
    )
    def test_nothing_runs(self, path, tmp_path, form, error):
        np.savez(path.with_suffix(".npz"), x=ragged(MakesFolder(tmp_path / "made")))
        with pytest.raises(error):
            read_npz(path.with_suffix(".npz"), {"x": form})
        assert not (tmp_path / "made").exists()

    def test_a_pickle_that_is_no_array_is_refused(self, path):
        member = io.BytesIO()
        np.lib.format.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": (1,)})
        member.write(pickle.dumps([[1]]))
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", member.getvalue())
        with pytest.raises(DataError, match="a list where an array is expected"):
            read_npz(path, {"x": Form(np.object_, (None,))})


class TestIdx:
    @pytest.mark.parametrize("shape", [(3,), (2, 4, 5)])
    def test_reads_a_writable_array(self, path, shape):
        array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
        header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}i", *shape)
        path.write_bytes(gzip.compress(header + array.tobytes()))
        found = read_idx(path, Form(np.uint8, shape))
        np.testing.assert_array_equal(found, array, strict=True)
        assert found.flags.writeable

    @pytest.mark.parametrize(
        ("contents", "message"),
        [
            (b"", "no IDX file"),
            (b"\0\0\x0d\1" + struct.pack(">i", 2) + b"ab", "no IDX file of unsigned bytes"),
            (b"\0\0\x08\1" + struct.pack(">i", 3) + b"ab", r"2 bytes for the shape \(3,\)"),
            (b"\0\0\x08\1" + struct.pack(">i", 3) + b"abc", r"shape \(3,\), expected \(2,\)"),
        ],
        ids=["empty", "floats", "cut short", "another shape"],
    )
    def test_other_files_are_refused(self, path, contents, message):
        path.write_bytes(gzip.compress(contents))
        with pytest.raises(DataError, match=message):
            read_idx(path, Form(np.uint8, (2,)))

"""Snapshots hold plain values and arrays, and nothing that runs."""

import json
import zipfile

import jax.numpy as jnp
import numpy as np
import pytest

from lamina.core.errors import ArgumentError, FileError
from lamina.training.snapshot import encode_snapshot, read_snapshot, write_snapshot


@pytest.fixture
def again(tmp_path):
    def write_and_read(values):
        write_snapshot(tmp_path / "file", encode_snapshot(values))
        return read_snapshot(tmp_path / "file")

    return write_and_read


def test_plain_values_come_back_as_they_were(again):
    values = {"a": [1, 2.5, None, True, "text", {"array": 1, 3: "number as key"}], "tiny": 5e-324, "inf": float("inf")}
    assert again(values) == values
    assert np.isnan(again({"x": float("nan")})["x"])


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16", "int8", "uint32", "bool", "int64"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_arrays_come_back_bit_for_bit(again, dtype, shape):
    array = np.random.default_rng(0).integers(0, 2, shape).astype(jnp.dtype(dtype))
    found = again({"array": array})["array"]
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_objects_are_refused():
    with pytest.raises(ArgumentError, match="snapshot/a/1: it is a set"):
        encode_snapshot({"a": [1, {2}]})
    with pytest.raises(ArgumentError, match="snapshot/a: it is a ndarray"):
        encode_snapshot({"a": np.array([object()])})


def entry(path, name, data, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr(name, data)


def refuse(path, words):
    with pytest.raises(FileError, match=words):
        read_snapshot(path)


def test_damaged_and_foreign_files_are_refused(tmp_path):
    path = tmp_path / "file"
    write_snapshot(path, encode_snapshot({"a": np.arange(100)}))
    whole = path.read_bytes()
    for length in (0, 1, 100, len(whole) - 1):
        path.write_bytes(whole[:length])
        refuse(path, "no whole snapshot")
    path.write_bytes(whole.replace(bytes([7, 0, 0, 0, 0, 0, 0, 0]), bytes([8, 0, 0, 0, 0, 0, 0, 0]), 1))
    refuse(path, "no whole snapshot")
    with path.open("wb") as file:
        np.savez(file, record=np.frombuffer(b'{"format": "else", "version": 2}', np.uint8))
    refuse(path, "is a else of version 2, but version 1")


def test_pickles_are_never_read(tmp_path):
    record = json.dumps({"format": "lamina-snapshot", "version": 1, "values": {"array": "0"}}).encode()
    path = tmp_path / "file"
    with path.open("wb") as file:
        np.savez(file, record=np.frombuffer(record, np.uint8), **{"0": np.array([print], object)})
    refuse(path, "no whole snapshot")


def test_bombs_are_refused(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        np.savez_compressed(file, record=np.zeros(1 << 20))
    refuse(path, "entries are compressed")
    header = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }".ljust(
        117
    )
    path.unlink()
    entry(path, "record.npy", header + b"\n")
    refuse(path, "shorter than it says")

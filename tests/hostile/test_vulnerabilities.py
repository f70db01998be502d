"""Published ways to make Keras run code, read files or exhaust memory when it loads a file: each is refused."""

import base64
import io
import json
import marshal
import os
import tarfile
import zipfile

import h5py
import numpy as np
import pytest

import lamina
from lamina.core.errors import LaminaError, LoadError, UnknownNameError, UnsafeFileError
from lamina.datasets._archives import extract

MARK = "LAMINA_HOSTILE_CODE_HAS_RUN"


@pytest.fixture(autouse=True)
def nothing_ran(monkeypatch):
    monkeypatch.delenv(MARK, raising=False)
    yield
    assert MARK not in os.environ


def weights(write=None):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        place = file.create_group("layers/dense/vars")
        if write is None:
            place["0"], place["1"] = np.ones((3, 2), "float32"), np.ones(2, "float32")
        else:
            write(place)
    return content.getvalue()


def record(module, class_name, config, **more):
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None, **more}


def dense(units=2, **more):
    return record(
        "keras.layers", "Dense", {"name": "d", "units": units, **more}, build_config={"input_shape": [None, 3]}
    )


def stack(*layers):
    first = record("keras.layers", "InputLayer", {"batch_shape": [None, 3], "name": "i", "dtype": "float32"})
    return record("keras", "Sequential", {"name": "s", "layers": [first, *layers]})


def keras_file(path, config, h5=None, members=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.8.0"}))
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), weights() if h5 is None else h5)
        for name, content in members:
            archive.writestr(name, content)
    return path


def refused(path, message, error=LaminaError, **kwargs):
    with pytest.raises(error, match=message):
        lamina.models.load_model(path, **kwargs)


def code(source=f"__import__('os').environ.__setitem__('{MARK}', '1')"):
    function = eval(f"lambda x: ({source}, x)[1]")
    text = base64.b64encode(marshal.dumps(function.__code__)).decode()
    return {"class_name": "__lambda__", "config": {"code": text, "defaults": None, "closure": None}}


def lambda_layer(function, **more):
    return record("keras.layers", "Lambda", {"name": "l", "function": function, **more})


def test_the_bare_file_loads(tmp_path):
    model = lamina.models.load_model(keras_file(tmp_path / "a.keras", stack(dense())))
    np.testing.assert_array_equal(model.predict(np.ones((1, 3)), verbose=0), [[4, 4]])


def test_cve_2024_3660_code_of_a_lambda(tmp_path):
    refused(keras_file(tmp_path / "a.keras", stack(lambda_layer(code()))), "does not run code", UnsafeFileError)


def test_code_of_a_lambda_is_run_for_those_who_say_so(tmp_path):
    path = keras_file(tmp_path / "a.keras", stack(lambda_layer(code("2")), dense()))
    model = lamina.models.load_model(path, safe_mode=False)
    np.testing.assert_array_equal(model.predict(np.ones((1, 3)), verbose=0), [[4, 4]])


def test_code_in_output_shape_and_mask(tmp_path):
    for name in ("output_shape", "mask", "arguments"):
        layer = lambda_layer(record("builtins", "function", "relu"), **{name: code()})
        refused(keras_file(tmp_path / "a.keras", stack(layer)), "does not run code", UnsafeFileError)


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("subprocess", "Popen"), ("builtins", "eval"), ("keras.src.utils.python_utils", "func_load")],
)
def test_cve_2025_1550_modules_named_in_a_config(tmp_path, module, name):
    refused(keras_file(tmp_path / "a.keras", record(module, name, {"command": "true"})), name, UnknownNameError)
    function = record(module, "function", name, registered_name=name)
    layer = lambda_layer(function, arguments={"command": "true"})
    refused(keras_file(tmp_path / "a.keras", stack(layer)), name, UnknownNameError)


@pytest.mark.parametrize("name", ["get_file", "load_model", "load_img", "audio_dataset_from_directory"])
def test_cve_2025_8747_functions_of_keras_that_touch_files(tmp_path, name):
    for module in ("keras.utils", "keras.src.utils.file_utils", "keras.models"):
        layer = lambda_layer(record(module, "function", name), arguments={"origin": "http://127.0.0.1:9/x"})
        refused(keras_file(tmp_path / "a.keras", stack(layer)), name, UnknownNameError)


def test_cve_2025_9905_code_of_a_lambda_in_h5(tmp_path):
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [lambda_layer(code())]}}
    config["config"]["layers"].insert(0, {"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}})
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config)
    refused(tmp_path / "a.h5", "does not run code", UnsafeFileError)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.config", "enable_unsafe_deserialization"),
        ("keras.src.backend.common.global_state", "set_global_attribute"),
    ],
)
def test_cve_2025_9906_a_config_that_turns_safety_off(tmp_path, module, name):
    off = lambda_layer(record(module, "function", name), arguments={"value": False})
    refused(keras_file(tmp_path / "a.keras", stack(off, lambda_layer(code()))), name, UnknownNameError)
    refused(keras_file(tmp_path / "a.keras", record(module, name, {})), name, UnknownNameError)


@pytest.mark.parametrize("name", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_cve_2025_12058_vocabularies_in_other_files(tmp_path, name):
    (tmp_path / "secret.txt").write_text("1\n2\n3")
    layer = record("keras.layers", name, {"name": "v", "vocabulary": str(tmp_path / "secret.txt")})
    refused(keras_file(tmp_path / "a.keras", stack(layer)), "secret.txt", UnsafeFileError)
    with pytest.raises(UnsafeFileError, match=r"secret\.txt"):
        lamina.saving.deserialize_keras_object(layer)


@pytest.mark.parametrize("kind", ["2025-12060 a path", "2025-12638 a symbolic link", "a hard link"])
def test_cve_2025_12060_archives_that_write_outside(tmp_path, kind):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("../outside.txt" if "path" in kind else "link")
        if "link" in kind:
            member.type = tarfile.SYMTYPE if "symbolic" in kind else tarfile.LNKTYPE
            member.linkname = "../outside.txt"
        archive.addfile(member, io.BytesIO(b""))
    (tmp_path / "in").mkdir()
    with pytest.raises(LaminaError):
        extract(tmp_path / "a.tar", tmp_path / "in", ["tar"])
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.parametrize("name", ["../evil", "/evil", "assets/../../evil", "assets\\..\\evil", "c:evil"])
def test_members_that_lie_outside(tmp_path, name):
    refused(keras_file(tmp_path / "a.keras", stack(dense()), members=[(name, "x")]), "outside of it", UnsafeFileError)


@pytest.mark.parametrize(
    ("cve", "name", "config"),
    [
        ("2025-49655", "TorchModuleWrapper", {"module": {"class_name": "__torch__", "config": "gASV"}}),
        ("2026-1462", "TFSMLayer", {"filepath": "//host/share/model", "call_endpoint": "serve"}),
    ],
)
def test_cve_2025_49655_and_2026_1462_layers_that_load_other_files(tmp_path, cve, name, config):
    refused(keras_file(tmp_path / "a.keras", stack(record("keras.layers", name, config))), name, UnknownNameError)


def huge(place):
    place.create_dataset("0", shape=(1 << 20, 1 << 20), dtype="float32", chunks=(1024, 1024))


def unallocated(place):
    place.create_dataset("0", shape=(1 << 40,), dtype="float32")


def compressed(place):
    place.create_dataset("0", data=np.zeros((1 << 20,)), compression="gzip")


def external(place):
    place.create_dataset("0", shape=(4,), dtype="uint8", external=[("/etc/hostname", 0, 4)])


def virtual(place):
    layout = h5py.VirtualLayout((4,), "uint8")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (4,))
    place.create_virtual_dataset("0", layout)


def external_link(place):
    place["0"] = h5py.ExternalLink("/etc/hostname", "/x")


def soft_link(place):
    place["0"] = h5py.SoftLink("/layers/dense")


def cycle(place):
    place["0"] = place.file["layers"]


def text(place):
    place["0"] = "words"


def type_in_place(place):
    place["0"] = np.dtype("float32")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        *[(huge, "claims to hold"), (unallocated, "claims to hold")],  # CVE-2026-0897
        *[(external, "another file"), (virtual, "another file"), (external_link, "link")],  # CVE-2026-1669
        *[(soft_link, "link"), (cycle, "contain themselves"), (compressed, "compressed"), (text, "not numbers")],
        (type_in_place, "Datatype"),
    ],
    ids=lambda item: getattr(item, "__name__", None),
)
@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_cve_2026_0897_and_2026_1669_hdf5_that_is_more_than_the_file(tmp_path, write, message, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "keras":
        refused(keras_file(path, stack(dense()), weights(write)), message, UnsafeFileError)
        return
    path.write_bytes(weights(write))
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2)])
    with pytest.raises(UnsafeFileError, match=message):
        model.load_weights(path)


def test_members_that_expand(tmp_path):
    path = keras_file(tmp_path / "a.keras", stack(dense()), members=[("assets/zeros", b"\0" * (100 << 20))])
    refused(path, "expands", UnsafeFileError)
    refused(keras_file(tmp_path / "b.keras", " " * (40 << 20)), "bytes", UnsafeFileError)


@pytest.mark.parametrize("units", [10**9, 10**12, 10**30])
def test_layers_that_ask_for_more_memory_than_there_is(tmp_path, units):
    refused(keras_file(tmp_path / "a.keras", stack(dense(units))), "a.keras|file", LoadError)


@pytest.mark.parametrize("name", ["AUC", "PrecisionAtRecall"])
def test_metrics_that_ask_for_more_memory_than_there_is(tmp_path, name):
    metric = record("keras.metrics", name, {"num_thresholds": 10**12} | ({"recall": 0.5} if name != "AUC" else {}))
    compiled = {"optimizer": "sgd", "loss": "mse", "metrics": [metric]}
    path = keras_file(tmp_path / "a.keras", stack(dense()) | {"compile_config": compiled})
    refused(path, "asks for 1,000,000,000,000 thresholds", UnsafeFileError)


def test_weights_that_the_file_does_not_hold(tmp_path):
    extra = record("keras.layers", "Embedding", {"name": "e", "input_dim": 10**10, "output_dim": 10**5})
    refused(keras_file(tmp_path / "a.keras", stack(dense(), extra)), "file", LoadError)


@pytest.mark.parametrize(
    ("text", "message", "error"),
    [
        ("{", "'json_string' holds no JSON", LoadError),
        ("[1]", "describes a list", LoadError),
        ('{"a":' * 100_000, "nested more than", UnsafeFileError),
        (json.dumps(stack(dense(10**12))), "describes weights of 16,000,000,000,000 bytes", UnsafeFileError),
        (json.dumps(record("keras.layers", "StringLookup", {"vocabulary": "words.txt"})), "words.txt", UnsafeFileError),
        (json.dumps(stack(lambda_layer(code()))), "does not run code", UnsafeFileError),
        (json.dumps(record("os", "system", {"command": "true"})), "names 'system'", UnknownNameError),
    ],
    ids=["no JSON", "a list", "deep", "huge", "a file", "code", "a module"],
)
def test_texts_of_models_are_trusted_no_more_than_files(text, message, error):
    with pytest.raises(error, match=message):
        lamina.models.model_from_json(text)


def test_functions_on_constants_do_not_run(tmp_path):
    function = record("keras.src.ops.numpy", "Zeros", {"name": "z", "shape": [10**6, 10**6]}, name="z")
    function["inbound_nodes"] = [{"args": [], "kwargs": {}}]
    start = record("keras.layers", "InputLayer", {"batch_shape": [None, 3], "name": "i"}, name="i", inbound_nodes=[])
    config = {"name": "f", "layers": [start, function], "input_layers": ["i", 0, 0], "output_layers": ["z", 0, 0]}
    refused(keras_file(tmp_path / "a.keras", record("keras", "Functional", config)), "a.keras", LoadError)


@pytest.mark.parametrize("name", ["__import__", "__builtins__", "core", "Os", "inspect"])
def test_only_functions_of_ops_are_functions(tmp_path, name):
    function = record("keras.src.ops.numpy", name, {"name": "z"}, name="z", inbound_nodes=[])
    start = record("keras.layers", "InputLayer", {"batch_shape": [None, 3], "name": "i"}, name="i", inbound_nodes=[])
    config = {"name": "f", "layers": [start, function], "input_layers": ["i", 0, 0], "output_layers": ["i", 0, 0]}
    refused(keras_file(tmp_path / "a.keras", record("keras", "Functional", config)), "lacks|calls", LoadError)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [300, 100_000])
def test_descriptions_that_are_nested_without_end(tmp_path, opening, depth):
    text = opening * depth + "1" + ("]" if opening == "[" else "}") * depth
    refused(
        keras_file(tmp_path / "a.keras", f'{{"class_name": "Sequential", "config": {text}}}'), "deep", UnsafeFileError
    )


def test_a_damaged_checksum(tmp_path):
    path = keras_file(tmp_path / "a.keras", stack(dense()))
    content = bytearray(path.read_bytes())
    content[content.index(b"\x89HDF") + 600] ^= 1
    path.write_bytes(content)
    refused(path, "checksum", LoadError)


def test_safetensors_that_claim_more_than_the_file(tmp_path):
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2)])
    for shape, offsets in (([10**12], [0, 4 * 10**12]), ([-1], [0, 4]), ([2], [4, 0]), ([2], ["a", 8])):
        header = json.dumps({"x/0": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}).encode()
        (tmp_path / "a.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 8)
        with pytest.raises(LoadError, match=r"a\.safetensors"):
            model.load_weights(tmp_path / "a.safetensors")
    (tmp_path / "a.safetensors").write_bytes(b"\xff" * 8 + b"{}")
    with pytest.raises(LoadError, match="header"):
        model.load_weights(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ([["a.weights.h5"]], "names no files of weights"),
        (["../a.weights.h5"], "is no .weights.h5 beside it"),
        ([""], "is no .weights.h5 beside it"),
        (["/etc/hostname"], "is no .weights.h5 beside it"),
        (["x" * 999 + ".weights.h5"], "is not beside it"),
    ],
)
def test_texts_of_shards_name_files_beside_them(tmp_path, name, message):
    (tmp_path / "a.weights.json").write_text(json.dumps({"weight_map": {"/layers/dense/vars": name}}))
    model = lamina.Sequential([lamina.Input((3,)), lamina.layers.Dense(2)])
    with pytest.raises(LoadError, match=message):
        model.load_weights(tmp_path / "a.weights.json")

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from lamina.core.errors import ArgumentError, DownloadError
from lamina.datasets._checksums import Checksum
from lamina.datasets._files import DataFile, cached_path, get_file

BODY = b"one,two\n"
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY).hexdigest()


def tar_of(members: dict[str, bytes], link: tuple[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        if link:
            info = tarfile.TarInfo(link[0])
            info.type, info.linkname = tarfile.SYMTYPE, link[1]
            tar.addfile(info)
    return buffer.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_json(path: Path) -> list[int]:
    contents = json.loads(path.read_text())
    if not isinstance(contents, list):
        raise ValueError("it holds no list")
    return contents


@pytest.fixture
def published(server) -> DataFile:
    body = b"[1, 2, 3]"
    return DataFile("list.json", hashlib.sha256(body).hexdigest(), server.serve("list.json", body))


class TestDataFile:
    def test_is_fetched_once(self, published, server, home):
        assert published.load(read_json) == [1, 2, 3]
        assert published.load(read_json) == [1, 2, 3]
        assert server.requests == ["/list.json"]
        assert files_below(home) == {"datasets/list.json": b"[1, 2, 3]"}

    def test_can_have_another_name(self, published, home):
        assert published.load(read_json, "mine.json") == [1, 2, 3]
        assert files_below(home) == {"datasets/mine.json": b"[1, 2, 3]"}

    def test_another_file_of_the_same_form_is_used_with_one_warning(self, published, server, home):
        (home / "datasets").mkdir(parents=True)
        (home / "datasets" / "list.json").write_text("[1,2,3,4]")

        def load_data() -> list[int]:
            return published.load(read_json)

        with pytest.warns(UserWarning, match="not the published file .* is used. Delete it to download") as caught:
            assert load_data() == [1, 2, 3, 4]
        assert [warning.filename for warning in caught] == [__file__]
        assert server.requests == []

    def test_a_broken_file_is_replaced(self, published, home):
        (home / "datasets").mkdir(parents=True)
        (home / "datasets" / "list.json").write_text("[1, 2")
        with pytest.warns(UserWarning, match="not the published file .*downloaded anew"):
            assert published.load(read_json) == [1, 2, 3]
        assert files_below(home) == {"datasets/list.json": b"[1, 2, 3]"}

    def test_a_broken_file_stays_when_there_is_no_other(self, published, server, home):
        server.pages.clear()
        (home / "datasets").mkdir(parents=True)
        (home / "datasets" / "list.json").write_text("[1, 2")
        with pytest.warns(UserWarning, match="downloaded anew"), pytest.raises(DownloadError, match="is not it, and"):
            published.load(read_json)
        assert files_below(home) == {"datasets/list.json": b"[1, 2"}

    def test_a_tampered_download_is_refused(self, published, server, home):
        server.serve("list.json", b"[1, 2, 4]")
        with pytest.raises(DownloadError, match="thrown away"):
            published.load(read_json)
        assert files_below(home) == {}

    def test_comes_from_the_store_of_keras_by_default(self, monkeypatch):
        origins = []
        monkeypatch.setattr("lamina.datasets._download.download", lambda origin, *_: origins.append(origin))
        with pytest.raises(FileNotFoundError):
            DataFile("a.npz", SHA256).load(read_json)
        assert origins == ["https://storage.googleapis.com/tensorflow/tf-keras-datasets/a.npz"]


class TestFolder:
    def test_environment(self, monkeypatch, tmp_path):
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        assert cached_path("a") == tmp_path / "home" / "datasets" / "a"
        monkeypatch.delenv("LAMINA_HOME")
        assert cached_path("a") == tmp_path / "keras" / "datasets" / "a"
        monkeypatch.delenv("KERAS_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        assert cached_path("a") == tmp_path / ".keras" / "datasets" / "a"

    def test_arguments(self, tmp_path):
        assert cached_path("a", "models", tmp_path) == tmp_path / "models" / "a"
        assert cached_path("a", str(tmp_path / "b")) == tmp_path / "b" / "a"

    @pytest.mark.parametrize("name", ["", ".", "..", "../a", "/etc/a", "b/a", "b\\a"])
    def test_names_without_folders_only(self, name):
        with pytest.raises(ArgumentError, match="name without folders"):
            cached_path(name)


class TestChecksum:
    def test_kinds(self):
        assert Checksum.parse(SHA256.upper()) == Checksum("sha256", SHA256)
        assert Checksum.parse(MD5) == Checksum("md5", MD5)
        assert Checksum.parse(SHA256, "sha256") == Checksum("sha256", SHA256)

    def test_unknown(self):
        with pytest.raises(ArgumentError, match=r"(?s)Received: 'sha265'.*did you mean sha256"):
            Checksum.parse(SHA256, "sha265")


class TestGetFile:
    @pytest.mark.parametrize(
        "arguments",
        [{}, {"file_hash": SHA256}, {"file_hash": MD5}, {"md5_hash": MD5}, {"file_hash": MD5, "hash_algorithm": "md5"}],
        ids=["none", "sha256", "md5", "older form", "named"],
    )
    def test_is_fetched_once(self, server, home, arguments):
        origin = server.serve("a.csv", BODY)
        for _ in range(2):
            path = get_file(origin=origin, **arguments)
        assert path == str(home / "datasets" / "a.csv")
        assert Path(path).read_bytes() == BODY
        assert server.requests == ["/a.csv"]

    def test_force_download(self, server):
        get_file("b.csv", server.serve("a.csv", b"old"))
        path = get_file("b.csv", server.serve("a.csv", BODY), force_download=True)
        assert Path(path).read_bytes() == BODY

    def test_another_checksum_replaces_the_file_aloud(self, server):
        origin = server.serve("a.csv", b"old")
        get_file(origin=origin)
        server.serve("a.csv", BODY)
        with pytest.warns(UserWarning, match="has another sha256 than") as caught:
            path = get_file(origin=origin, file_hash=SHA256)
        assert [warning.filename for warning in caught] == [__file__]
        assert Path(path).read_bytes() == BODY

    def test_another_checksum_keeps_the_file_when_the_server_has_no_better(self, server, home):
        origin = server.serve("a.csv", b"old")
        get_file(origin=origin)
        with pytest.warns(UserWarning, match="another sha256"), pytest.raises(DownloadError, match="its sha256 is"):
            get_file(origin=origin, file_hash=SHA256)
        assert files_below(home) == {"datasets/a.csv": b"old"}

    @pytest.mark.parametrize(
        "arguments",
        [
            {"origin": "a.tgz"},
            {"origin": "a.csv?x=1", "cache_subdir": "other"},
            {"origin": "a.tgz", "extract": True},
            {"origin": "a.tgz", "untar": True},
            {"origin": "a.tgz", "extract": True, "fname": "b"},
            {"origin": "a.tgz", "extract": True, "fname": "b.tar.gz"},
            {"origin": "a.zip", "extract": True, "fname": Path("b.zip"), "archive_format": "zip"},
            {"origin": "a.zip", "extract": True, "archive_format": ["tar", "zip"]},
        ],
        ids=str,
    )
    def test_paths_and_contents_are_those_of_keras(self, keras, server, tmp_path, arguments):
        server.serve("a.tgz", tar_of({"x/1.txt": b"1", "2.txt": b"2"}))
        server.serve("a.zip", zip_of({"x/1.txt": b"1", "2.txt": b"2"}))
        server.serve("a.csv?x=1", BODY)
        arguments = {**arguments, "origin": f"{server.address}/{arguments['origin']}"}
        found = []
        for get, cache in ((get_file, tmp_path / "ours"), (keras.utils.get_file, tmp_path / "theirs")):
            cache.mkdir()
            path = get(cache_dir=str(cache), **arguments)
            assert type(path) is str
            found.append((Path(path).relative_to(cache), files_below(cache)))
        assert found[0] == found[1]

    def test_extraction_is_not_repeated(self, server):
        origin = server.serve("a.zip", zip_of({"1.txt": b"1"}))
        folder = Path(get_file(origin=origin, extract=True))
        (folder / "1.txt").write_text("mine")
        get_file(origin=origin, extract=True)
        assert (folder / "1.txt").read_text() == "mine"

    def test_extraction_of_a_new_archive_keeps_the_other_files(self, server, home):
        origin = server.serve("a.zip", zip_of({"x/1.txt": b"1"}))
        folder = Path(get_file(origin=origin, extract=True))
        (folder / "mine.txt").write_text("mine")
        server.serve("a.zip", zip_of({"x/1.txt": b"one", "x/y/2.txt": b"two"}))
        get_file(origin=origin, extract=True, force_download=True)
        assert files_below(folder) == {"x/1.txt": b"one", "x/y/2.txt": b"two", "mine.txt": b"mine"}
        assert sorted(path.name for path in (home / "datasets").iterdir()) == ["a.zip", "a.zip_archive"]

    @pytest.mark.parametrize(
        ("name", "body", "message"),
        [
            ("a.zip", zip_of({"fine.txt": b"", "../evil.txt": b"evil"}), r"'\.\./evil\.txt' would land outside"),
            ("a.zip", zip_of({"fine.txt": b"", "/evil.txt": b"evil"}), r"'/evil\.txt' would land outside"),
            ("a.zip", zip_of({"fine.txt": b"", "x/..\\..\\evil.txt": b"evil"}), "would land outside"),
            ("a.tgz", tar_of({"fine.txt": b"", "../evil.txt": b"evil"}), "outside"),
            ("a.tgz", tar_of({"fine.txt": b""}, link=("out", "../..")), "outside"),
            ("a.tgz", tar_of({"Here/fine.txt": b""}, link=("here", ".")), r"'Here/fine\.txt' leads through a link"),
            ("a.tgz", tar_of({"fine.txt": b"fine" * 99})[:-20], "could not be extracted"),
            ("a.zip", b"no archive", "no archive of the formats allowed"),
        ],
        ids=["zip", "zip root", "zip backslash", "tar", "tar link", "through a link", "broken", "no archive"],
    )
    def test_bad_archives_put_nothing_anywhere(self, server, tmp_path, name, body, message):
        with pytest.raises(DownloadError, match=message):
            get_file(origin=server.serve(name, body), extract=True)
        assert files_below(tmp_path) == {f"home/datasets/{name}_archive": body}
        assert [path.name for path in (tmp_path / "home" / "datasets").iterdir()] == [f"{name}_archive"]

    def test_no_format_means_no_archive(self, server):
        with pytest.raises(DownloadError, match=r"formats allowed \(none\)"):
            get_file(origin=server.serve("a.zip", zip_of({"1": b""})), extract=True, archive_format=None)

    def test_bad_arguments(self):
        with pytest.raises(ArgumentError, match="needs the address"):
            get_file("a.csv")
        with pytest.raises(ArgumentError, match=r"needs the address of the file. Received: origin=5"):
            get_file(origin=5)
        with pytest.raises(ArgumentError, match=r"hexadecimal digits. Received: 5"):
            get_file(origin="http://127.0.0.1/a.csv", file_hash=5)
        with pytest.raises(ArgumentError, match="name without folders"):
            get_file(origin="http://127.0.0.1/")
        with pytest.raises(ArgumentError, match=r"(?s)Received: 'ziip'.*did you mean zip"):
            get_file(origin="http://127.0.0.1/a.zip", extract=True, archive_format="ziip")

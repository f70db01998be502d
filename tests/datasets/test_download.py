import hashlib
import io
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lamina.core.errors import DownloadError
from lamina.datasets import _download
from lamina.datasets._checksums import Checksum
from lamina.datasets._download import download

BODY = bytes(range(256)) * 4000
CHECKSUM = Checksum("sha256", hashlib.sha256(BODY).hexdigest())
IN_A_PROCESS = """
import sys
from pathlib import Path
from lamina.datasets._download import download
print("ready", flush=True)
download(sys.argv[1], Path(sys.argv[2]))
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def target(home: Path) -> Path:
    return home / "datasets" / "numbers.bin"


@pytest.fixture
def old(target: Path) -> Path:
    """A good file from before."""
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")
    return target


def only(target: Path) -> bool:
    """Whether the folder of `target` has that file and nothing else."""
    return [path.name for path in target.parent.iterdir()] == [target.name]


def start(origin: str, target: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", IN_A_PROCESS, origin, str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def test_a_file_arrives_whole(server, target):
    download(server.serve("a", BODY), target, CHECKSUM)
    assert target.read_bytes() == BODY
    assert only(target)


def test_a_file_without_announced_length_arrives(server, target):
    download(server.serve("a", BODY, length=-1), target, CHECKSUM)
    assert target.read_bytes() == BODY


def test_an_old_file_is_replaced(server, old):
    download(server.serve("a", BODY), old, CHECKSUM)
    assert old.read_bytes() == BODY
    assert only(old)


def test_nothing_is_printed_into_a_pipe(server, target, capfd):
    download(server.serve("a", BODY), target)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("length", [None, -1])
def test_a_terminal_gets_a_progress_bar(server, target, monkeypatch, capfd, length):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    download(server.serve("a", BODY, length=length), target)
    assert "numbers.bin" in sys.stderr.getvalue()
    assert capfd.readouterr().out == ""


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_file_has_the_permissions_of_any_new_file(server, target):
    download(server.serve("a", BODY), target)
    ordinary = target.with_name("ordinary")
    ordinary.touch()
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"body": BODY, "length": len(BODY) + 7}, r"1,024,000 of 1,024,007 bytes"),
        ({"body": BODY[:-1], "length": -1}, r"its sha256 is [0-9a-f]{64}, expected " + CHECKSUM.digest),
        ({"body": b"x" + BODY[1:]}, r"its sha256 is [0-9a-f]{64}, expected " + CHECKSUM.digest),
        ({"body": BODY, "status": 404}, r"the server answered 404 \(Not Found\)"),
        ({"body": BODY, "status": 500}, r"the server answered 500 \(Internal Server Error\)"),
        ({"body": BODY[:9], "length": len(BODY), "stall": "body"}, r"nothing came for 0\.2 s"),
        ({"body": BODY, "stall": "headers"}, r"nothing came for 0\.2 s"),
    ],
    ids=["cut short", "cut short, no length", "tampered", "404", "500", "stalls", "never answers"],
)
@pytest.mark.parametrize("before", ["nothing", "an old file"])
def test_a_bad_download_leaves_no_trace(server, target, monkeypatch, page, message, before):
    monkeypatch.setattr(_download, "TIMEOUT", 0.2)
    target.parent.mkdir(parents=True)
    if before == "an old file":
        target.write_bytes(b"old")
    with pytest.raises(DownloadError, match=message):
        download(server.serve("a", **page), target, CHECKSUM)
    left = {path.name: path.read_bytes() for path in target.parent.iterdir()}
    assert left == ({} if before == "nothing" else {"numbers.bin": b"old"})


def test_offline_the_error_says_what_where_and_how(target):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}/numbers.bin"
        with pytest.raises(DownloadError) as caught:
            download(origin, target)
    assert isinstance(caught.value, OSError)
    assert f"'numbers.bin' could not be had: it is not at {target}" in caught.value.fact
    assert "refused" in caught.value.fact
    assert f"fetch {origin} by other means and save it as {target}" in caught.value.hint
    assert "LAMINA_HOME" in caught.value.hint
    assert "datasets/numbers.bin" in caught.value.hint


@pytest.mark.parametrize("origin", ["numbers.bin", "gopher://127.0.0.1/numbers.bin"])
def test_an_address_that_is_none(target, origin):
    with pytest.raises(DownloadError, match="unknown url type"):
        download(origin, target)


def test_a_folder_that_cannot_be_made(server, home):
    home.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match=r"numbers\.bin"):
        download(server.serve("a", BODY), home / "datasets" / "numbers.bin")


def test_an_interrupt_leaves_the_old_file(server, old, monkeypatch):
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        download(server.serve("a", BODY), old)
    assert old.read_bytes() == b"old"
    assert only(old)


def test_a_killed_process_leaves_the_old_file_and_its_rest_is_cleared_later(server, old):
    # More than one buffer, so that part of it is on the disk when the server falls silent.
    process = start(server.serve("slow", BODY, length=2 * len(BODY), stall="body"), old)
    try:
        assert process.stdout.readline() == b"ready\n"
        while not (parts := list(old.parent.glob(".numbers.bin.*.part"))):
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        process.communicate()
    assert old.read_bytes() == b"old"

    origin = server.serve("a", BODY)
    download(origin, old, CHECKSUM)
    assert parts[0].exists(), "it could have been a living download"
    yesterday = time.time() - 25 * 3600
    os.utime(parts[0], (yesterday, yesterday))
    download(origin, old, CHECKSUM)
    assert old.read_bytes() == BODY
    assert only(old)


def test_many_downloads_at_once(server, target):
    origin = server.serve("a", BODY)
    processes = [start(origin, target) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        downloads = [pool.submit(download, origin, target, CHECKSUM) for _ in range(24)]
        while not all(each.done() for each in downloads):
            assert not target.exists() or target.read_bytes() == BODY
    for each in downloads:
        each.result()
    for process in processes:
        _, complaints = process.communicate(timeout=60)
        assert (process.returncode, complaints) == (0, b"")
    assert target.read_bytes() == BODY
    assert only(target)

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from lamina.callbacks import RemoteMonitor


class Recorder(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posts.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """A server that keeps what is posted to it."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = HTTPServer(("localhost", 0), Recorder)
    server.posts, server.answer = [], 200
    server.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_form(server, train):
    _, history = train(RemoteMonitor(server.address, headers={"X-Run": "7"}), epochs=2)
    (path, headers, body), second = server.posts
    assert path == "/publish/epoch/end/"
    assert headers["X-Run"] == "7"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    sent = json.loads(urllib.parse.parse_qs(body)["data"][0])
    assert sent == {"epoch": 0, **{name: values[0] for name, values in history.history.items()}}
    assert json.loads(urllib.parse.parse_qs(second[2])["data"][0])["epoch"] == 1


def test_json(server, run_epochs, fake):
    monitor = RemoteMonitor(server.address, path="/here", field="unused", send_as_json=True)
    logs = {"a": np.float32(0.5), "b": np.arange(2), "c": float("nan"), "d": "words", "e": np.array(3), "f": None}
    run_epochs(monitor, fake, logs)
    path, headers, body = server.posts[0]
    assert (path, headers["Content-Type"]) == ("/here", "application/json")
    assert json.loads(body) == {"epoch": 0, "a": 0.5, "b": [0, 1], "c": None, "d": "words", "e": 3, "f": None}


def test_another_field(server, run_epochs, fake):
    run_epochs(RemoteMonitor(server.address, field="logs"), fake, {"loss": 1.0})
    assert list(urllib.parse.parse_qs(server.posts[0][2])) == ["logs"]


@pytest.mark.parametrize("answer", [404, 500])
def test_what_the_server_thinks_of_it_does_not_matter(server, run_epochs, fake, answer):
    server.answer = answer
    run_epochs(RemoteMonitor(server.address), fake, {"loss": 1.0}, {"loss": 1.0})
    assert len(server.posts) == 2


def test_a_server_that_is_not_there(train):
    with pytest.warns(UserWarning, match=r"could not reach http://localhost:9: .*Training goes on"):
        _, history = train(RemoteMonitor("http://localhost:9"), epochs=2)
    assert history.epoch == [0, 1]


@pytest.mark.parametrize("root", ["localhost:9000", "file:///etc", "", None])
def test_bad_addresses(root):
    with pytest.raises(ValueError, match=r"RemoteMonitor: root must begin with http:// or https://. Received: root="):
        RemoteMonitor(root)

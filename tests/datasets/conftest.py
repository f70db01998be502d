import os
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@dataclass
class Page:
    """An answer of the server; `length` is what it claims, `stall` where it falls silent."""

    body: bytes
    status: int = 200
    length: int | None = None
    stall: str | None = None


@dataclass
class Server:
    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def serve(self, name: str, body: bytes, **page: object) -> str:
        self.pages[f"/{name}"] = Page(body, **page)
        return f"{self.address}/{name}"


class _Handler(BaseHTTPRequestHandler):
    site: Server

    def do_GET(self) -> None:
        self.site.requests.append(self.path)
        page = self.site.pages.get(self.path, Page(b"gone", status=404))
        if page.stall == "headers":
            self.site.released.wait(30)
            return
        self.send_response(page.status)
        if page.length != -1:
            self.send_header("Content-Length", str(page.length or len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)
        self.wfile.flush()
        if page.stall == "body":
            self.site.released.wait(30)

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests look at what the program prints."""


@pytest.fixture
def server() -> Iterator[Server]:
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        handler.site = Server(f"http://127.0.0.1:{http.server_port}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield handler.site
        finally:
            handler.site.released.set()
            http.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own for each test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the repository."""
    if not (SHARED_DATA / "README.md").exists():
        pytest.skip("the real data files are not beside the repository")
    return SHARED_DATA


@pytest.fixture
def keras(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Keras, to compare with."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


@pytest.fixture
def place(home: Path, shared_data: Path) -> Callable[..., None]:
    """Puts real files into the cache, as somebody would by hand."""

    def link(*names: str) -> None:
        for name in names:
            target = home / "datasets" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.symlink(shared_data / name, target)

    return link

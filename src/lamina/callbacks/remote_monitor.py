"""Sends the logs of all epochs to a server."""

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import numpy as np

from lamina.core.errors import ArgumentError
from lamina.core.tracebacks import warn_user
from lamina.training.hooks import Callback

# A server that hangs is not to hold up training for long.
_TIMEOUT_SECONDS = 10


class RemoteMonitor(Callback):
    """Posts the number of each epoch and its logs to a server.

    A server that cannot be reached gives a warning, and training goes on. NaN and infinite numbers,
    which JSON does not have, are sent as `null`.

    Args:
        root: address of the server, with `http://` or `https://`.
        path: what follows it.
        field: the field of the form that the JSON is sent in, unless it is sent as it is.
        headers: further HTTP headers.
        send_as_json: whether to send JSON as `application/json`, instead of a form.

    Raises:
        ArgumentError: for a root that is no address of a web server.

    Example:
        >>> monitor = RemoteMonitor("http://localhost:9000", send_as_json=True)
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not str(root).startswith(("http://", "https://")):
            raise ArgumentError(f"RemoteMonitor: root must begin with http:// or https://. Received: root={root!r}")
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sends an epoch."""
        text = json.dumps({"epoch": epoch, **{name: _sendable(value) for name, value in (logs or {}).items()}})
        body = text if self.send_as_json else urllib.parse.urlencode({self.field: text})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(self.root + self.path, body.encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):
                pass
        except urllib.error.HTTPError as answer:
            answer.close()  # reached, whatever it thinks of it
        except OSError as error:
            reason = getattr(error, "reason", error)
            warn_user(f"RemoteMonitor could not reach {self.root}: {reason}. Training goes on.")


def _sendable(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        value = np.asarray(value).tolist()
    if isinstance(value, list):
        return [_sendable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""The real TensorBoard server, asked over HTTP."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request


class Server:
    """The server of a folder of logs."""

    def __init__(self, logdir):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = ["-m", "lamina", "tensorboard", str(logdir), "--port", str(self.port)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.log = open(logdir / "server.txt", "w+")
        self.process = subprocess.Popen([sys.executable, *command], stdout=self.log, stderr=self.log, env=environment)

    def get(self, path, **query):
        address = f"http://127.0.0.1:{self.port}/{path}"
        if query:
            address = f"{address}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=120) as answer:
            content = answer.read()
            return gzip.decompress(content) if answer.headers["Content-Encoding"] == "gzip" else content

    def post(self, path, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())

    def json(self, path, **query):
        return json.loads(self.get(path, **query))

    def wait_for(self, runs):
        """Waits until the server has read the logs of so many runs."""
        end = time.monotonic() + 180
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if len(self.json("data/runs")) >= runs:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        self.log.seek(0)
        raise TimeoutError(f"the server does not answer:\n{self.log.read()}")

    def stop(self):
        """Ends the command, and makes sure that nothing of it goes on."""
        self.process.terminate()
        self.process.wait()
        self.log.close()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", self.port)) != 0, "the server outlives the command"

"""Event files: records that TensorBoard reads while they are written."""

import importlib
import os
import socket
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Self

from lamina.core.errors import ArgumentError, FileError, missing_extra
from lamina.core.validate import at_least, file_path

_numbers = count()
_LAST_STEP = 2**63 - 1  # that an event has room for


def require_tensorboard(purpose: str) -> None:
    """Checks that event files can be written.

    Args:
        purpose: what needs it, for the message.

    Raises:
        MissingExtraError: if TensorBoard is not installed.
    """
    try:
        import tensorboard.summary.writer.record_writer  # noqa: F401
    except ImportError as error:
        raise missing_extra("tensorboard", "tensorboard", purpose) from error


def message(module: str, name: str) -> Any:
    """A class of protocol buffers of TensorBoard's, which are made when their module is imported."""
    return getattr(importlib.import_module(f"tensorboard.{module}"), name)


class FileWriter:
    """Writes events into a file of its own in a folder.

    Records are kept until there are enough of them, and then added to the file at once; so no file stays
    open, and a process that is killed leaves whole records.

    Args:
        logdir: the folder; it is made if it is missing.
        max_queue: how many records may wait.
        flush_millis: how long they may wait when another one comes, milliseconds.
        filename_suffix: the end of the file's name.

    Raises:
        MissingExtraError: if TensorBoard is not installed.
        FileError: if the folder cannot be made or written to.
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        max_queue: int | None = None,
        flush_millis: int | None = None,
        filename_suffix: str | None = None,
    ) -> None:
        require_tensorboard("Writing logs for TensorBoard")
        self.logdir = Path(file_path("create_file_writer", "logdir", logdir))
        self._most = 10 if max_queue is None else at_least("create_file_writer", "max_queue", max_queue, 1)
        millis = 120_000 if flush_millis is None else at_least("create_file_writer", "flush_millis", flush_millis, 0)
        self._longest = millis / 1000
        # The server tells event files by this pattern, and orders those of a run by the time in it.
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        self.path = self.logdir / f"{name}{filename_suffix or ''}"
        self._waiting: list[bytes] = []
        self._flushed = time.monotonic()
        try:
            self.logdir.mkdir(parents=True, exist_ok=True)
            self.path.touch()
        except OSError as error:
            raise FileError(
                f"Logs for TensorBoard cannot be written to '{self.logdir}': {error.strerror}.",
                hint="choose a folder that you may write to, and that is no file.",
            ) from None
        # What still waits is written when the writer goes, or Python ends.
        self._finalizer = weakref.finalize(self, _append, self.path, self._waiting)
        self._add(file_version="brain.Event:2")
        self.flush()

    def write(self, summary: Any, step: int) -> None:
        """Adds a summary.

        Args:
            summary: its protocol buffer.
            step: where it stands on the horizontal axis.
        """
        self._add(summary=summary, step=step)

    def write_graph(self, graph: bytes) -> None:
        """Adds the graph of the run.

        Args:
            graph: a serialized `GraphDef`.
        """
        self._add(graph_def=graph)

    def _add(self, **fields: Any) -> None:
        if not self._finalizer.alive:
            raise FileError(f"The writer for '{self.logdir}' is closed.", hint="make another one.")
        event = message("compat.proto.event_pb2", "Event")
        self._waiting.append(event(wall_time=time.time(), **fields).SerializeToString())
        if len(self._waiting) >= self._most or time.monotonic() - self._flushed >= self._longest:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        _append(self.path, self._waiting)
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Writes what waits; nothing can be added any more."""
        self._finalizer()

    @contextmanager
    def as_default(self, step: int | None = None) -> Iterator[Self]:
        """Within the block, the functions of `lamina.summary` write here.

        Args:
            step: the step of what is written without one.
        """
        token = _default.set(Default(self, step))
        try:
            yield self
        finally:
            _default.reset(token)
            self.flush()

    def __enter__(self) -> Self:
        self._token = _default.set(Default(self, None))
        return self

    def __exit__(self, *fault: object) -> None:
        _default.reset(self._token)
        self.close()


class Default(NamedTuple):
    """Where summaries go that name no writer.

    Attributes:
        writer: the writer.
        step: the step of those that have none.
    """

    writer: FileWriter
    step: int | None


_default: ContextVar[Default | None] = ContextVar("lamina_summary_writer", default=None)


def default_writer() -> Default | None:
    """The innermost writer that was made the default."""
    return _default.get()


def checked_step(step: Any, name: str) -> int:
    """A step as an integer.

    Raises:
        ArgumentError: if there is none, or it is no number that an event can have.
    """
    if step is None:
        raise ArgumentError(
            f"The summary '{name}' has no step.",
            hint="pass step=, or make the writer the default with as_default(step=...).",
        )
    try:
        number = int(step)
    except (TypeError, ValueError, OverflowError):
        number = _LAST_STEP + 1
    if abs(number) > _LAST_STEP:
        raise ArgumentError(f"The step of the summary '{name}' must be a whole number. Received: step={step!r}")
    return number


def _append(path: Path, waiting: list[bytes]) -> None:
    if not waiting:
        return
    from tensorboard.summary.writer.record_writer import RecordWriter

    records, waiting[:] = list(waiting), []
    try:
        with open(path, "ab") as file:
            writer = RecordWriter(file)
            for record in records:
                writer.write(record)
    except OSError as error:
        raise FileError(f"Logs for TensorBoard cannot be written to '{path}': {error.strerror}.") from None

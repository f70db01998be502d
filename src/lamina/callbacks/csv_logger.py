"""The logs of all epochs as a table in a file."""

import csv
import io
import os
from typing import Any, BinaryIO

import numpy as np

from lamina.core.errors import ArgumentError, FileError, MissingFolderError
from lamina.core.tracebacks import warn_user
from lamina.core.validate import file_path
from lamina.training.hooks import Callback
from lamina.training.logs import Logs, find_log


class CSVLogger(Callback):
    """Writes a line for each epoch into a CSV file.

    A line is written at once when its epoch ends, so a run that is killed leaves whole lines. The old
    contents of a file that is not appended to go when the first line is written, not before.

    Args:
        filename: the file.
        separator: the sign between two values.
        append: whether to add to a file that exists. Its columns are kept: logs that have none are left
            out, with a warning.

    Raises:
        ArgumentError: for a separator that is not a single sign.
        MissingFolderError: when training begins, if the file's folder does not exist.
        FileError: when training begins, if the file cannot be written for another reason.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
        >>> logger = CSVLogger(path)
        >>> logger.on_train_begin()
        >>> logger.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
        >>> path.read_text().splitlines()
        ['epoch,loss,val_loss', '0,0.5,0.75']
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        if not isinstance(separator, str) or len(separator) != 1:
            raise ArgumentError(f"CSVLogger: separator must be a single sign. Received: separator={separator!r}")
        self.filename = file_path("CSVLogger", "filename", filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self._end = 0
        self._has_warned = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Makes sure that the file can be written."""
        self._has_warned = False
        with self._open() as file:
            self._go_to(file, file.seek(0, os.SEEK_END) if self.append else 0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes a line."""
        logs = Logs(logs or {})
        lines = []
        if self.keys is None:
            self.keys = _columns(logs)
            lines.append(["epoch", *self.keys])
        self._warn_of([name for name in logs if find_log(name, self.keys) is None])
        lines.append([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.sep).writerows(lines)
        with self._open() as file:
            file.truncate(self._end)
            file.seek(self._end)
            file.write(text.getvalue().encode())
            self._end = file.tell()

    def get_state(self) -> dict[str, Any]:
        """How long the file is; that much of it is safely on the disk."""
        with self._open() as file:
            os.fsync(file.fileno())
        return {"size": self._end}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes on behind what was in the file then; lines that were written later are dropped."""
        with self._open() as file:
            self._go_to(file, min(state["size"], file.seek(0, os.SEEK_END)))

    def _open(self) -> BinaryIO:
        """Opens the file as it is; makes it if there is none."""
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            return open(os.open(self.filename, flags, 0o666), "r+b")
        except FileNotFoundError:
            folder = os.path.dirname(self.filename)
            raise MissingFolderError(
                f"CSVLogger cannot write '{self.filename}': there is no folder '{folder}'.",
                hint=f"create it first: os.makedirs({folder!r}).",
            ) from None
        except OSError as error:
            raise FileError(f"CSVLogger cannot write '{self.filename}': {error.strerror}.") from None

    def _go_to(self, file: BinaryIO, end: int) -> None:
        """Makes the next line follow what is in the file up to `end`, in its columns if it has any."""
        file.seek(0)
        kept = file.read(end)
        self._end, self.keys = end, None
        if kept:
            header = next(csv.reader(io.StringIO(kept.decode(errors="replace"), newline=""), delimiter=self.sep), [])
            self.keys = header[1:]
            if not kept.endswith(b"\n"):
                self._end += file.write(b"\r\n")

    def _warn_of(self, names: list[str]) -> None:
        if names and not self._has_warned:
            self._has_warned = True
            warn_user(f"'{self.filename}' has no column for {', '.join(names)}, so CSVLogger leaves that out.")


def _columns(logs: Logs) -> list[str]:
    """The columns after the epoch's; those of validation, too, since there may be one after a later epoch."""
    names = sorted(logs)
    return names if any(name.startswith("val_") for name in names) else [*names, *(f"val_{name}" for name in names)]


def _cell(value: Any) -> Any:
    return '"[' + ", ".join(map(str, value)) + ']"' if np.ndim(value) else value

"""Event files that cannot be read to their end."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lamina.tensorboard.events import message

_PATTERN = "*tfevents*"


class Damage(NamedTuple):
    """Where an event file stops making sense.

    Attributes:
        path: of the file.
        records: how many are whole before that place.
        offset: of the place, bytes.
        what: is wrong there.
    """

    path: Path
    records: int
    offset: int
    what: str

    def __str__(self) -> str:
        kept = f"TensorBoard shows the {self.records} records before." if self.records else "It has nothing to show."
        return f"'{self.path}' is damaged: {self.what} at byte {self.offset:,}. {kept}"


def find_damage(folder: str | os.PathLike[str]) -> Iterator[Damage]:
    """The damaged event files of a folder and of those in it.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> _ = Path(folder, "events.out.tfevents.1").write_bytes(b"no events, but words")
        >>> [damage.what for damage in find_damage(folder)]
        ['there is no record']
    """
    for path in sorted(Path(folder).rglob(_PATTERN)):
        if path.is_file() and (damage := _damage_of(path)) is not None:
            yield damage


def _damage_of(path: Path) -> Damage | None:
    """A record is its length, a checksum of that, the event, and a checksum of that."""
    event, count, place = message("compat.proto.event_pb2", "Event"), 0, 0
    size = path.stat().st_size
    with open(path, "rb") as file:
        while place < size:
            head = file.read(12)
            if len(head) == 12 and struct.unpack("<I", head[8:])[0] != _checksum(head[:8]):
                return Damage(path, count, place, "there is no record")
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else 0
            body = file.read(length + 4) if length < size else b""
            if len(head) < 12 or len(body) < length + 4:
                return Damage(path, count, place, "the file ends within a record")
            try:
                event.FromString(body[:length])
            except Exception:  # the class of the error depends on how protocol buffers were built
                return Damage(path, count, place, "a record holds no event")
            count, place = count + 1, place + 16 + length
    return None


def _checksum(part: bytes) -> int:
    from tensorboard.summary.writer.record_writer import masked_crc32c

    return masked_crc32c(part)

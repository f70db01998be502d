"""Checksums of files, as published beside their addresses."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lamina.core.errors import ArgumentError, suggestion

_ALGORITHMS = ("auto", "md5", "sha256")
_SHA256_DIGITS = 64


@dataclass(frozen=True)
class Checksum:
    """What the bytes of a file must hash to.

    Args:
        algorithm: `"sha256"` or `"md5"`.
        digest: the expected value, in lower-case hexadecimal digits.
    """

    algorithm: str
    digest: str

    @classmethod
    def parse(cls, digest: str, algorithm: str = "auto") -> Self:
        """Reads a published value.

        Args:
            digest: hexadecimal digits.
            algorithm: `"sha256"`, `"md5"`, or `"auto"`, which tells them apart by their length.

        Raises:
            ArgumentError: if the algorithm is another one.

        Example:
            >>> Checksum.parse("4D44CC38712099C9E383DC6E5F11A921").algorithm
            'md5'
        """
        if not isinstance(digest, str):
            raise ArgumentError(f"file_hash must be a text of hexadecimal digits. Received: {digest!r}")
        if algorithm not in _ALGORITHMS:
            raise ArgumentError(
                f"hash_algorithm must be one of {', '.join(map(repr, _ALGORITHMS))}. Received: {algorithm!r}",
                hint=suggestion(algorithm, _ALGORITHMS),
            )
        if algorithm == "auto":
            algorithm = "sha256" if len(digest) == _SHA256_DIGITS else "md5"
        return cls(algorithm, digest.lower())

    def of(self, path: Path) -> str:
        """The digest that the file at `path` really has."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, self.algorithm).hexdigest()

    def matches(self, path: Path) -> bool:
        """Whether the file at `path` is the published one."""
        return self.of(path) == self.digest

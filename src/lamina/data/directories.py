"""Folders of files, one folder a class: which files there are, and which label each has."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lamina.core.config import message
from lamina.core.errors import ArgumentError, DataError, MissingFolderError
from lamina.core.validate import at_least, file_path, fraction, one_of
from lamina.data.dataset import Dataset

LABEL_MODES = ("int", "categorical", "binary", None)
_SUBSETS = ("training", "validation", "both", None)


class Listing(NamedTuple):
    """The files of a data set.

    Attributes:
        paths: in the order of the data set.
        labels: an integer each; `None` without labels.
        class_names: what the integers stand for.
    """

    paths: list[str]
    labels: np.ndarray | None
    class_names: list[str] | None

    def part(self, rows: slice) -> "Listing":
        """Some of the files."""
        return self._replace(paths=self.paths[rows], labels=None if self.labels is None else self.labels[rows])


class Selection(NamedTuple):
    """What the functions that make data sets of folders are asked for, beside the form of the samples.

    Attributes:
        owner: the function, for messages.
        directory: the folder.
        labels: `"inferred"`, `None`, or a label per file.
        label_mode: one of `LABEL_MODES`.
        class_names: the folders to read, in the order of their labels.
        batch_size: files per batch, `None` for single ones.
        shuffle: whether the files are in another order than that of their names, and each pass in one of its own.
        seed: of these orders.
        validation_split: the fraction of the files to hold back.
        subset: the part to return.
        follow_links: whether to go into folders that are links.
        verbose: whether to tell how many files there are.
    """

    owner: str
    directory: str | os.PathLike[str]
    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool

    def listings(self, endings: tuple[str, ...]) -> list[Listing]:
        """The files that were asked for: two listings if both subsets were.

        Args:
            endings: how names of files end, in lower case.

        Raises:
            ArgumentError: for arguments that do not go together.
            DataError: for a folder without files, and labels or classes that do not fit them.
            MissingFolderError: if there is no such folder.
        """
        one_of(self.owner, "label_mode", self.label_mode, LABEL_MODES)
        if self.seed is not None:
            at_least(self.owner, "seed", self.seed, 0)
        _check_subset(self.owner, self.validation_split, self.subset, self.shuffle, self.seed)
        found = self._all(endings)
        if self.label_mode == "binary" and found.class_names is not None and len(found.class_names) != 2:
            raise DataError(
                f"{self.owner}: label_mode='binary' needs two classes, but there are {len(found.class_names)}: "
                f"{', '.join(found.class_names[:8])}"
            )
        if not found.paths:
            raise DataError(
                f"{self.owner}: there are no files in {os.fspath(self.directory)!r} whose names end in "
                f"{', '.join(endings)}."
            )
        if not self.validation_split:
            return [found]
        held = int(self.validation_split * len(found.paths))
        kept = len(found.paths) - held
        parts = {"training": found.part(slice(kept)), "validation": found.part(slice(kept, None))}
        chosen = [name for name in parts if self.subset in (name, "both")]
        for name in chosen:
            if not parts[name].paths:
                raise DataError(
                    f"{self.owner}: validation_split={self.validation_split} of {len(found.paths)} files leaves none "
                    f"for {name}."
                )
            if self.verbose:
                message(f"Using {len(parts[name].paths)} files for {name}.")
        return [parts[name] for name in chosen]

    def _all(self, endings: tuple[str, ...]) -> Listing:
        folder = file_path(self.owner, "directory", self.directory)
        if not os.path.isdir(folder):
            raise MissingFolderError(f"{self.owner}: there is no folder {folder!r}.")
        unlabelled = self.labels is None or self.label_mode is None
        if unlabelled:
            listing = Listing(files_below(self.directory, endings, self.follow_links), None, None)
        elif isinstance(self.labels, str) and self.labels == "inferred":
            listing = self._by_folder(endings)
        else:
            listing = self._labelled(endings)
        if self.verbose:
            classes = "" if listing.class_names is None else f" belonging to {len(listing.class_names)} classes"
            message(f"Found {len(listing.paths)} files{classes}.")
        if not self.shuffle:
            return listing
        # Keras's own order for a seed, so that a split holds back the same files.
        order = np.arange(len(listing.paths))
        np.random.RandomState(np.random.randint(10**6) if self.seed is None else self.seed).shuffle(order)
        labels = None if listing.labels is None else listing.labels[order]
        return listing._replace(paths=[listing.paths[place] for place in order], labels=labels)

    def _by_folder(self, endings: tuple[str, ...]) -> Listing:
        folders = [entry.name for entry in os.scandir(self.directory) if entry.is_dir()]
        folders = sorted(name for name in folders if not name.startswith("."))
        names = folders if self.class_names is None else list(self.class_names)
        if unknown := [name for name in names if name not in folders]:
            raise DataError(
                f"{self.owner}: class_names has {', '.join(map(repr, unknown))}, but the folders in "
                f"{os.fspath(self.directory)!r} are {', '.join(map(repr, folders)) or 'none'}."
            )
        found = [files_below(Path(self.directory, name), endings, self.follow_links) for name in names]
        labels = np.repeat(np.arange(len(names), dtype="int32"), [len(paths) for paths in found])
        return Listing([path for paths in found for path in paths], labels, names)

    def _labelled(self, endings: tuple[str, ...]) -> Listing:
        if not isinstance(self.labels, list | tuple | np.ndarray):
            raise ArgumentError(
                f"{self.owner}: labels must be 'inferred', None, or a list of integers, one per file. "
                f"Received: {self.labels!r}"
            )
        if self.class_names is not None:
            raise ArgumentError(f"{self.owner}: class_names go with labels='inferred' only.")
        paths = files_below(self.directory, endings, self.follow_links)
        if len(self.labels) != len(paths):
            raise DataError(
                f"{self.owner}: {len(self.labels)} labels were given for {len(paths)} files in "
                f"{os.fspath(self.directory)!r}.",
                hint="give one per file, in the alphabetic order of their paths.",
            )
        labels = np.asarray(self.labels)
        if labels.dtype.kind not in "iub":
            raise ArgumentError(f"{self.owner}: labels must be integers. Received: values of dtype {labels.dtype}")
        return Listing(paths, labels.astype("int32"), [str(label) for label in np.unique(labels)])

    def dataset(self, listing: Listing, load: Any, shuffle: bool) -> Dataset:
        """The data set of files, whose batches are read ahead.

        Args:
            listing: the files.
            load: makes a batch of some of their paths.
            shuffle: whether each pass has an order of its own.
        """
        targets = None if listing.labels is None else encoded_labels(listing, self.label_mode)

        def fetch(rows: np.ndarray) -> Any:
            batch = load([listing.paths[row] for row in rows])
            return batch if targets is None else (batch, targets[rows])

        made = Dataset.from_rows(fetch, len(listing.paths), self.batch_size, shuffle, self.seed)
        made.class_names, made.file_paths = listing.class_names, listing.paths
        return made.prefetch()

    def datasets(self, endings: tuple[str, ...], load: Any) -> Any:
        """The data set, or a list of two if both subsets were asked for."""
        listings = self.listings(endings)
        # What validates keeps its order if it comes with what trains.
        made = [self.dataset(part, load, self.shuffle and not place) for place, part in enumerate(listings)]
        return made if self.subset == "both" else made[0]


def files_below(folder: str | os.PathLike[str], endings: tuple[str, ...], follow_links: bool) -> list[str]:
    """The files in a folder and the folders below it, in alphabetic order folder by folder."""
    walk = sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
    return [os.path.join(root, name) for root, _, names in walk for name in sorted(names) if _fits(name, endings)]


def _fits(name: str, endings: tuple[str, ...]) -> bool:
    return name.lower().endswith(endings)


def encoded_labels(listing: Listing, label_mode: str | None) -> np.ndarray:
    """The labels in the form of a label mode."""
    labels = np.asarray(listing.labels)
    if label_mode == "binary":
        return labels.astype("float32")[:, None]
    if label_mode == "categorical":
        return (labels[:, None] == np.arange(len(listing.class_names or ()))).astype("float32")
    return labels


def _check_subset(owner: str, split: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
    one_of(owner, "subset", subset, _SUBSETS)
    if split is not None:
        fraction(owner, "validation_split", split)
    if bool(split) != (subset is not None):
        raise ArgumentError(
            f"{owner}: validation_split and subset go together. Received: validation_split={split}, subset={subset!r}"
        )
    if split and shuffle and seed is None:
        raise ArgumentError(
            f"{owner}: a shuffled split needs a seed, so that training and validation have no files in common.",
            hint="pass seed=42 to both calls, or shuffle=False.",
        )

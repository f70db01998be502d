"""Data sets of folders of text files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.tracebacks import public
from lamina.core.validate import at_least, one_of
from lamina.data.directories import Selection

_OWNER = "text_dataset_from_directory"


@public
def text_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Makes a data set of the text files in a folder, one folder below it a class.

    Args:
        directory: the folder; files whose names end in `.txt` are read.
        labels: `"inferred"` from the folders, `None` for texts alone, or an integer per file, in the alphabetic
            order of their paths.
        label_mode: `"int"` for int32 `(batch,)`, `"categorical"` for one-hot float32 `(batch, classes)`, `"binary"`
            for float32 `(batch, 1)`, `None` for texts alone.
        class_names: the folders to read, in the order of their labels; all, in alphabetic order, when left out.
        batch_size: texts per batch; `None` for single ones.
        max_length: bytes of each file that are read; all when left out.
        shuffle: whether each pass has an order of its own; otherwise they come in alphabetic order.
        seed: of these orders, and of the split.
        validation_split: the fraction of the files to hold back.
        subset: `"training"`, `"validation"`, or `"both"` for a list of both.
        follow_links: whether to go into folders that are links.
        format: accepted as Keras does.
        verbose: whether to tell how many files there are.

    Returns:
        A data set of batches `(texts, labels)`, texts an object array `(batch,)` of strings, with the attributes
        `class_names` and `file_paths`; or a list of two. Text becomes numbers with `TextVectorization`:
        `dataset.map(lambda x, y: (vectorize(x), y))`. Bytes that are no UTF-8 are read as the replacement sign.

    Raises:
        ArgumentError: for arguments that do not go together.
        DataError: for a folder without text files, and labels that do not fit.
        MissingFolderError: if there is no such folder.
    """
    one_of(_OWNER, "format", format, ("tf", "grain"))
    if max_length is not None:
        at_least(_OWNER, "max_length", max_length, 0)

    def load(paths: list[str]) -> np.ndarray:
        texts = np.empty(len(paths), object)
        texts[:] = [Path(path).read_bytes()[:max_length].decode("utf-8", "replace") for path in paths]
        return texts

    selection = Selection(
        *(_OWNER, directory, labels, label_mode, class_names, batch_size, shuffle, seed),
        *(validation_split, subset, follow_links, verbose),
    )
    return selection.datasets((".txt",), load)

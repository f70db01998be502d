"""Batches by number, made by a class of the user's."""

from typing import Any

from lamina.core.validate import positive_int


class PyDataset:
    """Base of data sets that make batch number `i` on demand.

    Override `__getitem__` and `__len__`; `on_epoch_end` is called after each epoch.

    Args:
        workers: threads that make batches ahead of time; 1 makes them as they are needed.
        use_multiprocessing: accepted as Keras does; batches are made by threads.
        max_queue_size: how many batches are made ahead.

    Raises:
        ArgumentError: for numbers that are not positive.

    Example:
        >>> import numpy as np
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 3
        ...     def __getitem__(self, index):
        ...         x = np.arange(4.0)[:, None] + 4 * index
        ...         return x, x ** 2
        >>> Squares().num_batches
        3
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = positive_int(type(self).__name__, "workers", workers)
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = positive_int(type(self).__name__, "max_queue_size", max_queue_size)

    def __getitem__(self, index: int) -> Any:
        """Batch number `index`: `x`, `(x, y)` or `(x, y, sample_weight)`."""
        raise NotImplementedError(f"{type(self).__name__} has to define __getitem__(self, index).")

    def __len__(self) -> int:
        """The number of batches, unless `num_batches` says so."""
        raise NotImplementedError(f"{type(self).__name__} has to define __len__(self) or num_batches.")

    @property
    def num_batches(self) -> int | None:
        """The number of batches in an epoch; `None` for no end."""
        return len(self)

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


Sequence = PyDataset

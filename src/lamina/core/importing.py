"""What is done about the time that imports take."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Keeps Python's garbage collector from running: imports make a great many objects, and hardly any garbage.

    It would go through all of them time and again: a seventh of the time that JAX and lamina take to import.

    Example:
        >>> with without_collecting():
        ...     gc.isenabled()
        False
        >>> gc.isenabled()
        True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

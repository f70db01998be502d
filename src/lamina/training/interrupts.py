"""Ctrl-C between dispatches: never while the state is on its way from one to the next."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def deferred_interrupt() -> Iterator[Callable[[], None]]:
    """Holds Ctrl-C back until it is asked for.

    A first Ctrl-C is kept until the function that is handed out is called, which then raises it.
    A second one is raised at once. Outside of the main thread signals do not arrive anyway.

    Example:
        >>> with deferred_interrupt() as raise_if_pressed:
        ...     raise_if_pressed()
    """
    ours = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if ours else None
    if before is not signal.default_int_handler:
        # Somebody handles Ctrl-C his own way (or nobody does here): leave it to him.
        yield lambda: None
        return
    pressed = threading.Event()

    def handle(number: int, frame: Any) -> None:
        if pressed.is_set():
            signal.default_int_handler(number, frame)
        pressed.set()

    def raise_if_pressed() -> None:
        if pressed.is_set():
            pressed.clear()
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handle)
    try:
        yield raise_if_pressed
        raise_if_pressed()
    finally:
        signal.signal(signal.SIGINT, before)

"""What a stream has given so far, so that another of the same data can go on from there."""

from collections import deque
from collections.abc import Callable
from typing import Any

from lamina.core.generators import random_state, same_random_state, set_random_state
from lamina.data.streams import Stream

# Batches that may be on their way: more than two tables hold.
_AHEAD = 256


class Trail:
    """The passes, batches and epochs of a stream, with the states of random generators where they count.

    Attributes:
        is_kept: whether states are taken down; they are not needed unless there are snapshots.
    """

    def __init__(self) -> None:
        self.is_kept = False
        self._pulled: list[int] = []  # batches of each pass
        self._drawn_at: dict[str, Any] | None = None
        self._hooks: list[dict[str, Any] | None] = []
        self._marks: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_AHEAD)

    def begin_pass(self) -> None:
        """A pass is about to begin."""
        self._pulled.append(0)
        self._drawn_at = random_state() if self.is_kept else None

    def pull(self, step: int, has_pass: bool) -> None:
        """A batch is about to be asked for.

        Args:
            step: its number in the epoch.
            has_pass: whether it comes from a pass that has begun.
        """
        if self.is_kept:
            self._marks.append((step, self._here(has_pass)))

    def pulled(self) -> None:
        """It has come."""
        self._pulled[-1] += 1

    def call(self, hook: Callable[[], None]) -> None:
        """Calls what a data set does before or after an epoch; it may shuffle there, say."""
        self._marks.clear()
        before = random_state() if self.is_kept else None
        hook()
        drew = before is not None and not same_random_state(before, random_state())
        self._hooks.append(before if drew else None)

    def position(self, done: int, has_pass: bool) -> dict[str, Any]:
        """Where it stood when so many steps of the epoch were done."""
        marked = dict(self._marks).get(done) if done else None
        return {**(marked or self._here(has_pass)), "hooks": list(self._hooks)}

    def _here(self, has_pass: bool) -> dict[str, Any]:
        drawn_at = self._drawn_at if has_pass else None
        return {"pulled": list(self._pulled), "has_pass": has_pass, "drawn_at": drawn_at, "random": random_state()}

    def walk(self, stream: Stream, position: dict[str, Any], shuffle: Any) -> Any:
        """Brings a stream that has given nothing yet to a position; returns the rest of the pass that it is in, if any.

        Args:
            stream: to be brought there.
            position: what `position` returned.
            shuffle: how passes are shuffled.
        """
        for number, state in enumerate(position["hooks"]):
            if state is not None:
                set_random_state(state)
            (stream.epoch_ends if number % 2 else stream.epoch_begins)()
        self._hooks, self._pulled, self._drawn_at = position["hooks"], list(position["pulled"]), position["drawn_at"]
        earlier = self._pulled[:-1] if position["has_pass"] else self._pulled
        for count in earlier:
            stream.skip(count)
        rest = None
        if position["has_pass"]:
            if self._drawn_at is not None:
                set_random_state(self._drawn_at)
            rest = stream.passes(shuffle, self._pulled[-1])
        set_random_state(position["random"])
        return rest

"""One traced call: where the values of variables live while a pure function runs.

Outside, users hold variables with values of their own. Inside a pure function those values
must come from its arguments. A `Frame` is the table from one to the other; it is a context
variable, so two threads can trace two models. Only `functional.py` and
`transforms.py` open frames.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

from lamina.core.errors import UnboundVariableError

_current: ContextVar["Frame | None"] = ContextVar("lamina_frame", default=None)


class Cell(Protocol):
    """What a frame can hold a value for: a variable, or a hyperparameter's number."""

    path: str

    @property
    def stored(self) -> Any:
        """The value outside of any frame."""
        ...

    def store(self, value: Any) -> None:
        """Replaces it."""
        ...


class Rows(NamedTuple):
    """Which rows of a padded batch are real: a short last batch is trained at full shape.

    Attributes:
        mask: bool `(batch,)`, true for the real rows, which come first.
        count: how many they are, a scalar.
    """

    mask: Any
    count: Any


class Frame:
    """The values of one traced call.

    Args:
        values: the value of every cell that the call may touch, by `id(cell)`.
        strict: whether any other cell is an error. Shape inference is not strict: it may look
            at values that exist already, and what it writes is thrown away with the frame.
        rows: the real rows of the batch in flight, if it is padded.

    Attributes:
        found: cells that a frame which is not strict met, beyond those that it was given.
        losses: what layers added to the loss in this call.
    """

    __slots__ = ("found", "losses", "rows", "strict", "values")

    def __init__(self, values: dict[int, Any], *, strict: bool = True, rows: Rows | None = None) -> None:
        self.values = values
        self.strict = strict
        self.rows = rows
        self.losses: list[Any] = []
        self.found: dict[int, Cell] = {}

    def read(self, cell: Cell) -> Any:
        """The value of `cell` in this call."""
        try:
            return self.values[id(cell)]
        except KeyError:
            if not self.strict:
                self.found[id(cell)] = cell
                return cell.stored
            raise UnboundVariableError(
                f"Variable '{cell.path}' was read during a compiled step but belongs to no layer of this model.",
                hint="assign it (or the layer, metric or seed generator that owns it) to an attribute of the "
                "model or of one of its layers, in __init__ or build().",
            ) from None

    def write(self, cell: Cell, value: Any) -> None:
        """Sets the value of `cell` for the rest of this call."""
        if id(cell) not in self.values:
            self.read(cell)
        self.values[id(cell)] = value


def current_frame() -> Frame | None:
    """The frame of the call that is being traced, or `None` outside of any."""
    return _current.get()


def current_rows() -> Rows | None:
    """The real rows of the batch in flight, or `None` if all are real."""
    frame = _current.get()
    return None if frame is None else frame.rows


@contextmanager
def open_frame(frame: Frame) -> Iterator[Frame]:
    """Makes `frame` the current one."""
    token = _current.set(frame)
    try:
        yield frame
    finally:
        _current.reset(token)
